import Capabilities
import ComponentModel
import Foundation
import NIOCore
import SQLite
import TestSupport
import Testing

/// Database files that cannot be used as they should.
@Suite struct BadDatabaseTests {
    @Test func aCorruptFileIsAnError() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.db")
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
        let log = LogCollector()
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.file(path), logger: log.logger))
        for _ in 0..<3 {
            await #expect(throws: SQLiteDatabaseError.io("file is not a database")) {
                try await guest.execute("SELECT * FROM sqlite_schema")
            }
        }
        // Once, with the file and what to do.
        #expect(log.text.contains("the SQLite database \"\(path)\": file is not a database\n  hint: restore it"))
        #expect(log.count == 1)
    }

    /// Damaged behind its first page: what lies before can be read.
    @Test func aFileThatIsDamagedInTheMiddleIsAnError() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.db")
        do {
            let connection = try SQLiteConnection(.file(path))
            try connection.execute("CREATE TABLE t (a); CREATE TABLE u (a); INSERT INTO u VALUES (1)")
            try connection.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
                    + "INSERT INTO t SELECT randomblob(200) FROM n")
        }
        let file = try FileHandle(forUpdating: URL(filePath: path))
        let size = try file.seekToEnd()
        try file.seek(toOffset: 5 * 4096)
        try file.write(contentsOf: Data(repeating: 0xFF, count: Int(size) - 5 * 4096))
        try file.close()
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.file(path)))
        await #expect(throws: SQLiteDatabaseError.io("database disk image is malformed")) {
            try await guest.execute("SELECT * FROM t")
        }
        #expect(try await guest.execute("SELECT * FROM u").rows == [[.integer(1)]])
    }

    @Test func aFullDatabaseIsAnErrorOfItsOwn() async throws {
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.memory))
        try await guest.execute("CREATE TABLE t (a); PRAGMA max_page_count = 10")
        await #expect(throws: SQLiteDatabaseError.databaseFull) {
            try await guest.execute("INSERT INTO t VALUES (zeroblob(100000))")
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "root can mount a small disk")) func aFullDiskLosesNothing() async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let log = LogCollector()
        let database = LocalSQLiteDatabase(.file(disk.file("a.db")), logger: log.logger)
        let guest = try await SQLiteGuest(database)
        try await guest.execute("CREATE TABLE t (a)")
        var written: Int64 = 0
        await #expect(throws: SQLiteDatabaseError.databaseFull) {
            while true {
                try await guest.execute("INSERT INTO t VALUES (zeroblob(50000))")
                written += 1
            }
        }
        #expect(written > 0)
        #expect(try await SQLiteGuest(database).execute("SELECT count(*) FROM t").rows == [[.integer(written)]])
        #expect(log.text.contains("a.db\": database or disk is full\n  hint: free some space"))
    }

    @Test(.enabled(if: SmallDisk.isPossible, "root can mount a small disk")) func aReadOnlyFileCanBeRead() async throws
    {
        let disk = try SmallDisk(bytes: 1 << 20)
        do { try SQLiteConnection(.file(disk.file("a.db"))).execute("CREATE TABLE t (a); INSERT INTO t VALUES (7)") }
        try disk.makeReadOnly()
        let log = LogCollector()
        let guest = try await SQLiteGuest(LocalSQLiteDatabase(.file(disk.file("a.db")), logger: log.logger))
        #expect(try await guest.execute("SELECT a FROM t").rows == [[.integer(7)]])
        await #expect(throws: SQLiteDatabaseError.io("attempt to write a readonly database")) {
            try await guest.execute("INSERT INTO t VALUES (8)")
        }
        #expect(log.text.contains("a.db\": attempt to write a readonly database\n  hint: make the file"))
    }

    /// Connections of guests at a time have a limit; those that are given back serve others.
    @Test func connectionsAreLimited() async throws {
        let database = LocalSQLiteDatabase(.memory, mostConnections: 20, patience: .milliseconds(50))
        var guests: [SQLiteGuest] = []
        for _ in 0..<20 { guests.append(try await SQLiteGuest(database)) }
        let expected = SQLiteDatabaseError.io(
            "all 20 connections to the database are in use, and none became free")
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask { await #expect(throws: expected) { _ = try await SQLiteGuest(database) } }
            }
        }
        guests.removeAll()
        // Those that gave up stand in line still, and let others pass.
        var next: SQLiteGuest?
        while next == nil { next = try? await SQLiteGuest(database) }
        #expect(try await next?.execute("SELECT 1").rows == [[.integer(1)]])
    }

    /// Who finds all connections in use waits for one.
    @Test func waitsForAConnection() async throws {
        let database = LocalSQLiteDatabase(.memory, mostConnections: 1, patience: .minutes(1))
        var holder: SQLiteGuest? = try await SQLiteGuest(database)
        let results = try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask { try await SQLiteGuest(database).execute("SELECT \(number)").rows }
            }
            // Its statement is done, the others have begun to wait, or will.
            try await holder?.execute("SELECT 1")
            holder = nil
            return try await group.reduce(into: 0) { count, rows in count += rows.count }
        }
        #expect(results == 20)
    }
}
