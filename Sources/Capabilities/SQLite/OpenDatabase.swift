import ComponentModel
import HTTP
import NIOCore
import SQLite

/// What the databases that one instance has open have in common: the same for every version of the interface.
///
/// Never refers to them, who refer to it.
final class SQLiteState {
    let component: ComponentCapabilities
    let eventLoop: any EventLoop
    fileprivate let results: ByteBudget
    fileprivate(set) var openCount = 0

    init(_ instance: InstanceCapabilities) {
        self.component = instance.component
        self.eventLoop = instance.eventLoop
        self.results = instance.results
    }

    /// Opens the database of a label, or says why not.
    func open(_ label: String) -> SQLiteAnswer<OpenDatabase> {
        let grants = self.component.sqlite
        guard let database = grants.databases.granted(label) else {
            self.component.denials.report(
                label: label, of: "SQLite database", besides: grants.databases.keys, in: "sqlite_databases")
            return .ready(.failure(.accessDenied))
        }
        guard self.openCount < grants.limits.openConnections else {
            return .ready(.failure(.io("too many connections are open, at most \(grants.limits.openConnections)")))
        }
        // Also while it waits for a connection: a guest may begin any number.
        self.openCount += 1
        switch database.connect(limits: grants.limits, on: self.eventLoop) {
        case .ready(let session): return .ready(self.opened(session))
        case .later(let session):
            let pending = Pending<SQLiteResult<OpenDatabase>> {
                self.openCount -= 1
                session.cancel()
            }
            session.whenComplete { result in pending.complete(result.map { self.opened($0) }) }
            return .later(pending)
        }
    }

    private func opened(_ session: SQLiteResult<any SQLiteSession>) -> SQLiteResult<OpenDatabase> {
        if case .failure = session { self.openCount -= 1 }
        return session.map { OpenDatabase($0, state: self) }
    }
}

/// A database that an instance has open, counted by whoever made it.
final class OpenDatabase {
    private let session: any SQLiteSession
    private let state: SQLiteState
    private(set) var lastInsertRowID: Int64 = 0
    private(set) var changes: UInt64 = 0

    fileprivate init(_ session: any SQLiteSession, state: SQLiteState) {
        self.session = session
        self.state = state
    }

    deinit {
        self.state.openCount -= 1
    }

    func execute(
        _ sql: String, _ parameters: [SpinSqliteSqlite.Value]
    ) throws -> SQLiteAnswer<SpinSqliteSqlite.QueryResult> {
        let answer = self.session.execute(sql, parameters).counted(
            in: self.state.results, bytes: \.buffer.byteCount, refusal: .io(ResultLimits.refusal))
        return try answer.map { result in
            result.map { rows in
                self.note(rows)
                return SpinSqliteSqlite.QueryResult(rows: rows)
            }
        }
    }

    /// The columns, and the rows as somebody reads them.
    func open(
        _ sql: String, _ parameters: [SpinSqliteSqlite.Value]
    ) throws -> SQLiteAnswer<(columns: [String], pages: any PageSource<SQLiteRowPage, SQLiteDatabaseError>)> {
        try self.session.open(sql, parameters).map { result in
            result.map { stream in
                self.note(stream.first)
                return (stream.first.columns, StreamedRows(stream))
            }
        }
    }

    private func note(_ rows: SQLiteRows) {
        self.lastInsertRowID = rows.lastInsertRowID
        self.changes = rows.changes
    }
}

/// The rows that came with the answer, then those that are still to be read.
private final class StreamedRows: PageSource {
    private var first: SQLiteRowPage?
    private let rest: (any PageSource<SQLiteRowPage, SQLiteDatabaseError>)?

    init(_ stream: SQLiteRowStream) {
        self.first = SQLiteRowPage(buffer: stream.first.buffer)
        self.rest = stream.rest
    }

    func next() -> HostAnswer<SQLiteResult<SQLiteRowPage?>> {
        if let first = self.first {
            self.first = nil
            return .ready(.success(first))
        }
        return self.rest?.next() ?? .ready(.success(nil))
    }

    func close() {
        self.first = nil
        self.rest?.close()
    }
}
