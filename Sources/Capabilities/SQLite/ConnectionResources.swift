package import ComponentModel

/// `fermyon:spin/sqlite@2.0.0.connection`: what that has, later versions have, too.
package typealias SpinSqliteConnectionV2Resource = SqliteConnectionResource

/// `spin:sqlite/sqlite.connection`, of 3.0.0 and later.
package final class SqliteConnectionResource: SpinSqliteSqlite.Connection, FermyonSpinSqliteV2.Connection {
    private let database: OpenDatabase

    private init(_ database: OpenDatabase) {
        self.database = database
    }

    package static func open(
        database: String, in call: borrowing HostCall
    ) throws -> WITResult<SqliteConnectionResource, SpinSqliteSqlite.Error> {
        let opened = try call.value(of: call.capabilities.sqlite.open(database))
        return WITResult(opened.map { SqliteConnectionResource($0) }, SpinSqliteSqlite.Error.init)
    }

    package func execute(
        statement: String, parameters: [SpinSqliteSqlite.Value], in call: borrowing HostCall
    ) throws -> WITResult<SpinSqliteSqlite.QueryResult, SpinSqliteSqlite.Error> {
        WITResult(
            try call.value(of: self.database.execute(statement, parameters)), SpinSqliteSqlite.Error.init)
    }

    package func lastInsertRowid(in call: borrowing HostCall) throws -> Int64 { self.database.lastInsertRowID }
    package func changes(in call: borrowing HostCall) throws -> UInt64 { self.database.changes }

    // MARK: Async

    package static func openAsync(
        database: String, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<SqliteConnectionResource, SpinSqliteSqlite.Error>> {
        try call.capabilities.sqlite.open(database).map { opened in
            WITResult(opened.map { SqliteConnectionResource($0) }, SpinSqliteSqlite.Error.init)
        }
    }

    package typealias RowStream = (
        [String], ElementStream<SpinSqliteSqlite.RowResult>,
        ElementFuture<WITResult<Void, SpinSqliteSqlite.Error>>
    )

    package func executeAsync(
        statement: String, parameters: [SpinSqliteSqlite.Value], in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<RowStream, SpinSqliteSqlite.Error>> {
        try self.database.open(statement, parameters).map { result in
            WITResult(
                result.map { opened in
                    let (rows, outcome) = PagedProducer.stream(opened.pages, SpinSqliteSqlite.Error.init)
                    return (opened.columns, rows, outcome)
                }, SpinSqliteSqlite.Error.init)
        }
    }

    package func lastInsertRowidAsync(in call: borrowing HostCall) throws -> HostAnswer<Int64> {
        .ready(self.database.lastInsertRowID)
    }

    package func changesAsync(in call: borrowing HostCall) throws -> HostAnswer<UInt64> {
        .ready(self.database.changes)
    }
}

/// `fermyon:spin/sqlite` without version: connections are numbers.
package enum SpinSqliteFunctions: FermyonSpinSqlite.Functions {
    package static func open(
        database: String, in call: borrowing HostCall
    ) throws -> WITResult<UInt32, SpinSqliteSqlite.Error> {
        let capabilities = call.capabilities
        let opened = try call.value(of: capabilities.sqlite.open(database))
        return WITResult(opened.map { capabilities.numberedDatabases.insert($0) }, SpinSqliteSqlite.Error.init)
    }

    package static func execute(
        conn: UInt32, statement: String, parameters: [SpinSqliteSqlite.Value], in call: borrowing HostCall
    ) throws -> WITResult<SpinSqliteSqlite.QueryResult, SpinSqliteSqlite.Error> {
        guard let database = call.capabilities.numberedDatabases[conn] else { return .error(.invalidConnection) }
        return WITResult(try call.value(of: database.execute(statement, parameters)), SpinSqliteSqlite.Error.init)
    }

    package static func close(conn: UInt32, in call: borrowing HostCall) throws {
        call.capabilities.numberedDatabases.remove(conn)
    }
}

extension SpinSqliteSqlite.Error {
    fileprivate init(_ error: SQLiteDatabaseError) {
        switch error {
        case .noSuchDatabase: self = .noSuchDatabase
        case .accessDenied: self = .accessDenied
        case .invalidConnection: self = .invalidConnection
        case .databaseFull: self = .databaseFull
        case .io(let message): self = .io(message)
        }
    }
}
