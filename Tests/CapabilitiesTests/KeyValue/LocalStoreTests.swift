import Capabilities
import Foundation
import NIOCore
import SQLite
import TestSupport
import Testing

/// The stores of this machine: in memory, and in SQLite files.
@Suite struct LocalStoreTests {
    @Test(arguments: KeyValueConformance.allCases) func memory(_ test: KeyValueConformance) async throws {
        try await test.check(MemoryKeyValueStore())
    }

    @Test(arguments: KeyValueConformance.allCases) func file(_ test: KeyValueConformance) async throws {
        let folder = try TemporaryFolder()
        try await test.check(SQLiteKeyValueFile(path: folder.file("kv.db")).store("default"))
        _ = folder
    }

    @Test func memoryHasALimit() async throws {
        let checker = KeyValueChecker(store: MemoryKeyValueStore(byteLimit: 1000))
        try await checker.set("a", [UInt8](repeating: 1, count: 500))
        await #expect(throws: KeyValueError.self) { try await checker.set("b", [UInt8](repeating: 1, count: 500)) }
        // What replaces something counts for the difference alone.
        try await checker.set("a", [UInt8](repeating: 2, count: 800))
        await #expect(throws: KeyValueError.self) {
            try await checker.setMany([("a", [1]), ("c", [2]), ("b", [UInt8](repeating: 1, count: 900))])
        }
        #expect(try await checker.keys() == ["a"])
        #expect(try await checker.get("a")?.count == 800)
        try await checker.delete("a")
        try await checker.set("b", [UInt8](repeating: 1, count: 900))
    }

    @Test func labelsOfOneFileAreApart() async throws {
        let folder = try TemporaryFolder()
        let file = SQLiteKeyValueFile(path: folder.file("kv.db"))
        let (left, right) = (KeyValueChecker(store: file.store("left")), KeyValueChecker(store: file.store("right")))
        try await left.set("a", [1])
        #expect(try await right.get("a") == nil)
        #expect(try await right.keys() == [])
        _ = folder
    }

    /// The schema and the encoding of numbers are Spin's.
    @Test func readsAndWritesFilesOfSpin() async throws {
        let folder = try TemporaryFolder()
        let connection = try SQLiteConnection(.file(folder.file("kv.db")))
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS spin_key_value (
               store TEXT NOT NULL, key   TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key));
            INSERT INTO spin_key_value VALUES ('default', 'greeting', x'6869'), ('default', 'n', x'0201000000000000');
            """)
        let checker = KeyValueChecker(store: SQLiteKeyValueFile(path: folder.file("kv.db")).store("default"))
        #expect(try await checker.get("greeting") == Array("hi".utf8))
        #expect(try await checker.increment("n", 1) == 259)
        let statement = try connection.prepare("SELECT value FROM spin_key_value WHERE key = 'n'")
        #expect(try statement.step())
        #expect(statement.blob(0) == [3, 1, 0, 0, 0, 0, 0, 0])
    }

    @Test func whatIsAcknowledgedIsInTheFile() async throws {
        let folder = try TemporaryFolder()
        let checker = KeyValueChecker(store: SQLiteKeyValueFile(path: folder.file("kv.db")).store("default"))
        let reader = try SQLiteConnection(.file(folder.file("kv.db")))
        for number in 0..<50 {
            try await checker.set("n", [UInt8(number)])
            let statement = try reader.prepare("SELECT value FROM spin_key_value WHERE key = 'n'")
            #expect(try statement.step())
            #expect(statement.blob(0) == [UInt8(number)])
        }
        _ = folder
    }

    // MARK: Reading on the thread that asks

    /// Whichever connection reads, it sees what was acknowledged before.
    @Test func everyReaderSeesTheLastValue() async throws {
        let folder = try TemporaryFolder()
        let checker = KeyValueChecker(store: SQLiteKeyValueFile(path: folder.file("kv.db")).store("default"))
        for number in 0..<100 {
            // Small values are read in place, large ones on another thread.
            let value = [UInt8](repeating: UInt8(number), count: number.isMultiple(of: 3) ? 50_000 : 100)
            try await checker.set("key", value)
            #expect(try await checker.get("key") == value)
            #expect(try await checker.get("key", limit: 1_000_000) == value)
            if number.isMultiple(of: 10) {
                try await checker.delete("key")
                #expect(try await checker.get("key") == nil)
                #expect(try await !checker.exists("key"))
            }
        }
        _ = folder
    }

    // MARK: Keys

    /// Keys come some at a time, also while others are set and deleted.
    @Test func listsKeysByPages() async throws {
        let folder = try TemporaryFolder()
        let checker = KeyValueChecker(store: SQLiteKeyValueFile(path: folder.file("kv.db")).store("default"))
        let keys = (0..<10_000).map { "key-\($0)" }
        try await checker.setMany(keys.map { ($0, [1]) })
        let pages = try await checker.keyPages()
        let first = try #require(try await pages.next())
        #expect(first.count < 5000)
        try await checker.delete(first[0])
        try await checker.set("zzz", [1])
        var found = first
        while let page = try await pages.next() { found += page }
        #expect(Set(found).count == found.count)
        #expect(Set(found) == Set(keys + ["zzz"]))
        #expect(try await pages.next() == nil)
        #expect(try await checker.keys() == (keys + ["zzz"]).filter { $0 != first[0] }.sorted())
        let closed = try await checker.keyPages()
        _ = try await closed.next()
        try await closed.close()
        #expect(try await closed.next() == nil)
        _ = folder
    }
}
