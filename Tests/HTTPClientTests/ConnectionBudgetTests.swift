import HTTPClient
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// How many connections there may be, of one client and of several.
@Suite(.timeLimit(.minutes(1))) struct ConnectionBudgetTests {
    private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

    @Test func allowsNoConnectionAtAll() async throws {
        try await Harness.run({ $0.connectionsInAll = 0 }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            let request = try Harness.request(server.port)
            #expect(await harness.failure(request) == .connectionLimitReached)
        }
    }

    /// A place that another client holds is given back when that client's connection is not used any more.
    @Test func sharesATotalWithOtherClients() async throws {
        let total = ConnectionBudget(1)
        try await Harness.run({ $0.totalBudget = total }) { connection, _ in
            connection.send(Self.ok)
        } _: { first, server in
            let second = try Harness { $0.totalBudget = total }
            for _ in 0..<5 {
                try await first.expectOK(server.port)
                try await second.expectOK(server.port)
            }
            try await second.end()
        }
    }

    @Test func waitsForAPlaceInTheTotal() async throws {
        let total = ConnectionBudget(3)
        let inner = ConnectionBudget(2, within: total)
        #expect(total.take())
        #expect(inner.take())
        #expect(inner.take())
        #expect(!inner.take())
        #expect(!total.take())
        inner.giveBack()
        #expect(total.take())
        // One is free here, none in all.
        #expect(!inner.take())
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let granted = loop.makePromise(of: Void.self)
        _ = inner.wait(on: loop) { granted.succeed() }
        total.giveBack()
        try await granted.futureResult.get()
        #expect(!inner.take())
        #expect(ConnectionBudget(5, within: ConnectionBudget(0)).allowsNone)
    }

    /// What is in use at first may be unused later: who has it is asked again.
    @Test func asksForPlacesUntilThereIsOne() async throws {
        let total = ConnectionBudget(1)
        let inner = ConnectionBudget(5, within: total)
        let asked = Atomic(0)
        #expect(total.take())
        inner.onContention {
            if asked.wrappingAdd(1, ordering: .relaxed).newValue == 3 { total.giveBack() }
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let granted = loop.makePromise(of: Void.self)
        _ = inner.wait(on: loop) { granted.succeed() }
        try await granted.futureResult.get()
        #expect(asked.load(ordering: .relaxed) == 3)
    }

    // MARK: Giving up

    /// Wherever it stands: in the line of its own budget, in that of all, or with a place granted already.
    @Test(arguments: [0, 1, 2]) func nobodyWaitsWhoHasGivenUp(_ stage: Int) async throws {
        let total = ConnectionBudget(1)
        let inner = ConnectionBudget(stage == 0 ? 1 : 2, within: total)
        #expect(inner.take())
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let granted = Atomic(false)
        let wait = inner.wait(on: loop) { granted.store(true, ordering: .relaxed) }
        // What was granted at once is waited for in the line of all from the next task on.
        try await loop.submit {}.get()
        #expect(inner.isContended)
        try await loop.submit {
            if stage == 2 { inner.giveBack() }
            wait.cancel()
            wait.cancel()
        }.get()
        try await loop.submit {}.get()
        let isGranted = granted.load(ordering: .relaxed)
        #expect(!isGranted)
        #expect(!inner.isContended)
        if stage != 2 { inner.giveBack() }
        #expect(inner.take())
        #expect(!total.take())
        inner.giveBack()
        #expect(total.take())
    }

    @Test func placesGoToThoseWhoStillWait() async throws {
        let budget = ConnectionBudget(1)
        #expect(budget.take())
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let granted = Mutex<[Int]>([])
        let waits = (0..<100).map { number in
            budget.wait(on: loop) {
                granted.withLock { $0.append(number) }
                budget.giveBack()
            }
        }
        try await loop.submit {
            for (number, wait) in waits.enumerated() where number % 10 != 3 { wait.cancel() }
        }.get()
        budget.giveBack()
        while budget.isContended { try await loop.submit {}.get() }
        try await loop.submit {}.get()
        #expect(granted.withLock { $0 } == Array(stride(from: 3, to: 100, by: 10)))
        #expect(budget.take())
    }

    /// Requests whose connect time-out passes while there is no place leave nothing behind.
    @Test func requestsThatTimeOutLeaveTheLine() async throws {
        let total = ConnectionBudget(1)
        #expect(total.take())
        let harness = try Harness { $0.totalBudget = total }
        let timeouts = ClientTimeouts(connect: .milliseconds(1))
        for port in UInt16(1)...20 {
            let request = try Harness.request(port, timeouts: timeouts)
            #expect(await harness.failure(request) == .connectionTimeout)
            #expect(try await harness.onLoop { $0.connectionCount(to: request.origin).open } == 0)
        }
        #expect(!total.isContended)
        try await harness.end()
    }

    // MARK: Making room

    /// Who does not wait finds a place at the next attempt, where a connection is kept that nobody uses.
    @Test func makesRoomForWhoTriesAgain() async throws {
        let total = ConnectionBudget(1)
        let sockets = ConnectionBudget(5, within: total)
        try await Harness.run({ $0.totalBudget = total }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            try await harness.expectOK(server.port)
            #expect(!sockets.takeOrMakeRoom())
            while !sockets.takeOrMakeRoom() { try await Task.sleep(for: .milliseconds(1)) }
            #expect(!total.isContended)
            sockets.giveBack()
            try await harness.expectOK(server.port)
        }
    }
}
