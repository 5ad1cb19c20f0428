import HTTP
import HTTPClient
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A resolver that a test fills in.
final class AddressBox: AddressResolver {
    private let addresses = Mutex<[SocketAddress]?>(nil)

    func set(_ addresses: [SocketAddress]) { self.addresses.withLock { $0 = addresses } }

    func lookUp(_ host: String, port: UInt16, for asker: String, on eventLoop: any EventLoop) -> AddressLookup {
        if let addresses = self.addresses.withLock({ $0 }) {
            return AddressLookup(eventLoop.makeSucceededFuture(addresses)) {}
        }
        // Never answers.
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        eventLoop.scheduleTask(in: .seconds(5)) { promise.fail(ClientError.dnsTimeout) }
        return AddressLookup(promise.futureResult) {}
    }
}

/// A resolver that has too much to do for one of those that ask.
private struct BusyResolver: AddressResolver {
    let asker: String
    let others: any AddressResolver

    init(for asker: String, others: any AddressResolver) {
        self.asker = asker
        self.others = others
    }

    func lookUp(_ host: String, port: UInt16, for asker: String, on eventLoop: any EventLoop) -> AddressLookup {
        guard asker == self.asker else {
            return self.others.lookUp(host, port: port, for: asker, on: eventLoop)
        }
        return AddressLookup(eventLoop.submit { throw ClientError.dnsTimeout }) {}
    }
}

/// Limits, queues, time-outs and back-pressure.
@Suite(.timeLimit(.minutes(1))) struct PoolTests {
    private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    private static func timeouts(connect: Int64 = 5000, first: Int64 = 5000, between: Int64 = 5000) -> ClientTimeouts {
        ClientTimeouts(
            connect: .milliseconds(connect), firstByte: .milliseconds(first), betweenBytes: .milliseconds(between))
    }

    @Test func opensOneConnectionForEachRequestAtATime() async throws {
        let gate = Gate(4)
        try await Harness.run { connection, _ in
            gate.arrive { connection.send(Self.ok) }
        } _: { harness, server in
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { _ = try await harness.get(server.port) } }
                try await group.waitForAll()
            }
            #expect(server.connectionCount == 4)
            let port = server.port
            let origin = Origin(isSecure: false, host: "127.0.0.1", port: port)
            let counts = try await harness.onLoop {
                [$0.connectionCount(to: origin).open, $0.connectionCount(to: origin).idle]
            }
            #expect(counts == [4, 4])
        }
    }

    @Test func boundsConnectionsToOneOrigin() async throws {
        try await Harness.run({ $0.connectionsPerOrigin = 2 }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 { group.addTask { try await harness.expectOK(server.port) } }
                try await group.waitForAll()
            }
            #expect(server.connectionCount <= 2)
        }
    }

    @Test func boundsTheQueue() async throws {
        try await Harness.run({
            $0.connectionsPerOrigin = 1
            $0.waitingPerOrigin = 1
        }) { _, _ in
        } _: { harness, server in
            let request = try Harness.request(server.port)
            let results = try await harness.onLoop { client -> [ClientError] in
                var errors: [ClientError] = []
                var exchanges: [ClientExchange] = []
                for _ in 0..<3 {
                    exchanges.append(
                        client.start(request) { if case .failure(let error) = $0 { errors.append(error) } })
                }
                exchanges.forEach { $0.cancel() }
                return errors
            }
            #expect(results == [.connectionLimitReached, .connectionLimitReached])
        }
    }

    @Test func countsWaitingAgainstTheConnectTimeout() async throws {
        try await Harness.run({ $0.connectionsPerOrigin = 1 }) { _, _ in
        } _: { harness, server in
            let first = try Harness.request(server.port)
            let second = try Harness.request(server.port, timeouts: Self.timeouts(connect: 30))
            try await harness.onLoop { client in _ = client.start(first) { _ in } }
            #expect(await harness.failure(second) == .connectionTimeout)
        }
    }

    @Test func takesIdleConnectionsOfOthersBackAtTheLimit() async throws {
        try await Harness.run({ $0.connectionsInAll = 1 }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            let other = try await ScriptedServer(group: harness.group) { connection, _ in connection.send(Self.ok) }
            for _ in 0..<3 {
                try await harness.expectOK(server.port)
                try await harness.expectOK(other.port)
            }
            #expect(other.connectionCount == 3)
            try await other.close()
        }
    }

    @Test func closesConnectionsThatNobodyUses() async throws {
        try await Harness.run({ $0.idleTimeout = .milliseconds(1) }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            try await harness.expectOK(server.port)
            let origin = Origin(isSecure: false, host: "127.0.0.1", port: server.port)
            while try await harness.onLoop({ $0.connectionCount(to: origin).open }) > 0 {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    // MARK: Time-outs

    @Test func timesOutResolving() async throws {
        let harness = try Harness { $0.resolver = AddressBox() }
        let request = try ClientRequest(
            method: "GET", origin: Origin(isSecure: false, host: "slow.test", port: 80), target: "/",
            timeouts: Self.timeouts(connect: 20))
        #expect(await harness.failure(request) == .dnsTimeout)
        try await harness.end()
    }

    /// A component that asks for too many names fails nobody else's requests, though they want the same host.
    @Test(arguments: [1, 1024]) func aLookUpFailsOnlyWhoAsks(_ connections: Int) async throws {
        let box = AddressBox()
        try await Harness.run({
            $0.connectionsPerOrigin = connections
            $0.resolver = BusyResolver(for: "greedy", others: box)
        }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            box.set([try SocketAddress(ipAddress: "127.0.0.1", port: Int(server.port))])
            let origin = Origin(isSecure: false, host: "busy.test", port: 80)
            let results = try await harness.onLoop { client in
                try ["greedy", "modest", "greedy", "modest"].map { sender in
                    let promise = harness.loop.makePromise(of: Int.self)
                    let request = try ClientRequest(method: "GET", origin: origin, target: "/", sender: sender)
                    _ = client.start(request) { result in
                        if case .success(let response) = result { response.body.discard() }
                        promise.completeWith(result.map(\.status).mapError { $0 })
                    }
                    return promise.futureResult
                }
            }
            await #expect(throws: ClientError.dnsTimeout) { try await results[0].get() }
            for index in [1, 3] { #expect(try await results[index].get() == 200) }
            // That one may have been sent over a connection of the others.
            _ = try? await results[2].get()
        }
    }

    /// A look-up that nobody waits for is given up.
    @Test func givesUpLookUps() async throws {
        let resolver = LateResolver()
        let harness = try Harness { $0.resolver = resolver }
        let request = try ClientRequest(
            method: "GET", origin: Origin(isSecure: false, host: "slow.test", port: 80), target: "/",
            timeouts: Self.timeouts(connect: 20))
        #expect(await harness.failure(request) == .dnsTimeout)
        #expect(resolver.cancellations == 1)
        resolver.answer([])
        try await harness.end()
    }

    @Test func timesOutTheFirstByte() async throws {
        try await Harness.run { _, _ in
        } _: { harness, server in
            let request = try Harness.request(server.port, timeouts: Self.timeouts(first: 20))
            #expect(await harness.failure(request) == .readTimeout)
        }
    }

    @Test func interimResponsesAreNoFirstByte() async throws {
        try await Harness.run { connection, _ in
            connection.send("HTTP/1.1 103 Early\r\n\r\n")
        } _: { harness, server in
            let request = try Harness.request(server.port, timeouts: Self.timeouts(first: 20))
            #expect(await harness.failure(request) == .readTimeout)
        }
    }

    @Test func timesOutBetweenBytes() async throws {
        try await Harness.run { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")
        } _: { harness, server in
            let answer = try await harness.get(server.port, timeouts: Self.timeouts(between: 20))
            #expect(answer.body == "abc")
            #expect(answer.bodyError == .timeout)
        }
    }

    // MARK: Giving up

    @Test func cancellingClosesTheConnection() async throws {
        let closed = AsyncStream.makeStream(of: Void.self)
        try await Harness.run { connection, _ in
            connection.channel.closeFuture.whenComplete { _ in closed.continuation.yield() }
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\nabc")
        } _: { harness, server in
            let request = try Harness.request(server.port)
            try await harness.onLoop { client in
                _ = client.start(request) { result in
                    // Given up as soon as its head is there.
                    if case .success(let response) = result { response.body.discard() }
                }
            }
            var iterator = closed.stream.makeAsyncIterator()
            // 64 KiB are drained, and a second is waited for: neither brings the end.
            await iterator.next()
        }
    }

    @Test func aSmallRestIsReadForTheConnectionsSake() async throws {
        try await Harness.run { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n" + String(repeating: "x", count: 5000))
        } _: { harness, server in
            for _ in 0..<3 {
                let request = try Harness.request(server.port)
                let done = harness.loop.makePromise(of: Void.self)
                try await harness.onLoop { client in
                    _ = client.start(request) { result in
                        if case .success(let response) = result { response.body.discard() }
                        done.succeed()
                    }
                }
                try await done.futureResult.get()
                let origin = request.origin
                while try await harness.onLoop({ $0.connectionCount(to: origin).idle }) == 0 {
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func anAbandonedBodyBreaksTheRequest() async throws {
        try await Harness.run { _, _ in
        } _: { harness, server in
            let request = try Harness.request(server.port, method: "POST", body: .stream(length: nil))
            let error = await harness.failure(request) { exchange in
                exchange.body.write(ByteBuffer(string: "half"))
                exchange.body.abort()
            }
            #expect(error == .requestAborted)
        }
    }

    @Test(arguments: [2, 9]) func bodiesHaveTheDeclaredLength(_ count: Int) async throws {
        try await Harness.run { _, _ in
        } _: { harness, server in
            let request = try Harness.request(server.port, method: "POST", body: .stream(length: 5))
            let error = await harness.failure(request) { exchange in
                exchange.body.write(ByteBuffer(repeating: 0x61, count: count))
                exchange.body.finish()
            }
            #expect(error == .requestBodySize(count))
        }
    }

    // MARK: Back-pressure

    @Test func doesNotReadAheadOfTheReader() async throws {
        let size = 48 << 20
        let sent = Mutex(false)
        try await Harness.run { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: \(size)\r\n\r\n")
            connection.channel.writeAndFlush(ByteBuffer(repeating: 0x61, count: size)).whenSuccess {
                sent.withLock { $0 = true }
            }
        } _: { harness, server in
            let request = try Harness.request(server.port)
            let promise = harness.loop.makePromise(of: Answer.self)
            let full = harness.loop.makePromise(of: (buffered: Int, isSent: Bool).self)
            try await harness.onLoop { client in
                _ = client.start(request) { result in
                    guard case .success(let response) = result else { return promise.fail(ClientError.other("no")) }
                    // Waits until the body is full, and two turns of the loop more.
                    func poll() {
                        guard response.body.isFull else {
                            // A task, not the next turn at once: the loop looks at its sockets between timers only.
                            client.eventLoop.assumeIsolated().scheduleTask(in: .microseconds(100)) { poll() }
                            return
                        }
                        client.eventLoop.assumeIsolated().execute {
                            client.eventLoop.assumeIsolated().execute {
                                // Before anything is read: the rest may be sent soon after.
                                full.succeed((response.body.bufferedBytes, sent.withLock { $0 }))
                                Collector(response, promise).read()
                            }
                        }
                    }
                    poll()
                }
            }
            let (buffered, isSent) = try await full.futureResult.get()
            #expect(buffered < 1 << 20)
            #expect(!isSent)
            #expect(try await promise.futureResult.get().body.utf8.count == size)
        }
    }

    @Test func holdsTheWriterBack() async throws {
        let promises = MultiThreadedEventLoopGroup.singleton.next()
        let halted = promises.makePromise(of: Void.self)
        try await Harness.run(onHead: false) { connection, _ in
            guard connection.requests == 1 else { return }
            // Reads nothing more until the writer has come to a halt.
            let channel = connection.channel
            channel.setOption(.autoRead, value: false).whenComplete { _ in
                halted.futureResult.whenComplete { _ in _ = channel.setOption(.autoRead, value: true) }
            }
        } _: { harness, server in
            let request = try Harness.request(server.port, method: "POST", body: .stream(length: nil))
            let written = harness.loop.makePromise(of: Int.self)
            try await harness.onLoop { client in
                let exchange = client.start(request) { _ in }
                var total = 0
                func write() {
                    while exchange.body.writableBytes > 0, total < 64 << 20 {
                        let count = min(exchange.body.writableBytes, 16 << 10)
                        exchange.body.write(ByteBuffer(repeating: 0x61, count: count))
                        exchange.body.flush()
                        total += count
                    }
                    guard total < 64 << 20 else { return written.succeed(total) }
                    if total > 0 { halted.succeed() }
                    exchange.body.whenWritable { write() }
                }
                exchange.body.flush()
                exchange.body.whenWritable { write() }
            }
            #expect(try await written.futureResult.get() == 64 << 20)
        }
    }
}

/// Lets its callers go on once so many have arrived.
final class Gate: Sendable {
    private let count: Int
    private let waiting = Mutex<[@Sendable () -> Void]>([])

    init(_ count: Int) { self.count = count }

    func arrive(_ body: @escaping () -> Void) {
        let box = UnsafeCallback(body)
        let ready = self.waiting.withLock { waiting -> [@Sendable () -> Void] in
            waiting.append { box.body() }
            guard waiting.count >= self.count else { return [] }
            defer { waiting = [] }
            return waiting
        }
        for body in ready { body() }
    }

    /// All callers are on one event loop.
    private struct UnsafeCallback: @unchecked Sendable {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}
