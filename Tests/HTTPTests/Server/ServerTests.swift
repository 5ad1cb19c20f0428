import HTTP
import NIOCore
import Synchronization
import Testing

/// The server on real sockets.
@Suite(.serialized) struct ServerTests {
    static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: [ServerConfiguration.AcceptMode.single, .perLoop])
    func answersOnAFreePort(_ mode: ServerConfiguration.AcceptMode) async throws {
        let configuration = ServerConfiguration.with {
            $0.acceptMode = mode
            $0.loops = 2
        }
        try await withServer(configuration) { exchange in
            exchange.answer("\(exchange.clientAddress?.ipAddress ?? "?") \(exchange.localAddress?.port ?? 0)")
        } _: { server, port in
            #expect(port > 0)
            for _ in 0..<6 {
                let client = try TestClient(port: port)
                for _ in 0..<3 {
                    try client.send(Self.get)
                    #expect(try client.receive(until: "127.0.0.1 \(port)").hasPrefix("HTTP/1.1 200 OK\r\n"))
                }
            }
            #expect(await server.statistics().requests == 18)
        }
    }

    @Test func addressInUseIsSaid() async throws {
        try await withServer {
            $0.answer("x")
        } _: { _, port in
            var configuration = ServerConfiguration()
            configuration.port = port
            let second = HTTPServer(configuration: configuration, handler: ClosureHandler { _ in })
            let error = try #require(await self.startError(of: second))
            #expect(error == .addressInUse(host: "127.0.0.1", port: port))
            #expect(error.description.contains("address already in use"))
        }
    }

    private func startError(of server: HTTPServer) async -> ServerError? {
        do {
            try await server.start()
            return nil
        } catch {
            return error as? ServerError
        }
    }

    @Test func otherBindErrorsAreSaid() async throws {
        for host in ["192.0.2.1", "no-such-host.invalid"] {
            var configuration = ServerConfiguration()
            configuration.host = host
            configuration.port = 0
            let server = HTTPServer(configuration: configuration, handler: ClosureHandler { _ in })
            let error = try #require(await self.startError(of: server))
            #expect(error.description.contains(host))
            await #expect(throws: ServerError.alreadyStarted) { try await server.start() }
        }
    }

    @Test func largeBodyGoesBothWays() async throws {
        try await withServer { exchange in
            BodyReader.read(exchange) { exchange, bytes in
                exchange.response.writeHead(ResponseHead(status: 200))
                exchange.response.write(bytes)
                exchange.response.finish()
            }
        } _: { _, port in
            let body = String(repeating: "0123456789abcdef", count: 1 << 16)
            for framing in [
                "Content-Length: \(body.utf8.count)\r\n\r\n\(body)",
                "Transfer-Encoding: chunked\r\n\r\n100000\r\n\(body)\r\n0\r\n\r\n",
            ] {
                let client = try TestClient(port: port)
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(framing)")
                let answer = try client.receiveAll()
                let head = answer.prefix(200)
                #expect(head.contains("content-length: 1048576\r\n"))
                let isIntact = answer.hasSuffix("\r\n\r\n" + body)
                #expect(isIntact)
            }
        }
    }

    @Test func halfClosedClientGetsItsResponse() async throws {
        let started = Mailbox<@Sendable () -> Void>()
        try await withServer { exchange in
            let bound = NIOLoopBound(exchange, eventLoop: exchange.eventLoop)
            started.put { bound.eventLoop.execute { bound.value.answer("late") } }
        } _: { _, port in
            let client = try TestClient(port: port)
            try client.send(Self.get)
            client.shutdownOutput()
            let answer = try await started.next()
            answer()
            #expect(try client.receiveAll().hasSuffix("late"))
        }
    }

    /// The client goes away at each stage; the server serves the next one.
    @Test(
        arguments: [
            "", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfff",
            "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n",
        ], [true, false])
    func clientVanishes(_ text: String, _ isReset: Bool) async throws {
        let closed = Mailbox<String>()
        let seen = Mailbox<Void>()
        var configuration = ServerConfiguration()
        configuration.halfClosedTimeout = .milliseconds(50)
        try await withServer(configuration) { exchange in
            exchange.onClose = { closed.put(exchange.head.path) }
            if exchange.head.path == "/next" {
                exchange.answer("next")
            } else if exchange.head.path == "/stream" {
                exchange.response.writeHead(ResponseHead(status: 200))
                func pump() {
                    while exchange.response.writableBytes > 0 {
                        exchange.response.write(ByteBuffer(repeating: 0x61, count: 10_000))
                        exchange.response.flush()
                    }
                    if !exchange.response.isClosed {
                        exchange.response.whenWritable(pump)
                    }
                }
                pump()
            }
            seen.put(())
        } _: { server, port in
            let client = try TestClient(port: port)
            try client.send(text)
            if text.contains("\r\n\r\n") {
                try await seen.next()
            }
            if text.contains("stream") {
                _ = try client.receive()
            }
            if isReset {
                client.reset()
            } else {
                client.close()
            }
            if text.contains("\r\n\r\n") {
                #expect(try await closed.next() != "/next")
            }
            let next = try TestClient(port: port)
            try next.send("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try next.receiveAll().hasSuffix("next"))
            let statistics = await server.statistics()
            #expect(statistics.disconnects == (text.contains("\r\n\r\n") ? 1 : 0))
        }
    }

    @Test func clientThatDoesNotReadHoldsTheWriterBack() async throws {
        let written = Atomic<Int>(0)
        let stopped = Mailbox<Int>()
        let total = 64 << 20
        try await withServer { exchange in
            exchange.response.writeHead(ResponseHead(status: 200))
            func pump() {
                while exchange.response.writableBytes > 0 {
                    let count = min(32 * 1024, total - written.load(ordering: .relaxed))
                    guard count > 0 else {
                        exchange.response.finish()
                        return
                    }
                    exchange.response.write(ByteBuffer(repeating: 0x61, count: count))
                    exchange.response.flush()
                    written.add(count, ordering: .relaxed)
                }
                stopped.put(written.load(ordering: .relaxed))
                exchange.response.whenWritable(pump)
            }
            pump()
        } _: { _, port in
            let client = try TestClient(port: port, receiveBuffer: 16 * 1024)
            try client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(try await stopped.next() < 16 << 20)
            let text = try client.receiveAll()
            #expect(text.utf8.count > total)
        }
    }

    @Test(arguments: [true, false]) func clientThatNeverReadsIsCutOff(_ isFinished: Bool) async throws {
        let closed = Mailbox<Void>()
        let configuration = ServerConfiguration.with { $0.writeTimeout = .milliseconds(100) }
        try await withServer(configuration) { exchange in
            exchange.onClose = { closed.put(()) }
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.write(ByteBuffer(repeating: 0x61, count: 32 << 20))
            if isFinished {
                exchange.response.finish()
            } else {
                exchange.response.flush()
            }
        } _: { server, port in
            let client = try TestClient(port: port, receiveBuffer: 16 * 1024)
            try client.send(Self.get)
            if isFinished {
                while await server.statistics().timeouts == 0 {
                    await Task.yield()
                }
            } else {
                try await closed.next()
            }
            #expect(await server.statistics().timeouts == 1)
        }
    }

    @Test func readerThatDoesNotReadHoldsTheClientBack() async throws {
        let exchanges = Mailbox<NIOLoopBound<Exchange>>()
        try await withServer { exchange in
            exchanges.put(NIOLoopBound(exchange, eventLoop: exchange.eventLoop))
        } _: { _, port in
            let client = try TestClient(port: port)
            let size = 32 << 20
            let body = String(repeating: "a", count: size)
            async let sent: Void = client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n" + body)
            let bound = try await exchanges.next()
            // The loop has had many turns to read more than it should.
            var buffered = 0
            for _ in 0..<2000 {
                buffered = try await bound.eventLoop.submit { bound.value.body.bufferedBytes }.get()
            }
            #expect(buffered <= 128 * 1024)
            bound.eventLoop.execute {
                BodyReader.read(bound.value) { $0.answer("\($1.readableBytes) bytes") }
            }
            try await sent
            let expected = "\(size) bytes"
            #expect(try client.receive(until: expected).hasSuffix(expected))
        }
    }

    @Test func errorReachesAClientThatIsStillSending() async throws {
        try await withServer {
            $0.answer("x")
        } _: { _, port in
            let client = try TestClient(port: port)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n")
            try client.send(String(repeating: "a", count: 1 << 20))
            client.shutdownOutput()
            #expect(try client.receiveAll().hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        }
    }

    @Test func abortOfAResponseWithoutLengthResetsTheConnection() async throws {
        try await withServer { exchange in
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.write(ByteBuffer(string: "part"))
            exchange.response.flush()
            exchange.response.abort()
        } _: { _, port in
            let client = try TestClient(port: port)
            try client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(throws: IOError.self) { try client.receiveAll() }
        }
    }

    @Test func gracefulShutdownLetsRequestsFinish() async throws {
        let exchanges = Mailbox<NIOLoopBound<Exchange>>()
        var configuration = ServerConfiguration()
        configuration.port = 0
        configuration.loops = 1
        let handler = ClosureHandler { exchanges.put(NIOLoopBound($0, eventLoop: $0.eventLoop)) }
        let server = HTTPServer(configuration: configuration, handler: handler)
        let port = try await server.start().port
        let idle = try TestClient(port: port)
        let busy = try TestClient(port: port)
        try busy.send(Self.get)
        let bound = try await exchanges.next()
        async let shutdown: Void = server.shutdown(gracePeriod: .seconds(20))
        #expect(try idle.receiveAll().isEmpty)
        #expect(throws: IOError.self) { _ = try TestClient(port: port) }
        bound.eventLoop.execute { bound.value.answer("done") }
        let answer = try busy.receiveAll()
        #expect(answer.contains("connection: close\r\n"))
        #expect(answer.hasSuffix("done"))
        await shutdown
    }

    @Test func shutdownCutsAfterTheGracePeriod() async throws {
        let closed = Mailbox<Void>()
        let seen = Mailbox<Void>()
        try await withServer { exchange in
            exchange.onClose = { closed.put(()) }
            seen.put(())
        } _: { server, port in
            let client = try TestClient(port: port)
            try client.send(Self.get)
            try await seen.next()
            await server.shutdown(gracePeriod: .milliseconds(50))
            try await closed.next()
            #expect(try client.receiveAll().isEmpty)
        }
    }

    @Test func connectionsAboveTheLimitWait() async throws {
        let configuration = ServerConfiguration.with { $0.maxConnections = 2 }
        let exchanges = Mailbox<NIOLoopBound<Exchange>>()
        try await withServer(configuration) { exchange in
            exchanges.put(NIOLoopBound(exchange, eventLoop: exchange.eventLoop))
        } _: { server, port in
            let clients = try (0..<3).map { _ in try TestClient(port: port) }
            for client in clients {
                try client.send(Self.get)
            }
            let first = try await exchanges.next()
            _ = try await exchanges.next()
            #expect(server.connectionCount == 2)
            first.eventLoop.execute { first.value.answer("x") }
            // The first client is let go, so that the third is served.
            let third = try await exchanges.next()
            third.eventLoop.execute { third.value.answer("third") }
            #expect(try clients[2].receive(until: "third").hasSuffix("third"))
        }
    }

    /// In a process of its own: the limit is that of all tests that run at the same time.
    @Test func serverOutlivesTheLackOfFileDescriptors() async {
        await #expect(processExitsWith: .success) {
            try await withServer {
                $0.answer("here")
            } _: { server, port in
                let client = TestClient()
                let limit = FileLimit()
                defer { limit.restore() }
                try client.connect(port: port)
                try client.send(ServerTests.get)
                while server.acceptFailures == 0 {
                    await Task.yield()
                }
                limit.restore()
                #expect(try client.receive(until: "here").hasSuffix("here"))
            }
        }
    }
}
