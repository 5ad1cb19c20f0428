import Logging
import SQLite
import Synchronization

/// Opens a file of key-value stores, and tells the operator what is wrong with it.
final class KeyValueFileOpener: Sendable {
    private let path: String
    private let busyMilliseconds: Int32
    let trouble: TroubleLog
    private let lock = Mutex(())

    init(path: String, busyMilliseconds: Int32, logger: Logger?) {
        self.path = path
        self.busyMilliseconds = busyMilliseconds
        self.trouble = TroubleLog("the key-value store \"\(path)\"", logger: logger)
    }

    /// - Parameter busyMilliseconds: how long the session waits for a lock, if not the usual time.
    func open(busyMilliseconds: Int32? = nil) throws(SQLiteError) -> KeyValueSession {
        // Readers and writers open alike, as either may come first: one after the other.
        let session = try self.lock.withLock { _ throws(SQLiteError) in try self.openOnce() }
        if let busyMilliseconds { session.connection.wait(milliseconds: busyMilliseconds) }
        return session
    }

    private func openOnce() throws(SQLiteError) -> KeyValueSession {
        do throws(SQLiteError) {
            let connection = try SQLiteConnection(.file(self.path), busyMilliseconds: self.busyMilliseconds)
            // Readers go on while somebody writes. Where the file system cannot do that, it stays as it is.
            _ = try? connection.execute("PRAGMA journal_mode = WAL")
            try connection.execute("PRAGMA synchronous = FULL")
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS spin_key_value (
                    store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))
                """)
            return try KeyValueSession(connection)
        } catch  where error.kind == .readOnly || error.kind == .cannotOpen {
            // A file that may only be read can still be read.
            guard let connection = try? SQLiteConnection(.file(self.path), mode: .readOnly),
                let session = try? KeyValueSession(connection)
            else { throw error }
            return session
        }
    }
}
