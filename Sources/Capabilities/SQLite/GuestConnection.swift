import SQLite
import Synchronization

/// A connection that statements of guests run on, one guest at a time: hardened, and with a memory of what cannot be
/// undone when the next guest gets it.
///
/// Used by one thread at a time; ``stop()`` by any.
final class GuestConnection: @unchecked Sendable {
    private let connection: SQLiteConnection
    /// What was done lasts as long as the connection: it is not used again.
    private var isUsedUp = false
    private let isStopped = Atomic(false)
    /// Compiled statements, by the bytes of their text: strings that differ in bytes may be equal.
    private var statements: [[UInt8]: SQLiteStatement] = [:]

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

    init(_ connection: SQLiteConnection, valueBytes: Int32, allowsAttachedFiles: Bool) {
        self.connection = connection
        connection.harden(bytes: valueBytes)
        connection.authorize { [unowned self] action in self.allows(action, attachedFiles: allowsAttachedFiles) }
        connection.onProgress { [unowned self] in self.isStopped.load(ordering: .relaxed) }
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

    /// Ends what runs, and lets nothing run any more; from any thread.
    func stop() {
        self.isStopped.store(true, ordering: .relaxed)
        self.connection.interrupt()
    }

    /// Ends the guest's transaction; false when the connection cannot serve another guest.
    func makeReady() -> Bool {
        guard !self.isUsedUp, !self.isStopped.load(ordering: .relaxed) else { return false }
        if self.connection.isInTransaction {
            guard (try? self.connection.execute("ROLLBACK")) != nil else { return false }
        }
        self.connection.lastInsertRowID = 0
        return true
    }

    var isInTransaction: Bool { self.connection.isInTransaction }

    // MARK: Statements

    func execute(
        _ sql: String, _ parameters: [SpinSqliteSqlite.Value], resultBytes: Int
    ) -> SQLiteResult<SQLiteRows> {
        guard !self.isStopped.load(ordering: .relaxed) else { return .failure(.io("interrupted")) }
        do {
            return .success(try self.run(sql, parameters, resultBytes: resultBytes))
        } catch let error as SQLiteDatabaseError {
            return .failure(error)
        } catch {
            return .failure(SQLiteDatabaseError(error))
        }
    }

    private func run(
        _ sql: String, _ parameters: [SpinSqliteSqlite.Value], resultBytes: Int
    ) throws -> SQLiteRows {
        var left = parameters[...]
        var result = SQLiteRows()
        if let statement = self.statements[Array(sql.utf8)] {
            defer { statement.reset() }
            try self.bind(&left, to: statement)
            try self.read(statement, into: &result, limit: resultBytes)
            return try self.finish(result, parameters, left)
        }
        var rest = Substring(sql).utf8
        while !rest.isEmpty {
            let (found, tail) = try self.connection.prepare(rest)
            guard let statement = found else {
                // A comment, or nothing between two semicolons.
                guard tail.count < rest.count else { break }
                rest = tail
                continue
            }
            if rest.count == sql.utf8.count, tail.isEmpty { self.keep(statement, for: sql) }
            rest = tail
            defer { statement.reset() }
            try self.bind(&left, to: statement)
            try self.read(statement, into: &result, limit: resultBytes)
        }
        return try self.finish(result, parameters, left)
    }

    /// Keeps a statement that may come again: compiling is most of the cost of a short one.
    private func keep(_ statement: SQLiteStatement, for sql: String) {
        guard sql.utf8.count <= Self.keptBytes else { return }
        if self.statements.count >= Self.keptStatements { self.statements.removeAll() }
        self.statements[Array(sql.utf8)] = statement
    }

    private func finish(
        _ result: SQLiteRows, _ parameters: [SpinSqliteSqlite.Value], _ left: ArraySlice<SpinSqliteSqlite.Value>
    ) throws -> SQLiteRows {
        guard left.isEmpty else {
            throw SQLiteDatabaseError.io(
                "Wrong number of parameters passed to query. Got \(parameters.count), "
                    + "needed \(parameters.count - left.count)")
        }
        var result = result
        result.lastInsertRowID = self.connection.lastInsertRowID
        result.changes = UInt64(clamping: self.connection.changes)
        return result
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

    private func read(_ statement: SQLiteStatement, into result: inout SQLiteRows, limit: Int) throws {
        // Before its columns are looked at: when the schema has changed, this compiles it anew.
        var hasRow = try statement.step()
        let columns = statement.columnCount
        guard columns > 0 else {
            while hasRow { hasRow = try statement.step() }
            return
        }
        // A later statement with rows takes the place of an earlier one.
        result.columns = (0..<columns).map { statement.columnName($0) }
        result.rows = []
        let overhead = columns * MemoryLayout<SpinSqliteSqlite.Value>.stride + 32
        var room = limit
        while hasRow {
            room -= overhead
            var row: [SpinSqliteSqlite.Value] = []
            row.reserveCapacity(columns)
            for column in 0..<columns {
                let value: SpinSqliteSqlite.Value
                switch statement.kind(column) {
                case .integer: value = .integer(statement.integer(column))
                case .real: value = .real(statement.real(column))
                case .text:
                    room -= statement.byteCount(column)
                    value = room < 0 ? .null : .text(statement.text(column))
                case .blob:
                    room -= statement.byteCount(column)
                    value = room < 0 ? .null : .blob(statement.blob(column))
                case .null: value = .null
                }
                row.append(value)
            }
            guard room >= 0 else { throw SQLiteDatabaseError.io("query result exceeds limit of \(limit) bytes") }
            result.rows.append(row)
            hasRow = try statement.step()
        }
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
