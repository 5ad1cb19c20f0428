import Capabilities
import ComponentModel
import NIOCore
import SQLite

extension SQLiteRows {
    var rows: [[SQLiteValue]] { self.buffer.rows }
}

/// A connection of a guest, with functions that wait.
final class SQLiteGuest: Sendable {
    private let loop = LoopHarness()
    private let session: NIOLoopBound<any SQLiteSession>

    init(_ database: any SQLiteDatabase, limits: SQLiteLimits = SQLiteLimits()) async throws {
        let loop = self.loop.loop
        self.session = try await self.loop.value { eventLoop in
            try database.connect(limits: limits, on: eventLoop).map { NIOLoopBound(try $0.get(), eventLoop: loop) }
        }
    }

    @discardableResult
    func execute(_ sql: String, _ parameters: SpinSqliteSqlite.Value...) async throws -> SQLiteRows {
        try await self.loop.value { [session] _ in session.value.execute(sql, parameters) }.get()
    }

    /// Starts a statement, and gives it up after `delay`.
    func abandon(_ sql: String, after delay: TimeAmount) async throws {
        try await self.loop.loop.flatSubmit { [loop, session] in
            guard case .later(let pending) = session.value.execute(sql, []) else {
                return loop.loop.makeSucceededVoidFuture()
            }
            return loop.loop.assumeIsolated().scheduleTask(in: delay) { pending.cancel() }.futureResult
        }.get()
    }

    /// Runs a statement, while others that wait in line behind it are given up.
    func execute(_ sql: String, abandoning others: [String]) async throws -> SQLiteRows {
        try await self.loop.value { [session] _ in
            let answer = session.value.execute(sql, [])
            for other in others {
                if case .later(let pending) = session.value.execute(other, []) { pending.cancel() }
            }
            return answer
        }.get()
    }

    /// Starts a statement whose rows are read as they are asked for.
    func open(_ sql: String, _ parameters: SpinSqliteSqlite.Value...) async throws -> OpenStream {
        try await self.loop.value { [loop, session] _ in
            try session.value.open(sql, parameters).map { OpenStream(try $0.get(), loop) }
        }
    }

    /// The rows of a statement, as a test reads them.
    final class OpenStream: Sendable {
        private let loop: LoopHarness
        private let stream: NIOLoopBoundBox<SQLiteRowStream?>

        /// On the event loop of the guest.
        init(_ stream: SQLiteRowStream, _ loop: LoopHarness) {
            self.loop = loop
            self.stream = NIOLoopBoundBox(stream, eventLoop: loop.loop)
        }

        /// As an instance's, it ends on its event loop.
        deinit { self.loop.loop.execute { [stream] in stream.value = nil } }

        func first() async throws -> SQLiteRows {
            try await self.loop.value { [stream] _ in .ready(stream.value?.first) } ?? SQLiteRows()
        }

        /// The next page's rows; nil at the end.
        func next() async throws -> SQLiteRowBuffer? {
            try await self.loop.value { [stream] _ in
                let none = SQLiteAnswer<SQLiteRowPage?>.ready(.success(nil))
                return stream.value?.rest?.next() ?? none
            }.get()?.buffer
        }

        /// All rows that are left, the first ones included.
        func all() async throws -> [[SQLiteValue]] {
            var rows = try await self.first().rows
            while let page = try await self.next() { rows += page.rows }
            return rows
        }

        func close() async throws {
            try await self.loop.value { [stream] _ in .ready(stream.value?.rest?.close() ?? ()) }
        }
    }
}
