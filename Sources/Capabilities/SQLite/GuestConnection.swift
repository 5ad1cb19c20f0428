import SQLite
import Synchronization

/// A connection that statements of guests run on, one guest at a time: hardened, and with a memory of what cannot be
/// undone when the next guest gets it.
///
/// Used by one thread at a time; ``cancel(_:)`` by any.
final class GuestConnection: @unchecked Sendable {
    private let connection: SQLiteConnection
    private let trouble: TroubleLog
    /// What was done lasts as long as the connection: it is not used again.
    private var isUsedUp = false
    /// Compiled statements, by the bytes of their text: strings that differ in bytes may be equal.
    private var statements: [[UInt8]: SQLiteStatement] = [:]
    /// Rows changed when the guest got the connection.
    private var changesBefore: Int64 = 0

    /// What runs now, for the thread that it runs on.
    private var current: StatementWork?
    /// The same, for those who cancel; and the statements that are read some rows at a time.
    private let running = Mutex<(work: StatementWork?, openRows: Int)>((nil, 0))

    private static let keptStatements = 32
    private static let keptBytes = 4096

    /// Set what a whole process shares, or where it writes.
    private static let deniedPragmas: Set<String> = [
        "temp_store_directory", "data_store_directory", "hard_heap_limit", "soft_heap_limit", "mmap_size",
    ]
    /// Change nothing, or what belongs to the file.
    private static let harmlessPragmas: Set<String> = [
        "application_id", "collation_list", "compile_options", "database_list", "foreign_key_check", "foreign_key_list",
        "function_list", "index_info", "index_list", "index_xinfo", "integrity_check", "optimize", "page_count",
        "quick_check", "table_info", "table_list", "table_xinfo", "user_version",
    ]

    init(_ connection: SQLiteConnection, valueBytes: Int32, allowsAttachedFiles: Bool, trouble: TroubleLog) {
        self.connection = connection
        self.trouble = trouble
        connection.harden(bytes: valueBytes)
        connection.authorize { [unowned self] action in self.allows(action, attachedFiles: allowsAttachedFiles) }
        connection.onProgress { [unowned self] in self.current?.isCancelled == true }
    }

    private func allows(_ action: SQLiteConnection.Action, attachedFiles: Bool) -> Bool {
        switch action {
        case .attach(let file):
            self.isUsedUp = true
            return attachedFiles || file.isEmpty || file == ":memory:"
        case .detach, .createTemporary:
            self.isUsedUp = true
            return true
        case .pragma(let name, let argument):
            if Self.deniedPragmas.contains(name) { return false }
            if argument != nil, !Self.harmlessPragmas.contains(name) { self.isUsedUp = true }
            return true
        case .function(let name): return name != "load_extension"
        }
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
        self.changesBefore = self.connection.totalChanges
        return true
    }

    /// Whether ``makeReady()`` has nothing to do that may wait for a disk, and will succeed.
    var isAsItWas: Bool { !self.isUsedUp && !self.connection.isInTransaction }

    /// Of the guest's last statement that changes something: SQLite's own number may be of the guest before.
    private var changes: UInt64 {
        self.connection.totalChanges == self.changesBefore ? 0 : UInt64(clamping: self.connection.changes)
    }

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
        result.changes = self.changes
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
