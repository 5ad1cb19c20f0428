import Logging
import SQLite
import Synchronization

/// One connection to a file of key-value stores, with its statements. Used by one thread at a time.
final class KeyValueSession {
    let connection: SQLiteConnection
    private let getStatement: SQLiteStatement
    private let existsStatement: SQLiteStatement
    private let keysStatement: SQLiteStatement
    private let setStatement: SQLiteStatement
    private let deleteStatement: SQLiteStatement

    fileprivate init(_ connection: SQLiteConnection) throws(SQLiteError) {
        self.connection = connection
        self.getStatement = try connection.prepare("SELECT value FROM spin_key_value WHERE store = ? AND key = ?")
        self.existsStatement = try connection.prepare("SELECT 1 FROM spin_key_value WHERE store = ? AND key = ?")
        self.keysStatement = try connection.prepare("SELECT key FROM spin_key_value WHERE store = ?")
        self.setStatement = try connection.prepare(
            """
            INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?)
            ON CONFLICT (store, key) DO UPDATE SET value = excluded.value
            """)
        self.deleteStatement = try connection.prepare("DELETE FROM spin_key_value WHERE store = ? AND key = ?")
    }

    func value(_ store: String, _ key: String, limit: Int) throws -> [UInt8]? {
        let statement = self.getStatement
        defer { statement.reset() }
        try statement.bind(store, at: 1)
        try statement.bind(key, at: 2)
        guard try statement.step() else { return nil }
        guard statement.byteCount(0) <= limit else { throw KeyValueError.resultTooLarge(limit: limit) }
        return statement.blob(0)
    }

    func exists(_ store: String, _ key: String) throws -> Bool {
        let statement = self.existsStatement
        defer { statement.reset() }
        try statement.bind(store, at: 1)
        try statement.bind(key, at: 2)
        return try statement.step()
    }

    func keys(_ store: String, limit: Int) throws -> [String] {
        let statement = self.keysStatement
        defer { statement.reset() }
        try statement.bind(store, at: 1)
        var keys: [String] = []
        var left = limit
        while try statement.step() {
            left -= statement.byteCount(0) + MemoryLayout<String>.stride
            guard left >= 0 else { throw KeyValueError.resultTooLarge(limit: limit) }
            keys.append(statement.text(0))
        }
        return keys
    }

    func set(_ store: String, _ key: String, _ value: [UInt8]) throws {
        let statement = self.setStatement
        defer { statement.reset() }
        try statement.bind(store, at: 1)
        try statement.bind(key, at: 2)
        try statement.bind(value, at: 3)
        _ = try statement.step()
    }

    func delete(_ store: String, _ key: String) throws {
        let statement = self.deleteStatement
        defer { statement.reset() }
        try statement.bind(store, at: 1)
        try statement.bind(key, at: 2)
        _ = try statement.step()
    }
}

/// Opens a file of key-value stores, and tells the operator when that fails.
final class KeyValueFileOpener: Sendable {
    private let path: String
    private let busyMilliseconds: Int32
    private let logger: Logger?
    private let hasFailed = Mutex(false)

    init(path: String, busyMilliseconds: Int32, logger: Logger?) {
        self.path = path
        self.busyMilliseconds = busyMilliseconds
        self.logger = logger
    }

    func open() throws(SQLiteError) -> KeyValueSession {
        do throws(SQLiteError) {
            // Readers and writers open alike, as either may come first.
            let session = try self.hasFailed.withLock { hasFailed throws(SQLiteError) in
                let session = try self.openOnce()
                hasFailed = false
                return session
            }
            return session
        } catch {
            let isFirst = self.hasFailed.withLock { hasFailed in
                defer { hasFailed = true }
                return !hasFailed
            }
            if isFirst { self.logger?.error("the key-value store \"\(self.path)\" cannot be used: \(error)") }
            throw error
        }
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
