import Capabilities
import Foundation
import SQLite
import TestSupport
import Testing

/// Files of key-value stores that cannot be used as they should.
@Suite struct BadStoreTests {
    @Test func aCorruptFileIsAnErrorUntilItIsRepaired() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("kv.db")
        try Data(repeating: 0x41, count: 8192).write(to: URL(filePath: path))
        let log = LogCollector()
        let checker = KeyValueChecker(store: SQLiteKeyValueFile(path: path, logger: log.logger).store("default"))
        await #expect(throws: KeyValueError.other("file is not a database")) { try await checker.get("a") }
        #expect(log.text.contains("the key-value store \"\(path)\": file is not a database\n  hint: restore it"))
        await #expect(throws: KeyValueError.other("file is not a database")) { try await checker.set("a", [1]) }
        try FileManager.default.removeItem(atPath: path)
        try await checker.set("a", [1])
        #expect(try await checker.get("a") == [1])
    }

    @Test func aFolderThatIsNotThereIsAnError() async throws {
        let log = LogCollector()
        let checker = KeyValueChecker(
            store: SQLiteKeyValueFile(path: "/nonexistent/kv.db", logger: log.logger).store("default"))
        await #expect(throws: KeyValueError.other("unable to open database file")) {
            try await checker.set("a", [1])
        }
        #expect(log.text.contains("\"/nonexistent/kv.db\": unable to open database file\n  hint: see that its folder"))
    }

    /// Somebody else holds the file: readers go on, a writer gives up after some time.
    @Test func aLockedFileCanBeRead() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("kv.db")
        let log = LogCollector()
        let checker = KeyValueChecker(
            store: SQLiteKeyValueFile(path: path, busyMilliseconds: 50, logger: log.logger).store("default"))
        try await checker.set("a", [1])
        let other = try SQLiteConnection(.file(path))
        try other.execute("BEGIN IMMEDIATE")
        #expect(try await checker.get("a") == [1])
        await #expect(throws: KeyValueError.other("database is locked")) { try await checker.set("a", [2]) }
        #expect(log.text.contains("database is locked\n  hint: another program holds it"))
        try other.execute("ROLLBACK")
        try await checker.set("a", [3])
        #expect(try await checker.get("a") == [3])
    }

    @Test(.enabled(if: SmallDisk.isPossible, "root can mount a small disk")) func aFullDiskLosesNothing() async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        let log = LogCollector()
        let file = SQLiteKeyValueFile(path: disk.file("kv.db"), logger: log.logger)
        let checker = KeyValueChecker(store: file.store("default"))
        let value = [UInt8](repeating: 7, count: 20_000)
        var written = 0
        await #expect(throws: KeyValueError.other("database or disk is full")) {
            while true {
                try await checker.set("key-\(written)", value)
                written += 1
            }
        }
        #expect(written > 0)
        #expect(log.text.contains("kv.db\": database or disk is full\n  hint: free some space"))
        #expect(try await checker.keys().count == written)
        for number in 0..<written { #expect(try await checker.get("key-\(number)") == value) }
        // The same by another process, as after a crash.
        let reader = try SQLiteConnection(.file(disk.file("kv.db")))
        let statement = try reader.prepare("SELECT count(*) FROM spin_key_value")
        #expect(try statement.step())
        #expect(statement.integer(0) == Int64(written))
    }

    /// Spin's own files are not of the kind that needs to be written to be read.
    @Test(.enabled(if: SmallDisk.isPossible, "root can mount a small disk")) func aReadOnlyFileCanBeRead() async throws
    {
        let disk = try SmallDisk(bytes: 1 << 20)
        do {
            try SQLiteConnection(.file(disk.file("kv.db"))).execute(
                """
                CREATE TABLE spin_key_value (
                    store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key));
                INSERT INTO spin_key_value VALUES ('default', 'a', x'01')
                """)
        }
        try disk.makeReadOnly()
        let log = LogCollector()
        let file = SQLiteKeyValueFile(path: disk.file("kv.db"), logger: log.logger)
        let checker = KeyValueChecker(store: file.store("default"))
        for _ in 0..<3 { #expect(try await checker.get("a") == [1]) }
        await #expect(throws: KeyValueError.other("attempt to write a readonly database")) {
            try await checker.set("a", [2])
        }
        #expect(log.text.contains("kv.db\": attempt to write a readonly database\n  hint: make the file"))
        #expect(try await checker.get("a") == [1])
    }
}
