import Foundation
import Synchronization

/// All that a process writes to one of its streams, and a way to wait for some of it.
final class OutputCollector: Sendable {
    private struct State {
        var bytes = Data()
        var isAtEnd = false
    }

    private let state = Mutex(State())
    /// Signalled whenever the state changes.
    private let condition = NSCondition()

    /// Reads until the end of the stream, on a thread of its own.
    init(_ pipe: Pipe) {
        // The handle, not the pipe: that holds the writing end open.
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            while true {
                let data = handle.availableData
                self.condition.lock()
                self.state.withLock { state in
                    state.bytes.append(data)
                    state.isAtEnd = data.isEmpty
                }
                self.condition.broadcast()
                self.condition.unlock()
                if data.isEmpty { return }
            }
        }
    }

    var isAtEnd: Bool { self.state.withLock { $0.isAtEnd } }

    var text: String {
        self.state.withLock { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Waits until `find` gives something for the text so far; nil at the end of the stream or after `timeout` seconds.
    func wait<Found>(timeout: TimeInterval = 120, _ find: (String) -> Found?) -> Found? {
        let deadline = Date.now.addingTimeInterval(timeout)
        self.condition.lock()
        defer { self.condition.unlock() }
        while true {
            // Read in this order: what came before the end must not be missed.
            let isAtEnd = self.state.withLock { $0.isAtEnd }
            if let found = find(self.text) { return found }
            guard !isAtEnd, self.condition.wait(until: deadline) else { return find(self.text) }
        }
    }

    func waitForEnd(timeout: TimeInterval = 30) {
        let deadline = Date.now.addingTimeInterval(timeout)
        self.condition.lock()
        defer { self.condition.unlock() }
        while !self.state.withLock({ $0.isAtEnd }), self.condition.wait(until: deadline) {}
    }
}
