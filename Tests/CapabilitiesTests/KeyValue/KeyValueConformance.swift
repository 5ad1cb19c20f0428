import Capabilities
import ComponentModel
import NIOCore
import Testing

/// What every key-value store must do. A provider's tests make a fresh store for each case and call ``check(_:)``.
enum KeyValueConformance: CaseIterable {
    case missingKeys
    case valuesOfAllSizes
    case oddKeys
    case longKeys
    case replacingAndDeleting
    case listing
    case closing
    case resultLimits
    case batches
    case counters
    case wrongCounters
    case swapping
    case concurrentCounters
    case concurrentSwaps

    func check(_ store: any KeyValueStore) async throws {
        let checker = KeyValueChecker(store: store)
        switch self {
        case .missingKeys: try await checker.missingKeys()
        case .valuesOfAllSizes: try await checker.valuesOfAllSizes()
        case .longKeys: try await checker.longKeys()
        case .oddKeys: try await checker.oddKeys()
        case .replacingAndDeleting: try await checker.replacingAndDeleting()
        case .listing: try await checker.listing()
        case .closing: try await checker.closing()
        case .resultLimits: try await checker.resultLimits()
        case .batches: try await checker.batches()
        case .counters: try await checker.counters()
        case .wrongCounters: try await checker.wrongCounters()
        case .swapping: try await checker.swapping()
        case .concurrentCounters: try await checker.concurrentCounters()
        case .concurrentSwaps: try await checker.concurrentSwaps()
        }
    }
}

/// A store with functions that wait.
struct KeyValueChecker: Sendable {
    let store: any KeyValueStore
    private static let enough = 128 << 20

    private func value<Value: Sendable>(
        _ start: @escaping @Sendable (any KeyValueStore, any EventLoop) -> KeyValueAnswer<Value>
    ) async throws -> Value {
        let store = self.store
        return try await LoopHarness().value { start(store, $0) }.get()
    }

    func get(_ key: String, limit: Int = Self.enough) async throws -> [UInt8]? {
        try await self.value { $0.get(key, limit: limit, on: $1) }
    }

    func set(_ key: String, _ value: [UInt8]) async throws {
        try await self.value { $0.set(key, to: value, on: $1) }
    }

    /// The keys, as a test asks for them.
    func keyPages() async throws -> KeyPages {
        let store = self.store
        return try await LoopHarness().value { .ready(KeyPages(NIOLoopBound(store.keyPages(on: $0), eventLoop: $0))) }
    }

    struct KeyPages: Sendable {
        private let pages: NIOLoopBound<any PageSource<[String], KeyValueError>>

        init(_ pages: NIOLoopBound<any PageSource<[String], KeyValueError>>) { self.pages = pages }

        func next() async throws -> [String]? {
            try await LoopHarness(self.pages).value { [pages] _ in pages.value.next() }.get()
        }

        func close() async throws {
            try await LoopHarness(self.pages).value { [pages] _ in .ready(pages.value.close()) }
        }
    }

    func delete(_ key: String) async throws { try await self.value { $0.delete(key, on: $1) } }
    func exists(_ key: String) async throws -> Bool { try await self.value { $0.exists(key, on: $1) } }

    func keys(limit: Int = Self.enough) async throws -> [String] {
        try await self.value { $0.keys(limit: limit, in: ResultLimits.application(), on: $1) }.sorted()
    }

    func getMany(_ keys: [String], limit: Int = Self.enough) async throws -> [(String, [UInt8]?)] {
        try await self.value { $0.getMany(keys, limit: limit, on: $1) }
    }

    func setMany(_ values: [(String, [UInt8])]) async throws {
        try await self.value { $0.setMany(values, on: $1) }
    }

    func deleteMany(_ keys: [String]) async throws { try await self.value { $0.deleteMany(keys, on: $1) } }

    func increment(_ key: String, _ delta: Int64) async throws -> Int64 {
        try await self.value { $0.increment(key, by: delta, on: $1) }
    }

    func swap(_ key: String, from expected: [UInt8]?, to value: [UInt8]) async throws -> Bool {
        try await self.value { $0.swap(key, from: expected, to: value, on: $1) }
    }

    // MARK: Cases

    func missingKeys() async throws {
        #expect(try await self.get("absent") == nil)
        #expect(try await !self.exists("absent"))
        try await self.delete("absent")
        #expect(try await self.keys() == [])
    }

    func valuesOfAllSizes() async throws {
        let piece = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for size in [0, 1, 4095, 4096, 70_000, 16 << 20] {
            var value: [UInt8] = []
            while value.count < size { value += piece.prefix(size - value.count) }
            try await self.set("key", value)
            #expect(try await self.get("key") == value)
            #expect(try await self.exists("key"))
        }
    }

    func oddKeys() async throws {
        let keys = ["", " ", "a\u{0}b", "ключ", "e\u{301}", "\u{e9}", "*", "'; DROP TABLE spin_key_value; --", "a/b?c"]
        for (index, key) in keys.enumerated() { try await self.set(key, [UInt8(index)]) }
        for (index, key) in keys.enumerated() { #expect(try await self.get(key) == [UInt8(index)], "\(key)") }
        #expect(try await self.keys().count == keys.count)
    }

    func longKeys() async throws {
        let keys = [String(repeating: "k", count: 1 << 20), String(repeating: "\u{1F600}", count: 1000)]
        for key in keys { try await self.set(key, Array("value of \(key.count)".utf8)) }
        for key in keys { #expect(try await self.get(key) == Array("value of \(key.count)".utf8)) }
        #expect(try await self.keys().count == 2)
        try await self.deleteMany(keys)
        #expect(try await self.keys() == [])
    }

    func replacingAndDeleting() async throws {
        try await self.set("a", [1])
        try await self.set("a", [2, 3])
        #expect(try await self.get("a") == [2, 3])
        try await self.delete("a")
        #expect(try await self.get("a") == nil)
    }

    func listing() async throws {
        let keys = (0..<1000).map { "key-\($0)" }
        try await self.setMany(keys.map { ($0, [1]) })
        #expect(try await self.keys() == keys.sorted())
    }

    /// Who gives up the keys while a page is under way gets no other.
    func closing() async throws {
        try await self.setMany((0..<10_000).map { ("key-\($0)", [1]) })
        let store = self.store
        let pages = try await LoopHarness().value { eventLoop in
            let pages = store.keyPages(on: eventLoop)
            let first = pages.next()
            pages.close()
            return try first.map { _ in KeyPages(NIOLoopBound(pages, eventLoop: eventLoop)) }
        }
        #expect(try await pages.next() == nil)
    }

    func resultLimits() async throws {
        try await self.set("big", [UInt8](repeating: 1, count: 1000))
        #expect(try await self.get("big", limit: 1000)?.count == 1000)
        await #expect(throws: KeyValueError.resultTooLarge(limit: 999)) { try await self.get("big", limit: 999) }
        await #expect(throws: KeyValueError.resultTooLarge(limit: 1999)) {
            try await self.getMany(["big", "big"], limit: 1999)
        }
        try await self.set(String(repeating: "k", count: 2000), [])
        await #expect(throws: KeyValueError.resultTooLarge(limit: 1500)) { try await self.keys(limit: 1500) }
    }

    func batches() async throws {
        try await self.setMany([("a", [1]), ("b", [2]), ("a", [3])])
        let found = try await self.getMany(["b", "absent", "a", "b"])
        #expect(found.map(\.0) == ["b", "absent", "a", "b"])
        #expect(found.map(\.1) == [[2], nil, [3], [2]])
        try await self.deleteMany(["a", "absent"])
        #expect(try await self.keys() == ["b"])
        try await self.setMany([])
        try await self.deleteMany([])
        #expect(try await self.getMany([]).isEmpty)
    }

    func counters() async throws {
        #expect(try await self.increment("n", 0) == 0)
        #expect(try await self.increment("n", 5) == 5)
        #expect(try await self.increment("n", -7) == -2)
        #expect(try await self.increment("far", .max) == .max)
        #expect(try await self.increment("far", .min) == -1)
    }

    func wrongCounters() async throws {
        try await self.set("text", Array("no number".utf8))
        await #expect(throws: KeyValueError.self) { try await self.increment("text", 1) }
        #expect(try await self.get("text") == Array("no number".utf8))
        #expect(try await self.increment("n", .max) == .max)
        await #expect(throws: KeyValueError.self) { try await self.increment("n", 1) }
        #expect(try await self.increment("n", 0) == .max)
    }

    func swapping() async throws {
        #expect(try await !self.swap("a", from: [1], to: [2]))
        #expect(try await self.swap("a", from: nil, to: [1]))
        #expect(try await !self.swap("a", from: nil, to: [9]))
        #expect(try await !self.swap("a", from: [], to: [9]))
        #expect(try await self.swap("a", from: [1], to: []))
        #expect(try await self.swap("a", from: [], to: [3]))
        #expect(try await self.get("a") == [3])
    }

    func concurrentCounters() async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 { group.addTask { _ = try await self.increment("n", 1) } }
            try await group.waitForAll()
        }
        #expect(try await self.increment("n", 0) == 200)
    }

    /// Of all that swap from the same value one wins.
    func concurrentSwaps() async throws {
        try await self.set("a", [0])
        let winners = try await withThrowingTaskGroup { group in
            for number in 1...50 {
                group.addTask { try await self.swap("a", from: [0], to: [UInt8(number)]) ? UInt8(number) : nil }
            }
            return try await group.reduce(into: [UInt8]()) { winners, winner in
                if let winner { winners.append(winner) }
            }
        }
        #expect(winners.count == 1)
        #expect(try await self.get("a") == winners)
    }
}
