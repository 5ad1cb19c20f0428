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
        inner.wait(on: loop) { granted.succeed() }
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
        inner.wait(on: loop) { granted.succeed() }
        try await granted.futureResult.get()
        #expect(asked.load(ordering: .relaxed) == 3)
    }
}
