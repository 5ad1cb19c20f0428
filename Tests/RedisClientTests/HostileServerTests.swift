import NIOCore
import RedisClient
import Testing

/// A server that answers whatever a test says, however wrong.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct HostileServerTests {
    private func withServer(
        _ answer: String, closes: Bool = false, _ body: (RedisHarness, String) async throws -> Void
    ) async throws {
        try await RedisHarness.run {
            $0.answerTimeout = .milliseconds(300)
        } _: { harness in
            let server = try await ScriptedServer(harness) { _, connection in
                connection.answer(answer)
                if closes { connection.close(promise: nil) }
            }
            try await body(harness, server.url())
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", ":1x\r\n", "$-5\r\n", "*-7\r\n"])
    func failsOnMalformedAnswer(answer: String) async throws {
        try await self.withServer(answer) { harness, url in
            let session = try await harness.session(url)
            guard case .protocolError = await session.failure(RedisCommand("PING")) else {
                Issue.record("a malformed answer is taken")
                return
            }
        }
    }

    @Test(arguments: ["", "$100\r\nabc", "*3\r\n:1\r\n"])
    func failsWhenServerClosesInTheMiddle(answer: String) async throws {
        try await self.withServer(answer, closes: true) { harness, url in
            let session = try await harness.session(url)
            guard case .connectionLost = await session.failure(RedisCommand("INCR", "n")) else {
                Issue.record("half an answer is taken")
                return
            }
        }
    }

    @Test(arguments: ["", "*100000000000\r\n:1\r\n", "$134000000\r\nx"])
    func failsWhenAnswerNeverEnds(answer: String) async throws {
        try await self.withServer(answer) { harness, url in
            let session = try await harness.session(url)
            #expect(await session.failure(RedisCommand("PING")) == .answerTimeout)
        }
    }

    @Test func takesNoAnswerThatNobodyAskedFor() async throws {
        try await self.withServer("+OK\r\n+OK\r\n+OK\r\n") { harness, url in
            let session = try await harness.session(url)
            _ = try await session.send("PING")
            // The surplus answers ended the connection: they are no answer to this.
            _ = try? await session.send("GET", "secret")
        }
    }

    /// What was sent behind a command that blocks has its time once that one is answered, and no longer.
    @Test func givesUpOnSilenceAfterBlockingCommand() async throws {
        try await RedisHarness.run {
            $0.answerTimeout = .milliseconds(300)
        } _: { harness in
            let server = try await ScriptedServer(harness) { received, connection in
                if received.contains("SELECT") { connection.answer("+OK\r\n") }
                guard received.contains("BLPOP") else { return }
                // Longer than an answer may take.
                connection.eventLoop.scheduleTask(in: .milliseconds(600)) { connection.answer("*-1\r\n") }
                connection.eventLoop.scheduleTask(in: .milliseconds(700)) { connection.answer("+in time\r\n") }
            }
            let session = try await harness.session(server.url())
            _ = try await session.send("SELECT", "0")
            let blocked = session.start(RedisCommand("BLPOP", "l", "0"))
            let behind = session.start(RedisCommand("GET", "a"))
            let last = session.start(RedisCommand("GET", "b"))
            #expect(try await blocked.get() == .null)
            #expect(try await behind.get() == .status("in time"))
            await #expect(throws: RedisError.answerTimeout) { _ = try await last.get() }
        }
    }
}
