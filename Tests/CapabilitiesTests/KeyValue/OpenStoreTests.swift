import Capabilities
import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// What one guest can make a store hold.
@Suite struct OpenStoreTests {
    private final class StuckKeys: PageSource {
        func next() -> KeyValueAnswer<[String]?> { .later(Pending()) }
        func close() {}
    }

    /// A store that takes for ever to write, and has a large value under every key.
    private final class StuckStore: KeyValueStore {
        typealias Value = [UInt8]
        var summary: String { "stuck" }

        private func never<T>() -> KeyValueAnswer<T> { .later(Pending()) }

        private let value = Value(repeating: 0, count: 100 << 20)
        private let keys: NIOLoopBound<any PageSource<[String], KeyValueError>>

        init(keys: any PageSource<[String], KeyValueError> = StuckKeys()) {
            self.keys = NIOLoopBound(keys, eventLoop: EmbeddedEventLoop())
        }

        func get(_ key: String, limit: Int, on eventLoop: any EventLoop) -> KeyValueAnswer<Value?> {
            .later { pending in pending.succeed(.success(self.value)) }
        }
        func set(_ key: String, to value: Value, on eventLoop: any EventLoop) -> KeyValueAnswer<Void> { self.never() }
        func delete(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Void> { self.never() }
        func exists(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Bool> { self.never() }
        func keyPages(on eventLoop: any EventLoop) -> any PageSource<[String], KeyValueError> { self.keys.value }
        func getMany(
            _ keys: [String], limit: Int, on eventLoop: any EventLoop
        ) -> KeyValueAnswer<[(String, Value?)]> { self.never() }
        func setMany(_ values: [(String, Value)], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> { self.never() }
        func deleteMany(_ keys: [String], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> { self.never() }
        func increment(_ key: String, by delta: Int64, on eventLoop: any EventLoop) -> KeyValueAnswer<Int64> {
            self.never()
        }
        func swap(
            _ key: String, from expected: Value?, to value: Value, on eventLoop: any EventLoop
        ) -> KeyValueAnswer<Bool> { self.never() }
    }

    private static func withStore(
        _ grants: KeyValueGrants, _ body: (StoreResource, borrowing HostCall) throws -> Void
    ) throws {
        try Self.withCall(grants) { call in
            guard case .ready(.ok(let store)) = try StoreResource.open(label: "default", in: call) else {
                Issue.record("the store cannot be opened")
                return
            }
            try body(store, call)
        }
    }

    private static func withCall(_ grants: KeyValueGrants, _ body: (borrowing HostCall) throws -> Void) throws {
        let capabilities = ComponentCapabilities(component: "test", keyValue: grants)
        let context = WASIContext(
            configuration: WASIConfiguration(capabilities: capabilities), eventLoop: EmbeddedEventLoop())
        let instance = ComponentInstance(host: context, waker: Waker {})
        let lowering = Lowering(name: "test", memory: nil, realloc: nil, componentInstance: 0)
        try withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { slots in
            let call = HostCall(values: try #require(slots.baseAddress), instance: instance, lowering: lowering)
            try body(call)
        }
    }

    private static func get(
        _ store: StoreResource, _ call: borrowing HostCall
    ) throws -> Pending<WITResult<(any HostBytes)?, FermyonSpinKeyValueV2.Error>> {
        guard case .later(let pending) = try store.get(key: "k", in: call) else { throw CancellationError() }
        return pending
    }

    /// They come while the guest computes.
    @Test func resultsThatWaitForTheGuestAreBounded() throws {
        try Self.withStore(KeyValueGrants(stores: ["default": StuckStore()])) { store, call in
            var kept = [try Self.get(store, call), try Self.get(store, call)]
            guard
                case .error(.other("too many bytes of results are waiting already")) =
                    try Self.get(store, call).valueIfComplete()
            else {
                Issue.record("there is no limit")
                return
            }
            kept = []
            guard case .ok = try Self.get(store, call).valueIfComplete() else {
                Issue.record("what was taken still counts")
                return
            }
            _ = kept
        }
    }

    /// The host keeps what a handle for compare-and-swap has seen.
    @Test func seenValuesAreBounded() throws {
        try Self.withCall(KeyValueGrants(stores: ["default": StuckStore()])) { call in
            guard case .ok(let bucket) = try KeyvalueStoreFunctions.open(identifier: "default", in: call) else {
                Issue.record("the store cannot be opened")
                return
            }
            var handles: [CasResource] = []
            for _ in 0..<2 {
                guard case .ok(let handle) = try CasResource.new(bucket: bucket, key: "k", in: call) else { break }
                handles.append(handle)
            }
            #expect(handles.count == 2)
            guard case .error(.other) = try CasResource.new(bucket: bucket, key: "k", in: call) else {
                Issue.record("there is no limit")
                return
            }
            handles.removeLast()
            guard case .ok = try handles[0].current(in: call) else {
                Issue.record("what takes the place of a value that was seen counts beside it")
                return
            }
            handles = []
            guard case .ok = try CasResource.new(bucket: bucket, key: "k", in: call) else {
                Issue.record("what is gone still counts")
                return
            }
        }
    }

    /// Pages of a thousand keys, each when the test says so.
    private final class SlowKeys: PageSource {
        private(set) var asked = 0
        private(set) var isClosed = false
        private var page: Pending<KeyValueResult<[String]?>>?

        func next() -> KeyValueAnswer<[String]?> {
            self.asked += 1
            let page = Pending<KeyValueResult<[String]?>>()
            self.page = page
            return .later(page)
        }

        func give(_ count: Int) {
            let from = self.asked * 1000
            self.page?.succeed(.success(count == 0 ? nil : (from..<from + count).map { "\($0)" }))
        }

        func close() {
            self.isClosed = true
            self.page = nil
        }
    }

    /// A list of keys counts while it grows, and until somebody takes it.
    @Test func keysThatAreGatheredAreBounded() throws {
        let budget = ByteBudget(100_000)
        let loop = EmbeddedEventLoop()
        func start() throws -> (SlowKeys, Pending<KeyValueResult<[String]>>) {
            let keys = SlowKeys()
            guard case .later(let list) = StuckStore(keys: keys).keys(limit: 1 << 20, in: budget, on: loop) else {
                throw CancellationError()
            }
            return (keys, list)
        }
        do {
            let (keys, list) = try start()
            keys.give(1000)
            #expect(budget.usedBytes > 16_000)
            keys.give(1000)
            keys.give(0)
            #expect(try list.valueIfComplete()?.get().count == 2000)
            #expect(budget.usedBytes > 32_000)
        }
        #expect(budget.usedBytes == 0)
        do {
            let (keys, list) = try start()
            while try list.valueIfComplete() == nil { keys.give(1000) }
            #expect(keys.asked < 10)
            #expect(throws: KeyValueError.other("too many bytes of results are waiting already")) {
                try list.valueIfComplete()?.get()
            }
            #expect(keys.isClosed)
        }
        do {
            let (keys, list) = try start()
            keys.give(1000)
            #expect(budget.usedBytes > 0)
            list.cancel()
            #expect(keys.isClosed)
        }
        #expect(budget.usedBytes == 0)
    }

    /// Also those that the guest has given up: the store still has them.
    @Test func valuesThatWaitToBeWrittenAreBounded() throws {
        var grants = KeyValueGrants(stores: ["default": StuckStore()])
        grants.limits.waitingBytes = 1000
        try Self.withStore(grants) { store, call in
            // One alone may be larger than the limit.
            for size in [600, 300] {
                guard
                    case .later(let written) = try store.set(
                        key: "k", value: [UInt8](repeating: 0, count: size), in: call)
                else {
                    Issue.record("it is refused")
                    return
                }
                written.cancel()
            }
            guard
                case .ready(.error(.other(let message))) = try store.set(
                    key: "k", value: [UInt8](repeating: 0, count: 200), in: call)
            else {
                Issue.record("it is taken")
                return
            }
            #expect(message == "more than 1000 bytes wait to be written")
        }
    }
}
