import SQLite

/// The table that rows are read from: 10,000 of five columns, one of each type.
enum RowTable {
    static let fileName = "sqlite_db.db"
    static let count = 10_000
    /// Of the first column.
    static let sum = Int64(Self.count) * Int64(Self.count + 1) / 2

    static func make(in folder: String) throws {
        let connection = try SQLiteConnection(.file("\(folder)/\(Self.fileName)"))
        try connection.execute(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE rows (id INTEGER PRIMARY KEY, ratio REAL, name TEXT, data BLOB, missing INTEGER);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.count))
            INSERT INTO rows SELECT i, i * 0.5, 'the name of row ' || i, randomblob(24), NULL FROM n
            """)
    }
}
