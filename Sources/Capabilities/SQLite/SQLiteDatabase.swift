package import ComponentModel
package import NIOCore
package import SQLite

/// Why a database did not do what it was asked: an error of the interface.
package enum SQLiteDatabaseError: Error, Sendable, Hashable {
    case noSuchDatabase
    case accessDenied
    case invalidConnection
    case databaseFull
    case io(String)

    /// Instead of a result that is larger than the guest may get.
    static func resultTooLarge(limit: Int) -> SQLiteDatabaseError {
        .io("query result exceeds limit of \(limit) bytes")
    }
}

package typealias SQLiteResult<Value> = Result<Value, SQLiteDatabaseError>
package typealias SQLiteAnswer<Value> = HostAnswer<SQLiteResult<Value>>

/// What a statement gave: its columns and rows.
package struct SQLiteRows: Sendable {
    package var columns: [String] = []
    package var buffer = SQLiteRowBuffer(columnCount: 0)
    /// Of the connection, after the statement.
    package var lastInsertRowID: Int64 = 0
    package var changes: UInt64 = 0

    package init() {}
}

/// What a statement gives row after row.
package struct SQLiteRowStream {
    /// The columns, and the first rows.
    package let first: SQLiteRows
    /// The others; nil when the first are all.
    package let rest: (any PageSource<SQLiteRowPage, SQLiteDatabaseError>)?
}

/// A database: one label of the runtime configuration. Shared by all instances and event loops.
package protocol SQLiteDatabase: Sendable {
    /// What it is, for the start: a path, an address. Never a password.
    var summary: String { get }

    /// A connection for one guest, with a transaction state of its own.
    func connect(limits: SQLiteLimits, on eventLoop: any EventLoop) -> SQLiteAnswer<any SQLiteSession>

    /// Runs statements at the start, for the operator rather than a guest: blocks.
    func executeAtStart(_ sql: String) throws
}

/// A connection of one guest. Confined to the guest's event loop; one statement at a time, others wait.
package protocol SQLiteSession: AnyObject {
    /// Runs the statements of `sql`, one after the other; gives the rows of the last that has any.
    ///
    /// Parameters go to the statements in order, each taking as many as it has. Cancelling the answer interrupts it.
    func execute(_ sql: String, _ parameters: [SpinSqliteSqlite.Value]) -> SQLiteAnswer<SQLiteRows>

    /// The same, but rows are read as they are asked for; other statements may run in between.
    ///
    /// Rows of a statement that changes something are all read at once: what it changed is written before the answer.
    func open(_ sql: String, _ parameters: [SpinSqliteSqlite.Value]) -> SQLiteAnswer<SQLiteRowStream>
}
