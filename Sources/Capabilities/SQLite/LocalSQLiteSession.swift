import ComponentModel
import NIOCore
import NIOPosix
import SQLite

/// A guest's connection to a ``LocalSQLiteDatabase``: its work is done on the threads of a pool, one piece at a time.
final class LocalSQLiteSession: SQLiteSession {
    private let lease: SQLiteLease
    private let resultBytes: Int
    private let pool: NIOThreadPool
    private let eventLoop: any EventLoop
    private var isRunning = false
    private var waiting = CircularBuffer<() -> Void>()
    /// Of statements and parameters that were not run yet.
    private var waitingBytes = 0

    /// Statements of one connection that wait, and their bytes: one alone may have more.
    private static let waitingLimit = 4096
    private static let waitingBytesLimit = 256 << 20

    init(_ lease: SQLiteLease, resultBytes: Int, pool: NIOThreadPool, eventLoop: any EventLoop) {
        self.lease = lease
        self.resultBytes = resultBytes
        self.pool = pool
        self.eventLoop = eventLoop
    }

    func execute(_ sql: String, _ parameters: [SpinSqliteSqlite.Value]) -> SQLiteAnswer<SQLiteRows> {
        let bytes = self.resultBytes
        let work = StatementWork()
        return self.answer(work, holding: Self.size(sql, parameters)) { connection in
            connection.execute(sql, parameters, resultBytes: bytes, as: work)
        } transform: {
            $0
        }
    }

    func open(_ sql: String, _ parameters: [SpinSqliteSqlite.Value]) -> SQLiteAnswer<SQLiteRowStream> {
        let bytes = self.resultBytes
        let work = StatementWork()
        return self.answer(work, holding: Self.size(sql, parameters)) { connection in
            connection.open(sql, parameters, resultBytes: bytes, as: work)
        } transform: { opened in
            SQLiteRowStream(first: opened.rows, rest: opened.rest.map { LocalRowPages($0, self) })
        }
    }

    private static func size(_ sql: String, _ parameters: [SpinSqliteSqlite.Value]) -> Int {
        parameters.reduce(sql.utf8.count) { sum, parameter in
            switch parameter {
            case .text(let text): sum + text.utf8.count
            case .blob(let bytes): sum + bytes.count
            case .integer, .real, .null: sum + MemoryLayout<SpinSqliteSqlite.Value>.stride
            }
        }
    }

    /// The answer of work, whose parameters have so many bytes: they count until it is done, whether or not the guest
    /// still waits for it. A guest may begin any number of statements, and cancel each: one that waits is not begun
    /// then, one that runs ends soon, and the connection goes on.
    fileprivate func answer<Value: Sendable, Changed>(
        _ work: StatementWork, holding bytes: Int = 0,
        _ perform: @escaping @Sendable (GuestConnection) -> SQLiteResult<Value>,
        transform: @escaping (Value) -> Changed
    ) -> SQLiteAnswer<Changed> {
        guard self.waiting.count < Self.waitingLimit,
            self.waitingBytes == 0 || self.waitingBytes + bytes <= Self.waitingBytesLimit
        else { return .ready(.failure(.io("too many statements wait for the connection"))) }
        self.waitingBytes += bytes
        return .later(onCancel: { [lease] in lease.connection.cancel(work) }) { pending in
            self.enqueue(perform) { result in
                self.waitingBytes -= bytes
                pending.succeed(result.map(transform))
            }
        }
    }

    private func enqueue<Value: Sendable>(
        _ work: @escaping @Sendable (GuestConnection) -> SQLiteResult<Value>,
        _ done: @escaping (SQLiteResult<Value>) -> Void
    ) {
        guard !self.isRunning else { return self.waiting.append { self.start(work, done) } }
        self.start(work, done)
    }

    private func start<Value: Sendable>(
        _ work: @escaping @Sendable (GuestConnection) -> SQLiteResult<Value>,
        _ done: @escaping (SQLiteResult<Value>) -> Void
    ) {
        self.isRunning = true
        let lease = self.lease
        self.pool.runIfActive(eventLoop: self.eventLoop) { work(lease.connection) }
            .assumeIsolated().whenComplete { result in
                self.isRunning = false
                switch result {
                case .success(let value): done(value)
                case .failure: done(.failure(.io("the server is being shut down")))
                }
                if !self.isRunning { self.waiting.popFirst()?() }
            }
    }

    /// Ends a statement that rows were read from, after what runs now.
    fileprivate func finish(_ rows: OpenRows) {
        self.enqueue { connection in
            rows.finish(on: connection)
            return .success(())
        } _: { _ in
        }
    }
}

/// The rows of a statement that is still open.
private final class LocalRowPages: PageSource {
    private let rows: OpenRows
    private let session: LocalSQLiteSession
    private var isEnded = false

    init(_ rows: OpenRows, _ session: LocalSQLiteSession) {
        self.rows = rows
        self.session = session
    }

    func next() -> HostAnswer<SQLiteResult<SQLiteRowPage?>> {
        guard !self.isEnded else { return .ready(.success(nil)) }
        let rows = self.rows
        return self.session.answer(rows.work) { connection in
            rows.next(on: connection)
        } transform: { page in
            if page.isEnd { self.isEnded = true }
            return page.isEnd && page.rows.count == 0 ? nil : SQLiteRowPage(buffer: page.rows)
        }
    }

    func close() {
        guard !self.isEnded else { return }
        self.isEnded = true
        self.rows.work.cancel()
        self.session.finish(self.rows)
    }

    deinit { self.close() }
}
