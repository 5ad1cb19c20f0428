package import Logging
package import NIOCore
import Synchronization

/// What an operator can do something about.
package struct Trouble {
    /// Told once in a while.
    package let kind: String
    /// What to do.
    package let hint: String
}

/// An error that may be the operator's concern: its description is told.
package protocol TroubleSource: Error {
    /// Nil for what a guest did wrong.
    var trouble: Trouble? { get }
}

/// Tells the operator what is wrong with a store or database that guests need, where it is, and what to do.
///
/// Each kind of trouble at most once a minute: guests decide how often they run into it. What a guest did wrong itself is
/// for the guest alone.
package final class TroubleLog: Sendable {
    private static let interval = TimeAmount.minutes(1)

    /// `the key-value store "/app/.spin/kv.db"`.
    private let subject: String
    private let logger: Logger?
    private let now: @Sendable () -> NIODeadline
    private let last = Mutex<[String: NIODeadline]>([:])

    package init(_ subject: String, logger: Logger?, now: @escaping @Sendable () -> NIODeadline = { .now() }) {
        self.subject = subject
        self.logger = logger
        self.now = now
    }

    package func report(_ error: some TroubleSource) {
        guard let trouble = error.trouble else { return }
        self.report("\(error)", trouble)
    }

    private func report(_ message: String, _ trouble: Trouble) {
        guard let logger = self.logger else { return }
        let now = self.now()
        let mustLog = self.last.withLock { last in
            if let before = last[trouble.kind], now - before < Self.interval { return false }
            last[trouble.kind] = now
            return true
        }
        if mustLog { logger.error("\(self.subject): \(message)\n  hint: \(trouble.hint)") }
    }
}
