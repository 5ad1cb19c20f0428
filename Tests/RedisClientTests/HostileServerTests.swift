import NIOCore
import NIOPosix
import RedisClient
import Testing

/// A server that answers whatever a test says, however wrong.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct HostileServerTests {
    private final class Script: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let answer: String
        let closes: Bool

        init(_ answer: String, closes: Bool) {
            self.answer = answer
            self.closes = closes
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(NIOAny(ByteBuffer(string: self.answer)), promise: nil)
            if self.closes { context.close(promise: nil) }
        }
    }

    private func withServer(
        _ answer: String, closes: Bool = false, _ body: (RedisHarness, String) async throws -> Void
    ) async throws {
        try await RedisHarness.run {
            $0.answerTimeout = .milliseconds(300)
        } _: { harness in
            let server = try await ServerBootstrap(group: harness.group)
                .childChannelInitializer { $0.pipeline.addHandler(Script(answer, closes: closes)) }
                .bind(host: "127.0.0.1", port: 0).get()
            try await body(harness, "redis://127.0.0.1:\(server.localAddress?.port ?? 0)")
            try await server.close()
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
}
