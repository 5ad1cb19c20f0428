import HTTP
import HTTPClient
import NIOCore
import NIOPosix
import Testing

/// HTTP/1.1 against a server that answers byte for byte what a test says.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

    @Test func sendsAndReceives() async throws {
        try await Harness.run { connection, text in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
        } _: { harness, server in
            let answer = try await harness.get(server.port, "/path?a=b")
            #expect(answer.body == "GET /path?a=b HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\n\r\n")
            #expect(answer.fields.contains("content-length"))
        }
    }

    @Test func reusesConnections() async throws {
        try await Harness.run { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            for _ in 0..<5 { try await harness.expectOK(server.port) }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func closesWhenToldTo() async throws {
        try await Harness.run { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")
        } _: { harness, server in
            for _ in 0..<3 { try await harness.expectOK(server.port) }
            #expect(server.connectionCount == 3)
        }
    }

    @Test func keepsNoConnectionsWithoutPooling() async throws {
        try await Harness.run({ $0.keepsConnections = false }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            for _ in 0..<3 { try await harness.expectOK(server.port) }
            #expect(server.connectionCount == 3)
        }
    }

    @Test func readsTrailersAndChunks() async throws {
        try await Harness.run { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 7\r\n\r\n")
        } _: { harness, server in
            let answer = try await harness.get(server.port)
            #expect(answer.body == "abc")
            #expect(answer.trailers?.first("x-sum") == "7")
        }
    }

    @Test func writesSmallBodiesWithLength() async throws {
        try await Harness.run { connection, text in
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: \(text.utf8.count)\r\n\r\n\(text)")
        } _: { harness, server in
            let request = try Harness.request(
                server.port, method: "POST", fields: ["x": "y"], body: .stream(length: nil))
            let answer = try await harness.send(request) { exchange in
                exchange.body.write(ByteBuffer(string: "hello"))
                exchange.body.finish()
            }
            #expect(answer.body.hasSuffix("\r\nx: y\r\ncontent-length: 5\r\n\r\nhello"))
        }
    }

    @Test func writesFlushedBodiesInChunksWithTrailers() async throws {
        try await Harness.run(onHead: false) { connection, text in
            guard text.hasSuffix("\r\n0\r\nx-sum: 9\r\n\r\n") else {
                // Chunks arrive in pieces; the answer waits for the end.
                return
            }
            connection.send(Self.ok)
        } _: { harness, server in
            let request = try Harness.request(server.port, method: "POST", body: .stream(length: nil))
            let answer = try await harness.send(request) { exchange in
                exchange.body.write(ByteBuffer(string: "one"))
                exchange.body.flush()
                exchange.body.write(ByteBuffer(string: "two"))
                exchange.body.finish(trailers: ["x-sum": "9"])
            }
            #expect(answer.body == "ok")
        }
    }

    @Test(arguments: [
        ("POST", "content-length: 0\r\n"), ("PUT", "content-length: 0\r\n"), ("GET", ""), ("DELETE", ""),
    ])
    func saysThatThereIsNoBody(_ method: String, _ expected: String) async throws {
        try await Harness.run { connection, text in
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: \(text.utf8.count)\r\n\r\n\(text)")
        } _: { harness, server in
            let answer = try await harness.get(server.port, method: method)
            #expect(answer.body.hasSuffix("host: 127.0.0.1:\(server.port)\r\n\(expected)\r\n"))
        }
    }

    @Test func leavesOutFieldsOfTheConnection() async throws {
        try await Harness.run { connection, text in
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: \(text.utf8.count)\r\n\r\n\(text)")
        } _: { harness, server in
            let fields: HTTPFields = [
                "Host": "evil", "connection": "x", "transfer-encoding": "chunked", "content-length": "9",
                "upgrade": "h2c", "te": "gzip", "a": "b",
            ]
            let answer = try await harness.send(try Harness.request(server.port, fields: fields))
            #expect(answer.body == "GET / HTTP/1.1\r\nhost: 127.0.0.1:\(server.port)\r\na: b\r\n\r\n")
        }
    }

    @Test func retriesOnceOnAStaleConnection() async throws {
        try await Harness.run { connection, _ in
            if connection.requests == 1 { connection.send(Self.ok) } else { connection.close() }
        } _: { harness, server in
            try await harness.expectOK(server.port)
            try await harness.expectOK(server.port)
            #expect(server.connectionCount == 2)
        }
    }

    @Test func neverRepeatsWhatMayHaveBeenDone() async throws {
        try await Harness.run { connection, _ in
            if connection.requests == 1 { connection.send(Self.ok) } else { connection.close() }
        } _: { harness, server in
            try await harness.expectOK(server.port)
            let post = try Harness.request(server.port, method: "POST")
            #expect(await harness.failure(post) == .connectionTerminated)
            #expect(server.connectionCount == 1)
        }
    }

    @Test func doesNotRetryOnAFreshConnection() async throws {
        try await Harness.run { connection, _ in
            connection.close()
        } _: { harness, server in
            let request = try Harness.request(server.port)
            #expect(await harness.failure(request) == .connectionTerminated)
            #expect(server.connectionCount == 1)
        }
    }

    @Test func doesNotReuseAConnectionWithUnaskedBytes() async throws {
        try await Harness.run { connection, _ in
            connection.send(Self.ok + "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled")
        } _: { harness, server in
            for _ in 0..<3 { try await harness.expectOK(server.port) }
            #expect(server.connectionCount == 3)
        }
    }

    /// Nor when a request waits for the connection: the bytes would be the answer to that.
    @Test func givesUnaskedBytesToNobody() async throws {
        try await Harness.run({ $0.connectionsPerOrigin = 1 }) { connection, _ in
            connection.send(Self.ok + "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled")
        } _: { harness, server in
            try await withThrowingTaskGroup { group in
                for _ in 0..<5 { group.addTask { try await harness.expectOK(server.port) } }
                try await group.waitForAll()
            }
            #expect(server.connectionCount == 5)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab", BodyError.clientDisconnected),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n", .clientDisconnected),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab!",
            .malformed("the data of a chunk is longer than its size")
        ),
    ])
    func breaksOffBodies(_ text: String, _ error: BodyError) async throws {
        try await Harness.run { connection, _ in
            connection.send(text)
            connection.close()
        } _: { harness, server in
            let answer = try await harness.get(server.port)
            #expect(answer.body == "ab")
            #expect(answer.bodyError == error)
        }
    }

    @Test func readsBodiesUpToTheEndOfTheConnection() async throws {
        try await Harness.run { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\n\r\nall of it")
            connection.close()
        } _: { harness, server in
            let answer = try await harness.get(server.port)
            #expect(answer.body == "all of it")
            #expect(answer.bodyError == nil)
        }
    }

    // MARK: Interim responses

    @Test func waitsForContinue() async throws {
        try await Harness.run(onHead: false) { connection, text in
            if connection.requests == 1 {
                #expect(text.hasSuffix("\r\n\r\n"))
                connection.send("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
            } else {
                connection.send("HTTP/1.1 200 OK\r\ncontent-length: \(text.utf8.count)\r\n\r\n\(text)")
            }
        } _: { harness, server in
            let request = try Harness.request(
                server.port, method: "POST", fields: ["expect": "100-continue"], body: .stream(length: 4))
            let answer = try await harness.send(request) { exchange in
                exchange.body.write(ByteBuffer(string: "data"))
                exchange.body.finish()
            }
            #expect(answer.body == "data")
        }
    }

    @Test func keepsTheBodyThatTheServerRefuses() async throws {
        try await Harness.run(onHead: false) { connection, text in
            #expect(!text.contains("data"))
            connection.send("HTTP/1.1 417 No\r\ncontent-length: 0\r\n\r\n")
        } _: { harness, server in
            let request = try Harness.request(
                server.port, method: "POST", fields: ["expect": "100-continue"], body: .stream(length: 4))
            let answer = try await harness.send(request) { exchange in
                exchange.body.write(ByteBuffer(string: "data"))
                exchange.body.finish()
            }
            #expect(answer.status == 417)
        }
    }

    private static func expecting(_ server: ScriptedServer, length: Int?) throws -> ClientRequest {
        let timeouts = ClientTimeouts(firstByte: .seconds(40), betweenBytes: .seconds(40))
        return try Harness.request(
            server.port, method: "PUT", fields: ["expect": "100-continue"], body: .stream(length: length),
            timeouts: timeouts)
    }

    /// The server may take the next bytes for the body that was announced: the connection is closed.
    @Test func closesTheConnectionOfARefusedBody() async throws {
        try await Harness.run { connection, text in
            connection.send(text.hasPrefix("PUT") ? "HTTP/1.1 417 No\r\ncontent-length: 0\r\n\r\n" : Self.ok)
        } _: { harness, server in
            let answer = try await harness.send(Self.expecting(server, length: 4)) { exchange in
                exchange.body.write(ByteBuffer(string: "data"))
                exchange.body.finish()
            }
            #expect(answer.status == 417)
            try await harness.expectOK(server.port)
            #expect(server.connectionCount == 2)
            let origin = Origin(isSecure: false, host: "127.0.0.1", port: server.port)
            while try await harness.onLoop({ $0.connectionCount(to: origin).open }) > 1 {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    /// Its writer comes to the end, however long it is.
    @Test func throwsARefusedBodyAway() async throws {
        try await Harness.run(onHead: false) { connection, text in
            #expect(!text.contains("aaaa"))
            connection.send("HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n")
        } _: { harness, server in
            let written = harness.loop.makePromise(of: Bool.self)
            let answer = try await harness.send(Self.expecting(server, length: nil)) { exchange in
                var left = 1 << 20
                func write() {
                    while left > 0, exchange.body.writableBytes > 0 {
                        let count = min(left, exchange.body.writableBytes)
                        exchange.body.write(ByteBuffer(repeating: 0x61, count: count))
                        left -= count
                    }
                    guard left > 0, !exchange.body.isClosed else {
                        return written.succeed(exchange.body.finish())
                    }
                    exchange.body.whenWritable { write() }
                }
                write()
            }
            #expect(answer.status == 403)
            #expect(try await written.futureResult.get())
        }
    }

    /// A server may begin its response without a word about the body, and then wait for that.
    @Test func sendsTheBodyToAServerThatBeginsToAnswer() async throws {
        try await Harness.run(onHead: false) { connection, text in
            if text.hasPrefix("PUT") {
                connection.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n")
            } else {
                connection.send(text)
            }
        } _: { harness, server in
            for _ in 0..<2 {
                let answer = try await harness.send(Self.expecting(server, length: 4)) { exchange in
                    exchange.body.write(ByteBuffer(string: "data"))
                    exchange.body.finish()
                }
                #expect(answer.body == "data")
                #expect(answer.bodyError == nil)
            }
            #expect(server.connectionCount == 1)
        }
    }

    // MARK: Failures

    /// A writer that has nothing to write now would not notice by itself.
    @Test func tellsTheWriterOfABodyThatNobodyTakes() async throws {
        try await Harness.run { connection, _ in
            connection.close()
        } _: { harness, server in
            let told = harness.loop.makePromise(of: Void.self)
            let request = try Harness.request(server.port, method: "PUT", body: .stream(length: nil))
            let failure = await harness.failure(request) { exchange in
                exchange.body.whenClosed { told.succeed() }
                exchange.body.write(ByteBuffer(string: "begin"))
                exchange.body.flush()
            }
            #expect(failure != nil)
            try await told.futureResult.get()
        }
    }

    @Test func tellsARefusedConnection() async throws {
        let harness = try Harness()
        let listener = try await ServerBootstrap(group: harness.group).bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(listener.localAddress?.port ?? 0)
        try await listener.close().get()
        let request = try Harness.request(port)
        #expect(await harness.failure(request) == .connectionRefused)
        try await harness.end()
    }

    @Test func tellsAnUnknownName() async throws {
        let harness = try Harness { $0.resolver = FakeResolver(result: .failure(.dnsError(code: "NXDOMAIN"))) }
        let origin = Origin(isSecure: false, host: "no.such.test", port: 80)
        let request = try ClientRequest(method: "GET", origin: origin, target: "/")
        #expect(await harness.failure(request) == .dnsError(code: "NXDOMAIN"))
        try await harness.end()
    }

    @Test func checksTheResolvedAddress() async throws {
        let local = try SocketAddress(ipAddress: "127.0.0.1", port: 9)
        let harness = try Harness {
            $0.resolver = FakeResolver(result: .success([local]))
            $0.addressPolicy = AddressPolicy { $0.ipAddress != "127.0.0.1" }
        }
        for host in ["rebound.test", "127.0.0.1"] {
            let request = try ClientRequest(
                method: "GET", origin: Origin(isSecure: false, host: host, port: 9), target: "/")
            #expect(await harness.failure(request) == .addressProhibited)
        }
        try await harness.end()
    }

    @Test func triesTheNextAddress() async throws {
        let box = AddressBox()
        try await Harness.run({ $0.resolver = box }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            box.set([
                try SocketAddress(ipAddress: "127.0.0.2", port: 1),
                try SocketAddress(ipAddress: "127.0.0.1", port: Int(server.port)),
            ])
            let origin = Origin(isSecure: false, host: "two.test", port: server.port)
            #expect(try await harness.send(ClientRequest(method: "GET", origin: origin, target: "/")).body == "ok")
        }
    }

    @Test func refusesBrokenRequests() throws {
        let origin = Origin(isSecure: false, host: "a", port: 80)
        for (method, authority, target) in [
            ("G T", "a", "/"), ("", "a", "/"), ("GET", "a\r\nb", "/"), ("GET", "", "/"), ("GET", "a", "x"),
            ("GET", "a", "/ b"), ("GET", "a", "/\r\nx: y"), ("CONNECT", "a", "/"), ("GET", "a", "*"), ("GET", "a", ""),
        ] {
            #expect(throws: ClientError.self) {
                _ = try ClientRequest(method: method, origin: origin, authority: authority, target: target)
            }
        }
    }

    @Test(arguments: [
        ("example.com", "example.com", 80), ("Example.COM:8080", "example.com", 8080), ("[::1]:90", "::1", 90),
        ("[::1]", "::1", 80), ("user:pass@host:7", "host", 7), ("host:", "host", 80),
    ])
    func splitsAuthorities(_ text: String, _ host: String, _ port: Int) {
        #expect(Origin(isSecure: false, authority: text) == Origin(isSecure: false, host: host, port: UInt16(port)))
    }

    @Test(arguments: ["", ":80", "a:b", "a:99999", "[::1", "[::1]x", "a:0"])
    func refusesAuthorities(_ text: String) {
        #expect(Origin(isSecure: true, authority: text) == nil)
    }
}

struct FakeResolver: AddressResolver {
    let result: Result<[SocketAddress], ClientError>

    func lookUp(_ host: String, port: UInt16, for asker: String, on eventLoop: any EventLoop) -> AddressLookup {
        switch self.result {
        case .success(let addresses): AddressLookup(eventLoop.makeSucceededFuture(addresses)) {}
        case .failure(let error): AddressLookup(eventLoop.makeFailedFuture(error)) {}
        }
    }
}
