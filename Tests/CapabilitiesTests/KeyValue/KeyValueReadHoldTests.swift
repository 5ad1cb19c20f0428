import Capabilities
import Foundation
import NIOCore
import SQLite
import TestSupport
import Testing

/// The lock that the readers of a file share: it must never be in a writer's way for long.
@Suite struct KeyValueReadHoldTests {
    /// A file with something in its log, and another connection to it.
    private struct File {
        let folder: TemporaryFolder
        let other: SQLiteConnection
        var hold: KeyValueReadHold
        var now = NIODeadline.uptimeNanoseconds(1 << 40)

        init() throws {
            self.folder = try TemporaryFolder()
            self.other = try SQLiteConnection(.file(self.folder.file("kv.db")), busyMilliseconds: 0)
            try self.other.execute("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
            let connection = try SQLiteConnection(.file(self.folder.file("kv.db")), busyMilliseconds: 0)
            self.hold = try #require(try KeyValueReadHold(connection))
        }

        /// So many reads, and the time goes by.
        mutating func read(_ count: Int = KeyValueReadHold.manyReads) {
            for _ in 0..<count { _ = self.hold.countRead(at: self.now) }
            self.now = self.now + KeyValueReadHold.length
        }

        /// Whether a writer finds somebody in its way.
        func isInTheWay() throws -> Bool {
            let statement = try self.other.prepare("PRAGMA wal_checkpoint(TRUNCATE)")
            defer { statement.reset() }
            return try statement.step() && statement.integer(0) == 1
        }
    }

    @Test func holdsWhileMuchIsRead() throws {
        var file = try File()
        file.read()
        #expect(!file.hold.isHeld)
        // It was the time before that was busy: this begins to hold.
        let begins = file.hold.countRead(at: file.now)
        #expect(begins && file.hold.isHeld)
        file.read()
        let goesOn = file.hold.turn(file.now)
        #expect(goesOn && file.hold.isHeld)
        file.now = file.now + KeyValueReadHold.length
        let ends = !file.hold.turn(file.now)
        #expect(ends && !file.hold.isHeld)
    }

    @Test(arguments: [0, 1, KeyValueReadHold.manyReads - 1]) func doesNotHoldForAFewReads(count: Int) throws {
        var file = try File()
        for _ in 0..<5 {
            file.read(count)
            #expect(!file.hold.isHeld)
        }
    }

    /// While it holds, a log cannot be begun anew; when this process writes, it can.
    @Test func letsWritersPass() throws {
        var file = try File()
        file.read()
        file.read()
        // All is in the file already when its log is not looked at: something has to be in it.
        file.hold.willWrite()
        try file.other.execute("INSERT INTO t VALUES (2)")
        file.hold.didWrite()
        for _ in 0..<3 { file.read() }
        #expect(file.hold.isHeld)
        #expect(try file.isInTheWay())
        file.hold.willWrite()
        #expect(!file.hold.isHeld)
        #expect(try !file.isInTheWay())
        file.read()
        file.read()
        #expect(!file.hold.isHeld, "this process is still writing")
        file.hold.didWrite()
        for _ in 0..<3 { file.read() }
        #expect(file.hold.isHeld, "nobody writes any more")
    }

    /// Another process that writes cannot say so, and has to be out of danger.
    @Test func givesUpWhenOthersWrite() throws {
        var file = try File()
        for _ in 0..<3 { file.read() }
        #expect(file.hold.isHeld)
        try file.other.execute("INSERT INTO t VALUES (2)")
        file.read()
        let holdsAgain = file.hold.turn(file.now)
        #expect(!holdsAgain)
        for _ in 0..<10 { file.read() }
        #expect(!file.hold.isHeld)
        #expect(try !file.isInTheWay())
    }

    /// What was opened while this process wrote hears of the end of the write only.
    @Test func takesNoWriteOfItsOwnForAnothers() throws {
        var file = try File()
        for _ in 0..<3 { file.read() }
        #expect(file.hold.isHeld)
        try file.other.execute("INSERT INTO t VALUES (2)")
        file.hold.didWrite()
        for _ in 0..<4 { file.read() }
        #expect(file.hold.isHeld)
    }

    @Test func isNotForFilesThatReadersLock() throws {
        let folder = try TemporaryFolder()
        let connection = try SQLiteConnection(.file(folder.file("kv.db")))
        try connection.execute("PRAGMA journal_mode = DELETE; CREATE TABLE t (a)")
        #expect(try KeyValueReadHold(connection) == nil)
    }

    /// Much is read beside a process that writes and one that writes likewise: each read sees what was written before, and
    /// the log does not grow.
    @Test(.timeLimit(.minutes(1))) func readersSeeWhatIsWrittenAndTheLogStaysSmall() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("kv.db")
        let checker = KeyValueChecker(store: SQLiteKeyValueFile(path: path).store("default"))
        let value = [UInt8](repeating: 7, count: 4000)
        try await checker.set("a", value)
        let other = try SQLiteConnection(.file(path))
        try other.execute("PRAGMA synchronous = OFF")
        let write = try other.prepare("UPDATE spin_key_value SET value = ? WHERE key = 'a'")
        for round in 0..<1500 {
            let next = value + [UInt8(round & 0xff)]
            if round % 2 == 0 {
                try await checker.set("a", next)
            } else {
                try write.bind(next, at: 1)
                _ = try write.step()
                write.reset()
            }
            for _ in 0..<(round % 100 == 0 ? 2000 : 1) { #expect(try await checker.get("a") == next) }
        }
        let log = try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        // SQLite begins it anew after 1,000 pages.
        #expect(try #require(log) < 8 << 20)
    }
}
