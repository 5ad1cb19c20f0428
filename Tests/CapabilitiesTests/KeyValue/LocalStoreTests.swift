import Capabilities
import Foundation
import NIOCore
import SQLite
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

    // MARK: Bad files

    @Test func aCorruptFileIsAnErrorUntilItIsRepaired() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("kv.db")
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
        let checker = KeyValueChecker(store: SQLiteKeyValueFile(path: path).store("default"))
        await #expect(throws: KeyValueError.other("file is not a database")) { try await checker.get("a") }
        await #expect(throws: KeyValueError.other("file is not a database")) { try await checker.set("a", [1]) }
        try FileManager.default.removeItem(atPath: path)
        try await checker.set("a", [1])
        #expect(try await checker.get("a") == [1])
    }

    @Test func aFolderThatIsNotThereIsAnError() async throws {
        let checker = KeyValueChecker(store: SQLiteKeyValueFile(path: "/nonexistent/kv.db").store("default"))
        await #expect(throws: KeyValueError.other("unable to open database file")) { try await checker.set("a", [1]) }
    }

    /// Somebody else holds the file: readers go on, a writer gives up after some time.
    @Test func aLockedFileCanBeRead() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("kv.db")
        let checker = KeyValueChecker(
            store: SQLiteKeyValueFile(path: path, busyMilliseconds: 50).store("default"))
        try await checker.set("a", [1])
        let other = try SQLiteConnection(.file(path))
        try other.execute("BEGIN IMMEDIATE")
        #expect(try await checker.get("a") == [1])
        await #expect(throws: KeyValueError.other("database is locked")) { try await checker.set("a", [2]) }
        try other.execute("ROLLBACK")
        try await checker.set("a", [3])
        #expect(try await checker.get("a") == [3])
    }
}
