import ComponentModel
import NIOCore

/// Operations of one direction of a socket that wait until the system has room or data, in their order.
final class SocketQueue {
    /// An operation; false when it has to wait on.
    private final class Entry {
        var attempt: (() -> Bool)?

        init(_ attempt: @escaping () -> Bool) {
            self.attempt = attempt
        }
    }

    private let socket: Socket
    private let direction: ReadinessWatch.Direction
    private var entries = CircularBuffer<Entry>()
    /// Of the entries, those that nobody waits for any more.
    private var cancelled = 0
    private var isArmed = false

    init(_ socket: Socket, _ direction: ReadinessWatch.Direction) {
        self.socket = socket
        self.direction = direction
    }

    /// Operations that are kept, those included that nobody waits for any more.
    var count: Int { self.entries.count }

    /// Tries `operation` now, and again whenever it may succeed, until it no longer throws `would-block`.
    ///
    /// - Parameters:
    ///   - waits: called when it has to wait.
    ///   - onCancel: called when the guest does not want it any more.
    func perform<Value>(
        _ operation: @escaping () throws(SocketError) -> Value, waits: () throws(GuestFault) -> Void = {},
        onCancel: @escaping () -> Void = {}
    ) throws(GuestFault) -> HostAnswer<Result<Value, SocketError>> {
        if self.entries.isEmpty, let result = Self.attempt(operation) { return .ready(result) }
        try waits()
        // The entry is known to the pending value that it completes, and the other way round until one of them happens.
        let entry = Entry { true }
        let pending = Pending<Result<Value, SocketError>> { [weak self] in
            entry.attempt = nil
            self?.entryWasCancelled()
            onCancel()
        }
        entry.attempt = {
            guard let result = Self.attempt(operation) else { return false }
            pending.succeed(result)
            return true
        }
        self.entries.append(entry)
        self.arm()
        return .later(pending)
    }

    private static func attempt<Value>(
        _ operation: () throws(SocketError) -> Value
    ) -> Result<Value, SocketError>? {
        do throws(SocketError) {
            return .success(try operation())
        } catch {
            return error.code == .wouldBlock ? nil : .failure(error)
        }
    }

    /// A guest may begin and cancel for ever, while the first entry waits.
    private func entryWasCancelled() {
        self.cancelled += 1
        guard self.cancelled > 32, self.cancelled * 2 > self.entries.count else { return }
        self.entries.removeAll { $0.attempt == nil }
        self.cancelled = 0
    }

    private func arm() {
        guard !self.isArmed else { return }
        self.isArmed = true
        self.socket.whenReady(self.direction) { [weak self] in self?.run() }
    }

    private func run() {
        self.isArmed = false
        while let entry = self.entries.first {
            if let attempt = entry.attempt {
                guard attempt() else { return self.arm() }
                entry.attempt = nil
            } else {
                self.cancelled = max(0, self.cancelled - 1)
            }
            if self.entries.first === entry { self.entries.removeFirst() }
        }
    }
}
