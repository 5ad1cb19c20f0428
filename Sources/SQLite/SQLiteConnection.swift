import CSQLite

/// A connection to a SQLite database.
///
/// Used by one thread at a time; only ``interrupt()`` may be called from any other, while somebody keeps the connection.
package final class SQLiteConnection: @unchecked Sendable {
    /// Where a database is.
    package enum Location: Sendable, Hashable {
        case file(String)
        /// In memory, for this connection alone.
        case memory
        /// In memory, for all connections of this process that say the same name, as long as one of them lives. What
        /// is attached to it is memory, too.
        case sharedMemory(String)
    }

    package enum Mode: Sendable {
        /// Makes the file when it is not there.
        case create
        case readWrite
        case readOnly
    }

    let handle: OpaquePointer
    private var authorizer: Authorizer?
    private var progressObserver: ProgressObserver?
    /// What is not counted of the rows changed.
    private var changesBefore: Int64 = 0

    /// - Parameter busyMilliseconds: how long one waits for the lock of another connection.
    package init(_ location: Location, mode: Mode = .create, busyMilliseconds: Int32 = 5000) throws(SQLiteError) {
        _ = SQLiteHeap.limit
        var flags: Int32 =
            switch mode {
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readWrite: SQLITE_OPEN_READWRITE
            case .readOnly: SQLITE_OPEN_READONLY
            }
        flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let name: String
        var vfs: String?
        switch location {
        case .file(let path):
            // A name that begins with `file:` or `:` must not mean anything else.
            name = path.hasPrefix("/") ? path : "./\(path)"
        case .memory: name = ":memory:"
        case .sharedMemory(let shared):
            // A leading slash makes it shared.
            name = "/\(shared)"
            vfs = "memdb"
        }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(name, &opened, flags, vfs)
        guard let handle = opened else {
            throw SQLiteError(code: SQLITE_NOMEM, message: "out of memory")
        }
        guard code == SQLITE_OK else {
            let error = Self.error(code, handle)
            sqlite3_close_v2(handle)
            throw error
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, busyMilliseconds)
    }

    /// How long one waits for the lock of another connection from now on.
    package func wait(milliseconds: Int32) {
        sqlite3_busy_timeout(self.handle, milliseconds)
    }

    deinit {
        // Statements that still live keep what they need.
        sqlite3_close_v2(self.handle)
    }

    static func error(_ code: Int32, _ handle: OpaquePointer) -> SQLiteError {
        let message = sqlite3_errmsg(handle).map { String(cString: $0) } ?? "error \(code)"
        return SQLiteError(code: code, message: message)
    }

    /// Whether the calling thread has read from a disk since it asked last: tells waiting for a disk from waiting for a
    /// processor.
    package static func threadHasReadDisk() -> Bool { csqlite_thread_has_read_disk() != 0 }

    // MARK: Statements

    /// Compiles the first statement of `sql`; nil when there is none but comments.
    ///
    /// - Returns: the statement, and what of `sql` follows it.
    package func prepare(
        _ sql: Substring.UTF8View, isReused: Bool = false
    ) throws(SQLiteError) -> (statement: SQLiteStatement?, rest: Substring.UTF8View) {
        var text = Substring(sql)
        var statement: OpaquePointer?
        var used = 0
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters -> Int32 in
                guard let start = characters.baseAddress, let count = Int32(exactly: characters.count) else {
                    return characters.isEmpty ? SQLITE_OK : SQLITE_TOOBIG
                }
                var tail: UnsafePointer<CChar>?
                let flags = isReused ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
                let code = sqlite3_prepare_v3(self.handle, start, count, flags, &statement, &tail)
                used = tail.map { start.distance(to: $0) } ?? 0
                return code
            }
        }
        guard code == SQLITE_OK else { throw Self.error(code, self.handle) }
        let rest = sql.dropFirst(used)
        return (statement.map { SQLiteStatement($0, connection: self) }, rest)
    }

    /// Compiles one statement, to be run often.
    package func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        guard let statement = try self.prepare(Substring(sql).utf8, isReused: true).statement else {
            throw SQLiteError(code: SQLITE_ERROR, message: "there is no statement in the text")
        }
        return statement
    }

    /// Runs all statements of a text, whose rows nobody wants.
    package func execute(_ sql: String) throws(SQLiteError) {
        var rest = Substring(sql).utf8
        while !rest.isEmpty {
            let (statement, tail) = try self.prepare(rest)
            guard let statement else {
                // A comment, or an empty statement.
                guard tail.count < rest.count else { return }
                rest = tail
                continue
            }
            while try statement.step() {}
            rest = tail
        }
    }

    // MARK: State

    package var lastInsertRowID: Int64 {
        get { sqlite3_last_insert_rowid(self.handle) }
        set { sqlite3_set_last_insert_rowid(self.handle, newValue) }
    }

    /// Rows that the last statement changed that changes any.
    package var changes: Int64 {
        sqlite3_total_changes64(self.handle) == self.changesBefore ? 0 : sqlite3_changes64(self.handle)
    }

    /// Rows that statements changed since the connection was made, or since ``forgetChanges()``.
    package var totalChanges: Int64 { sqlite3_total_changes64(self.handle) - self.changesBefore }

    /// Makes the numbers of rows that were changed those of a new connection; see ``countOwnChanges()``.
    package func forgetChanges() { self.changesBefore = sqlite3_total_changes64(self.handle) }

    /// Has `changes()` and `total_changes()` in statements say ``changes`` and ``totalChanges``. Before the first
    /// statement: what is compiled already would be compiled again.
    package func countOwnChanges() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        // Harmless in the schema of a file, too.
        let flags = SQLITE_UTF8 | SQLITE_INNOCUOUS
        sqlite3_create_function(
            self.handle, "changes", 0, flags, context,
            { call, _, _ in
                sqlite3_result_int64(call, SQLiteConnection.calling(call)?.changes ?? 0)
            }, nil, nil)
        sqlite3_create_function(
            self.handle, "total_changes", 0, flags, context,
            { call, _, _ in
                sqlite3_result_int64(call, SQLiteConnection.calling(call)?.totalChanges ?? 0)
            }, nil, nil)
    }

    private static func calling(_ call: OpaquePointer?) -> SQLiteConnection? {
        sqlite3_user_data(call).map { Unmanaged<SQLiteConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Whether a transaction is open.
    package var isInTransaction: Bool { sqlite3_get_autocommit(self.handle) == 0 }

    /// Makes what runs now fail with ``SQLiteError/Kind/interrupted``; from any thread.
    package func interrupt() {
        sqlite3_interrupt(self.handle)
    }

    /// Asks `mustStop` now and then while statements run; true makes them fail with ``SQLiteError/Kind/interrupted``.
    package func onProgress(_ mustStop: @escaping () -> Bool) {
        let observer = ProgressObserver(mustStop)
        self.progressObserver = observer
        sqlite3_progress_handler(
            self.handle, 10_000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<ProgressObserver>.fromOpaque(context).takeUnretainedValue().mustStop() ? 1 : 0
            }, Unmanaged.passUnretained(observer).toOpaque())
    }

    private final class ProgressObserver {
        let mustStop: () -> Bool

        init(_ mustStop: @escaping () -> Bool) {
            self.mustStop = mustStop
        }
    }

    // MARK: Limits

    /// Protects the host from statements of strangers: no change of the schema's own tables, no trust in the functions
    /// that a file's schema names, no more than `bytes` in one value, row or statement.
    package func harden(bytes: Int32) {
        _ = csqlite_config_flag(self.handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
        _ = csqlite_config_flag(self.handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
        _ = csqlite_config_flag(self.handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0)
        sqlite3_limit(self.handle, SQLITE_LIMIT_LENGTH, bytes)
        sqlite3_limit(self.handle, SQLITE_LIMIT_WORKER_THREADS, 0)
    }

    /// What a statement does that a host may want to refuse.
    package enum Action {
        case attach(String)
        /// A `PRAGMA`, lower case, with its argument, and the database that it names.
        case pragma(String, argument: String?, database: String?)
        /// Makes something that lives as long as the connection, like a temporary table.
        case createTemporary
        case detach
        case function(String)
    }

    package enum Verdict {
        case allowed
        /// The statement fails with ``SQLiteError/Kind/denied``.
        case denied
        /// A `PRAGMA` does nothing, and has no rows.
        case ignored
    }

    /// Asks `verdict` of each statement that is compiled from now on.
    package func authorize(_ verdict: @escaping (Action) -> Verdict) {
        let authorizer = Authorizer(verdict)
        self.authorizer = authorizer
        sqlite3_set_authorizer(self.handle, Authorizer.callback, Unmanaged.passUnretained(authorizer).toOpaque())
    }

    private final class Authorizer {
        let verdict: (Action) -> Verdict

        init(_ verdict: @escaping (Action) -> Verdict) {
            self.verdict = verdict
        }

        static let callback:
            @convention(c) (
                UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
                UnsafePointer<CChar>?
            ) -> Int32 = { context, code, first, second, database, _ in
                guard let context else { return SQLITE_DENY }
                let authorizer = Unmanaged<Authorizer>.fromOpaque(context).takeUnretainedValue()
                let action: Action
                switch code {
                // A name that is an expression is not known yet.
                case SQLITE_ATTACH: action = .attach(first.map { String(cString: $0) } ?? "?")
                case SQLITE_DETACH: action = .detach
                case SQLITE_PRAGMA:
                    action = .pragma(
                        first.map { String(cString: $0).lowercased() } ?? "",
                        argument: second.map { String(cString: $0) },
                        database: database.map { String(cString: $0).lowercased() })
                case SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_VIEW, SQLITE_CREATE_TEMP_TRIGGER,
                    SQLITE_CREATE_TEMP_INDEX:
                    action = .createTemporary
                case SQLITE_FUNCTION: action = .function(second.map { String(cString: $0).lowercased() } ?? "")
                default: return SQLITE_OK
                }
                return switch authorizer.verdict(action) {
                case .allowed: SQLITE_OK
                case .denied: SQLITE_DENY
                case .ignored: SQLITE_IGNORE
                }
            }
    }
}
