import Capabilities
import ComponentModel
import NIOPosix
import SQLite
import TestSupport
import Testing

/// Rows that are read as a guest asks for them.
@Suite(.timeLimit(.minutes(1))) struct RowStreamTests {
    private static func counting(to last: Int? = nil, _ value: String = "i") -> String {
        let end = last.map { " WHERE i < \($0)" } ?? ""
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n\(end)) SELECT \(value) FROM n"
    }

    @Test(arguments: [0, 1, 1024, 1025, 5000]) func givesAllRows(count: Int) async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        // The second time, the statement is compiled already.
        for _ in 0..<2 {
            let stream = try await guest.open(
                "SELECT i FROM (\(Self.counting(to: 5000))) WHERE i <= ?;\n", .integer(Int64(count)))
            #expect(try await stream.first().columns == ["i"])
            #expect(try await stream.all() == (0..<count).map { [.integer(Int64($0 + 1))] })
            #expect(try await stream.next() == nil)
        }
    }

    /// A result without end takes no more than what is read of it, and ends when nobody reads on.
    @Test func readsNoFurtherThanAsked() async throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory, pool: pool))
        let stream = try await guest.open(Self.counting())
        var last = try await stream.first().rows.count
        #expect(last > 0 && last <= 1024)
        for _ in 0..<50 {
            let page = try #require(try await stream.next())
            #expect(page.rows.first == [.integer(Int64(last + 1))])
            #expect(page.byteCount <= 256 << 10)
            last += page.count
        }
        try await stream.close()
        #expect(try await stream.next() == nil)
        #expect(try await guest.execute("SELECT 7").rows == [[.integer(7)]])
        try await pool.shutdownGracefully()
    }

    /// A reading that has not found its next row yet ends too, and nothing else of the connection with it.
    @Test func aReadingThatIsUnderWayEnds() async throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory, pool: pool))
        let kept = try await guest.open(Self.counting(to: 3000))
        // After the first page there is no row more, which takes for ever to see.
        let stream = try await guest.open("SELECT i FROM (\(Self.counting())) WHERE i <= 2000")
        async let reading = stream.next()
        try await stream.close()
        _ = try? await reading
        #expect(try await guest.execute("SELECT 7").rows == [[.integer(7)]])
        #expect(try await kept.all().count == 3000)
        try await pool.shutdownGracefully()
    }

    @Test func otherStatementsRunInBetween() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        try await guest.execute("CREATE TABLE t (a)")
        // The same text twice is two readings.
        let (left, right) = (
            try await guest.open(Self.counting(to: 3000)), try await guest.open(Self.counting(to: 3000))
        )
        #expect(try await left.next()?.rows.first == [.integer(1025)])
        try await guest.execute("INSERT INTO t VALUES (1)")
        #expect(try await right.all().count == 3000)
        try await guest.execute("INSERT INTO t VALUES (2)")
        #expect(try await left.next()?.rows.last == [.integer(3000)])
        #expect(try await guest.execute("SELECT count(*) FROM t").rows == [[.integer(2)]])
    }

    /// What changes something is done, and written, when it is answered.
    @Test func changesAreWholeBeforeTheAnswer() async throws {
        let folder = try TemporaryFolder()
        let database = LocalSQLiteDatabase(.file(folder.file("a.db")))
        let guest = try await SQLiteGuest(database)
        try await guest.execute("CREATE TABLE t (a)")
        let stream = try await guest.open("INSERT INTO t \(Self.counting(to: 3000)) RETURNING a")
        #expect(try await stream.first().changes == 3000)
        #expect(try await SQLiteGuest(database).execute("SELECT count(*) FROM t").rows == [[.integer(3000)]])
        #expect(try await stream.all().count == 3000)
    }

    @Test func errorsComeWhereTheyAre() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        await #expect(throws: SQLiteDatabaseError.io("no such table: absent")) {
            try await guest.open("SELECT * FROM absent")
        }
        await #expect(throws: SQLiteDatabaseError.io("Wrong number of parameters passed to query. Got 1, needed 0")) {
            try await guest.open(Self.counting(), .null)
        }
        let late = try await guest.open(Self.counting(value: "CASE WHEN i = 3000 THEN json('{') ELSE i END"))
        #expect(try await late.next()?.count == 1024)
        await #expect(throws: SQLiteDatabaseError.io("malformed JSON")) { try await late.next() }
        #expect(try await late.next() == nil)
    }

    @Test func rowsAreBoundedNotTheirNumber() async throws {
        var limits = SQLiteLimits()
        limits.resultBytes = 1_000_000
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory), limits: limits)
        // 100 rows of 500 KB: each page has one.
        let stream = try await guest.open(Self.counting(to: 100, "zeroblob(500000)"))
        #expect(try await stream.first().rows.count == 1)
        var count = 1
        while let page = try await stream.next() { count += page.count }
        #expect(count == 100)
        let wide = try await guest.open(Self.counting(to: 3, "zeroblob(CASE i WHEN 3 THEN 2000000 ELSE 1 END)"))
        await #expect(throws: SQLiteDatabaseError.io("query result exceeds limit of 1000000 bytes")) {
            try await wide.all()
        }
    }

    /// A guest that goes in the middle leaves a connection that serves the next.
    @Test func readingsEndWithTheirGuest() async throws {
        let folder = try TemporaryFolder()
        let database = LocalSQLiteDatabase(.file(folder.file("a.db")))
        try await SQLiteGuest(database).execute("CREATE TABLE t (a)")
        for _ in 0..<10 {
            let guest = try await SQLiteGuest(database)
            _ = try await guest.open(Self.counting())
            let stream = try await guest.open("SELECT a FROM t")
            _ = try await stream.all()
        }
        // A reading that still held the file would be in the way.
        try await SQLiteGuest(database).execute("DROP TABLE t; PRAGMA wal_checkpoint(TRUNCATE)")
        _ = folder
    }
}

extension RowStreamTests {
    private static func counting(value: String) -> String { Self.counting(to: nil, value) }
}
