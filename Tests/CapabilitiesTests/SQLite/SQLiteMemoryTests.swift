import Capabilities
import SQLite
import TestSupport
import Testing

/// What a guest can make SQLite hold in the memory of the host.
@Suite struct SQLiteMemoryTests {
    private static func makeDatabases() throws -> ([LocalSQLiteDatabase], TemporaryFolder) {
        let folder = try TemporaryFolder()
        let file = LocalSQLiteDatabase(.file(folder.file("a.db")))
        let lenient = LocalSQLiteDatabase(.file(folder.file("b.db")), allowsAttachedFiles: true)
        return ([LocalSQLiteDatabase(.memory), file, lenient], folder)
    }

    @Test func attachedMemoryIsBounded() async throws {
        let (databases, folder) = try Self.makeDatabases()
        for database in databases {
            let guest = try await SQLiteGuest(database)
            let attach = "ATTACH ':memory:' AS \"m \"\"\""
            // The second time, all is compiled already.
            for _ in 0..<2 {
                try await guest.execute(attach)
                try await guest.execute("CREATE TABLE \"m \"\"\".t (b)")
                let insert = "INSERT INTO \"m \"\"\".t VALUES (zeroblob(40000000))"
                try await guest.execute(insert)
                await #expect(throws: SQLiteDatabaseError.databaseFull) { try await guest.execute(insert) }
                // What there is can still be used.
                #expect(try await guest.execute("SELECT count(*) FROM t").rows == [[.integer(1)]])
                try await guest.execute("DETACH \"m \"\"\"")
            }
            await #expect(throws: SQLiteDatabaseError.databaseFull) {
                try await guest.execute(
                    """
                    ATTACH '' AS n; PRAGMA n.max_page_count = 1000000; PRAGMA n.page_size = 65536; CREATE TABLE n.t (b);
                    INSERT INTO n.t VALUES (zeroblob(80000000))
                    """)
            }
        }
        _ = folder
    }

    /// Applications set these to be faster. They run, within bounds.
    @Test(arguments: [
        ("temp_store", "MEMORY", 0), ("temp_store", "2", 0), ("cache_size", "1000000000", -2000),
        ("cache_size", "-2000000", -2000), ("cache_size", "'9999999'", -2000), ("cache_size", "10000", 10_000),
        ("cache_size", "-64000", -64_000), ("page_size", "65536", 4096),
        ("max_page_count", "1000", 1000), ("mmap_size", "30000000000", 0),
    ])
    func settingsAreBounded(name: String, value: String, result: Int64) async throws {
        let (databases, folder) = try Self.makeDatabases()
        for database in databases {
            let guest = try await SQLiteGuest(database)
            try await guest.execute("PRAGMA \(name) = \(value)")
            try await guest.execute("PRAGMA \(name)(\(value))")
            let rows = try await guest.execute("PRAGMA \(name)").rows
            #expect(rows == [[.integer(result)]] || (name == "mmap_size" && rows == []))
        }
        _ = folder
    }

    /// That of the database that all share in memory, or of each guest.
    @Test(arguments: [false, true]) func memoryStaysBounded(isPrivate: Bool) async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory, allowsAttachedFiles: isPrivate))
        try await guest.execute("PRAGMA max_page_count = 300000; PRAGMA main.max_page_count = 0x7fffffff")
        #expect(try await guest.execute("PRAGMA max_page_count").rows == [[.integer(262_144)]])
    }

    /// In files, and not without end.
    @Test func temporaryTablesAreBounded() async throws {
        let (databases, folder) = try Self.makeDatabases()
        for database in databases {
            let guest = try await SQLiteGuest(database)
            try await guest.execute("PRAGMA temp_store = 2; CREATE TEMP TABLE t AS SELECT zeroblob(10000000)")
            try await guest.execute("PRAGMA max_page_count = 4294967294; PRAGMA temp.max_page_count = 4294967294")
            #expect(try await guest.execute("PRAGMA temp.max_page_count").rows == [[.integer(262_144)]])
        }
        _ = folder
    }

    /// For all connections of the process, whatever they do.
    @Test func theHeapIsBounded() throws {
        #expect(SQLiteHeap.limit >= 64 << 20 && SQLiteHeap.limit <= 4 << 30)
        let connection = try SQLiteConnection(.memory)
        let limit = try connection.prepare("PRAGMA hard_heap_limit")
        #expect(try limit.step())
        #expect(limit.integer(0) == SQLiteHeap.limit)
    }
}
