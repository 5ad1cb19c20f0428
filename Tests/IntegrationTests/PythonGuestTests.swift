import Foundation
import Testing

/// Applications that were built from source with the tools of their users.
@Suite(.enabled(if: Places.hasBuiltGuests, "make test builds the guests"))
struct PythonGuestTests {
    private static let spin = Places.builtGuest("python-spin-sdk3")
    private static let plain = Places.builtGuest("python-plain")

    /// The guests look at the whole path, so each is served alone at the top.
    private func serve(
        _ guest: URL, settings: String = "", arguments: [String] = [], files: [String: String] = [:],
        _ body: @escaping @Sendable (SwirlServer) throws -> Void
    ) async throws {
        let app = try TestApp(components: [("guest", "/...", guest)], settings: settings)
        for (path, text) in files { try app.write(Data(text.utf8), to: path) }
        try await SwirlServer.serve(app, arguments: arguments, body)
    }

    private static func pattern(_ length: Int) -> Data {
        var body = Data(capacity: length)
        for index in 0..<length { body.append(UInt8(truncatingIfNeeded: index)) }
        return body
    }

    @Test func servesSpinApplication() async throws {
        try await self.serve(Self.spin) { server throws in
            #expect(try server.get("/").text == "Hello from Spin's Python SDK")
            let seen = try server.send(
                "POST", "/inspect?a=1&b=2", headers: [("x-thing", "one")], body: Data("xyz".utf8))
            let object = try JSONSerialization.jsonObject(with: seen.body) as? [String: Any]
            #expect(object?["method"] as? String == "POST")
            #expect(object?["uri"] as? String == "/inspect?a=1&b=2")
            #expect(object?["length"] as? Int == 3)
            #expect((object?["headers"] as? [String: String])?["x-thing"] == "one")
            #expect(try server.get("/nowhere").status == 404)
            #expect(try server.get("/status?code=418").status == 418)
            let now = try server.get("/clock").text.split(separator: " ").first.flatMap { Double($0) }
            #expect(abs((now ?? 0) - Date.now.timeIntervalSince1970) < 60)
            #expect(try server.get("/random").text != server.get("/random").text)
        }
    }

    @Test func movesLargeBodies() async throws {
        try await self.serve(Self.spin) { server throws in
            let body = Self.pattern(8 << 20)
            #expect(try server.send("POST", "/echo", body: body).body == body)
            #expect(try server.send("POST", "/digest", body: body).text.hasPrefix("8388608 "))
            #expect(try server.get("/large?size=3000000").body == Self.pattern(3_000_000))
        }
    }

    @Test func reportsErrorInHandler() async throws {
        try await self.serve(Self.spin) { server throws in
            #expect(try server.get("/fail").status == 500)
            try server.expectLogged("ValueError: this handler fails on purpose")
            #expect(try server.get("/").status == 200)
        }
    }

    @Test func writesLinesOfOutput() async throws {
        try await self.serve(Self.spin) { server throws in
            #expect(try server.get("/stdout?line=one&line=two").status == 200)
            #expect(try server.get("/stderr?line=three").status == 200)
            try server.expectLogged("three")
            #expect(try server.app.read(".swirl/logs/guest_stdout.txt") == "one\ntwo\n")
            #expect(try server.app.read(".swirl/logs/guest_stderr.txt") == "three\n")
        }
    }

    @Test func givesFilesToRead() async throws {
        try await self.serve(
            Self.spin, settings: #"files = ["data/*.txt", { source = "more", destination = "/extra" }]"#,
            files: ["data/a.txt": "text of a", "more/b/c.txt": "text of c", "secret.txt": "not mounted"]
        ) { server throws in
            #expect(try server.get("/read?path=/data/a.txt").text == "text of a")
            #expect(try server.get("/read?path=/extra/b/c.txt").text == "text of c")
            #expect(try server.get("/list?path=/").text == "data\nextra\n")
            #expect(try server.get("/read?path=/secret.txt").status == 404)
            #expect(try server.get("/read?path=/../secret.txt").status == 404)
            #expect(try server.send("POST", "/write?path=/data/new.txt", body: Data("x".utf8)).status == 403)
        }
    }

    @Test func givesEnvironment() async throws {
        try await self.serve(
            Self.spin, settings: #"environment = { NAME = "value" }"#, arguments: ["--env", "OTHER=ö"]
        ) { server throws in
            let body = try server.get("/environment").body
            let variables = try JSONSerialization.jsonObject(with: body) as? [String: String]
            #expect(variables?["NAME"] == "value")
            #expect(variables?["OTHER"] == "ö")
            #expect(variables?["PATH"] == nil)
        }
    }

    @Test func servesOthersWhileOneComputes() async throws {
        try await self.serve(Self.spin, arguments: ["--request-timeout", "3s"]) { server throws in
            let busy = try server.connect()
            try busy.write("GET /spin HTTP/1.1\r\nhost: a\r\n\r\n")
            for _ in 0..<5 { #expect(try server.get("/").status == 200) }
            #expect(try busy.readResponse().status >= 500)
        }
    }

    @Test func servesPlainWASI() async throws {
        try await self.serve(Self.plain) { server throws in
            #expect(try server.get("/").text == "Hello from plain WASI")
            let body = Self.pattern(1 << 20)
            #expect(try server.send("POST", "/echo", body: body).body == body)
            #expect(try server.get("/slow").text == "0\n1\n2\n3\n4\n")
            #expect(try server.get("/large?2000000").body.count == 2_000_000)
            #expect(try server.get("/random").status == 200)
            #expect(try server.get("/clock").status == 200)
        }
    }

    @Test func sendsTrailers() async throws {
        try await self.serve(Self.plain) { server throws in
            let response = try server.send("GET", "/trailers", headers: [("te", "trailers")])
            #expect(response.text == "body\n")
            #expect(response.trailers.first?.name == "x-checksum")
            #expect(response.trailers.first?.value == "12345")
        }
    }

    @Test func endsConnectionWhenHandlerFailsLate() async throws {
        try await self.serve(Self.plain) { server throws in
            #expect(try server.get("/fail").status == 500)
            let response = try server.get("/fail-late")
            // What was written may still be here when the handler fails: then the client gets an honest 500. What must not
            // happen is that the beginning looks like all of it.
            #expect(response.status == 500 || !response.isComplete)
            try server.expectLogged("this handler fails after the head was sent")
        }
    }
}
