import NIOCore
import RedisClient
import Testing

/// What happens before a connection is there, with servers that make it hard.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct ConnectingTests {
    // MARK: Login

    /// What servers and proxies answer that repeat what they do not understand.
    static let echoes = [
        "-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'operator' 'pass",
        "-ERR unknown command `AUTH`, with args beginning with: `operator`, `pass word-1`,",
        "-ERR Unknown command 'AUTH'",
        "-ERR this proxy does not like AUTH operator pass word-1",
        "-ERR invalid: pass word-1",
    ]

    @Test(arguments: Self.echoes, ["", "?protocol=resp3"])
    func tellsNobodyThePassword(answer: String, query: String) async throws {
        try await RedisHarness.run { harness in
            let server = try await ScriptedServer(harness) { _, connection in connection.answer(answer + "\r\n") }
            let session = try await harness.session(server.url("operator:pass%20word-1@", query: query))
            let error = await session.failure(RedisCommand("PING"))
            guard case .loginRefused(let reason) = error else {
                Issue.record("a login that fails is taken: \(String(describing: error))")
                return
            }
            #expect(!reason.contains("pass") && !reason.contains("operator"))
            #expect(reason.contains(query.isEmpty ? "AUTH" : "HELLO"))
        }
    }

    @Test func repeatsWhyServerRefuses() async throws {
        try await RedisHarness.run { harness in
            let answer = "WRONGPASS invalid username-password pair or user is disabled."
            let server = try await ScriptedServer(harness) { _, connection in connection.answer("-\(answer)\r\n") }
            let session = try await harness.session(server.url("operator:secret@"))
            #expect(await session.failure(RedisCommand("PING")) == .loginRefused(answer))
            let older = try await harness.session(server.url(query: "/1"))
            #expect(await older.failure(RedisCommand("PING")) == .loginRefused(answer))
        }
    }
}
