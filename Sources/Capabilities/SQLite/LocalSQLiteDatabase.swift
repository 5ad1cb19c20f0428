import ComponentModel
import HTTPClient
package import Logging
package import NIOCore
package import NIOPosix
import SQLite
import Synchronization

/// A database of this machine: a file, or memory that all connections of the process share.
///
/// Each guest has a connection of its own, so that no transaction, temporary table or row number of one reaches another.
/// Connections that a guest left as it got them serve the next one.
package final class LocalSQLiteDatabase: SQLiteDatabase {
    package enum Location: Sendable, Hashable {
        case file(String)
        case memory
    }

    /// Connections kept for the next guest.
    private static let idleLimit = 16
    /// Pages of a database in memory, at most: 1 GiB.
    private static let memoryPages = 262_144

    private struct State {
        var idle: [GuestConnection] = []
        /// Keeps a database in memory alive.
        var anchor: SQLiteConnection?
    }

    private let location: Location
    private let connectionLocation: SQLiteConnection.Location
    private let allowsAttachedFiles: Bool
    private let pool: NIOThreadPool
    private let trouble: TroubleLog
    private let places: ConnectionBudget
    private let mostConnections: Int
    private let patience: TimeAmount
    private let state = Mutex(State())

    private static let memoryNames = Atomic<Int>(0)

    /// - Parameters:
    ///   - allowsAttachedFiles: guests may `ATTACH` any file that the process can open.
    ///   - mostConnections: of all guests at a time; several times what one instance may have.
    ///   - patience: how long a guest waits for a connection that others have.
    package init(
        _ location: Location, allowsAttachedFiles: Bool = false, pool: NIOThreadPool = BlockingPool.databases,
        mostConnections: Int = 1024, patience: TimeAmount = .seconds(10), logger: Logger? = nil
    ) {
        self.places = ConnectionBudget(mostConnections)
        self.mostConnections = mostConnections
        self.patience = patience
        self.location = location
        switch location {
        case .file(let path): self.connectionLocation = .file(path)
        case .memory where allowsAttachedFiles:
            // What is attached to shared memory would be memory, too: each guest has its own, as in Spin.
            self.connectionLocation = .memory
        case .memory:
            let number = Self.memoryNames.wrappingAdd(1, ordering: .relaxed).newValue
            self.connectionLocation = .sharedMemory("swirl-\(number)")
        }
        self.allowsAttachedFiles = allowsAttachedFiles
        self.pool = pool
        switch location {
        case .file(let path): self.trouble = TroubleLog("the SQLite database \"\(path)\"", logger: logger)
        // What it runs out of, its guests are told.
        case .memory: self.trouble = TroubleLog("a SQLite database in memory", logger: nil)
        }
        self.places.onContention { [weak self] in self?.closeIdle() }
    }

    package var summary: String {
        switch self.location {
        case .file(let path): "\"\(path)\""
        case .memory: "a temporary in-memory database"
        }
    }

    package func connect(limits: SQLiteLimits, on eventLoop: any EventLoop) -> SQLiteAnswer<any SQLiteSession> {
        if let connection = self.state.withLock({ $0.idle.popLast() }) {
            return .ready(.success(self.session(connection, limits, eventLoop)))
        }
        return .later { pending in
            guard self.places.take() else { return self.wait(for: pending, limits, on: eventLoop) }
            self.open(limits, on: eventLoop, pending)
        }
    }

    private typealias Opened = Pending<SQLiteResult<any SQLiteSession>>

    /// Others have all connections: one will be free when one of them is gone.
    private func wait(for pending: Opened, _ limits: SQLiteLimits, on eventLoop: any EventLoop) {
        var place: ConnectionBudget.Wait?
        let timer = eventLoop.assumeIsolated().scheduleTask(in: self.patience) {
            place?.cancel()
            pending.succeed(
                .failure(
                    .io("all \(self.mostConnections) connections to the database are in use, and none became free")))
        }
        let bound = NIOLoopBound(pending, eventLoop: eventLoop)
        place = self.places.wait(on: eventLoop) {
            timer.cancel()
            guard !bound.value.isComplete, !bound.value.isForgotten else { return self.places.giveBack() }
            self.open(limits, on: eventLoop, bound.value)
        }
    }

    private func open(_ limits: SQLiteLimits, on eventLoop: any EventLoop, _ pending: Opened) {
        self.pool.runIfActive(eventLoop: eventLoop) { self.open(limits) }.assumeIsolated().whenComplete {
            switch $0 {
            case .success(let opened): pending.succeed(opened.map { self.session($0, limits, eventLoop) })
            case .failure: pending.succeed(.failure(.io("the server is being shut down")))
            }
        }
    }

    package func executeAtStart(_ sql: String) throws {
        let connection = try self.openConnection()
        try connection.execute(sql)
    }

    private func session(
        _ connection: GuestConnection, _ limits: SQLiteLimits, _ eventLoop: any EventLoop
    ) -> any SQLiteSession {
        LocalSQLiteSession(
            SQLiteLease(connection, database: self), resultBytes: limits.resultBytes, pool: self.pool,
            eventLoop: eventLoop)
    }

    private func open(_ limits: SQLiteLimits) -> SQLiteResult<GuestConnection> {
        do {
            let connection = try self.openConnection()
            return .success(
                GuestConnection(
                    connection, valueBytes: limits.valueBytes,
                    mainPages: self.location == .memory ? Self.memoryPages : .max,
                    allowsAttachedFiles: self.allowsAttachedFiles,
                    trouble: self.trouble))
        } catch {
            self.places.giveBack()
            self.trouble.report(error)
            return .failure(SQLiteDatabaseError(error))
        }
    }

    private func openConnection() throws(SQLiteError) -> SQLiteConnection {
        switch self.location {
        case .file:
            do throws(SQLiteError) {
                let connection = try SQLiteConnection(self.connectionLocation)
                // Readers go on while somebody writes. Where the file cannot have that, it stays as it is.
                _ = try? connection.execute("PRAGMA journal_mode = WAL")
                return connection
            } catch  where error.kind == .cannotOpen || error.kind == .readOnly {
                return try SQLiteConnection(self.connectionLocation, mode: .readOnly)
            }
        case .memory:
            let connection = try SQLiteConnection(self.connectionLocation)
            try connection.execute("PRAGMA max_page_count = \(Self.memoryPages)")
            guard case .sharedMemory = self.connectionLocation else { return connection }
            let needsAnchor = self.state.withLock { $0.anchor == nil }
            if needsAnchor {
                let anchor = try SQLiteConnection(self.connectionLocation)
                self.state.withLock { if $0.anchor == nil { $0.anchor = anchor } }
            }
            return connection
        }
    }

    /// Takes a connection back from a guest that is gone, with the only reference to it; on any thread.
    fileprivate func giveBack(_ reference: Unmanaged<GuestConnection>) {
        let isKept = reference._withUnsafeGuaranteedRef { $0.isAsItWas && self.keep($0) }
        if isKept { return reference.release() }
        // To undo a transaction, and to close the file, may have to wait for a disk.
        self.pool.submit { _ in
            if !self.keep(reference.takeRetainedValue()) { self.places.giveBack() }
        }
    }

    /// Somebody waits for a place, and nobody uses these.
    private func closeIdle() {
        // Closing may have to wait for a disk.
        self.pool.submit { _ in
            var idle = self.state.withLock { state in
                defer { state.idle = [] }
                return state.idle
            }
            let count = idle.count
            idle = []
            for _ in 0..<count { self.places.giveBack() }
        }
    }

    /// Keeps a connection for the next guest; false when it is of no use, or enough are kept.
    private func keep(_ connection: GuestConnection) -> Bool {
        guard connection.makeReady(), !self.places.isContended else { return false }
        return self.state.withLock { state in
            guard state.idle.count < Self.idleLimit else { return false }
            state.idle.append(connection)
            return true
        }
    }
}

/// Holds a connection for a guest, and for the statement that may still run when the guest is gone.
final class SQLiteLease: Sendable {
    /// Given back with the connection: who is last to let go of it closes it.
    private let reference: Unmanaged<GuestConnection>
    private let database: LocalSQLiteDatabase

    var connection: GuestConnection { self.reference.takeUnretainedValue() }

    fileprivate init(_ connection: GuestConnection, database: LocalSQLiteDatabase) {
        self.reference = .passRetained(connection)
        self.database = database
    }

    deinit {
        self.database.giveBack(self.reference)
    }
}
