import Capabilities
import ComponentModel
import Dispatch
import Foundation
import NIOCore
import NIOPosix
import SQLite
import TestSupport
import Testing

@Suite struct LocalSQLiteDatabaseTests {
    private static func makeDatabases() throws -> [(LocalSQLiteDatabase, TemporaryFolder)] {
        let folder = try TemporaryFolder()
        return [
            (LocalSQLiteDatabase(.memory), folder), (LocalSQLiteDatabase(.file(folder.file("a.db"))), folder),
        ]
    }

    @Test func keepsValuesOfEachType() async throws {
        for (database, folder) in try Self.makeDatabases() {
            let guest = try await SQLiteGuest(database)
            let rows = try await guest.execute(
                "SELECT ?, ?, ?, ?, ? AS last, ''", .integer(.min), .real(-0.5), .text("ä\u{0}b"), .blob([0, 255]),
                .null)
            #expect(
                rows.rows == [
                    [.integer(.min), .real(-0.5), .text("ä\u{0}b"), .blob([0, 255]), .null, .text("")]
                ])
            #expect(rows.columns.suffix(2) == ["last", "''"])
            #expect(try await guest.execute("SELECT ?", .blob([])).rows == [[.blob([])]])
            _ = folder
        }
    }

    @Test func guestsShareTheDatabase() async throws {
        for (database, folder) in try Self.makeDatabases() {
            let first = try await SQLiteGuest(database)
            let created = try await first.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b)")
            #expect(created.columns == [] && created.rows == [])
            let inserted = try await first.execute("INSERT INTO t (b) VALUES (?), (?)", .text("x"), .text("y"))
            #expect(inserted.changes == 2)
            #expect(inserted.lastInsertRowID == 2)
            let second = try await SQLiteGuest(database)
            #expect(try await second.execute("SELECT a, b FROM t ORDER BY a").rows.count == 2)
            _ = folder
        }
    }

    @Test func runsSeveralStatements() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        let rows = try await guest.execute(
            "CREATE TABLE t (a); -- first\n INSERT INTO t VALUES (?); INSERT INTO t VALUES (?);; SELECT a FROM t; /* end */",
            .integer(1), .integer(2))
        #expect(rows.columns == ["a"])
        #expect(rows.rows == [[.integer(1)], [.integer(2)]])
        #expect(try await guest.execute("-- nothing").rows == [])
        #expect(try await guest.execute("").rows == [])
    }

    /// What was compiled once is used again, also after the schema has changed and after a failure.
    @Test func runsTheSameStatementAgain() async throws {
        let database = LocalSQLiteDatabase(.memory)
        let guest = try await SQLiteGuest(database)
        try await guest.execute("CREATE TABLE t (a UNIQUE)")
        for number in 0..<5 { try await guest.execute("INSERT INTO t VALUES (?)", .integer(Int64(number))) }
        await #expect(throws: SQLiteDatabaseError.io("UNIQUE constraint failed: t.a")) {
            try await guest.execute("INSERT INTO t VALUES (?)", .integer(3))
        }
        try await guest.execute("INSERT INTO t VALUES (?)", .integer(7))
        #expect(try await guest.execute("SELECT * FROM t WHERE a > 3").rows == [[.integer(4)], [.integer(7)]])
        try await SQLiteGuest(database).execute("ALTER TABLE t ADD COLUMN b DEFAULT 'x'")
        let rows = try await guest.execute("SELECT * FROM t WHERE a > 3")
        #expect(rows.columns == ["a", "b"])
        #expect(rows.rows == [[.integer(4), .text("x")], [.integer(7), .text("x")]])
        await #expect(throws: SQLiteDatabaseError.self) { try await guest.execute("INSERT INTO t VALUES (?)") }
    }

    /// Two texts that Swift calls equal are two statements.
    @Test func looksAtTheBytesOfAStatement() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        #expect(try await guest.execute("SELECT hex('\u{e9}')").rows == [[.text("C3A9")]])
        #expect(try await guest.execute("SELECT hex('e\u{301}')").rows == [[.text("65CC81")]])
    }

    @Test func parametersMustFit() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        await #expect(
            throws: SQLiteDatabaseError.io("Wrong number of parameters passed to query. Got 1, needed 2")
        ) { try await guest.execute("SELECT ?, ?", .null) }
        await #expect(
            throws: SQLiteDatabaseError.io("Wrong number of parameters passed to query. Got 2, needed 1")
        ) { try await guest.execute("SELECT ?", .null, .null) }
    }

    @Test func errorsAreThoseOfSQLite() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        await #expect(throws: SQLiteDatabaseError.io("no such table: absent")) {
            try await guest.execute("SELECT * FROM absent")
        }
        await #expect(throws: SQLiteDatabaseError.io("near \"SELEC\": syntax error")) {
            try await guest.execute("SELEC 1")
        }
        try await guest.execute("CREATE TABLE t (a UNIQUE)")
        await #expect(throws: SQLiteDatabaseError.io("UNIQUE constraint failed: t.a")) {
            try await guest.execute("INSERT INTO t VALUES (1), (1)")
        }
        #expect(try await guest.execute("SELECT count(*) FROM t").rows == [[.integer(0)]])
    }

    @Test func resultsAreBounded() async throws {
        var limits = SQLiteLimits()
        limits.resultBytes = 100_000
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory), limits: limits)
        #expect(try await guest.execute("SELECT zeroblob(90000)").rows.count == 1)
        await #expect(throws: SQLiteDatabaseError.io("query result exceeds limit of 100000 bytes")) {
            try await guest.execute("SELECT zeroblob(100000)")
        }
        await #expect(throws: SQLiteDatabaseError.io("query result exceeds limit of 100000 bytes")) {
            try await guest.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
        }
    }

    @Test func valuesAreBounded() async throws {
        var limits = SQLiteLimits()
        limits.valueBytes = 1 << 20
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory), limits: limits)
        await #expect(throws: SQLiteDatabaseError.io("string or blob too big")) {
            try await guest.execute("SELECT length(zeroblob(2000000))")
        }
    }

    // MARK: Guests among themselves

    /// A guest that goes in the middle of a transaction leaves nothing to the next one.
    @Test func transactionsEndWithTheirGuest() async throws {
        for (database, folder) in try Self.makeDatabases() {
            try await SQLiteGuest(database).execute("CREATE TABLE t (a)")
            do {
                let guest = try await SQLiteGuest(database)
                try await guest.execute("BEGIN; INSERT INTO t VALUES (1)")
            }
            let next = try await SQLiteGuest(database)
            try await next.execute("INSERT INTO t VALUES (2)")
            #expect(try await next.execute("SELECT a FROM t").rows == [[.integer(2)]])
            _ = folder
        }
    }

    @Test func temporaryTablesStayWithTheirGuest() async throws {
        let database = LocalSQLiteDatabase(.memory)
        do { try await SQLiteGuest(database).execute("CREATE TEMP TABLE secret (a); ATTACH ':memory:' AS other") }
        for _ in 0..<3 {
            let guest = try await SQLiteGuest(database)
            await #expect(throws: SQLiteDatabaseError.io("no such table: secret")) {
                try await guest.execute("SELECT * FROM secret")
            }
            let names = try await guest.execute("SELECT name FROM pragma_database_list").rows
            #expect(!names.contains([.text("other")]))
            #expect(try await guest.execute("SELECT last_insert_rowid()").rows == [[.integer(0)]])
        }
    }

    /// A connection that another guest had is like a new one.
    @Test func changesAreTheGuestsOwn() async throws {
        let database = LocalSQLiteDatabase(.memory)
        do { try await SQLiteGuest(database).execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)") }
        let guest = try await SQLiteGuest(database)
        let select = "SELECT changes(), total_changes()"
        func changes(of sql: String) async throws -> [UInt64] {
            let changes = try await guest.execute(sql).changes
            guard case .integer(let said) = try await guest.execute(select).rows.first?.first else { return [] }
            return [changes, UInt64(said)]
        }
        #expect(try await changes(of: "SELECT 1") == [0, 0])
        #expect(try await changes(of: "DELETE FROM t WHERE a > 1") == [2, 2])
        #expect(try await changes(of: "SELECT 1") == [2, 2])
        #expect(try await guest.execute(select).rows == [[.integer(2), .integer(2)]])
        #expect(try await changes(of: "DELETE FROM t WHERE a > 1") == [0, 0])
        try await guest.execute(
            "CREATE TABLE log (n); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (changes()); END")
        #expect(try await changes(of: "INSERT INTO t VALUES (4), (5)") == [2, 2])
        #expect(try await guest.execute("SELECT total_changes()").rows == [[.integer(6)]])
    }

    /// The last connection to a file writes the log into it: not on the thread of the guests.
    @Test func closesFilesOnItsThreads() async throws {
        let folder = try TemporaryFolder()
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let database = LocalSQLiteDatabase(.file(folder.file("a.db")), pool: pool)
        let log = folder.file("a.db-wal")
        let thread = DispatchSemaphore(value: 0)
        do {
            let guest = try await SQLiteGuest(database)
            try await guest.execute("CREATE TEMP TABLE t (a); CREATE TABLE u (a)")
            pool.submit { _ in thread.wait() }
        }
        #expect(FileManager.default.fileExists(atPath: log))
        thread.signal()
        // After what the thread does for the connection.
        try await pool.runIfActive {}
        try await pool.runIfActive {}
        #expect(!FileManager.default.fileExists(atPath: log))
        try await pool.shutdownGracefully()
        _ = folder
    }

    @Test(arguments: [
        "ATTACH '/etc/passwd' AS x", "ATTACH 'file::memory:?cache=shared' AS x", "ATTACH 'a' || 'b' AS x",
        "VACUUM INTO '/tmp/swirl-must-not-be-there.db'", "PRAGMA temp_store_directory = '/tmp'",
        "SELECT load_extension('x')", "PRAGMA hard_heap_limit = 1",
    ])
    func refusesWhatReachesOutside(sql: String) async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        await #expect(throws: SQLiteDatabaseError.self) { try await guest.execute(sql) }
        try await guest.execute("ATTACH '' AS a; ATTACH ':memory:' AS b; VACUUM")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/swirl-must-not-be-there.db"))
    }

    @Test func attachesFilesWhereTheOperatorAllows() async throws {
        let folder = try TemporaryFolder()
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory, allowsAttachedFiles: true))
        try await guest.execute("ATTACH '\(folder.file("other.db"))' AS other; CREATE TABLE other.t (a)")
        // The folder lives as long as this asks it.
        #expect(FileManager.default.fileExists(atPath: folder.file("other.db")))
        try await guest.execute("SELECT * FROM other.t")
        _ = folder
    }

    // MARK: Time

    /// A statement that nobody waits for ends, and the database goes on.
    @Test func abandonedStatementsEnd() async throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let database = LocalSQLiteDatabase(.memory, pool: pool)
        let guest = try await SQLiteGuest(database)
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        try await guest.abandon(endless, after: .milliseconds(50))
        // The only thread is free again, and the connection as good as before.
        let next = try await SQLiteGuest(database)
        #expect(try await next.execute("SELECT 1").rows == [[.integer(1)]])
        #expect(try await guest.execute("SELECT 2").rows == [[.integer(2)]])
        try await pool.shutdownGracefully()
    }

    /// One that was given up before its turn is not run, and what runs does not notice.
    @Test func abandonedStatementsAreAlone() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        try await guest.execute("CREATE TABLE t (a)")
        let long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
        _ = try await guest.execute(
            "INSERT INTO t \(long) SELECT count(*) FROM n",
            abandoning: Array(repeating: "INSERT INTO t VALUES (-1)", count: 10))
        #expect(try await guest.execute("SELECT a FROM t").rows == [[.integer(1_000_000)]])
    }

    /// Statements of a text each take no time, all of them much.
    @Test func abandonedTextsEnd() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        try await guest.execute("CREATE TABLE t (a)")
        let text = String(repeating: "INSERT INTO t VALUES (1);", count: 1_000_000)
        try await guest.abandon(text, after: .milliseconds(10))
        let rows = try await guest.execute("SELECT count(*) < 1000000 FROM t").rows
        #expect(rows == [[.integer(1)]])
    }

    /// What is read some rows at a time goes on when another statement is given up.
    @Test func abandonedStatementsLeaveReadings() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
        let stream = try await guest.open(numbers + "i FROM n LIMIT 3000")
        try await guest.abandon(numbers + "count(*) FROM n", after: .milliseconds(20))
        #expect(try await stream.all().count == 3000)
    }

    @Test func manyGuestsWriteAtOnce() async throws {
        for (database, folder) in try Self.makeDatabases() {
            try await SQLiteGuest(database).execute("CREATE TABLE t (a)")
            try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask {
                        let guest = try await SQLiteGuest(database)
                        try await guest.execute("INSERT INTO t VALUES (?)", .integer(Int64(number)))
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await SQLiteGuest(database).execute("SELECT count(*) FROM t").rows == [[.integer(50)]])
            _ = folder
        }
    }
}
