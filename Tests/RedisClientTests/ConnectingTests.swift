import NIOCore
import RedisClient
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

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

    /// Every server has that user, and speaks of it; a password of that name is still one.
    @Test func knowsStandardUserFromPassword() async throws {
        try await RedisHarness.run { harness in
            let answer = "ERR AUTH <password> called without any password configured for the default user."
            let server = try await ScriptedServer(harness) { _, connection in connection.answer("-\(answer)\r\n") }
            let session = try await harness.session(server.url("default:secret@"))
            #expect(await session.failure(RedisCommand("PING")) == .loginRefused(answer))
            let other = try await harness.session(server.url("default:default@"))
            #expect(await other.failure(RedisCommand("PING")) != .loginRefused(answer))
        }
    }

    /// Nothing of the guest's was sent: nothing may have been carried out.
    @Test func saysThatServerClosedDuringLogin() async throws {
        try await RedisHarness.run { harness in
            let server = try await ScriptedServer(harness) { _, connection in connection.close(promise: nil) }
            let session = try await harness.session(server.url(":secret@"))
            #expect(await session.failure(RedisCommand("PING")) == .cannotConnect("the server closed it"))
        }
    }

    // MARK: Giving up

    /// A listener whose queue is full: the system answers nobody else who wants to connect.
    private final class SilentPort: Sendable {
        let listener: Int32
        let filler: Int32
        let port: UInt16

        init() throws {
            let bound = try #require(Loopback.bind())
            (self.listener, self.port) = (bound.descriptor, bound.port)
            #expect(listen(bound.descriptor, 0) == 0)
            self.filler = Loopback.connect(to: bound.port) ?? -1
        }

        deinit {
            close(self.filler)
            close(self.listener)
        }
    }

    #if os(Linux)
    /// Sockets of this process that are being connected to a port of loopback.
    private func connecting(to port: UInt16) throws -> Int {
        let file = try #require(fopen("/proc/net/tcp", "r"))
        defer { fclose(file) }
        let digits = String(port, radix: 16, uppercase: true)
        let peer = "0100007F:" + String(repeating: "0", count: 4 - digits.count) + digits
        var count = 0
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), file) != nil {
            let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split(separator: " ")
            // 2 is SYN_SENT.
            if fields.count > 3, fields[2] == peer, fields[3] == "02" { count += 1 }
        }
        return count
    }

    @Test(arguments: [true, false]) func keepsNoSocketThatNobodyWaitsFor(cancels: Bool) async throws {
        let silent = try SilentPort()
        try await RedisHarness.run {
            $0.connectTimeout = cancels ? .seconds(30) : .milliseconds(300)
        } _: { harness in
            let session = try await harness.session("redis://127.0.0.1:\(silent.port)")
            let loop = session.loop
            let failed = loop.makePromise(of: RedisError?.self)
            let call = try await loop.submit { () throws -> NIOLoopBound<RedisCall> in
                let call = session.session.value.send(RedisCommand("BLPOP", "l", "0")) { result in
                    if case .failure(let error) = result { failed.succeed(error) } else { failed.succeed(nil) }
                }
                // Before any time-out can come.
                #expect(try self.connecting(to: silent.port) == 1)
                return NIOLoopBound(call, eventLoop: loop)
            }.get()
            if cancels {
                try await loop.submit { call.value.cancel() }.get()
                failed.succeed(nil)
            } else {
                #expect(try await failed.futureResult.get() == .connectTimeout)
            }
            try await loop.submit {}.get()
            #expect(try self.connecting(to: silent.port) == 0)
        }
    }
    #endif

    /// Cancelled while the client reads which authorities the system trusts, which takes it a while.
    @Test func beginsNoHandshakeThatNobodyWaitsFor() async throws {
        try await RedisHarness.run {
            $0.connectTimeout = .seconds(30)
        } _: { harness in
            let server = try await ScriptedServer(harness) { _, _ in }
            let session = try await harness.session(server.url(scheme: "rediss"))
            let loop = session.loop
            let call = try await loop.submit {
                NIOLoopBound(session.session.value.send(RedisCommand("BLPOP", "l", "0")) { _ in }, eventLoop: loop)
            }.get()
            var connections = server.connections.makeAsyncIterator()
            let connection = try #require(await connections.next())
            try await loop.submit { call.value.cancel() }.get()
            try await connection.closeFuture.get()
        }
    }

    // MARK: Back-off

    /// However many fail at a time, it is one failure.
    @Test func countsFailuresOfOneMomentOnce() async throws {
        let port = try FreePort.take()
        try await RedisHarness.run {
            $0.backOff = BackOff(first: .milliseconds(1), longest: .hours(1))
        } _: { harness in
            let session = try await harness.session("redis://127.0.0.1:\(port)")
            let waits = try await session.loop.submit {
                (0..<500).map { index in
                    let promise = session.loop.makePromise(of: Void.self)
                    session.session.value.send(RedisCommand("BLPOP", "l", "0")) { result in
                        promise.completeWith(result.map { _ in }.mapError { $0 })
                    }
                    return promise.futureResult
                }
            }.get()
            for wait in waits { await #expect(throws: RedisError.self) { try await wait.get() } }
            // Not a time-out: it has been tried.
            guard case .cannotConnect = await session.failure(RedisCommand("PING")) else {
                Issue.record("the next attempt comes too late")
                return
            }
        }
    }

    /// Who waits for a server that is down takes nobody's place.
    @Test func needsNoPlaceWhileItWaitsToTryAgain() async throws {
        let port = try FreePort.take()
        try await RedisHarness.run {
            $0.connectionsInAll = 1
            $0.connectTimeout = .seconds(2)
            $0.backOff = BackOff(first: .minutes(1), longest: .minutes(1))
        } _: { harness in
            let server = try await ScriptedServer(harness) { _, connection in connection.answer("+PONG\r\n") }
            let down = try await harness.session("redis://127.0.0.1:\(port)")
            #expect(await down.failure(RedisCommand("PING")) != nil)
            let again = down.start(RedisCommand("PING"))
            let isOver = Mutex(false)
            again.whenComplete { _ in isOver.withLock { $0 = true } }
            let up = try await harness.session(server.url())
            #expect(try await up.send("PING") == .status("PONG"))
            #expect(!isOver.withLock { $0 })
            await #expect(throws: RedisError.connectTimeout) { _ = try await again.get() }
        }
    }
}
