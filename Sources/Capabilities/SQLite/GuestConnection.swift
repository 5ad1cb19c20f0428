import SQLite
import Synchronization

/// A connection that statements of guests run on, one guest at a time: hardened, and with a memory of what cannot be
/// undone when the next guest gets it.
///
/// Used by one thread at a time; ``cancel(_:)`` by any.
final class GuestConnection: @unchecked Sendable {
    private let connection: SQLiteConnection
    private let trouble: TroubleLog
    /// Pages that the main database may have.
    private let mainPages: Int
    /// What was done lasts as long as the connection: it is not used again.
    private var isUsedUp = false
    /// Databases that may need a bound: attached ones, of which the guest may attach more by what is compiled already,
    /// and the one of temporary tables.
    private var hasAttached = false
    private var isTemporaryBounded = false
    private var mustBoundTemporary = false
    /// The statement is the host's own.
    private var isOwnStatement = false
    /// Compiled statements, by the bytes of their text: strings that differ in bytes may be equal.
    private var statements: [[UInt8]: SQLiteStatement] = [:]

    /// What runs now, for the thread that it runs on.
    private var current: StatementWork?
    /// The same, for those who cancel; and the statements that are read some rows at a time.
    private let running = Mutex<(work: StatementWork?, openRows: Int)>((nil, 0))

    private static let keptStatements = 32
    private static let keptBytes = 4096

    /// Pages of one attached database, and of temporary tables, of 4 KiB: 64 MiB, which may be memory; 1 GiB of files.
    private static let attachedPages = 16_384
    private static let temporaryPages = 262_144
    /// KiB or pages that a guest's cache may have.
    private static let cacheSizes = -65_536...16_384

    /// Set what a whole process shares, or where it writes.
    private static let deniedPragmas: Set<String> = [
        "temp_store_directory", "data_store_directory", "hard_heap_limit", "soft_heap_limit",
    ]
    /// Have no effect with an argument, as they would lift what bounds the memory of a connection. Applications that say
    /// them to be faster run without.
    private static let ignoredSettings: Set<String> = ["temp_store", "page_size", "mmap_size"]
    /// Change nothing, or what belongs to the file.
    private static let harmlessPragmas: Set<String> = [
        "application_id", "collation_list", "compile_options", "database_list", "foreign_key_check", "foreign_key_list",
        "function_list", "index_info", "index_list", "index_xinfo", "integrity_check", "optimize", "page_count",
        "quick_check", "table_info", "table_list", "table_xinfo", "user_version",
    ]

    init(
        _ connection: SQLiteConnection, valueBytes: Int32, mainPages: Int, allowsAttachedFiles: Bool,
        trouble: TroubleLog
    ) {
        self.connection = connection
        self.trouble = trouble
        self.mainPages = mainPages
        connection.harden(bytes: valueBytes)
        connection.countOwnChanges()
        connection.authorize { [unowned self] action in self.verdict(on: action, attachedFiles: allowsAttachedFiles) }
        connection.onProgress { [unowned self] in self.current?.isCancelled == true }
    }

    private func verdict(on action: SQLiteConnection.Action, attachedFiles: Bool) -> SQLiteConnection.Verdict {
        guard !self.isOwnStatement else { return .allowed }
        switch action {
        case .attach(let file):
            self.isUsedUp = true
            self.hasAttached = true
            return attachedFiles || file.isEmpty || file == ":memory:" ? .allowed : .denied
        case .detach:
            self.isUsedUp = true
            return .allowed
        case .createTemporary:
            self.isUsedUp = true
            self.mustBoundTemporary = !self.isTemporaryBounded
            return .allowed
        case .pragma(let name, let argument, let database):
            if Self.deniedPragmas.contains(name) { return .denied }
            guard let argument, !Self.harmlessPragmas.contains(name) else { return .allowed }
            if Self.ignoredSettings.contains(name) { return .ignored }
            switch name {
            case "cache_size", "default_cache_size":
                guard let size = Int(argument), Self.cacheSizes.contains(size) else { return .ignored }
            case "max_page_count":
                let most = database == nil || database == "main" ? self.mainPages : Self.attachedPages
                guard let pages = Int(argument), pages <= most else { return .ignored }
            default: break
            }
            self.isUsedUp = true
            return .allowed
        case .function(let name): return name == "load_extension" ? .denied : .allowed
        }
    }

    /// Bounds the database of temporary tables before the first is made.
    private func boundTemporary() throws {
        self.mustBoundTemporary = false
        try self.asHost { try self.connection.execute("PRAGMA temp.max_page_count = \(Self.temporaryPages)") }
        self.isTemporaryBounded = true
    }

    /// Bounds attached databases that are no files; before each statement, which is before anything is written to them.
    private func boundAttached() throws {
        try self.asHost {
            let list = try self.connection.prepare("SELECT name FROM pragma_database_list WHERE seq > 1 AND file = ''")
            while try list.step() {
                let name = list.text(0).replacing("\"", with: "\"\"")
                try self.connection.execute("PRAGMA \"\(name)\".max_page_count = \(Self.attachedPages)")
            }
        }
    }

    private func asHost<Value>(_ body: () throws -> Value) rethrows -> Value {
        self.isOwnStatement = true
        defer { self.isOwnStatement = false }
        return try body()
    }

    /// Ends a piece of work soon, or has it not begin; from any thread. Others go on.
    func cancel(_ work: StatementWork) {
        work.cancel()
        self.running.withLock { running in
            // Quicker than the flag, which some long steps do not look at. It would end what is open besides.
            if running.work === work, running.openRows == 0 { self.connection.interrupt() }
        }
    }

    /// Ends the guest's transaction; false when the connection cannot serve another guest.
    func makeReady() -> Bool {
        guard !self.isUsedUp else { return false }
        if self.connection.isInTransaction {
            guard (try? self.connection.execute("ROLLBACK")) != nil else { return false }
        }
        self.connection.lastInsertRowID = 0
        self.connection.forgetChanges()
        return true
    }

    /// Whether ``makeReady()`` has nothing to do that may wait for a disk, and will succeed.
    var isAsItWas: Bool { !self.isUsedUp && !self.connection.isInTransaction }

    // MARK: Statements

    /// Runs the statements of a text; all rows of the last that has any.
    func execute(
        _ sql: String, _ parameters: [SpinSqliteSqlite.Value], resultBytes: Int, as work: StatementWork
    ) -> SQLiteResult<SQLiteRows> {
        self.perform(work) { try self.run(sql, parameters, resultBytes: resultBytes, isPaged: false).rows }
    }

    /// Runs the statements of a text; the first rows of the last that has any, and what gives the others.
    func open(
        _ sql: String, _ parameters: [SpinSqliteSqlite.Value], resultBytes: Int, as work: StatementWork
    ) -> SQLiteResult<(rows: SQLiteRows, rest: OpenRows?)> {
        self.perform(work) { try self.run(sql, parameters, resultBytes: resultBytes, isPaged: true) }
    }

    /// Says that one more, or one less, statement is read some rows at a time.
    func countOpenRows(_ change: Int) { self.running.withLock { $0.openRows += change } }

    private static let interrupted = SQLiteDatabaseError.io("interrupted")

    /// Runs `body` so that cancelling `work` ends it.
    func perform<Value>(_ work: StatementWork, _ body: () throws -> Value) -> SQLiteResult<Value> {
        self.current = work
        self.running.withLock { $0.work = work }
        defer {
            self.current = nil
            self.running.withLock { $0.work = nil }
        }
        do {
            guard !work.isCancelled else { throw Self.interrupted }
            return .success(try body())
        } catch let error as SQLiteDatabaseError {
            return .failure(error)
        } catch {
            if let error = error as? SQLiteError { self.trouble.report(error) }
            return .failure(SQLiteDatabaseError(error))
        }
    }

    private func run(
        _ sql: String, _ parameters: [SpinSqliteSqlite.Value], resultBytes: Int, isPaged: Bool
    ) throws -> (rows: SQLiteRows, rest: OpenRows?) {
        var left = parameters[...]
        var result = SQLiteRows()
        var open: OpenRows?
        var rest = Substring(sql).utf8
        // A statement that is being read must not run a second time: it is kept again when it has no more rows.
        var kept = self.statements.removeValue(forKey: Array(sql.utf8))
        var whole: SQLiteStatement?
        var isFirst = true
        while !rest.isEmpty {
            // Between short statements, nobody else looks.
            guard self.current?.isCancelled != true else { throw Self.interrupted }
            let statement: SQLiteStatement
            if let again = kept {
                statement = again
                kept = nil
                rest = rest.suffix(0)
            } else {
                let (found, tail) = try self.connection.prepare(rest)
                guard let found else {
                    // A comment, or nothing between two semicolons.
                    guard tail.count < rest.count else { break }
                    rest = tail
                    continue
                }
                statement = found
                rest = tail.allSatisfy(Self.isBlank) ? tail.suffix(0) : tail
            }
            if self.mustBoundTemporary { try self.boundTemporary() }
            if self.hasAttached { try self.boundAttached() }
            whole = rest.isEmpty && isFirst ? statement : nil
            isFirst = false
            let isPaged = isPaged && statement.isReadOnly && rest.isEmpty
            do {
                try self.bind(&left, to: statement)
                open = try self.read(statement, into: &result, resultBytes: resultBytes, isPaged: isPaged)
            } catch {
                statement.reset()
                throw error
            }
            if open == nil { statement.reset() }
        }
        guard left.isEmpty else {
            open?.finish(on: self)
            throw SQLiteDatabaseError.io(
                "Wrong number of parameters passed to query. Got \(parameters.count), "
                    + "needed \(parameters.count - left.count)")
        }
        if open == nil, let whole { self.keep(whole, for: sql) }
        result.lastInsertRowID = self.connection.lastInsertRowID
        result.changes = UInt64(clamping: self.connection.changes)
        return (result, open)
    }

    /// White space, and what ends a statement.
    private static func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d, 0x3b].contains(byte) }

    /// Keeps a statement that may come again: compiling is most of the cost of a short one.
    private func keep(_ statement: SQLiteStatement, for sql: String) {
        guard sql.utf8.count <= Self.keptBytes else { return }
        if self.statements.count >= Self.keptStatements { self.statements.removeAll() }
        self.statements[Array(sql.utf8)] = statement
    }

    private func bind(_ left: inout ArraySlice<SpinSqliteSqlite.Value>, to statement: SQLiteStatement) throws {
        let count = statement.parameterCount
        guard left.count >= count else {
            throw SQLiteDatabaseError.io(
                "Wrong number of parameters passed to query. Got \(left.count), needed \(count)")
        }
        for (index, value) in left.prefix(count).enumerated() {
            switch value {
            case .integer(let integer): try statement.bind(integer, at: index + 1)
            case .real(let real): try statement.bind(real, at: index + 1)
            case .text(let text): try statement.bind(text, at: index + 1)
            case .blob(let bytes): try statement.bind(bytes, at: index + 1)
            case .null: break
            }
        }
        left = left.dropFirst(count)
    }

    /// Reads the rows of a statement, or the first of them: then gives what reads the others.
    private func read(
        _ statement: SQLiteStatement, into result: inout SQLiteRows, resultBytes: Int, isPaged: Bool
    ) throws -> OpenRows? {
        // Before its columns are looked at: when the schema has changed, this compiles it anew.
        var hasRow = try statement.step()
        let columns = statement.columnCount
        guard columns > 0 else {
            while hasRow { hasRow = try statement.step() }
            return nil
        }
        // A later statement with rows takes the place of an earlier one.
        result.columns = (0..<columns).map { statement.columnName($0) }
        result.buffer = SQLiteRowBuffer(columnCount: columns)
        guard hasRow else { return nil }
        if isPaged {
            let (rows, isEnd) = try OpenRows.page(of: statement, resultBytes: resultBytes)
            result.buffer = rows
            return isEnd ? nil : OpenRows(statement, of: self, resultBytes: resultBytes)
        }
        guard try statement.read(into: result.buffer, bytes: resultBytes) == .end else {
            throw SQLiteDatabaseError.resultTooLarge(limit: resultBytes)
        }
        return nil
    }
}

extension SQLiteDatabaseError {
    init(_ error: any Error) {
        guard let error = error as? SQLiteError else {
            self = .io("\(error)")
            return
        }
        self = error.kind == .full ? .databaseFull : .io(error.message)
    }
}
