import HTTP
import NIOCore
import RedisClient
import RedisTestSupport
import Synchronization
import Testing

@Suite(.serialized, .enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(2)))
struct SubscriptionTests {
    private enum Event: Equatable, Sendable {
        case message(String, String)
        case subscribed
        case lost(retryIn: TimeAmount)
        case dropped(RedisError)

        var retryIn: TimeAmount? { if case .lost(let delay) = self { delay } else { nil } }
    }

    /// Runs `body` with what a subscription tells.
    private func subscribe(
        _ url: String, _ channels: [String], _ harness: RedisHarness,
        _ body: (inout AsyncStream<Event>.AsyncIterator, NIOLoopBound<RedisSubscription>) async throws -> Void
    ) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let address = try RedisAddress(url)
        let loop = harness.loop
        let subscription = try await loop.submit {
            let subscription = RedisSubscription(
                harness.client, to: address, channels: channels, eventLoop: loop,
                handlers: RedisSubscription.Handlers(
                    onMessage: { channel, payload, _ in
                        continuation.yield(.message(String(buffer: channel), String(buffer: payload)))
                    },
                    onState: { state in
                        switch state {
                        case .subscribed: continuation.yield(.subscribed)
                        case .lost(_, let delay): continuation.yield(.lost(retryIn: delay))
                        case .dropped(let error): continuation.yield(.dropped(error))
                        }
                    }))
            subscription.start()
            return NIOLoopBound(subscription, eventLoop: loop)
        }.get()
        var iterator = events.makeAsyncIterator()
        let result: Result<Void, any Error>
        do {
            try await body(&iterator, subscription)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await loop.submit { subscription.value.stop() }.get()
        try result.get()
    }

    @Test(arguments: ["", "?protocol=resp3"]) func getsMessagesOfSeveralChannels(query: String) async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            try await self.subscribe(server.url + query, ["a", "b"], harness) { events, _ in
                #expect(await events.next() == .subscribed)
                _ = try await harness.send(server.url, RedisCommand("PUBLISH", "a", "one"))
                _ = try await harness.send(server.url, RedisCommand("PUBLISH", "c", "none"))
                #expect(try await harness.send(server.url, RedisCommand("PUBLISH", "b", "two")) == .integer(1))
                #expect(await events.next() == .message("a", "one"))
                #expect(await events.next() == .message("b", "two"))
            }
        }
    }

    /// Messages without room beside those that are being handled: the others still come.
    @Test(arguments: ["", "?protocol=resp3"]) func dropsMessagesWithoutRoom(query: String) async throws {
        let server = try RedisServer()
        defer { server.end() }
        let budget = ByteBudget(20_000)
        try await RedisHarness.run {
            $0.replies = budget
        } _: { harness in
            try await self.subscribe(server.url + query, ["a"], harness) { events, _ in
                #expect(await events.next() == .subscribed)
                let others = try #require(budget.claim(15_000))
                let large = String(repeating: "x", count: 10_000)
                for text in [large, "small"] { try server.cli("PUBLISH", "a", text) }
                #expect(await events.next() == .dropped(.repliesOverBudget))
                #expect(await events.next() == .message("a", "small"))
                others.giveBack()
                try server.cli("PUBLISH", "a", large)
                #expect(await events.next() == .message("a", large))
            }
        }
    }

    @Test func subscribesAgainWhenServerComesBack() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            try await self.subscribe(server.url, ["a"], harness) { events, _ in
                #expect(await events.next() == .subscribed)
                server.stop()
                #expect(await events.next()?.retryIn != nil)
                try server.start()
                var event = await events.next()
                while event?.retryIn != nil { event = await events.next() }
                #expect(event == .subscribed)
                _ = try await harness.send(server.url, RedisCommand("PUBLISH", "a", "again"))
                #expect(await events.next() == .message("a", "again"))
            }
        }
    }

    /// A server that ends each connection once it has confirmed it is asked less and less often, until one has lasted.
    @Test func asksUnsteadyServerLessOften() async throws {
        let longest = TimeAmount.milliseconds(100)
        try await RedisHarness.run {
            $0.backOff = BackOff(first: .milliseconds(1), longest: longest)
        } _: { harness in
            let count = Mutex(0)
            let server = try await ScriptedServer(harness) { _, connection in
                connection.answer("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
                let lasts = count.withLock { count in
                    count += 1
                    return count == 9
                }
                connection.eventLoop.scheduleTask(in: lasts ? longest + .milliseconds(200) : .zero) {
                    connection.close(promise: nil)
                }
            }
            try await self.subscribe(server.url(), ["a"], harness) { events, _ in
                for round in 1...9 {
                    #expect(await events.next() == .subscribed)
                    let delay = try #require(await events.next()?.retryIn)
                    if round == 8 { #expect(delay >= .milliseconds(50)) }
                    if round == 9 { #expect(delay <= .milliseconds(1)) }
                }
            }
        }
    }

    @Test func takesNoMessagesWhilePaused() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            try await self.subscribe(server.url, ["a"], harness) { events, subscription in
                #expect(await events.next() == .subscribed)
                try await harness.loop.submit { subscription.value.setPaused(true) }.get()
                let payload = String(repeating: "x", count: 1000)
                for _ in 0..<1000 { _ = try await harness.send(server.url, RedisCommand("PUBLISH", "a", payload)) }
                try await harness.loop.submit { subscription.value.setPaused(false) }.get()
                for _ in 0..<1000 { #expect(await events.next() == .message("a", payload)) }
            }
        }
    }
}
