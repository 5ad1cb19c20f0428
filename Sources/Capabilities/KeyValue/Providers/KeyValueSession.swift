import SQLite

/// One connection to a file of key-value stores, with its statements. Used by one thread at a time.
final class KeyValueSession: @unchecked Sendable {
    /// Keys, and their bytes, of one page: much more than asking for them costs.
    private static let pageKeys = 4096
    private static let pageBytes = 256 << 10

    let connection: SQLiteConnection
    private let getStatement: KeyStatement
    private let existsStatement: KeyStatement
    private let keysStatement: SQLiteStatement
    private let firstKeysStatement: SQLiteStatement
    private let setStatement: SQLiteStatement
    private let deleteStatement: SQLiteStatement
    let begin: SQLiteStatement
    let commit: SQLiteStatement
    let savepoint: SQLiteStatement
    let rollbackToSavepoint: SQLiteStatement
    let release: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(SQLiteError) {
        self.connection = connection
        self.getStatement = KeyStatement(
            try connection.prepare("SELECT value FROM spin_key_value WHERE store = ? AND key = ?"))
        self.existsStatement = KeyStatement(
            try connection.prepare("SELECT 1 FROM spin_key_value WHERE store = ? AND key = ?"))
        self.keysStatement = try connection.prepare(
            "SELECT key FROM spin_key_value WHERE store = ? AND key > ? ORDER BY key LIMIT \(Self.pageKeys)")
        self.firstKeysStatement = try connection.prepare(
            "SELECT key FROM spin_key_value WHERE store = ? ORDER BY key LIMIT \(Self.pageKeys)")
        self.setStatement = try connection.prepare(
            """
            INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?)
            ON CONFLICT (store, key) DO UPDATE SET value = excluded.value
            """)
        self.deleteStatement = try connection.prepare("DELETE FROM spin_key_value WHERE store = ? AND key = ?")
        self.begin = try connection.prepare("BEGIN IMMEDIATE")
        self.commit = try connection.prepare("COMMIT")
        self.savepoint = try connection.prepare("SAVEPOINT job")
        self.rollbackToSavepoint = try connection.prepare("ROLLBACK TO job")
        self.release = try connection.prepare("RELEASE job")
    }

    /// Runs one of the statements that have neither parameters nor rows.
    func run(_ statement: SQLiteStatement) throws {
        defer { statement.reset() }
        _ = try statement.step()
    }

    func value(_ store: String, _ key: String, limit: Int) throws -> [UInt8]? {
        var value: [UInt8]?
        let isThere = try self.getStatement.look(in: store, for: key) { value = $0.blob(0, limit: limit) }
        if isThere, value == nil { throw KeyValueError.resultTooLarge(limit: limit) }
        return value
    }

    func exists(_ store: String, _ key: String) throws -> Bool {
        try self.existsStatement.look(in: store, for: key)
    }

    struct KeyPage: Sendable {
        var keys: [String] = []
        var isLast = true
    }

    /// Some of the keys that come after one, in the order of their bytes.
    func keys(_ store: String, after last: String?) throws -> KeyPage {
        let statement = last == nil ? self.firstKeysStatement : self.keysStatement
        defer { statement.reset() }
        try statement.bind(store, at: 1)
        if let last { try statement.bind(last, at: 2) }
        var page = KeyPage()
        var left = Self.pageBytes
        while try statement.step() {
            left -= statement.byteCount(0)
            page.keys.append(statement.text(0))
            if left <= 0 || page.keys.count == Self.pageKeys {
                page.isLast = false
                break
            }
        }
        return page
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
