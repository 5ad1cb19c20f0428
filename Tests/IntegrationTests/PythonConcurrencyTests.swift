import Foundation
import Testing

/// An application of Spin's Python SDK 5, which is on WASI 0.3, built from source with the tools of its users.
@Suite(.enabled(if: Places.hasBuiltGuests, "make test builds the guests"))
struct PythonConcurrencyTests {
    private func serve(
        settings: String = "", arguments: [String] = [],
        _ body: @escaping @Sendable (SwirlServer) throws -> Void
    ) async throws {
        let guest = Places.builtGuest("python-spin-sdk5")
        let app = try TestApp(components: [("guest", "/...", guest)], settings: settings)
        try await SwirlServer.serve(app, arguments: arguments, body)
    }

    private static let pattern = Data((0..<8 << 20).map { UInt8(truncatingIfNeeded: $0) })

    @Test func servesApplication() async throws {
        try await self.serve(settings: #"environment = { NAME = "value" }"#) { server throws in
            #expect(try server.get("/").text == "Hello from Spin's Python SDK 5")
            let seen = try server.send(
                "POST", "/inspect?a=1&b=2", headers: [("x-thing", "one")], body: Data("xyz".utf8))
            let object = try JSONSerialization.jsonObject(with: seen.body) as? [String: Any]
            #expect(object?["method"] as? String == "POST")
            #expect(object?["uri"] as? String == "/inspect?a=1&b=2")
            #expect(object?["length"] as? Int == 3)
            let headers = object?["headers"] as? [String: String]
            #expect(headers?["x-thing"] == "one")
            #expect(headers?["spin-path-info"] == "/inspect")
            #expect(headers?["host"] == nil)
            #expect(try server.get("/nowhere").status == 404)
            #expect(try server.get("/status?code=418").status == 418)
            #expect(try server.get("/environment").text == #"{"NAME": "value"}"#)
            #expect(try server.get("/random").text != server.get("/random").text)
            #expect(try server.get("/stdout?line=one").status == 200)
            try server.expectLogged("one")
        }
    }

    @Test(arguments: ["/echo", "/pipe", "/through"])
    func movesLargeBodies(path: String) async throws {
        try await self.serve { server throws in
            #expect(try server.send("POST", path, body: Self.pattern).body == Self.pattern)
            #expect(try server.send("POST", path, body: Data()).body.isEmpty)
        }
    }

    @Test func streams() async throws {
        try await self.serve { server throws in
            #expect(try server.get("/lines?count=3&ms=10").text == "0\n1\n2\n")
            let response = try server.send("GET", "/trailers", headers: [("te", "trailers")])
            #expect(response.text == "body\n")
            #expect(response.trailers.first?.name == "x-checksum")
            #expect(try server.send("HEAD", "/lines?count=3&ms=1").body.isEmpty)
        }
    }

    @Test func sendsRequestsAtOnce() async throws {
        try await self.serve(settings: #"allowed_outbound_hosts = ["http://127.0.0.1:*"]"#) { server throws in
            let own = "http://127.0.0.1:\(server.port)"
            let start = ContinuousClock.now
            let urls = (0..<8).map { _ in "url=\(own)/slow?ms=300" }.joined(separator: "&")
            let answers = try server.get("/fetch?\(urls)&url=http://10.1.1.1/&url=http://127.0.0.1:1/").text
            let lines = answers.split(separator: "\n")
            #expect(lines.filter { $0.hasPrefix("200 2 ") }.count == 8)
            #expect(lines.suffix(2) == ["ErrorCode_HttpRequestDenied", "ErrorCode_ConnectionRefused"])
            #expect(ContinuousClock.now - start < .milliseconds(8 * 300))
        }
    }

    /// Global state lives as long as the instance.
    @Test func reusesInstances() async throws {
        let arguments = ["--max-instance-reuse-count", "3", "--idle-instance-timeout", "60s"]
        try await self.serve(arguments: arguments) { server throws in
            let client = try server.connect()
            var counts: [String] = []
            for _ in 0..<7 {
                try client.write("GET /count HTTP/1.1\r\nhost: a\r\n\r\n")
                counts.append(String(decoding: try client.readResponse().body, as: UTF8.self))
            }
            #expect(counts == ["1\n", "2\n", "3\n", "1\n", "2\n", "3\n", "1\n"])
        }
    }

    @Test func reportsErrors() async throws {
        try await self.serve { server throws in
            #expect(try server.get("/fail").status == 500)
            try server.expectLogged("ValueError: this handler fails on purpose")
            // The SDK ends body and trailers before the exception leaves the guest: only the log can tell.
            _ = try server.get("/fail-late")
            try server.expectLogged("GET /fail-late: the guest trapped")
            #expect(try server.get("/exit").status == 500)
            try server.expectLogged("GET /exit: the guest was stopped: the guest exited")
            #expect(try server.get("/").status == 200)
        }
    }

    @Test func stopsEndlessLoop() async throws {
        try await self.serve(arguments: ["--request-timeout", "1s"]) { server throws in
            #expect(try server.get("/spin").status == 500)
            try server.expectLogged("GET /spin: the guest took longer than the limit of 1000 ms")
            #expect(try server.get("/").status == 200)
        }
    }
}
