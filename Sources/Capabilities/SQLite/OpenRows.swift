import SQLite
import Synchronization

/// A statement of a guest that is read some rows at a time; see ``GuestConnection``.
///
/// Used on the connection's thread; ``cancel()`` by any.
final class OpenRows: @unchecked Sendable {
    /// Bytes and rows read at a time: much more than asking for them costs.
    static let pageBytes = 256 << 10
    static let pageRows = 1024

    private let connection: GuestConnection
    private var statement: SQLiteStatement?
    private let resultBytes: Int
    private let cancelled = Atomic(false)

    init(_ statement: SQLiteStatement, of connection: GuestConnection, resultBytes: Int) {
        self.statement = statement
        self.connection = connection
        self.resultBytes = resultBytes
    }

    var isCancelled: Bool { self.cancelled.load(ordering: .relaxed) }

    /// Ends a reading that is under way, soon; from any thread.
    func cancel() { self.cancelled.store(true, ordering: .relaxed) }

    /// The next rows, and whether they are the last.
    func next() -> SQLiteResult<(rows: SQLiteRowBuffer, isEnd: Bool)> {
        guard let statement = self.statement else { return .success((SQLiteRowBuffer(columnCount: 0), true)) }
        let result = self.connection.reading(self) { try Self.page(of: statement, resultBytes: self.resultBytes) }
        switch result {
        case .success((_, false)): break
        case .success, .failure: self.finish()
        }
        return result
    }

    /// Ends the statement; the connection is as if it had never been.
    func finish() {
        self.statement?.reset()
        self.statement = nil
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
