import SQLite

/// A statement of a guest that is read some rows at a time; see ``GuestConnection``.
///
/// Used on the connection's thread, which passes the connection: who holds this does not keep it. ``work`` is for any.
final class OpenRows: @unchecked Sendable {
    /// Bytes and rows read at a time: much more than asking for them costs.
    static let pageBytes = 256 << 10
    static let pageRows = 1024

    private var statement: SQLiteStatement?
    private let resultBytes: Int
    /// All readings: who gives up one gives up the rows.
    let work = StatementWork()

    init(_ statement: SQLiteStatement, of connection: GuestConnection, resultBytes: Int) {
        self.statement = statement
        self.resultBytes = resultBytes
        connection.countOpenRows(1)
    }

    /// The next rows, and whether they are the last.
    func next(on connection: GuestConnection) -> SQLiteResult<(rows: SQLiteRowBuffer, isEnd: Bool)> {
        guard let statement = self.statement else { return .success((SQLiteRowBuffer(columnCount: 0), true)) }
        let result = connection.perform(self.work) { try Self.page(of: statement, resultBytes: self.resultBytes) }
        switch result {
        case .success((_, false)): break
        case .success, .failure: self.finish(on: connection)
        }
        return result
    }

    /// Ends the statement; the connection is as if it had never been.
    func finish(on connection: GuestConnection) {
        guard let statement = self.statement else { return }
        statement.reset()
        self.statement = nil
        connection.countOpenRows(-1)
    }

    /// Some rows, the one that the statement is at first; at least one, however long it is.
    static func page(
        of statement: SQLiteStatement, resultBytes: Int
    ) throws -> (rows: SQLiteRowBuffer, isEnd: Bool) {
        let rows = SQLiteRowBuffer(columnCount: statement.columnCount)
        let bytes = min(Self.pageBytes, resultBytes)
        if try statement.read(into: rows, bytes: bytes, rows: Self.pageRows) == .end { return (rows, true) }
        guard rows.count == 0 else { return (rows, false) }
        if try statement.read(into: rows, bytes: resultBytes, rows: 1) == .end { return (rows, true) }
        guard rows.count == 1 else { throw SQLiteDatabaseError.resultTooLarge(limit: resultBytes) }
        return (rows, false)
    }
}
