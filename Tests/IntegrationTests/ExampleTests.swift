import Foundation
import Testing

/// The examples, as a reader would try them: built by `swirl build` with the tools of their README, and served.
@Suite(.enabled(if: Places.hasBuiltGuests, "make test prepares the Python tools"))
struct ExampleTests {
    @Test func helloPython() async throws {
        try await self.serve("hello-python", tools: "spin-sdk3") { server throws in
            #expect(try server.get("/?name=Ada").text.contains("Ada"))
            #expect(try server.send("POST", "/echo", body: Data("some text".utf8)).text == "some text")
        }
    }

    @Test func plainPython() async throws {
        try await self.serve("plain-python", tools: "componentize-py") { server throws in
            #expect(try server.get("/").status == 200)
            #expect(try server.send("POST", "/count", body: Data("12345".utf8)).text == "5 bytes\n")
        }
    }

    /// Requests of a guest's own: to the network, to another component, to itself.
    @Test func outgoingHTTPPython() async throws {
        try await self.serve("outgoing-http-python", tools: "spin-sdk3") { server throws in
            let chained = try server.send("POST", "/chain", body: Data("some text".utf8)).text
            #expect(chained.hasPrefix("POST /greet?from=chain\n"))
            #expect(chained.contains("spin-client-addr: 0.0.0.0:0\n"))
            #expect(!chained.contains("\nhost:"))
            #expect(chained.hasSuffix("some text"))

            // CVE-2024-32980: where a request to itself goes is none of the client's business.
            let own = try server.get("/self", headers: [("host", "evil.test:80")]).text
            #expect(own.contains("spin-full-url: http://127.0.0.1:\(server.port)/greet?from=self\n"))
            #expect(try server.get("/loop").text.contains("ErrorCode_LoopDetected"))

            let echo = try TestApp(guests: ["echo"])
            try SwirlServer.serveBlocking(echo) { other throws in
                let url = "http://127.0.0.1:\(other.port)/echo/x"
                let body = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
                #expect(try server.send("POST", "/fetch?url=\(url)", body: body).body == body)
                let refused = try server.get("/fetch?url=http://localhost:\(other.port)/")
                #expect(refused.text == "ErrorCode_HttpRequestDenied\n")
                try server.expectLogged("allowed_outbound_hosts = [\"http://localhost:\(other.port)\"]")
            }
            #expect(try server.get("/fetch?url=http://127.0.0.1:1/").text == "ErrorCode_ConnectionRefused\n")
        }
    }

    @Test func keyValuePython() async throws {
        try await self.serve(
            "key-value-python", tools: "spin-sdk3",
            arguments: ["--runtime-config-file", "runtime-config.toml", "--key-value", "greeting=hello"]
        ) { server throws in
            #expect(try server.get("/greeting").text == "hello")
            #expect(try server.send("PUT", "/a%20key", body: Data("some text".utf8)).status == 204)
            #expect(try server.get("/a%20key").text == "some text")
            #expect(try server.get("/").text == "a key\ngreeting\n")
            #expect(try server.get("/", headers: [("x-store", "cache")]).text == "")
            #expect(try server.get("/", headers: [("x-store", "other")]).text == "Error_AccessDenied\n")
            try server.expectLogged("key_value_stores = [\"cache\", \"default\", \"other\"]")
            try server.expectLogged("Using runtime config [key_value_store.cache: spin] from \"runtime-config.toml\"")
            try server.expectLogged(".swirl/sqlite_key_value.db\".")
            #expect(try server.send("DELETE", "/a%20key").status == 204)
            #expect(try server.get("/a%20key").status == 404)
        }
    }

    @Test func sqlitePython() async throws {
        try await self.serve("sqlite-python", tools: "spin-sdk3") { server throws in
            #expect(try server.send("POST", "/todos", body: Data("write".utf8)).text == "{\"id\": 1}\n")
            #expect(try server.send("POST", "/todos", body: Data("test".utf8)).text == "{\"id\": 2}\n")
            #expect(try server.send("POST", "/todos/1").status == 200)
            #expect(
                try server.get("/todos").text
                    == #"[{"id": 1, "text": "write", "done": 1}, {"id": 2, "text": "test", "done": 0}]"# + "\n")
            #expect(try server.send("DELETE", "/todos").status == 200)
            #expect(try server.get("/todos").text == #"[{"id": 2, "text": "test", "done": 0}]"# + "\n")
        }
    }

    @Test func variablesPython() async throws {
        try await self.serve(
            "variables-python", tools: "spin-sdk3", arguments: ["--variable", "name=Ada"],
            environment: ["SPIN_VARIABLE_PASSWORD": "open sesame"]
        ) { server throws in
            #expect(try server.get("/", headers: [("x-password", "open sesame")]).text == "Hello, Ada!\n")
            #expect(try server.get("/").status == 403)
            #expect(!server.command.transcript.contains("sesame"))
        }
    }

    private func serve(
        _ name: String, tools: String, arguments: [String] = [], environment: [String: String?] = [:],
        _ body: @escaping @Sendable (SwirlServer) throws -> Void
    ) async throws {
        let app = try TestApp()
        let example = Places.repository.appending(path: "examples/\(name)")
        for entry in try FileManager.default.contentsOfDirectory(atPath: example.path) where entry != "app.wasm" {
            try FileManager.default.copyItem(
                at: example.appending(path: entry), to: app.directory.appending(path: entry))
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        let built = try Command.run(
            ["build"], in: app.directory, environment: ["PATH": "\(Places.pythonTools(tools).path):\(path)"])
        #expect(built.status == 0, "\(built.errors)")
        try await SwirlServer.serve(app, arguments: arguments, environment: environment) { server throws in
            try body(server)
        }
    }
}
