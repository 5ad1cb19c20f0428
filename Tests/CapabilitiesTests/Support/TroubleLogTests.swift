import Capabilities
import NIOCore
import SQLite
import Synchronization
import Testing

/// What the operator reads about a store that is in trouble.
@Suite struct TroubleLogTests {
    private static let cannotOpen = SQLiteError(code: 14, message: "unable to open database file")
    private static let full = SQLiteError(code: 13, message: "database or disk is full")

    @Test func tellsEachKindOfTroubleOnceAMinute() {
        let now = Mutex(NIODeadline.uptimeNanoseconds(0))
        let log = LogCollector()
        let trouble = TroubleLog("the store", logger: log.logger, now: { now.withLock { $0 } })

        for _ in 0..<3 { trouble.report(Self.cannotOpen) }
        #expect(log.count == 1)
        trouble.report(Self.full)
        #expect(log.count == 2)

        now.withLock { $0 = .uptimeNanoseconds(0) + .seconds(59) }
        trouble.report(Self.cannotOpen)
        #expect(log.count == 2)
        now.withLock { $0 = .uptimeNanoseconds(0) + .seconds(60) }
        trouble.report(Self.cannotOpen)
        #expect(log.count == 3)
    }

    @Test func isSilentAboutWhatTheGuestDidWrong() {
        let log = LogCollector()
        TroubleLog("the store", logger: log.logger).report(SQLiteError(code: 1, message: "no such table: t"))
        #expect(log.count == 0)
    }
}
