import SQLite

/// A statement that looks for a key in a store: its first parameter is the store, its second the key.
///
/// The store stays bound, as it is mostly the same one, and the key is not copied.
final class KeyStatement {
    private let statement: SQLiteStatement
    private var store: String?

    init(_ statement: SQLiteStatement) {
        self.statement = statement
    }

    /// Whether the key is there.
    ///
    /// - Parameter read: looks at what was found.
    func look(
        in store: String, for key: String, _ read: (SQLiteStatement) -> Void = { _ in }
    ) throws(SQLiteError) -> Bool {
        if self.store != store {
            self.store = nil
            try self.statement.bind(store, at: 1)
            self.store = store
        }
        return try self.statement.withFirstRow(for: key, at: 2) { read(self.statement) }
    }
}
