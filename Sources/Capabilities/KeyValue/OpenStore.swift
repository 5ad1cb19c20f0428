import ComponentModel
import HTTP
import NIOCore

/// What the key-value stores that one instance has open have in common: the same for every version of the interface.
///
/// Never refers to them, who refer to it.
final class KeyValueState {
    let component: ComponentCapabilities
    let eventLoop: any EventLoop
    fileprivate let results: ByteBudget
    fileprivate(set) var openCount = 0
    /// Of keys and values that wait to be written.
    fileprivate var waitingBytes = 0

    init(_ instance: InstanceCapabilities) {
        self.component = instance.component
        self.eventLoop = instance.eventLoop
        self.results = instance.results
    }

    /// Opens the store of a label, or says why not.
    func open(_ label: String) -> KeyValueResult<OpenStore> {
        let grants = self.component.keyValue
        guard let store = grants.stores.granted(label) else {
            self.component.denials.report(
                label: label, of: "key-value store", besides: grants.stores.keys, in: "key_value_stores")
            return .failure(.accessDenied)
        }
        guard self.openCount < grants.limits.openStores else { return .failure(.storeTableFull) }
        return .success(OpenStore(store, state: self))
    }
}

/// A store that an instance has open, with what the guest may ask of it.
final class OpenStore {
    private let store: any KeyValueStore
    private let state: KeyValueState
    private let limits: KeyValueLimits
    private let eventLoop: any EventLoop

    fileprivate init(_ store: any KeyValueStore, state: KeyValueState) {
        self.store = store
        self.state = state
        self.limits = state.component.keyValue.limits
        self.eventLoop = state.eventLoop
        state.openCount += 1
    }

    deinit {
        self.state.openCount -= 1
    }

    /// Where values count that the guest has the host keep.
    var results: ByteBudget { self.state.results }

    func get(_ key: String) -> KeyValueAnswer<[UInt8]?> {
        let answer = self.store.get(key, limit: self.limits.resultBytes, on: self.eventLoop)
        // Most values are there at once, and nobody holds them.
        guard case .later = answer else { return answer }
        return self.counted(answer) { $0?.count ?? 0 }
    }

    func set(_ key: String, to value: GuestBytes) -> KeyValueAnswer<Void> {
        // Before it is copied.
        if let error = self.problem(key: key, valueBytes: value.count) { return .ready(.failure(error)) }
        return self.holding(key.utf8.count + value.count) {
            self.store.set(key, to: value.copied(), on: self.eventLoop)
        }
    }

    func set(_ key: String, to value: [UInt8]) -> KeyValueAnswer<Void> {
        if let error = self.problem(key: key, valueBytes: value.count) { return .ready(.failure(error)) }
        return self.holding(key.utf8.count + value.count) { self.store.set(key, to: value, on: self.eventLoop) }
    }

    func delete(_ key: String) -> KeyValueAnswer<Void> { self.store.delete(key, on: self.eventLoop) }
    func exists(_ key: String) -> KeyValueAnswer<Bool> { self.store.exists(key, on: self.eventLoop) }

    func keys() -> KeyValueAnswer<[String]> {
        self.store.keys(limit: self.limits.resultBytes, in: self.state.results, on: self.eventLoop)
    }

    func keyPages() -> any PageSource<[String], KeyValueError> { self.store.keyPages(on: self.eventLoop) }

    func getMany(_ keys: [String]) -> KeyValueAnswer<[(String, [UInt8]?)]> {
        self.counted(self.store.getMany(keys, limit: self.limits.resultBytes, on: self.eventLoop)) { found in
            found.reduce(0) { $0 + $1.0.utf8.count + ($1.1?.count ?? 0) + MemoryLayout<String>.stride }
        }
    }

    private func counted<Value>(
        _ answer: KeyValueAnswer<Value>, _ bytes: @escaping (Value) -> Int
    ) -> KeyValueAnswer<Value> {
        answer.counted(in: self.state.results, bytes: bytes, refusal: .other(ResultLimits.refusal))
    }

    func setMany(_ values: [(String, [UInt8])]) -> KeyValueAnswer<Void> {
        for (key, value) in values {
            if let error = self.problem(key: key, valueBytes: value.count) { return .ready(.failure(error)) }
        }
        return self.holding(values.reduce(0) { $0 + $1.0.utf8.count + $1.1.count }) {
            self.store.setMany(values, on: self.eventLoop)
        }
    }

    func deleteMany(_ keys: [String]) -> KeyValueAnswer<Void> { self.store.deleteMany(keys, on: self.eventLoop) }

    func increment(_ key: String, by delta: Int64) -> KeyValueAnswer<Int64> {
        if let error = self.problem(key: key, valueBytes: 0) { return .ready(.failure(error)) }
        return self.store.increment(key, by: delta, on: self.eventLoop)
    }

    func swap(_ key: String, from expected: [UInt8]?, to value: GuestBytes) -> KeyValueAnswer<Bool> {
        if let error = self.problem(key: key, valueBytes: value.count) { return .ready(.failure(error)) }
        return self.holding(key.utf8.count + value.count + (expected?.count ?? 0)) {
            self.store.swap(key, from: expected, to: value.copied(), on: self.eventLoop)
        }
    }

    /// The answer of `write`, and `bytes` counted until it is there, whether or not the guest still waits for it: the
    /// store has them until then. A guest may begin any number of writes, and cancel each.
    private func holding<Value>(_ bytes: Int, _ write: () -> KeyValueAnswer<Value>) -> KeyValueAnswer<Value> {
        let limit = self.limits.waitingBytes
        guard self.state.waitingBytes == 0 || self.state.waitingBytes + bytes <= limit else {
            return .ready(.failure(.other("more than \(limit) bytes wait to be written")))
        }
        switch write() {
        case .ready(let result): return .ready(result)
        case .later(let written):
            let state = self.state
            state.waitingBytes += bytes
            let answer = Pending<KeyValueResult<Value>>()
            written.whenComplete { result in
                state.waitingBytes -= bytes
                answer.complete(result)
            }
            return .later(answer)
        }
    }

    private func problem(key: String, valueBytes: Int) -> KeyValueError? {
        guard key.utf8.count <= self.limits.keyBytes else {
            return .other("the key has \(key.utf8.count) bytes, more than the limit of \(self.limits.keyBytes)")
        }
        guard valueBytes <= self.limits.valueBytes else {
            return .other("the value has \(valueBytes) bytes, more than the limit of \(self.limits.valueBytes)")
        }
        return nil
    }
}
