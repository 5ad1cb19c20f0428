package import NIOCore
package import SQLite

/// A read transaction of an idle connection, begun anew all the time while a file is read much and not written.
///
/// Who reads needs SQLite's read lock: two calls of the operating system, which take as long as a small read itself. The
/// connections of a process share it, so that as long as one holds it, the others need none (`unixShmLock` in SQLite's
/// os_unix.c). They still see what is written: each has a transaction of its own.
///
/// The price is paid by writers: they cannot begin their log anew while somebody reads in it. So this lets go before this
/// process writes, after ``length`` at the latest, and for good when another process writes to the file.
///
/// Used by one thread at a time: under the lock of who has it.
package struct KeyValueReadHold: @unchecked Sendable {
    /// How long a transaction lasts.
    package static let length = TimeAmount.milliseconds(50)
    /// Reads in that time that make it worth while.
    package static let manyReads = 100

    /// In use while it is in a transaction.
    private let connection: SQLiteConnection
    private let begin: SQLiteStatement
    private let commit: SQLiteStatement
    /// Gives a number that differs when somebody else has written.
    private let version: SQLiteStatement

    package private(set) var isHeld = false
    private var reads = 0
    /// When the reads are counted from the start.
    private var end = NIODeadline.uptimeNanoseconds(0)
    /// This process writes now.
    private var isWriting = false
    /// It has written since the reads are counted; since the number was read.
    private var wasWritten = false
    private var isVersionOld = true
    private var lastVersion: Int64?
    private var isOver = false

    /// - Returns: nil where readers would lock writers out.
    package init?(_ connection: SQLiteConnection) throws(SQLiteError) {
        let mode = try connection.prepare("PRAGMA journal_mode")
        guard try mode.step(), mode.text(0) == "wal" else { return nil }
        self.connection = connection
        self.begin = try connection.prepare("BEGIN")
        self.commit = try connection.prepare("COMMIT")
        self.version = try connection.prepare("PRAGMA data_version")
    }

    /// Says that somebody has read.
    ///
    /// - Returns: whether a transaction has begun, after whose ``length`` ``turn(_:)`` is to be called.
    package mutating func countRead(at now: NIODeadline) -> Bool {
        self.reads += 1
        guard !self.isHeld, now >= self.end else { return false }
        return self.turn(now)
    }

    /// Ends the transaction, and begins another while it is worth while.
    ///
    /// - Returns: whether one has begun.
    package mutating func turn(_ now: NIODeadline) -> Bool {
        let isWorthWhile = self.reads >= Self.manyReads && now < self.end + Self.length && !self.wasWritten
        self.reads = 0
        self.end = now + Self.length
        self.wasWritten = self.isWriting
        self.letGo()
        guard isWorthWhile, !self.isWriting, !self.isOver else { return false }
        do throws(SQLiteError) {
            try self.take()
        } catch {
            // Whatever it is: who really reads or writes finds out.
            self.isHeld = self.connection.isInTransaction
            self.letGo()
            self.isOver = true
        }
        return self.isHeld
    }

    /// To be called before this process writes.
    package mutating func willWrite() {
        self.isWriting = true
        self.wasWritten = true
        self.isVersionOld = true
        self.letGo()
    }

    /// To be called afterwards.
    package mutating func didWrite() {
        self.isWriting = false
        // Also for a hold that was not there yet when the write began, and must not take it for somebody else's.
        self.wasWritten = true
        self.isVersionOld = true
    }

    package mutating func letGo() {
        guard self.isHeld else { return }
        _ = try? self.commit.step()
        self.commit.reset()
        self.isHeld = false
    }

    private mutating func take() throws(SQLiteError) {
        _ = try self.begin.step()
        self.begin.reset()
        // It is this that takes the lock.
        defer { self.version.reset() }
        _ = try self.version.step()
        let version = self.version.integer(0)
        self.isHeld = true
        if let lastVersion, version != lastVersion, !self.isVersionOld {
            self.letGo()
            self.isOver = true
        }
        self.lastVersion = version
        self.isVersionOld = false
    }
}
