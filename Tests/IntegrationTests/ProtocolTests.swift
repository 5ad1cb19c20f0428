import Foundation
import Testing

/// HTTP/2 and TLS, with the clients that people use.
@Suite struct ProtocolTests {
    @Test(.enabled(if: Tool.isInstalled("curl"))) func curlSpeaksHTTP2() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello", "echo"])) { server throws in
            let url = "http://127.0.0.1:\(server.port)"
            let hello = try Tool.run(
                "curl", ["-s", "--http2-prior-knowledge", "-w", " %{http_version}", url + "/hello"])
            #expect(hello.text == "Hello, World! 2" || hello.text.hasSuffix(" 2"), "\(hello.text)")
            let file = server.app.directory.appending(path: "body")
            let body = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try body.write(to: file)
            let copy = server.app.directory.appending(path: "copy")
            let echo = try Tool.run(
                "curl",
                ["-s", "--http2-prior-knowledge", "--data-binary", "@\(file.path)", "-o", copy.path, url + "/echo"])
            #expect(echo.code == 0, "\(echo.text)")
            #expect(try Data(contentsOf: copy) == body)
        }
    }

    @Test(.enabled(if: Tool.isInstalled("h2load"))) func h2loadGetsAllItsAnswers() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { server throws in
            let result = try Tool.run(
                "h2load", ["-n", "2000", "-c", "2", "-m", "100", "http://127.0.0.1:\(server.port)/hello"])
            #expect(result.text.contains("2000 succeeded, 0 failed"), "\(result.text)")
            #expect(try server.get("/hello").status == 200)
        }
    }

    @Test(.enabled(if: Tool.isInstalled("nghttp"))) func nghttpSendsTrailersAndPadding() async throws {
        let app = try TestApp(guests: ["echo"])
        try app.write(Data(repeating: 0x61, count: 100_000), to: "body")
        try await SwirlServer.serve(app) { server throws in
            let result = try Tool.run(
                "nghttp",
                [
                    "-d", server.app.directory.appending(path: "body").path, "--padding=100", "--trailer=x-t: 1",
                    "http://127.0.0.1:\(server.port)/echo",
                ])
            #expect(result.code == 0)
            #expect(result.text.filter { $0 == "a" }.count >= 100_000)
        }
    }

    @Test(.enabled(if: Tool.isInstalled("curl") && Tool.isInstalled("openssl")), arguments: ["--http1.1", "--http2"])
    func servesTLS(_ version: String) async throws {
        let app = try TestApp(guests: ["hello", "echo"])
        try Tool.makeCertificate(in: app)
        try await SwirlServer.serve(
            app, arguments: ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]
        ) { server throws in
            let url = "https://127.0.0.1:\(server.port)"
            #expect(server.command.output.text.hasPrefix("Serving https://127.0.0.1:"))
            let cert = server.app.directory.appending(path: "cert.pem").path
            let hello = try Tool.run(
                "curl", ["-s", version, "--cacert", cert, "-w", " %{http_version}", url + "/hello"])
            #expect(hello.text.hasSuffix(version == "--http2" ? " 2" : " 1.1"), "\(hello.text)")
            let file = server.app.directory.appending(path: "body")
            let body = Data(repeating: 0x62, count: 2_000_000)
            try body.write(to: file)
            let copy = server.app.directory.appending(path: "copy")
            let echo = try Tool.run(
                "curl",
                ["-s", version, "--cacert", cert, "--data-binary", "@\(file.path)", "-o", copy.path, url + "/echo"])
            #expect(echo.code == 0, "\(echo.text)")
            #expect(try Data(contentsOf: copy) == body)
            // Who speaks in the clear is not served, and harms nobody.
            let plain = try server.connect()
            try plain.write("GET /hello HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(try plain.read(until: "200 OK") == nil)
            #expect(try Tool.run("curl", ["-s", "--cacert", cert, url + "/hello"]).code == 0)
        }
    }

    /// RFC 8996: the versions before TLS 1.2 are not offered.
    @Test(.enabled(if: Tool.isInstalled("openssl"))) func refusesOldTLS() async throws {
        let app = try TestApp(guests: ["hello"])
        try Tool.makeCertificate(in: app)
        try await SwirlServer.serve(app, arguments: ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]) {
            server throws in
            for (version, isSpoken) in [("-tls1", false), ("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
                let client = try Tool.run(
                    "openssl",
                    [
                        "s_client", "-connect", "127.0.0.1:\(server.port)", version, "-cipher", "ALL:@SECLEVEL=0",
                    ], input: Data())
                #expect((client.code == 0) == isSpoken, "\(version): \(client.text)")
            }
        }
    }

    /// A client that never begins its handshake is a slow one like any other.
    @Test(.enabled(if: Tool.isInstalled("openssl"))) func cutsSlowHandshakes() async throws {
        let app = try TestApp(guests: ["hello"])
        try Tool.makeCertificate(in: app)
        try await SwirlServer.serve(
            app, arguments: ["--tls-cert", "cert.pem", "--tls-key", "key.pem", "--header-timeout", "1"]
        ) { server throws in
            let silent = try server.connect()
            let halfway = try server.connect()
            try halfway.write(Data([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
            _ = try silent.readToEnd()
            _ = try halfway.readToEnd()
        }
    }

    @Test(
        .enabled(if: Tool.isInstalled("openssl")),
        arguments: [
            (["--tls-cert", "cert.pem"], "--tls-cert needs --tls-key"),
            (["--tls-key", "key.pem"], "--tls-key needs --tls-cert"),
            (["--tls-cert", "none.pem", "--tls-key", "key.pem"], "cannot read the TLS certificate"),
            (["--tls-cert", "cert.pem", "--tls-key", "none.pem"], "cannot read the TLS private key"),
            (["--tls-cert", "junk.pem", "--tls-key", "key.pem"], "invalid TLS certificate"),
            (["--tls-cert", "cert.pem", "--tls-key", "junk.pem"], "invalid TLS private key"),
            (["--tls-cert", "cert.pem", "--tls-key", "cert.pem"], "invalid TLS private key"),
        ])
    func refusesBadTLSFiles(_ arguments: [String], _ expected: String) async throws {
        let app = try TestApp(guests: ["hello"])
        try Tool.makeCertificate(in: app)
        try app.write(Data("junk".utf8), to: "junk.pem")
        try await blocking {
            let command = try Command(["up", "--listen", "127.0.0.1:0"] + arguments, in: app.directory)
            defer { command.kill() }
            #expect(try command.wait() != 0)
            #expect(command.errors.text.contains(expected), "\(command.transcript)")
        }
    }
}
