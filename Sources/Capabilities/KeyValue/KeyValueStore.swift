package import ComponentModel
package import HTTP
package import NIOCore

/// Why a key-value store did not do what it was asked: an error of the interface.
package enum KeyValueError: Error, Sendable, Hashable {
    case noSuchStore
    case accessDenied
    case storeTableFull
    /// What a person can make something of.
    case other(String)

    /// What a store gives instead of a result that is larger than the guest may get.
    package static func resultTooLarge(limit: Int) -> KeyValueError {
        .other("query result exceeds limit of \(limit) bytes")
    }
}

package typealias KeyValueResult<Value> = Result<Value, KeyValueError>
package typealias KeyValueAnswer<Value> = HostAnswer<KeyValueResult<Value>>

/// A store of values by key: one label of the runtime configuration.
///
/// Shared by all instances and event loops. Answers on `eventLoop`, which the caller is on. A value that was set and
/// acknowledged is there for every later get, whatever happens to the process. Keys and values are not looked at, keys
/// may be empty. Every provider passes `KeyValueConformance`.
package protocol KeyValueStore: Sendable {
    /// What it is, for the start: `"/app/.spin/sqlite_key_value.db"`, `Redis at localhost:6379`. Never a password.
    var summary: String { get }

    /// The value of a key; nil when there is none.
    ///
    /// - Parameter limit: the most bytes that the result may have, else ``KeyValueError/resultTooLarge(limit:)``.
    func get(_ key: String, limit: Int, on eventLoop: any EventLoop) -> KeyValueAnswer<[UInt8]?>
    func set(_ key: String, to value: [UInt8], on eventLoop: any EventLoop) -> KeyValueAnswer<Void>
    /// Removes a key, if it is there.
    func delete(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Void>
    func exists(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Bool>
    /// All keys, in no order, some at a time. What is set or deleted meanwhile may be among them or not.
    func keyPages(on eventLoop: any EventLoop) -> any PageSource<[String], KeyValueError>

    /// The values of several keys, in the order asked.
    func getMany(
        _ keys: [String], limit: Int, on eventLoop: any EventLoop
    ) -> KeyValueAnswer<[(String, [UInt8]?)]>
    /// Sets all or none.
    func setMany(_ values: [(String, [UInt8])], on eventLoop: any EventLoop) -> KeyValueAnswer<Void>
    func deleteMany(_ keys: [String], on eventLoop: any EventLoop) -> KeyValueAnswer<Void>

    /// Adds to a number, which is 0 when the key is not there, and gives the sum; atomic.
    func increment(_ key: String, by delta: Int64, on eventLoop: any EventLoop) -> KeyValueAnswer<Int64>
    /// Sets the key when its value is still `expected` (nil: it is not there); false when it is not. Atomic.
    func swap(
        _ key: String, from expected: [UInt8]?, to value: [UInt8], on eventLoop: any EventLoop
    ) -> KeyValueAnswer<Bool>

    /// Ends what lives on event loops, before they end: nobody asks for anything any more.
    func shutDown() async
}

extension KeyValueStore {
    package func shutDown() async {}

    /// All keys, in no order, each once.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that the result may have, else ``KeyValueError/resultTooLarge(limit:)``.
    ///   - budget: where the list counts while it grows, and as long as it waits for who asked.
    package func keys(
        limit: Int, in budget: ByteBudget, on eventLoop: any EventLoop
    ) -> KeyValueAnswer<[String]> {
        let claim = ByteClaim(budget)
        let list = self.keyPages(on: eventLoop).collect(into: KeyList(limit: limit, claim: claim)) {
            list, page throws(KeyValueError) in try list.add(page)
        }
        if case .later(let pending) = list { pending.companion = claim }
        return list.mapResult { $0.map(\.keys) }
    }
}

/// Keys that are gathered, each once: a page may have some that an earlier one had.
private struct KeyList {
    private let limit: Int
    private let claim: ByteClaim
    private var bytes = 0
    /// By their bytes: texts that differ in bytes may be equal.
    private var seen: Set<[UInt8]> = []
    private(set) var keys: [String] = []

    init(limit: Int, claim: ByteClaim) {
        self.limit = limit
        self.claim = claim
    }

    mutating func add(_ page: [String]) throws(KeyValueError) {
        for key in page where self.seen.insert(Array(key.utf8)).inserted {
            self.bytes += key.utf8.count + MemoryLayout<String>.stride
            guard self.bytes <= self.limit else { throw .resultTooLarge(limit: self.limit) }
            self.keys.append(key)
        }
        guard self.claim.change(to: self.bytes) else { throw .other(ResultLimits.refusal) }
    }
}
