import Foundation
import TestSupport
import Testing

/// What the manifest and the options say about the HTTP trigger.
@Suite struct TriggerOptionTests {
    private func app(_ triggers: String) throws -> TestApp {
        try TestApp([
            "spin.toml": """
            spin_manifest_version = 2
            [application]
            name = "shop"
            version = "1.2.3"
            [component.hello]
            source = "\(Places.textGuest("hello").path)"
            description = "Greets"
            \(triggers)
            """
        ])
    }

    @Test func answersStatically() async throws {
        let app = try self.app(
            """
            [[trigger.http]]
            id = "teapot"
            route = "/tea"
            static_response = { status_code = 418, headers = { x-a = "b", content-type = "text/plain" }, body = "short" }
            [[trigger.http]]
            route = "/empty"
            static_response = {}
            [[trigger.http]]
            route = "/hello"
            component = "hello"
            """)
        try await SwirlServer.serve(app) { server throws in
            let tea = try server.get("/tea")
            #expect(
                tea.status == 418 && tea.text == "short" && tea["x-a"] == "b" && tea["content-type"] == "text/plain")
            let empty = try server.get("/empty")
            #expect(empty.status == 200 && empty.text.isEmpty)
            #expect(try server.get("/hello").status == 200)
            #expect(server.command.output.text.contains("teapot: http://127.0.0.1:\(server.port)/tea\n"))
        }
    }

    @Test func privateRoutesAreNotReached() async throws {
        let app = try self.app(
            """
            [[trigger.http]]
            route = { private = true }
            component = "hello"
            [[trigger.http]]
            route = "/there"
            static_response = { body = "x" }
            """)
        try await SwirlServer.serve(app) { server throws in
            for path in ["/", "/hello", "/private"] { #expect(try server.get(path).status == 404) }
            #expect(try server.get("/there").text == "x")
        }
    }

    @Test func tellsAboutTheApplication() async throws {
        let app = try self.app("[[trigger.http]]\nroute = \"/...\"\ncomponent = \"hello\"")
        try await SwirlServer.serve(app, arguments: ["--format", "json"]) { server throws in
            #expect(
                server.command.output.text == """
                    {"base_url":"http://127.0.0.1:\(server.port)","routes":[{"id":"hello","route":"/","wildcard":true,\
                    "description":"Greets"}]}

                    """)
            let info = try server.get("/.well-known/spin/info")
            #expect(info.text == #"{"name":"shop","version":"1.2.3"}"#)
            #expect(info["content-type"] == "application/json")
            #expect(try server.get("/.well-known/spin/other").status == 404)
        }
    }

    @Test func findsAFreePort() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { first throws in
            let command = try Command(
                ["up", "--listen", "127.0.0.1:\(first.port)", "--find-free-port"], in: first.app.directory)
            defer { command.kill() }
            let port = command.output.wait { text in
                text.firstMatch(of: #/Serving http://127\.0\.0\.1:([0-9]+)\n/#).flatMap { UInt16($0.1) }
            }
            let found = try #require(port)
            #expect(found > first.port && found < first.port + 10)
            #expect(try HTTPConnection(port: found).request("GET", "/hello").status == 200)
        }
    }

    @Test func takesHostNames() async throws {
        let app = try TestApp(guests: ["hello"])
        try await blocking {
            let command = try Command(["up", "--listen", "localhost:0"], in: app.directory)
            defer { command.kill() }
            // IPv4 is preferred where a name has both.
            #expect(command.output.wait { $0.contains("Serving http://127.0.0.1:") ? true : nil } == true)
        }
    }

    @Test(arguments: ["common", "json"]) func writesAnAccessLog(_ format: String) async throws {
        let app = try TestApp(guests: ["hello"])
        try await SwirlServer.serve(
            app, arguments: ["--access-log", "access.log", "--access-log-format", format]
        ) { server throws in
            _ = try server.get("/hello?x=%22")
            _ = try server.get("/nowhere")
            // Refused before it has a route.
            #expect(try server.send("CONNECT", "a:443").status == 501)
            server.command.signal(SIGTERM)
            #expect(try server.command.wait() == 0)
            let lines = try server.app.read("access.log").split(separator: "\n").map(String.init)
            try #require(lines.count == 3)
            if format == "common" {
                #expect(lines[0].contains(#"] "GET /hello?x=%22 HTTP/1.1" 200 "#))
                #expect(lines[0].contains(" hello ") && lines[0].hasSuffix("ms"))
                #expect(lines[1].contains(#"GET /nowhere HTTP/1.1" 404 0 - "#))
                #expect(lines[2].hasPrefix("127.0.0.1 - - [") && lines[2].contains(#"] "- - HTTP/1.1" 501 "#))
            } else {
                #expect(lines[0].contains(#""path":"/hello?x=%22","protocol":"HTTP/1.1","status":200"#))
                #expect(lines[1].contains(#""status":404"#))
                #expect(lines[2].contains(#""method":"-","path":"-","protocol":"HTTP/1.1","status":501"#))
            }
        }
    }

    @Test func survivesAFullDisk() async throws {
        guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
        let app = try TestApp(guests: ["hello", "print"])
        try FileManager.default.createDirectory(
            at: app.directory.appending(path: "logs"), withIntermediateDirectories: true)
        for kind in ["stdout", "stderr"] {
            try FileManager.default.createSymbolicLink(
                atPath: app.directory.appending(path: "logs/print_\(kind).txt").path, withDestinationPath: "/dev/full")
        }
        try await SwirlServer.serve(
            app, arguments: ["--access-log", "/dev/full", "--log-dir", "logs"]
        ) { server throws in
            for _ in 0..<20 {
                #expect(try server.get("/hello").status == 200)
                #expect(try server.get("/print").status == 204)
            }
            try server.expectLogged("lines of the access log are lost: No space left on device")
        }
    }

    @Test func emptiesLogFiles() async throws {
        let app = try TestApp(guests: ["print"])
        for arguments in [[], ["--truncate-logs"]] {
            try await SwirlServer.serve(app, arguments: arguments) { server throws in
                #expect(try server.get("/print").status == 204)
                server.command.signal(SIGTERM)
                #expect(try server.command.wait() == 0)
            }
        }
        let text = try app.read(".swirl/logs/print_stdout.txt")
        #expect(text.split(separator: "\n").count == Set(text.split(separator: "\n")).count)
    }

    @Test func servesWithoutPool() async throws {
        try await SwirlServer.serve(
            try TestApp(guests: ["hello"]), arguments: ["--disable-pooling", "--debug-info", "--disable-cache"]
        ) { server throws in
            #expect(try server.get("/hello").status == 200)
        }
    }

    @Test func boundsTheHead() async throws {
        try await SwirlServer.serve(
            try TestApp(guests: ["hello"]), arguments: ["--http1-max-buf-size", "8192"]
        ) { server throws in
            #expect(try server.get("/hello", headers: [("x", String(repeating: "v", count: 7000))]).status == 200)
            #expect(try server.get("/hello", headers: [("x", String(repeating: "v", count: 9000))]).status == 431)
        }
    }

    @Test func cutsSlowClients() async throws {
        try await SwirlServer.serve(
            try TestApp(guests: ["hello", "echo"]),
            arguments: ["--header-timeout", "1", "--body-timeout", "1", "--idle-timeout", "1"]
        ) { server throws in
            let slowHead = try server.connect()
            try slowHead.write("GET /hello HT")
            let slowBody = try server.connect()
            try slowBody.write("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nabc")
            let idle = try server.connect()
            #expect(try idle.request("GET", "/hello").status == 200)
            #expect(try slowHead.readResponse().status == 408)
            _ = try slowBody.readToEnd()
            #expect(try idle.readToEnd().isEmpty)
        }
    }

    @Test func boundsConnections() async throws {
        try await SwirlServer.serve(
            try TestApp(guests: ["hello"]), arguments: ["--max-connections", "2"]
        ) { server throws in
            var held = [try server.connect(), try server.connect()]
            for connection in held { #expect(try connection.request("GET", "/hello").status == 200) }
            // The third waits until one leaves.
            let third = try server.connect()
            held.removeFirst()
            #expect(try third.request("GET", "/hello").status == 200)
        }
    }

    // MARK: - Capacity

    @Test func requestsBeyondTheQueueGet503() async throws {
        try await SwirlServer.serve(
            try TestApp(guests: ["wait"]),
            arguments: ["--max-concurrent-requests", "1", "--max-queued-requests", "1", "--queue-timeout", "100ms"]
        ) { server throws in
            // One place and one in line on each event loop at most, and each guest takes half a second.
            let connections = try (0..<64).map { _ in try server.connect() }
            for connection in connections { try connection.write("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n") }
            let answers = try connections.map { try $0.readResponse() }
            let busy = answers.filter { $0.status == 503 }
            #expect(!busy.isEmpty)
            #expect(busy.allSatisfy { $0["retry-after"] == "1" && $0.text.isEmpty })
            #expect(answers.contains { $0.status == 200 })
            #expect(try server.get("/wait").status == 200)
        }
    }

    @Test func boundsProcessorTime() async throws {
        try await SwirlServer.serve(
            try TestApp(guests: ["loop", "wait"]), arguments: ["--request-cpu-limit", "100ms"]
        ) { server throws in
            let answer = try server.get("/loop")
            #expect(answer.status == 500 && answer.text.isEmpty)
            try server.expectLogged("more processor time than the limit of 100 ms")
            // Waiting is free.
            #expect(try server.get("/wait").status == 200)
        }
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalWhileLoadingLeavesNothing(_ signal: Int32) async throws {
        guard Places.hasBuiltGuests else { return }
        let app = try TestApp(
            components: [(id: "slow", route: "/...", source: Places.builtGuest("python-spin-sdk3"))])
        try await blocking {
            let command = try Command(
                ["up", "--listen", "127.0.0.1:0", "--disable-cache"], in: app.directory)
            defer { command.kill() }
            let deadline = Date(timeIntervalSinceNow: 20)
            func leftovers() throws -> [String] {
                try FileManager.default.contentsOfDirectory(atPath: app.directory.path).filter {
                    $0.hasPrefix("swirl-up-")
                }
            }
            while try leftovers().isEmpty, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
            Thread.sleep(forTimeInterval: 0.3)
            command.signal(signal)
            #expect(try command.wait() == 128 + signal)
            #expect(try leftovers().isEmpty)
        }
    }
}
