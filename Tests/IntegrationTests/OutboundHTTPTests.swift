import Foundation
import NginxTestSupport
import TestSupport
import Testing

/// Requests of guests to real servers: what the operator's settings allow, and what a guest is told when something is
/// wrong. `probe` and `send-request` ask for what their path says.
@Suite(.enabled(if: Nginx.isInstalled), .timeLimit(.minutes(3))) struct OutboundHTTPTests {
    private static func app(
        _ guest: String = "probe", config: String = "", allowed: String = "\"*://*:*\"", id: String = "guest"
    ) throws -> TestApp {
        let app = try TestApp(
            components: [(id, "/...", Places.textGuest(guest))], settings: "allowed_outbound_hosts = [\(allowed)]")
        try app.write(Data(config.utf8), to: "rc.toml")
        return app
    }

    private static let arguments = ["--runtime-config-file", "rc.toml", "--state-dir", ""]

    private static func serve(
        _ app: TestApp, _ body: @escaping @Sendable (SwirlServer) throws -> Void
    ) async throws {
        try await SwirlServer.serve(app, arguments: self.arguments, body)
    }

    /// What `probe` says of an error code: its number in `wasi:http`.
    private static func expect(
        _ code: Int, _ target: String, _ server: SwirlServer, at location: SourceLocation = #_sourceLocation
    ) throws {
        let response = try server.get(target)
        #expect(response.status == 502, "\(target)", sourceLocation: location)
        #expect(response.text == (code < 10 ? "0\(code)" : "\(code)"), "\(target)", sourceLocation: location)
    }

    private static let (dnsError, prohibited, refused, terminated) = (1, 4, 6, 7)
    private static let readTimeout = 9
    private static let (limitReached, certificateError, denied) = (11, 13, 15)

    private static func tlsServers(_ authority: CertificateAuthority, clients: CertificateAuthority) throws -> Nginx {
        let files = try authority.issue("server")
        return try Nginx([
            .tls(files, "location / { return 200 \"$server_protocol $host\"; }"),
            .tls(
                files,
                """
                ssl_client_certificate \(clients.certificate); ssl_verify_client on;
                location / { return 200 "$ssl_client_s_dn"; }
                """),
            .tls(try authority.issue("elsewhere", ["DNS:elsewhere.test"]), "location / { return 200 no; }"),
        ])
    }

    @Test func showsCertificatesAndTrustsAuthoritiesAsConfigured() async throws {
        let authority = try CertificateAuthority()
        let clients = try CertificateAuthority()
        let own = try clients.issue("client")
        let nginx = try Self.tlsServers(authority, clients: clients)
        let ports = nginx.ports
        let app = try Self.app(
            config: """
                [[client_tls]]
                component_ids = ["other", "guest"]
                hosts = ["localhost"]
                ca_roots_file = "\(authority.certificate)"
                client_cert_file = "\(own.certificate)"
                client_private_key_file = "\(own.key)"
                [[client_tls]]
                component_ids = ["guest"]
                hosts = ["localhost", "elsewhere.test"]
                ca_use_platform_roots = true
                """)
        try await Self.serve(app) { server throws in
            #expect(try server.get("/https/localhost:\(ports[0])/").text == "HTTP/2.0 localhost")
            #expect(try server.get("/https/localhost:\(ports[1])/").text == "CN=client")
            // Trusted, and for another name; for another host the system's authorities count, who do not know it.
            try Self.expect(Self.certificateError, "/https/localhost:\(ports[2])/", server)
            try Self.expect(Self.certificateError, "/https/127.0.0.1:\(ports[0])/", server)
        }
        // For another component nothing of it holds.
        let other = try Self.app(config: try app.read("rc.toml"), id: "stranger")
        try await Self.serve(other) { server throws in
            try Self.expect(Self.certificateError, "/https/localhost:\(ports[0])/", server)
        }
        nginx.end()
    }

    @Test func servesNothingWithWrongCertificates() async throws {
        let clients = try CertificateAuthority()
        let (one, other) = (try clients.issue("one"), try clients.issue("other"))
        let app = try Self.app(
            config: """
                [[client_tls]]
                component_ids = ["guest"]
                hosts = ["localhost"]
                ca_roots_file = "rc.toml"
                [[client_tls]]
                component_ids = ["guest"]
                hosts = ["other"]
                ca_roots_file = "missing.pem"
                [[client_tls]]
                component_ids = ["guest"]
                hosts = ["localhost"]
                client_cert_file = "\(one.certificate)"
                client_private_key_file = "\(other.key)"
                """)
        try await blocking {
            let command = try Command(["up", "--listen", "127.0.0.1:0"] + Self.arguments, in: app.directory)
            defer { command.kill() }
            for line in [
                "rc.toml:4:17: client_tls[0].ca_roots_file: there are no certificates in PEM form",
                "rc.toml:8:17: client_tls[1].ca_roots_file: there is no file `",
                "rc.toml:13:27: client_tls[2].client_private_key_file: the private key is not that of the certificate",
            ] {
                let isTold = command.errors.wait { $0.contains(line) ? true : nil } != nil
                #expect(isTold, "\(command.transcript)")
            }
        }
    }

    @Test func connectsToNothingInBlockedNetworks() async throws {
        let nginx = try Nginx([Server("location / { return 200 reached; }")])
        let port = nginx.ports[0]
        let app = try Self.app(config: "[outbound_networking]\nblock_networks = [\"private\"]")
        try await Self.serve(app) { server throws in
            for host in [
                "127.0.0.1", "localhost", "0", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]",
                "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1",
            ] {
                try Self.expect(Self.prohibited, "/http/\(host):\(port)/", server)
            }
            try server.expectLogged("http://localhost:\(port): the address of the host is in a blocked network")
        }
        let open = try Self.app(config: "[outbound_networking]\nblock_networks = [\"127.0.0.2/32\"]")
        try await Self.serve(open) { server throws in
            #expect(try server.get("/http/localhost:\(port)/").text == "reached")
            try Self.expect(Self.prohibited, "/http/127.0.0.2:\(port)/", server)
        }
        nginx.end()
    }

    private typealias Server = Nginx.Server

    @Test func tellsWhatServersDoWrong() async throws {
        let waiting = try WaitingServer()
        let nginx = try Nginx([Server("location /big { limit_rate 100k; }")])
        let (port, own, free) = (nginx.ports[0], waiting.port, try FreePort.take())
        try await Self.serve(try Self.app()) { server throws in
            try Self.expect(Self.refused, "/http/127.0.0.1:\(free)/", server)
            try Self.expect(Self.dnsError, "/http/nowhere.invalid/", server)
            try Self.expect(Self.terminated, "/http/127.0.0.1:\(own)/close", server)
            #expect(try server.get("/http/127.0.0.1:\(own)/half").text == "halfb")
            #expect(try server.get("/http/127.0.0.1:\(own)/").text == "waited")
            // A client that goes away ends a guest that waits for ever.
            let connection = try server.connect()
            try connection.write("GET /http/127.0.0.1:\(own)/never HTTP/1.1\r\nhost: x\r\n\r\n")
            connection.reset()
            // Dead while a response is under way, then there again.
            let broken = try server.connect()
            try broken.write("GET /http/127.0.0.1:\(port)/big HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            _ = try broken.readHead()
            nginx.stop()
            let rest = try broken.readToEnd()
            // What the guest writes when the body breaks off.
            #expect(String(decoding: rest, as: UTF8.self).hasSuffix("b\r\n0\r\n\r\n"))
            try Self.expect(Self.refused, "/http/127.0.0.1:\(port)/", server)
            try nginx.start()
            #expect(try server.get("/http/127.0.0.1:\(port)/nothing").status == 404)
        }
        nginx.end()
        waiting.stop()
    }

    /// The guest's own time-outs, and the request's where an interface has none. The connection is given up.
    @Test func slowServersHoldNobodyUp() async throws {
        let waiting = try WaitingServer()
        let own = waiting.port
        try await Self.serve(try Self.app(config: "[outbound_http]\nmax_connections = 2")) { server throws in
            for _ in 0..<4 {
                try Self.expect(Self.readTimeout, "/http/127.0.0.1:\(own)/never!", server)
                #expect(try server.get("/http/127.0.0.1:\(own)/stall!").text == "stallb")
            }
            #expect(try server.get("/http/127.0.0.1:\(own)/").text == "waited")
        }
        let whole = try Self.app(
            "send-request", config: "[outbound_http]\nmax_connections = 2", allowed: "\"http://127.0.0.1:*\"")
        try await SwirlServer.serve(whole, arguments: Self.arguments + ["--request-timeout", "500ms"]) {
            server throws in
            for path in ["never", "stall", "never", "stall"] {
                #expect(try server.get("/http:%%127.0.0.1:\(own)%\(path)").status == 500)
            }
            #expect(try server.get("/http:%%127.0.0.1:\(own)%").text == "waited")
        }
        waiting.stop()
    }

    /// The same for `wasi:http` 0.3: each is told what went wrong, and its connection is given up.
    @Test(.enabled(if: Places.hasBuiltGuests)) func tellsAsynchronousGuestsWhatServersDoWrong() async throws {
        let waiting = try WaitingServer()
        let (own, free) = (waiting.port, try FreePort.take())
        let app = try TestApp(
            components: [("guest", "/...", Places.builtGuest("python-spin-sdk5"))],
            settings: "allowed_outbound_hosts = [\"*://*:*\"]")
        try app.write(Data("[outbound_http]\nmax_connections = 2".utf8), to: "rc.toml")
        try await SwirlServer.serve(app, arguments: Self.arguments + ["--request-timeout", "10s"]) { server throws in
            let bad: [(path: String, line: String)] = [
                ("\(own)/never!", "ErrorCode_ConnectionReadTimeout"),
                ("\(own)/stall!", "200 stall ErrorCode_ConnectionReadTimeout"),
                ("\(own)/close", "ErrorCode_ConnectionTerminated"),
                ("\(own)/half", "200 half ErrorCode_HttpResponseIncomplete"),
                ("\(free)/", "ErrorCode_ConnectionRefused"),
                ("\(own)/", "200 waited whole"),
            ]
            let urls = bad.map { "&url=http://127.0.0.1:\($0.path)" }.joined()
            let answer = try server.get("/patience?ms=300" + urls + urls).text
            #expect(answer.split(separator: "\n").map(String.init) == (bad + bad).map(\.line))
            #expect(try server.get("/fetch?url=http://nowhere.invalid/").text == "ErrorCode_DnsError\n")
        }
        try await SwirlServer.serve(app, arguments: Self.arguments + ["--request-timeout", "1500ms"]) {
            server throws in
            // A guest without patience of its own is ended; its connections are free again.
            for path in ["never", "stall", "never"] {
                #expect(try server.get("/fetch?url=http://127.0.0.1:\(own)/\(path)").status >= 500)
            }
            #expect(try server.get("/fetch?url=http://127.0.0.1:\(own)/").text.hasPrefix("200 6 "))
        }
        waiting.stop()
    }

    @Test func boundsConnections() async throws {
        let waiting = try WaitingServer(delay: 0, gathering: 3)
        let none = try Self.app(config: "[outbound_http]\nmax_connections = 0")
        try await Self.serve(none) { server throws in
            try Self.expect(Self.limitReached, "/http/127.0.0.1:\(waiting.port)/", server)
        }
        for config in ["[outbound_http]\nmax_connections = 3", "[outbound_networking]\nmax_total_connections = 3"] {
            try await Self.serve(try Self.app(config: config)) { server throws in
                let target = "http://127.0.0.1:\(server.port)/http/127.0.0.1:\(waiting.port)/"
                guard Tool.isInstalled("h2load") else { return }
                let result = try Tool.run("h2load", ["--h1", "-n", "200", "-c", "50", target])
                #expect(result.text.contains("200 succeeded, 0 failed, 0 errored"), "\(result.text)")
                #expect(waiting.mostAtATime == 3)
            }
        }
        waiting.stop()
    }

    @Test(.enabled(if: Tool.isInstalled("h2load"))) func waitsForAThousandAnswersAtOnce() async throws {
        let waiting = try WaitingServer(delay: 0, gathering: 300)
        try await Self.serve(try Self.app()) { server throws in
            let target = "http://127.0.0.1:\(server.port)/http/127.0.0.1:\(waiting.port)/"
            let tasks = "/proc/\(server.command.identifier)/task"
            let threadsBefore = try FileManager.default.contentsOfDirectory(atPath: tasks).count
            let result = try Tool.run("h2load", ["--h1", "-n", "1000", "-c", "1000", target])
            #expect(result.text.contains("1000 succeeded, 0 failed, 0 errored"), "\(result.text)")
            // So many waited at a time; a thread each would show.
            let threads = try FileManager.default.contentsOfDirectory(atPath: tasks).count
            #expect(threads <= threadsBefore + 16)
        }
        waiting.stop()
    }

    /// The same settings for `wasi:http` 0.3.
    @Test(.enabled(if: Places.hasBuiltGuests)) func holdsForAsynchronousGuests() async throws {
        let authority = try CertificateAuthority()
        let clients = try CertificateAuthority()
        let own = try clients.issue("client")
        let nginx = try Self.tlsServers(authority, clients: clients)
        let ports = nginx.ports
        let app = try TestApp(
            components: [("guest", "/...", Places.builtGuest("python-spin-sdk5"))],
            settings: "allowed_outbound_hosts = [\"*://*:*\"]")
        let config = """
            [outbound_networking]
            block_networks = ["127.0.0.2/32", "::1/128"]
            [[client_tls]]
            component_ids = ["guest"]
            hosts = ["localhost"]
            ca_roots_file = "\(authority.certificate)"
            client_cert_file = "\(own.certificate)"
            client_private_key_file = "\(own.key)"
            """
        try app.write(Data(config.utf8), to: "rc.toml")
        try await SwirlServer.serve(app, arguments: Self.arguments) { server throws in
            let urls = [
                "https://localhost:\(ports[1])/", "https://127.0.0.1:\(ports[0])/", "https://localhost:\(ports[2])/",
                "http://127.0.0.2:\(ports[0])/", "http://[::1]:\(ports[0])/",
            ]
            let answer = try server.get("/fetch?" + urls.map { "url=\($0)" }.joined(separator: "&")).text
            let lines = answer.split(separator: "\n").map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
            #expect(
                lines == [
                    "200 9", "ErrorCode_TlsCertificateError", "ErrorCode_TlsCertificateError",
                    "ErrorCode_DestinationIpProhibited", "ErrorCode_DestinationIpProhibited",
                ])
        }
        nginx.end()
    }

    // MARK: The application itself

    @Test func forgedHostsLeadNowhere() async throws {
        let nginx = try Nginx([Server("location / { return 200 \"the wrong place\"; }")])
        let port = nginx.ports[0]
        try await Self.serve(try Self.app(allowed: "\"http://self\", \"http://127.0.0.1:\(port)\"")) { server throws in
            // The guest asks itself for what it denies to itself: `https://…` is not in its manifest.
            let inner = "https/elsewhere.test/"
            for host in ["127.0.0.1:\(port)", "self.alt", "guest.spin.internal", "a.spin.internal", "evil.test"] {
                let response = try server.get("/http//\(inner)", headers: [("host", host)])
                #expect(response.text == "15", "\(host)")
                let absolute = try server.get("/http/self.alt/\(inner)", headers: [("host", host)])
                #expect(absolute.text == "15", "\(host)")
            }
        }
        try await Self.serve(try Self.app(allowed: "\"http://127.0.0.1:\(port)\"")) { server throws in
            try Self.expect(Self.denied, "/http//x", server)
            try Self.expect(Self.denied, "/http/guest.spin.internal/x", server)
        }
        nginx.end()
    }

    @Test func chainsOnlyWithinTheApplication() async throws {
        let app = try Self.app(allowed: "\"http://*.spin.internal\"")
        try await Self.serve(app) { server throws in
            #expect(try server.get("/http/guest.spin.internal/http/guest.spin.internal/https/x.test/").text == "15")
            try Self.expect(Self.denied, "/http/nobody.spin.internal/", server)
        }
    }

    // MARK: fermyon:spin/http

    @Test func sendsWholeRequests() async throws {
        let authority = try CertificateAuthority()
        let nginx = try Nginx([
            Server(
                """
                location /redirect { return 302 /there?x; }
                location /away { return 302 http://example.com/; }
                location / { return 200 "$request_method $uri $http_x_probe $http_host"; }
                """),
            .tls(try authority.issue("server"), "location / { return 200 secure; }"),
        ])
        let waiting = try WaitingServer()
        let (port, secure, own) = (nginx.ports[0], nginx.ports[1], waiting.port)
        let app = try Self.app(
            "send-request",
            config: """
                [outbound_networking]
                block_networks = ["127.0.0.2/32"]
                [[client_tls]]
                component_ids = ["guest"]
                hosts = ["localhost"]
                ca_roots_file = "\(authority.certificate)"
                """,
            allowed: """
                "http://127.0.0.1:*", "http://127.0.0.2:*", "https://localhost:*", "http://self"
                """)
        try await Self.serve(app) { server throws in
            let place = "http:%%127.0.0.1:\(port)"
            #expect(try server.get("/\(place)%a").text == "GET /a yes 127.0.0.1:\(port)")
            #expect(try server.send("POST", "/\(place)%a").text == "POST /a yes 127.0.0.1:\(port)")
            #expect(try server.get("/\(place)%redirect").text == "GET /there yes 127.0.0.1:\(port)")
            #expect(try server.get("/\(place)%big!q").status == 200)
            #expect(try server.get("/https:%%localhost:\(secure)%").text == "secure")
            // runtime-error, destination-not-allowed, invalid-url
            for (target, error) in [
                ("http:%%127.0.0.1:\(own)%close", "4"), ("http:%%127.0.0.1:\(own)%half", "4"),
                ("http:%%example.com%", "1"), ("\(place)%away", "1"), ("http:%%127.0.0.2:\(port)%", "1"),
                ("ftp:%%127.0.0.1%", "2"), ("https:%%127.0.0.1:\(secure)%", "1"),
            ] {
                let response = try server.get("/\(target)")
                #expect(response.status == 502, "\(target)")
                #expect(response.text == error, "\(target)")
            }
            // To itself, which then asks for "" and is told that it is no URL.
            #expect(try server.get("/%").text == "2")
        }
        nginx.end()
        waiting.stop()
    }
}
