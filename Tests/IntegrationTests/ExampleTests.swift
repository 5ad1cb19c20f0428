import Foundation
import RedisTestSupport
import Testing

/// The examples, as a reader would try them: built by `swirl build` with the tools of their README, and served.
@Suite(.enabled(if: Places.hasBuiltGuests, "make test prepares the Python tools"))
struct ExampleTests {
    @Test func helloPython() async throws {
        try await self.serve("hello-python", tools: "spin-sdk5") { server throws in
            #expect(try server.get("/?name=Ada").text.contains("Ada"))
            #expect(try server.send("POST", "/echo", body: Data("some text".utf8)).text == "some text")
        }
    }

    /// Bodies that are written while they are on their way, and requests at once.
    @Test func streamingPython() async throws {
        try await self.serve("streaming-python", tools: "spin-sdk5") { server throws in
            #expect(try server.get("/clock?count=2").text == "tick 0\ntick 1\n")
            let body = Data(String(repeating: "some text ", count: 100_000).utf8)
            #expect(
                try server.send("POST", "/upper", body: body).text == String(decoding: body, as: UTF8.self).uppercased()
            )
            let own = "http://127.0.0.1:\(server.port)/clock?count=1"
            let answers = try server.get("/fetch?url=\(own)&url=\(own)&url=http://10.1.1.1/").text
            #expect(
                answers == "\(own): 200, 7 bytes\n\(own): 200, 7 bytes\nhttp://10.1.1.1/: ErrorCode_HttpRequestDenied\n"
            )
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
        try await self.serve("outgoing-http-python", tools: "spin-sdk5") { server throws in
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
                try server.expectLogged("\"http://localhost:\(other.port)\"")
            }
            #expect(try server.get("/fetch?url=http://127.0.0.1:1/").text == "ErrorCode_ConnectionRefused\n")
        }
    }

    @Test func keyValuePython() async throws {
        try await self.serve(
            "key-value-python", tools: "spin-sdk5",
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
        try await self.serve("sqlite-python", tools: "spin-sdk5") { server throws in
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

    /// Three capabilities at once, and what visitors may write.
    @Test func guestbookPython() async throws {
        let app = try Self.build("guestbook-python", tools: "spin-sdk5")
        let environment: [String: String?] = ["SPIN_VARIABLE_PASSWORD": "open sesame"]
        try await SwirlServer.serve(
            app, arguments: ["--variable", "title=Guests & friends"], environment: environment
        ) { server throws in
            func post(_ path: String, _ form: String) throws -> Int {
                try server.send("POST", path, body: Data(form.utf8)).status
            }
            #expect(try server.get("/").text.contains("<h1>Guests &amp; friends</h1>"))
            #expect(try post("/sign", "name=Ada&text=A+fine+machine.") == 303)
            #expect(try post("/sign", "name=%3Cb%3E&text=%3Cscript%3Ealert(1)%3C/script%3E') --") == 303)
            #expect(try post("/sign", "name=&text=x") == 400)
            #expect(try post("/sign", "name=a&text=\(String(repeating: "x", count: 1001))") == 400)
            let page = try server.get("/").text
            #expect(page.contains(#"<li id="entry-1"><b>Ada</b>: A fine machine."#))
            #expect(page.contains("<b>&lt;b&gt;</b>: &lt;script&gt;alert(1)&lt;/script&gt;&#x27;) --"))
            // From the key-value store.
            #expect(try server.get("/").text == page)
            #expect(try post("/remove", "id=1&password=wrong") == 403)
            #expect(try post("/remove", "id=1&password=open+sesame") == 303)
            #expect(try !server.get("/").text.contains("Ada"))
            #expect(!server.command.transcript.contains("sesame"))
        }
        // Entries outlive the server.
        try await SwirlServer.serve(app, environment: environment) { server throws in
            #expect(try server.get("/").text.contains("entry-2"))
        }
    }

    @Test func variablesPython() async throws {
        try await self.serve(
            "variables-python", tools: "spin-sdk5", arguments: ["--variable", "name=Ada"],
            environment: ["SPIN_VARIABLE_PASSWORD": "open sesame"]
        ) { server throws in
            #expect(try server.get("/", headers: [("x-password", "open sesame")]).text == "Hello, Ada!\n")
            #expect(try server.get("/").status == 403)
            #expect(!server.command.transcript.contains("sesame"))
        }
    }

    @Test(.enabled(if: RedisServer.isInstalled)) func redisPython() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await self.serve(
            "redis-python", tools: "spin-sdk5", arguments: ["--variable", "redis_address=\(server.url)"]
        ) { swirl throws in
            func post(_ path: String, _ text: String = "") throws -> String {
                try swirl.send("POST", path, body: Data(text.utf8)).text
            }
            #expect(try post("/count/visits") == "1\n")
            #expect(try post("/count/visits") == "2\n")
            #expect(try server.cli("GET", "visits") == "2")
            let value = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0) })
            #expect(try swirl.send("PUT", "/keys/data", body: value).status == 204)
            #expect(try swirl.get("/keys/data").body == value)
            #expect(try swirl.get("/keys/absent").status == 404)
            #expect(try swirl.send("DELETE", "/keys/data").text == "1\n")
            #expect(try post("/sets/s", "a b c b") == "3\n")
            #expect(try swirl.send("DELETE", "/sets/s", body: Data("a x".utf8)).text == "1\n")
            #expect(try swirl.get("/sets/s").text == "b c\n")
            #expect(try post("/execute", "HSET h a 1 b 2") == "2\n")
            #expect(try post("/execute", "HGETALL h") == "a\n1\nb\n2\n")
            #expect(try post("/execute", "GET absent") == "nil\n")
            #expect(try post("/execute", "PING") == "PONG\n")
            #expect(try post("/execute", "NOSUCH").contains("ERR unknown command"))
            #expect(try post("/count/s") == "Error_TypeError()\n")
            #expect(try swirl.send("POST", "/publish/c", body: Data("x".utf8)).status == 204)
            // What is not granted, what is no address, and a login that is wrong.
            #expect(try swirl.get("/keys/a?address=redis://localhost:1").text.contains("InvalidAddress"))
            #expect(try swirl.get("/keys/a?address=nonsense").text.contains("InvalidAddress"))
            let wrong = try swirl.get("/keys/a?address=redis://:pw@127.0.0.1:\(server.port)")
            #expect(wrong.text.contains("the Redis server refuses the login"))
        }
    }

    @Test(.enabled(if: RedisServer.isInstalled)) func redisTriggerPython() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let app = try Self.build("redis-trigger-python", tools: "spin-sdk5")
        try await blocking {
            let command = try Command(["up", "--variable", "redis_address=\(server.url)"], in: app.directory)
            defer { command.kill() }
            let place = "127.0.0.1:\(server.port)"
            let isActive = command.output.wait { $0.contains("\t\(place)/news: [listener]\n") ? true : nil }
            #expect(isActive != nil, "\(command.transcript)")
            for message in ["one", "bad", "two"] { try server.cli("PUBLISH", "news", message) }
            for _ in 0..<4000 where try server.cli("LLEN", "messages") != "2" { usleep(5000) }
            #expect(try Set(server.cli("LRANGE", "messages", "0", "-1").split(separator: "\n")) == ["one", "two"])
            #expect(command.errors.wait { $0.contains("ValueError: this message is bad") ? true : nil } != nil)
            command.signal(SIGTERM)
            #expect(try command.wait() == 0)
            #expect(try app.read(".swirl/logs/listener_stdout.txt").contains("got two\n"))
        }
    }

    private func serve(
        _ name: String, tools: String, arguments: [String] = [], environment: [String: String?] = [:],
        _ body: @escaping @Sendable (SwirlServer) throws -> Void
    ) async throws {
        let app = try Self.build(name, tools: tools)
        try await SwirlServer.serve(app, arguments: arguments, environment: environment) { server throws in
            try body(server)
        }
    }

    /// A copy of an example, with its component.
    private static func build(_ name: String, tools: String) throws -> TestApp {
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
        return app
    }
}
