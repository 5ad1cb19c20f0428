import Foundation
import NIOCore
import NIOPosix
import RedisClient
import RedisTestSupport
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(2)))
struct RedisClientTests {
    @Test func runsCommands() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            let session = try await harness.session(server.url)
            #expect(try await session.send("SET", "k", "v\r\n") == .status("OK"))
            #expect(try await session.send("GET", "k") == .text("v\r\n"))
            #expect(try await session.send("GET", "none") == .null)
            #expect(try await session.send("INCR", "n") == .integer(1))
            #expect(try await session.send("LRANGE", "l", "0", "-1") == .array([]))
            let failure = await session.failure(RedisCommand("INCR", "k"))
            #expect(failure == .server("ERR value is not an integer or out of range"))
        }
    }

    @Test(arguments: ["", "?protocol=resp3"]) func readsRepliesOfBothProtocols(query: String) async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            let session = try await harness.session(server.url + query)
            _ = try await session.send("HSET", "h", "a", "1")
            #expect(try await session.send("HGETALL", "h") == .array([.text("a"), .text("1")]))
            #expect(try await session.send("GET", "none") == .null)
            let large = String(repeating: "x", count: 5_000_000)
            _ = try await session.send("SET", "large", large)
            #expect(try await session.send("GET", "large") == .text(large))
        }
    }

    @Test func answersManyCommandsInOrderOverOneConnection() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            let sessions = try await [harness.session(server.url), harness.session(server.url)]
            let answers = (0..<5000).map { sessions[$0 % 2].start(RedisCommand("ECHO", "\($0)")) }
            for (index, answer) in answers.enumerated() { #expect(try await answer.get() == .text("\(index)")) }
            #expect(try server.cli("INFO", "stats").contains("total_connections_received:3"))
        }
    }

    @Test func aLoopHasOneSessionForAll() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            let sessions = RedisSessions(harness.client, to: try RedisAddress(server.url))
            let loop = harness.loop
            let (reply, isSame) = try await loop.flatSubmit {
                let promise = loop.makePromise(of: RESPValue.self)
                let session = sessions.session(on: loop)
                session?.send(RedisCommand("ECHO", "a")) { promise.completeWith($0.mapError { $0 }) }
                let isSame = session != nil && session === sessions.session(on: loop)
                return promise.futureResult.map { ($0, isSame) }
            }.get()
            #expect(reply == .text("a"))
            #expect(isSame)
            // A loop that is not the client's has none.
            #expect(sessions.session(on: MultiThreadedEventLoopGroup.singleton.any()) == nil)
        }
    }

    @Test func logsInAndSelectsDatabase() async throws {
        let server = try RedisServer(["--requirepass", "s3cret", "--user", "ann", "on", ">pw", "~*", "+@all"])
        defer { server.end() }
        let host = "127.0.0.1:\(server.port)"
        try await RedisHarness.run { harness in
            for login in [":s3cret", "ann:pw"] {
                for query in ["", "?protocol=resp3"] {
                    let url = "redis://\(login)@\(host)/5\(query)"
                    _ = try await harness.send(url, RedisCommand("SET", "k", login))
                    #expect(
                        try await harness.send(url, RedisCommand("CLIENT", "INFO")).text?.contains(" db=5 ") == true)
                    #expect(
                        try await harness.send("redis://\(login)@\(host)\(query)", RedisCommand("GET", "k")) == .null)
                }
            }
            for login in [":wrong@", "bob:pw@"] {
                let session = try await harness.session("redis://\(login)\(host)")
                guard case .loginRefused(let reason) = await session.failure(RedisCommand("PING")) else {
                    Issue.record("a wrong login is accepted")
                    continue
                }
                #expect(reason.hasPrefix("WRONGPASS"))
            }
            let session = try await harness.session("redis://\(host)")
            #expect(await session.failure(RedisCommand("PING")) == .server("NOAUTH Authentication required."))
            let database = try await harness.session("redis://:s3cret@\(host)/99")
            #expect(await database.failure(RedisCommand("PING")) == .loginRefused("ERR DB index is out of range"))
        }
    }

    @Test func keepsTransactionsOfSessionsApart() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            let first = try await harness.session(server.url)
            let second = try await harness.session(server.url)
            _ = try await first.send("SET", "k", "0")
            #expect(try await first.send("MULTI") == .status("OK"))
            #expect(try await first.send("SET", "k", "1") == .status("QUEUED"))
            #expect(try await second.send("GET", "k") == .text("0"))
            #expect(try await first.send("INCR", "s") == .status("QUEUED"))
            #expect(try await first.send("EXEC") == .array([.status("OK"), .integer(1)]))
            #expect(try await second.send("GET", "k") == .text("1"))
            #expect(await second.failure(RedisCommand("SUBSCRIBE", "c")) == .notSupported(command: "SUBSCRIBE"))
        }
    }

    @Test func endsSessionThatLosesItsTransaction() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            let session = try await harness.session(server.url)
            _ = try await session.send("MULTI")
            try server.cli("CLIENT", "KILL", "TYPE", "normal")
            guard case .connectionLost = await session.failure(RedisCommand("SET", "k", "1")) else {
                Issue.record("a command went on without its transaction")
                return
            }
            #expect(await session.failure(RedisCommand("EXEC")) != nil)
            #expect(try await harness.send(server.url, RedisCommand("GET", "k")) == .null)
        }
    }

    @Test func blocksNobodyBehindBlockingCommands() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            let session = try await harness.session(server.url)
            let clock = ContinuousClock()
            let start = clock.now
            let waits = (0..<1000).map { session.start(RedisCommand("BLPOP", "list\($0)", "0.1")) }
            #expect(try await session.send("PING") == .status("PONG"))
            for wait in waits { #expect(try await wait.get() == .null) }
            // On a busy machine; one after the other would take 100 s.
            #expect(clock.now - start < .seconds(30))
            // Their connections serve again.
            let popped = session.start(RedisCommand("BLPOP", "list", "0"))
            _ = try await session.send("RPUSH", "list", "x")
            #expect(try await popped.get() == .array([.text("list"), .text("x")]))
        }
    }

    @Test func waitsForPlaceWithinLimit() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run {
            $0.connectionsInAll = 2
        } _: { harness in
            let session = try await harness.session(server.url)
            let waits = (0..<6).map { _ in session.start(RedisCommand("BLPOP", "l", "0.05")) }
            for wait in waits { #expect(try await wait.get() == .null) }
        }
        try await RedisHarness.run {
            $0.connectionsInAll = 1
            $0.connectTimeout = .milliseconds(200)
        } _: { harness in
            let session = try await harness.session(server.url)
            let wait = session.start(RedisCommand("BLPOP", "l", "0"))
            let other = try await harness.session(server.url + "/1")
            #expect(await other.failure(RedisCommand("PING")) == .tooManyConnections)
            try server.cli("RPUSH", "l", "x")
            _ = try await wait.get()
            #expect(try await other.send("PING") == .status("PONG"))
        }
    }

    @Test func dropsResultOverLimit() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run {
            $0.limits.replyBytes = 1000
        } _: { harness in
            let session = try await harness.session(server.url)
            _ = try await session.send("SET", "k", String(repeating: "x", count: 2000))
            #expect(await session.failure(RedisCommand("GET", "k")) == .replyTooLarge(limit: 1000))
            #expect(try await session.send("STRLEN", "k") == .integer(2000))
        }
    }

    @Test func failsWhenServerIsDownAndConnectsWhenItIsUp() async throws {
        let port = try FreePort.take()
        try await RedisHarness.run { harness in
            let session = try await harness.session("redis://127.0.0.1:\(port)")
            for _ in 0..<3 {
                guard case .cannotConnect = await session.failure(RedisCommand("PING")) else {
                    Issue.record("there is no server")
                    return
                }
            }
            let server = try RedisServer(port: port)
            defer { server.end() }
            #expect(try await session.send("PING") == .status("PONG"))
        }
    }

    /// The counter of the server is at least what was acknowledged, and at most that and what had no answer.
    @Test func losesAndRepeatsNothingWhenServerRestarts() async throws {
        let server = try RedisServer(["--appendonly", "yes", "--appendfsync", "always"])
        defer { server.end() }
        try await RedisHarness.run { harness in
            let session = try await harness.session(server.url)
            var acknowledged: Int64 = 0
            var unknown: Int64 = 0
            for round in 0..<4 {
                let answers = (0..<200).map { _ in session.start(RedisCommand("INCR", "n")) }
                if round < 3 {
                    _ = try? await answers[20 * round].get()
                    server.stop()
                }
                for answer in answers {
                    do {
                        _ = try await answer.get()
                        acknowledged += 1
                    } catch RedisError.connectionLost {
                        unknown += 1
                    } catch RedisError.cannotConnect {
                        // Never sent.
                    }
                }
                if round < 3 { try server.start() }
            }
            guard let text = try await session.send("GET", "n").text, let count = Int64(text) else {
                Issue.record("the counter is gone")
                return
            }
            #expect(count >= acknowledged && count <= acknowledged + unknown)
            #expect(acknowledged >= 200)
        }
    }

    @Test func givesUpSlowServer() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run {
            $0.answerTimeout = .milliseconds(200)
        } _: { harness in
            let session = try await harness.session(server.url)
            _ = try await session.send("PING")
            server.suspend()
            let later = session.start(RedisCommand("PING"))
            #expect(await session.failure(RedisCommand("PING")) != nil)
            await #expect(throws: RedisError.answerTimeout) { _ = try await later.get() }
            server.resume()
            #expect(try await session.send("PING") == .status("PONG"))
        }
    }

    @Test func cancelsBlockingCommands() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run { harness in
            let session = try await harness.session(server.url)
            let id = try await session.loop.submit {
                NIOLoopBound(
                    session.session.value.send(RedisCommand("BLPOP", "l", "0")) { _ in Issue.record("it is cancelled")
                    },
                    eventLoop: session.loop)
            }.get()
            while try !server.cli("INFO", "clients").contains("blocked_clients:1") {}
            session.loop.execute { id.value.cancel() }
            while try !server.cli("INFO", "clients").contains("blocked_clients:0") {}
        }
    }
}
