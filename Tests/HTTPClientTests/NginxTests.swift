import HTTP
import HTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import NginxTestSupport
import TestSupport
import Testing

/// What servers that others wrote do to connections: certificates of clients, early answers, restarts.
@Suite(.enabled(if: Nginx.isInstalled), .timeLimit(.minutes(1))) struct NginxTests {
    private static func request(
        _ port: UInt16, _ target: String = "/", host: String = "localhost", method: String = "GET",
        body: ClientRequest.Body = .none, tls: ClientTLS? = nil
    ) throws -> ClientRequest {
        try ClientRequest(
            method: method, origin: Origin(isSecure: true, host: host, port: port), target: target, body: body, tls: tls
        )
    }

    private static func tls(
        trusting authority: CertificateAuthority, showing files: CertificateFiles? = nil
    ) throws -> ClientTLS {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(authority.certificate)
        if let files {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        }
        return try ClientTLS(tls)
    }

    @Test(arguments: [true, false]) func showsACertificateWhereItIsAskedTo(http2: Bool) async throws {
        let authority = try CertificateAuthority()
        let others = try CertificateAuthority()
        let nginx = try Nginx([
            .tls(
                try authority.issue("server"), http2: http2,
                """
                ssl_client_certificate \(authority.certificate); ssl_verify_client on;
                location / { return 200 "$ssl_client_s_dn"; }
                """)
        ])
        defer { nginx.end() }
        let harness = try Harness { $0.tls.trustRoots = .file(authority.certificate) }
        let port = nginx.ports[0]
        let own = try Self.tls(trusting: authority, showing: authority.issue("client"))
        let wrong = try Self.tls(trusting: authority, showing: others.issue("client"))
        // Each with its own connections: what shows no certificate gets none of those that do.
        for _ in 0..<2 {
            let answer = try await harness.send(Self.request(port, tls: own))
            #expect(answer.body == "CN=client")
            // nginx lets the handshake pass, and says it in HTTP.
            let none = try await harness.send(Self.request(port))
            #expect(none.status == 400)
            let refused = try await harness.send(Self.request(port, tls: wrong))
            #expect(refused.status == 400)
        }
        try await harness.end()
    }

    /// With TLS 1.3 a server refuses the client's certificate after the client has finished its handshake.
    @Test func tellsTheAlertThatRefusesTheCertificate() async throws {
        let authority = try CertificateAuthority()
        let files = try authority.issue("server")
        var server = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        server.certificateVerification = .noHostnameVerification
        server.trustRoots = .file(authority.certificate)
        let context = try NIOSSLContext(configuration: server)
        let harness = try Harness { $0.tls.trustRoots = .file(authority.certificate) }
        let listener = try await ServerBootstrap(group: harness.group).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        let port = UInt16(listener.localAddress?.port ?? 0)
        let error = await harness.failure(try Self.request(port))
        guard case .tlsAlert(let id, _) = error else {
            Issue.record("the error is \(String(describing: error))")
            return
        }
        // certificate_required (RFC 8446 6.2).
        #expect(id == 116)
        try await listener.close().get()
        try await harness.end()
    }

    @Test func trustsOnlyWhatItIsToldTo() async throws {
        let authority = try CertificateAuthority()
        let nginx = try Nginx([
            .tls(try authority.issue("server")), .tls(try authority.issue("elsewhere", ["DNS:elsewhere.test"])),
        ])
        defer { nginx.end() }
        let harness = try Harness()
        let trusting = try Self.tls(trusting: authority)
        let request = try Self.request(nginx.ports[0], "/big", tls: trusting)
        #expect(try await harness.send(request).body.utf8.count == 3_000_000)
        for request in [
            try Self.request(nginx.ports[0], "/big"), try Self.request(nginx.ports[1], "/big", tls: trusting),
            try Self.request(nginx.ports[0], "/big", tls: Self.tls(trusting: try CertificateAuthority())),
        ] {
            guard case .tlsCertificateError = await harness.failure(request) else {
                Issue.record("the certificate was accepted, or the error is another")
                continue
            }
        }
        try await harness.end()
    }

    /// nginx answers before the body has ended, and resets the stream; after 1,000 requests it ends the connection.
    @Test(arguments: [0, 2000, 300_000]) func takesEarlyAnswers(_ size: Int) async throws {
        let authority = try CertificateAuthority()
        let nginx = try Nginx([.tls(try authority.issue("server"), "location / { return 200 early; }")])
        defer { nginx.end() }
        let harness = try Harness { $0.tls.trustRoots = .file(authority.certificate) }
        let port = nginx.ports[0]
        try await withThrowingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    // Bytes that come for streams that have ended are a flood to nginx when they are 8 MiB.
                    for _ in 0..<(size > 100_000 ? 2 : 150) {
                        let request = try Self.request(
                            port, method: size == 0 ? "GET" : "POST", body: size == 0 ? .none : .stream(length: nil))
                        let answer = try await harness.send(request) { exchange in
                            guard size > 0 else { return }
                            Upload(exchange.body, size).write()
                        }
                        #expect(answer.body == "early")
                    }
                }
            }
            try await group.waitForAll()
        }
        try await harness.end()
    }

    /// Writes a body in pieces; no piece is refused, whenever the answer comes.
    private final class Upload {
        private let body: RequestBody
        private var left: Int

        init(_ body: RequestBody, _ size: Int) {
            self.body = body
            self.left = size
        }

        func write() {
            while self.left > 0 {
                let count = min(self.left, 1000, self.body.writableBytes)
                guard count > 0 else {
                    guard !self.body.isClosed else {
                        Issue.record("the body was closed with \(self.left) bytes left")
                        return
                    }
                    return self.body.whenWritable { self.write() }
                }
                #expect(self.body.write(ByteBuffer(repeating: 0x61, count: count)))
                self.left -= count
            }
            #expect(self.body.finish())
        }
    }

    @Test func comesBackAfterARestart() async throws {
        let authority = try CertificateAuthority()
        let nginx = try Nginx([.tls(try authority.issue("server"), "location / { return 200 here; }")])
        defer { nginx.end() }
        let harness = try Harness { $0.tls.trustRoots = .file(authority.certificate) }
        let request = try Self.request(nginx.ports[0])
        for _ in 0..<3 {
            #expect(try await harness.send(request).body == "here")
            nginx.stop()
            #expect(await harness.failure(request) == .connectionRefused)
            try nginx.start()
        }
        #expect(try await harness.send(request).body == "here")
        try await harness.end()
    }

    @Test func usesNoConnectionTwiceWithoutPooling() async throws {
        let authority = try CertificateAuthority()
        let nginx = try Nginx([
            .tls(try authority.issue("server"), "location / { return 200 \"$connection_requests\"; }")
        ])
        defer { nginx.end() }
        let harness = try Harness {
            $0.tls.trustRoots = .file(authority.certificate)
            $0.keepsConnections = false
        }
        let port = nginx.ports[0]
        try await withThrowingTaskGroup { group in
            for _ in 0..<10 {
                group.addTask {
                    let answer = try await harness.send(Self.request(port))
                    #expect(answer.body == "1")
                }
            }
            try await group.waitForAll()
        }
        try await harness.end()
    }
}
