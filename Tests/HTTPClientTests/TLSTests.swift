import Foundation
import HTTP
import HTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import NginxTestSupport
import TestSupport
import Testing

/// TLS and HTTP/2, against this project's own server and nginx.
@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    /// Answers with what it got: version, method, target, length of the body, and its trailers.
    private final class Echo: RequestHandler {
        func handle(_ exchange: Exchange) {
            Reader(exchange).read()
        }

        private final class Reader {
            let exchange: Exchange
            var body = ByteBuffer()
            init(_ exchange: Exchange) { self.exchange = exchange }

            func read() {
                while true {
                    switch self.exchange.body.read() {
                    case .bytes(var bytes): self.body.writeBuffer(&bytes)
                    case .wouldBlock:
                        self.exchange.body.whenReadable { self.read() }
                        return
                    case .failed: return self.exchange.response.abort()
                    case .end(let trailers):
                        var head = ResponseHead(status: 200)
                        let version = self.exchange.head.fields.contains("host") ? "1" : "2"
                        head.fields.append("x-version", version)
                        head.fields.append("x-seen", "\(self.exchange.head.method) \(self.exchange.head.target)")
                        self.exchange.response.writeHead(head)
                        self.exchange.response.write(self.body)
                        if trailers != nil { self.exchange.response.flush() }
                        self.exchange.response.finish(trailers: trailers)
                        return
                    }
                }
            }
        }
    }

    private func withServer(
        trusted: Bool = true, priorKnowledge: Bool = false, tls: Bool = true,
        _ body: (Harness, UInt16) async throws -> Void
    ) async throws {
        let certificate = try Certificate()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = ServerConfiguration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        if tls { configuration.tls = try ServerTLS(certificate: certificate.certificate, key: certificate.key) }
        let server = HTTPServer(configuration: configuration, handler: Echo(), group: group)
        let address = try await server.start()
        let harness = try Harness {
            if trusted { $0.tls.trustRoots = .file(certificate.certificate) }
            if priorKnowledge { $0.priorKnowledge = ["127.0.0.1:\(address.port)"] }
        }
        try await body(harness, UInt16(address.port))
        try await harness.end()
        await server.shutdown(gracePeriod: .seconds(1))
        try await group.shutdownGracefully()
    }

    private static func request(
        _ port: UInt16, _ target: String = "/", host: String = "127.0.0.1", isSecure: Bool = true,
        method: String = "GET", body: ClientRequest.Body = .none
    ) throws -> ClientRequest {
        try ClientRequest(
            method: method, origin: Origin(isSecure: isSecure, host: host, port: port), target: target, body: body)
    }

    @Test(arguments: ["127.0.0.1", "localhost"]) func speaksHTTP2OverTLS(_ host: String) async throws {
        try await self.withServer { harness, port in
            for index in 0..<3 {
                let answer = try await harness.send(Self.request(port, "/x?\(index)", host: host))
                #expect(answer.status == 200)
                #expect(answer.fields.first("x-seen") == "GET /x?\(index)")
            }
            let origin = Origin(isSecure: true, host: host, port: port)
            let open = try await harness.onLoop { $0.connectionCount(to: origin).open }
            #expect(open == 1)
        }
    }

    @Test func multiplexesRequests() async throws {
        try await self.withServer { harness, port in
            try await withThrowingTaskGroup { group in
                for index in 0..<300 {
                    group.addTask {
                        let request = try Self.request(port, "/\(index)", method: "POST", body: .stream(length: nil))
                        let answer = try await harness.send(request) { exchange in
                            exchange.body.write(ByteBuffer(string: "body \(index)"))
                            exchange.body.finish()
                        }
                        #expect(answer.body == "body \(index)")
                    }
                }
                try await group.waitForAll()
            }
            let origin = Origin(isSecure: true, host: "127.0.0.1", port: port)
            let open = try await harness.onLoop { $0.connectionCount(to: origin).open }
            #expect(open <= 4)
        }
    }

    @Test func movesLargeBodiesAndTrailersOverHTTP2() async throws {
        try await self.withServer { harness, port in
            let request = try Self.request(port, method: "PUT", body: .stream(length: nil))
            let answer = try await harness.send(request) { exchange in
                var left = 4 << 20
                func write() {
                    while left > 0, exchange.body.writableBytes > 0 {
                        let count = min(left, exchange.body.writableBytes)
                        exchange.body.write(ByteBuffer(repeating: 0x61, count: count))
                        left -= count
                    }
                    if left == 0 {
                        exchange.body.finish(trailers: ["x-sum": "1"])
                    } else {
                        exchange.body.whenWritable { write() }
                    }
                }
                write()
            }
            #expect(answer.body.utf8.count == 4 << 20)
            #expect(answer.trailers?.first("x-sum") == "1")
        }
    }

    @Test func speaksHTTP2WithPriorKnowledge() async throws {
        try await self.withServer(priorKnowledge: true, tls: false) { harness, port in
            let answer = try await harness.send(Self.request(port, isSecure: false))
            #expect(answer.status == 200)
            #expect(answer.fields.first("x-version") == "2" || answer.fields.contains("x-seen"))
        }
    }

    @Test func refusesAnUntrustedCertificate() async throws {
        try await self.withServer(trusted: false) { harness, port in
            let request = try Self.request(port)
            guard case .tlsCertificateError = await harness.failure(request) else {
                Issue.record("the certificate was accepted, or the error is another")
                return
            }
        }
    }

    @Test func refusesACertificateForAnotherName() async throws {
        let certificate = try Certificate()
        let group = MultiThreadedEventLoopGroup.singleton
        var configuration = ServerConfiguration()
        configuration.host = "127.0.0.1"
        configuration.port = 0
        configuration.tls = try ServerTLS(certificate: certificate.certificate, key: certificate.key)
        let server = HTTPServer(configuration: configuration, handler: Echo(), group: group)
        let port = UInt16(try await server.start().port)
        let local = try SocketAddress(ipAddress: "127.0.0.1", port: Int(port))
        let harness = try Harness {
            $0.tls.trustRoots = .file(certificate.certificate)
            $0.resolver = FakeResolver(result: .success([local]))
        }
        let request = try Self.request(port, host: "other.test")
        let error = await harness.failure(request)
        guard case .tlsCertificateError = error else {
            Issue.record("the error is \(String(describing: error))")
            return
        }
        try await harness.end()
        await server.shutdown(gracePeriod: .seconds(1))
    }

    @Test func tellsAServerWithoutTLS() async throws {
        try await Harness.run(onHead: false) { connection, _ in
            connection.send("HTTP/1.1 400 No\r\n\r\n")
        } _: { harness, server in
            let request = try Self.request(server.port)
            guard case .tlsProtocolError = await harness.failure(request) else {
                Issue.record("the error is another")
                return
            }
        }
    }

    @Test(arguments: [
        ("example.com", "example.com", true), ("EXAMPLE.com", "example.com", true),
        ("example.com.", "example.com", true),
        ("*.example.com", "a.example.com", true), ("*.example.com", "a.b.example.com", false),
        ("*.example.com", "example.com", false), ("*.com", "example.com", false), ("*", "example.com", false),
        ("a*.example.com", "ab.example.com", false), ("", "example.com", false),
        ("example.com", "a.example.com", false),
        ("example.com\0.evil", "example.com", false),
    ])
    func matchesNames(_ pattern: String, _ host: String, _ isMatch: Bool) {
        let bytes = Array(pattern.utf8)
        #expect(bytes.withUnsafeBufferPointer { ServerIdentity.matches($0, host) } == isMatch)
    }

    @Test func readsAlerts() {
        let text =
            "Error: 268436496 error:10000410:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE at x.cc:1"
        #expect(TLSFailure.alert(in: text) == .tlsAlert(id: 40, message: "SSLV3_ALERT_HANDSHAKE_FAILURE"))
        #expect(TLSFailure.alert(in: "error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER") == nil)
    }

    /// Takes what comes, and tells nobody.
    private final class Deaf: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
    }

    /// A server over TLS that hears nothing any more once it has answered: no good-bye either.
    private func withDeafServer(
        _ configure: (inout ClientConfiguration) -> Void = { _ in },
        _ body: (Harness, ScriptedServer) async throws -> Void
    ) async throws {
        let certificate = try Certificate()
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMFile(certificate.certificate).map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(file: certificate.key, format: .pem))))
        let harness = try Harness {
            $0.tls.trustRoots = .file(certificate.certificate)
            configure(&$0)
        }
        let server = try await ScriptedServer(group: harness.group, tls: tls) { connection, _ in
            connection.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
            try? connection.channel.pipeline.syncOperations.addHandler(Deaf(), position: .first)
        }
        try await body(harness, server)
        try await server.close()
        try await harness.end()
    }

    /// A connection that is being closed is neither used nor in the way.
    @Test func usesNoConnectionThatIsBeingClosed() async throws {
        let total = ConnectionBudget(1)
        try await self.withDeafServer({ $0.totalBudget = total }) { harness, server in
            #expect(try await harness.send(Self.request(server.port)).body == "ok")
            let post = try Self.request(server.port, method: "POST")
            let loop = harness.loop
            let answer = loop.makePromise(of: Int.self)
            try await harness.onLoop { client in
                // The place is wanted: the connection is closed in the next task of the loop.
                _ = total.wait(on: loop) { total.giveBack() }
                let bound = NIOLoopBound(client, eventLoop: loop)
                loop.execute {
                    _ = bound.value.start(post) { answer.completeWith($0.map(\.status).mapError { $0 }) }
                }
            }
            #expect(try await answer.futureResult.get() == 200)
            #expect(server.connectionCount == 2)
        }
    }

    @Test func waitsForNoGoodBye() async throws {
        try await self.withDeafServer({
            $0.idleTimeout = .milliseconds(1)
            $0.tls.shutdownTimeout = .hours(1)
        }) { harness, server in
            let request = try Self.request(server.port)
            #expect(try await harness.send(request).body == "ok")
            while try await harness.onLoop({ $0.connectionCount(to: request.origin).open }) > 0 {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    // MARK: nginx

    @Test(.enabled(if: Nginx.isInstalled), arguments: ["", "http2 on;"])
    func talksToNginx(_ http2: String) async throws {
        let certificate = try Certificate()
        let harness = try Harness { $0.tls.trustRoots = .file(certificate.certificate) }
        let nginx = try Nginx([
            .tls(
                certificate.files, http2: !http2.isEmpty,
                """
                location /version { return 200 "$server_protocol $request_method $http_host"; }
                location /gone { return 404; }
                """)
        ])
        defer { nginx.end() }
        let port = nginx.ports[0]
        let answer = try await harness.send(Self.request(port, "/version"))
        #expect(answer.body == (http2.isEmpty ? "HTTP/1.1" : "HTTP/2.0") + " GET 127.0.0.1:\(port)")
        let big = try await harness.send(Self.request(port, "/big"))
        #expect(big.body.utf8.count == 3_000_000)
        #expect(big.bodyError == nil)
        let gone = try await harness.send(Self.request(port, "/gone"))
        #expect(gone.status == 404)
        let head = try await harness.send(Self.request(port, "/big", method: "HEAD"))
        #expect(head.body.isEmpty)
        #expect(head.fields.first("content-length") == "3000000")
        try await harness.end()
    }
}
