package import Logging
package import NIOCore
import RedisClient
package import SQLite
import Synchronization

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

    package func report(_ error: SQLiteError) {
        guard let hint = Self.hint(error.kind) else { return }
        self.report("\(error)", hint: hint, kind: "\(error.kind)")
    }

    func report(_ error: RedisError) {
        let (kind, hint): (String, String)
        switch error {
        case .cannotConnect, .connectTimeout, .connectionLost, .answerTimeout:
            (kind, hint) = (
                "connection", "see that the server runs and is reached at this address; until then calls fail"
            )
        case .loginRefused:
            (kind, hint) = ("login", "correct the user, password or database of `url` in the runtime config")
        case .tlsFailed:
            (kind, hint) = ("tls", "see that the server's certificate is for this host and of a known authority")
        case .server(let message) where message.hasPrefix("OOM") || message.hasPrefix("MISCONF"):
            (kind, hint) = ("full", "give the server more memory or disk")
        case .server(let message) where message.hasPrefix("READONLY"):
            (kind, hint) = ("read-only", "name the primary server, not a replica")
        case .server(let message) where message.hasPrefix("NOAUTH") || message.hasPrefix("NOPERM"):
            (kind, hint) = ("login", "give `url` in the runtime config a user and password that may do this")
        case .tooManyConnections, .overloaded: (kind, hint) = ("load", "the server is too slow for what is asked of it")
        default: return
        }
        self.report("\(error)", hint: hint, kind: kind)
    }

    private func report(_ message: String, hint: String, kind: String) {
        guard let logger = self.logger else { return }
        let now = self.now()
        let mustLog = self.last.withLock { last in
            if let before = last[kind], now - before < Self.interval { return false }
            last[kind] = now
            return true
        }
        if mustLog { logger.error("\(self.subject): \(message)\n  hint: \(hint)") }
    }

    private static func hint(_ kind: SQLiteError.Kind) -> String? {
        switch kind {
        case .locked:
            "another program holds it for too long: stop that program, or name another file in the runtime config"
        case .readOnly: "make the file and its folder writable for this user; until then it can only be read"
        case .full: "free some space on its disk; what could not be written was reported to the guest as an error"
        case .corrupt:
            "restore it from a copy, or move it away, with the files beside it that end in -wal and -shm, to begin anew"
        case .cannotOpen: "see that its folder is there and this user may read and write in it"
        case .io: "look at the disk that it is on"
        case .interrupted, .denied, .tooBig, .other: nil
        }
    }
}
