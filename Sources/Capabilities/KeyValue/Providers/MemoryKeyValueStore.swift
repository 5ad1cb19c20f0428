import ComponentModel
package import NIOCore
import Synchronization

/// A key-value store in the memory of the process: it answers at once, and forgets everything at the end.
package final class MemoryKeyValueStore: KeyValueStore {
    private struct State {
        /// By the bytes of the key: strings that differ in bytes may be equal.
        private var valuesByKey: [[UInt8]: [UInt8]] = [:]
        var bytes = 0

        subscript(key: String) -> [UInt8]? {
            get { self.valuesByKey[Array(key.utf8)] }
            set { self.valuesByKey[Array(key.utf8)] = newValue }
        }

        var keys: [[UInt8]] { Array(self.valuesByKey.keys) }
    }

    /// What a key costs besides its bytes.
    private static let overhead = 64

    private let state = Mutex(State())
    private let byteLimit: Int

    /// - Parameter byteLimit: of all keys and values.
    package init(byteLimit: Int = 1 << 30) {
        self.byteLimit = byteLimit
    }

    package var summary: String { "a temporary in-memory store" }

    package func get(_ key: String, limit: Int, on eventLoop: any EventLoop) -> KeyValueAnswer<[UInt8]?> {
        let value = self.state.withLock { $0[key] }
        if let value, value.count > limit { return .ready(.failure(.resultTooLarge(limit: limit))) }
        return .ready(.success(value))
    }

    package func set(_ key: String, to value: [UInt8], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        .ready(self.state.withLock { self.set(key, value, in: &$0) })
    }

    package func delete(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        self.state.withLock { Self.remove(key, from: &$0) }
        return .ready(.success(()))
    }

    package func exists(_ key: String, on eventLoop: any EventLoop) -> KeyValueAnswer<Bool> {
        .ready(.success(self.state.withLock { $0[key] != nil }))
    }

    package func keyPages(on eventLoop: any EventLoop) -> any PageSource<[String], KeyValueError> {
        SnapshotKeyPages(self.state.withLock { $0.keys })
    }

    package func getMany(
        _ keys: [String], limit: Int, on eventLoop: any EventLoop
    ) -> KeyValueAnswer<[(String, [UInt8]?)]> {
        let found = self.state.withLock { state in keys.map { ($0, state[$0]) } }
        var bytes = 0
        for (key, value) in found { bytes += key.utf8.count + (value?.count ?? 0) + Self.overhead }
        return .ready(bytes > limit ? .failure(.resultTooLarge(limit: limit)) : .success(found))
    }

    package func setMany(_ values: [(String, [UInt8])], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        .ready(
            self.state.withLock { state in
                // All or none; earlier values come back when there is no room for the later ones.
                var earlier: [(String, [UInt8]?)] = []
                for (key, value) in values {
                    let before = state[key]
                    if case .failure(let error) = self.set(key, value, in: &state) {
                        for (key, value) in earlier.reversed() {
                            Self.remove(key, from: &state)
                            if let value { _ = self.set(key, value, in: &state) }
                        }
                        return .failure(error)
                    }
                    earlier.append((key, before))
                }
                return .success(())
            })
    }

    package func deleteMany(_ keys: [String], on eventLoop: any EventLoop) -> KeyValueAnswer<Void> {
        self.state.withLock { state in for key in keys { Self.remove(key, from: &state) } }
        return .ready(.success(()))
    }

    package func increment(_ key: String, by delta: Int64, on eventLoop: any EventLoop) -> KeyValueAnswer<Int64> {
        .ready(
            self.state.withLock { state in
                KeyValueCounter.sum(state[key], delta).flatMap { sum in
                    self.set(key, KeyValueCounter.bytes(sum), in: &state).map { sum }
                }
            })
    }

    package func swap(
        _ key: String, from expected: [UInt8]?, to value: [UInt8], on eventLoop: any EventLoop
    ) -> KeyValueAnswer<Bool> {
        .ready(
            self.state.withLock { state in
                guard state[key] == expected else { return .success(false) }
                return self.set(key, value, in: &state).map { true }
            })
    }

    private func set(_ key: String, _ value: [UInt8], in state: inout State) -> KeyValueResult<Void> {
        let size = key.utf8.count + value.count + Self.overhead
        let before = state[key].map { key.utf8.count + $0.count + Self.overhead } ?? 0
        guard size - before <= self.byteLimit - state.bytes else {
            return .failure(.other("the store is full: it holds at most \(self.byteLimit) bytes in memory"))
        }
        state[key] = value
        state.bytes += size - before
        return .success(())
    }

    private static func remove(_ key: String, from state: inout State) {
        guard let value = state[key] else { return }
        state[key] = nil
        state.bytes -= key.utf8.count + value.count + Self.overhead
    }
}

/// A number in a store, as Spin's SQLite stores keep it: 8 bytes, the least significant first.
enum KeyValueCounter {
    static func bytes(_ number: Int64) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { [UInt8]($0) }
    }

    /// The number in `value` (0 when there is none) plus `delta`.
    static func sum(_ value: [UInt8]?, _ delta: Int64) -> KeyValueResult<Int64> {
        var number: Int64 = 0
        if let value {
            guard value.count == 8 else {
                return .failure(.other("the value has \(value.count) bytes; a number that can be incremented has 8"))
            }
            number = value.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
        }
        let (sum, overflow) = number.addingReportingOverflow(delta)
        return overflow ? .failure(.other("the sum does not fit 64 bits")) : .success(sum)
    }
}
