import Foundation
import RedisTestSupport
import Testing

/// Applications that Redis messages start, against a real server.
@Suite(.enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(3)))
struct RedisTests {
    /// `swirl up` of a manifest while `body` runs; there may be no HTTP in it.
    private func up(
        _ app: TestApp, arguments: [String] = [], _ body: @escaping @Sendable (Command) throws -> Void
    ) async throws {
        try await blocking {
            let command = try Command(["up", "--listen", "127.0.0.1:0"] + arguments, in: app.directory)
            defer { command.kill() }
            try body(command)
        }
    }

    private static func expect(_ collector: OutputCollector, _ text: String, _ command: Command) throws {
        guard collector.wait({ $0.contains(text) ? true : nil }) != nil else {
            throw TestError("there is no \"\(text)\". It wrote:\n\(command.transcript)")
        }
    }

    /// Waits until a guest has printed a text.
    private static func expectPrinted(_ text: String, by component: String, in app: TestApp) throws {
        for _ in 0..<2000 {
            if let log = try? app.read(".swirl/logs/\(component)_stdout.txt"), log.contains(text) { return }
            usleep(5000)
        }
        throw TestError("\(component) did not print \"\(text)\"")
    }

    /// Waits until a key has a value.
    private static func expect(_ server: RedisServer, _ key: String, _ value: String) throws {
        for _ in 0..<1000 {
            if try server.cli("GET", key) == value { return }
            usleep(5000)
        }
        throw TestError("the key \(key) is not \"\(value)\"")
    }

    private func app(_ triggers: String, components: [String] = ["one"]) throws -> TestApp {
        let guest = Places.textGuest("redis-message").path
        let tables = components.map { "[component.\($0)]\nsource = \"\(guest)\"\n" }.joined()
        return try TestApp([
            "spin.toml": "spin_manifest_version = 2\n[application]\nname = \"test\"\n\(triggers)\n\(tables)"
        ])
    }

    @Test func callsComponentsForMessagesOfSeveralChannelsAndServers() async throws {
        let first = try RedisServer()
        defer { first.end() }
        let second = try RedisServer()
        defer { second.end() }
        let app = try self.app(
            """
            [variables]
            name = { default = "b" }
            [application.trigger.redis]
            address = "\(first.url)"
            [[trigger.redis]]
            channel = "a"
            component = "one"
            [[trigger.redis]]
            channel = "{{ name }}"
            component = "two"
            [[trigger.redis]]
            channel = "a"
            component = "two"
            [[trigger.redis]]
            address = "\(second.url)/3"
            channel = "c"
            component = "one"
            """, components: ["one", "two"])
        try await self.up(app) { command throws in
            let place = "127.0.0.1:\(first.port)"
            try Self.expect(
                command.output, "Active Channels on \(place):\n\t\(place)/a: [one,two]\n\t\(place)/b: [two]\n", command)
            try Self.expect(command.output, "\t127.0.0.1:\(second.port)/c: [one]\n", command)
            #expect(!command.output.text.contains("Serving"))
            try first.cli("PUBLISH", "a", "for both")
            try Self.expectPrinted("for both\n", by: "one", in: app)
            try Self.expectPrinted("for both\n", by: "two", in: app)
            try first.cli("PUBLISH", "b", "for two")
            try Self.expectPrinted("for two\n", by: "two", in: app)
            try second.cli("PUBLISH", "c", "for one")
            try Self.expectPrinted("for one\n", by: "one", in: app)
            #expect(try !app.read(".swirl/logs/one_stdout.txt").contains("for two"))
        }
    }

    @Test func goesOnAfterFaultsOfGuestsAndServer() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let app = try self.app(
            "[[trigger.redis]]\nchannel = \"a\"\ncomponent = \"one\"\naddress = \"\(server.url)\"")
        try await self.up(app, arguments: ["--request-timeout", "1s"]) { command throws in
            try Self.expect(command.output, "Active Channels", command)
            try server.cli("PUBLISH", "a", "trap")
            try Self.expect(command.errors, "component one: message of \"a\": the guest trapped", command)
            try server.cli("PUBLISH", "a", "error")
            try Self.expect(command.errors, "the guest answered with an error", command)
            try server.cli("PUBLISH", "a", "loop")
            try Self.expect(command.errors, "longer than the limit", command)
            server.stop()
            try Self.expect(command.errors, "no messages until it is reached again", command)
            try server.start()
            try Self.expect(command.errors, "the channels are active again", command)
            try server.cli("PUBLISH", "a", "after all")
            try Self.expectPrinted("after all\n", by: "one", in: app)
        }
    }

    @Test func servesHTTPAndMessagesInOneProcess() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let hello = Places.textGuest("hello").path
        let app = try self.app(
            """
            [[trigger.http]]
            route = "/..."
            component = "hello"
            [component.hello]
            source = "\(hello)"
            [[trigger.redis]]
            channel = "a"
            component = "one"
            address = "\(server.url)"
            """)
        try await SwirlServer.serve(app) { swirl throws in
            try Self.expect(swirl.command.output, "Active Channels", swirl.command)
            for index in 0..<500 { try server.cli("PUBLISH", "a", "message \(index).") }
            #expect(try swirl.get("/").status == 200)
            try Self.expectPrinted("message 499.\n", by: "one", in: app)
            swirl.command.signal(SIGTERM)
            #expect(try swirl.command.wait() == 0)
            let lines = try app.read(".swirl/logs/one_stdout.txt").split(separator: "\n")
            #expect(Set(lines).count == 500)
        }
    }

    /// A store that was used ends before the event loops that it was used on.
    @Test func endsInGoodOrder() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let app = try TestApp(
            components: [("stores", "/...", Places.textGuest("stores"))],
            settings: "key_value_stores = [\"default\", \"redis\"]")
        try app.write(Data("[key_value_store.redis]\ntype = \"redis\"\nurl = \"\(server.url)\"".utf8), to: "rc.toml")
        try await SwirlServer.serve(app, arguments: ["--runtime-config-file", "rc.toml"]) { swirl throws in
            for _ in 0..<8 { #expect(try swirl.get("/S1").text == "default") }
            swirl.command.signal(SIGINT)
            #expect(try swirl.command.wait() == 0)
            #expect(!swirl.command.transcript.contains("ERROR"), "\(swirl.command.transcript)")
        }
    }

    @Test func saysWhyItCannotSubscribe() async throws {
        let server = try RedisServer(["--requirepass", "s3cret"])
        defer { server.end() }
        let app = try self.app(
            "[[trigger.redis]]\nchannel = \"a\"\ncomponent = \"one\"\n"
                + "address = \"redis://:wr0ng@127.0.0.1:\(server.port)\"")
        try await self.up(app) { command throws in
            try Self.expect(command.errors, "the Redis server refuses the login: WRONGPASS", command)
            #expect(!command.errors.text.contains("wr0ng"))
        }
    }

    @Test(arguments: [
        ("channel = \"a\"", "no address of a Redis server"),
        ("channel = \"a\"\naddress = \"http://h\"", "its scheme is neither redis nor rediss"),
    ]) func refusesTriggersThatCannotWork(fields: String, message: String) async throws {
        let app = try self.app("[[trigger.redis]]\ncomponent = \"one\"\n\(fields)")
        try await blocking {
            let result = try Command.run(["up"], in: app.directory)
            #expect(result.status != 0)
            #expect(result.errors.contains(message), "\(result.errors)")
            // Where it stands in the manifest.
            #expect(result.errors.contains(try Regex("spin.toml:[0-9]+:[0-9]+: trigger ")), "\(result.errors)")
        }
    }

    /// The interface of Spin 1, in which every function has the address.
    @Test func servesFunctionsOfSpin1() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let app = try TestApp([
            "spin.toml": """
            spin_manifest_version = 2
            [application]
            name = "test"
            [[trigger.redis]]
            channel = "a"
            component = "one"
            address = "\(server.url)"
            [component.one]
            source = "\(Places.textGuest("redis-legacy").path)"
            allowed_outbound_hosts = ["\(server.url)"]
            """
        ])
        try await self.up(app) { command throws in
            try Self.expect(command.output, "Active Channels", command)
            try server.cli("SET", "counter", "41")
            try server.cli("PUBLISH", "a", server.url)
            try Self.expect(server, "copy", server.url)
            #expect(try server.cli("GET", "counter") == "42")
            try server.cli("PUBLISH", "a", "redis://localhost:\(server.port)")
            try Self.expect(
                command.errors, "allowed_outbound_hosts = [\"redis://localhost:\(server.port)\"]", command)
            try Self.expect(command.errors, "the guest answered with an error", command)
        }
    }

    /// A core module of Spin 1's SDKs.
    @Test func servesModulesOfSpin1() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let app = try TestApp([
            "spin.toml": """
            spin_manifest_version = "1"
            name = "test"
            version = "1.0.0"
            trigger = { type = "redis", address = "\(server.url)" }
            [[component]]
            id = "one"
            source = "\(Places.textGuest("spin-one").path)"
            [component.trigger]
            channel = "a"
            """
        ])
        try await self.up(app) { command throws in
            try Self.expect(command.output, "Active Channels", command)
            try server.cli("PUBLISH", "a", "first")
            try Self.expectPrinted("message: first", by: "one", in: app)
            try server.cli("PUBLISH", "a", "")
            try Self.expect(command.errors, "the guest answered with an error", command)
        }
    }

    /// Messages and functions of the asynchronous interface.
    @Test func servesAsynchronousInterface() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let app = try TestApp([
            "spin.toml": """
            spin_manifest_version = 2
            [application]
            name = "test"
            [[trigger.redis]]
            channel = "a"
            component = "one"
            address = "\(server.url)"
            [component.one]
            source = "\(Places.textGuest("redis-async").path)"
            allowed_outbound_hosts = ["\(server.url)"]
            """
        ])
        try await self.up(app, arguments: ["--request-timeout", "2s"]) { command throws in
            try Self.expect(command.output, "Active Channels", command)
            for _ in 0..<20 { try server.cli("PUBLISH", "a", server.url) }
            try Self.expect(server, "counter", "20")
            try server.cli("PUBLISH", "a", "error")
            try Self.expect(command.errors, "the guest answered with an error: no", command)
            try server.cli("PUBLISH", "a", "trap")
            try Self.expect(command.errors, "message of \"a\": the guest trapped", command)
            try server.cli("PUBLISH", "a", "loop")
            try Self.expect(command.errors, "longer than the limit", command)
            try server.cli("PUBLISH", "a", server.url)
            try Self.expect(server, "counter", "21")
        }
    }

    /// A thousand requests wait at once, each on a connection of its own; no thread waits.
    @Test func manyGuestsWaitAtOnce() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let app = try TestApp(
            components: [("redis", "/...", Places.textGuest("redis"))],
            settings: "allowed_outbound_hosts = [\"\(server.url)\"]")
        try await SwirlServer.serve(app) { swirl throws in
            let value = "a value of some sixty-four bytes, as much as a small record has."
            #expect(try swirl.get("/127.0.0.1:\(server.port)").text == value)
            let clock = ContinuousClock()
            var connections: [HTTPConnection] = []
            for _ in 0..<1000 { connections.append(try swirl.connect()) }
            let start = clock.now
            for connection in connections {
                try connection.write("GET /127.0.0.1:\(server.port)?b HTTP/1.1\r\nhost: a\r\n\r\n")
            }
            for connection in connections { #expect(try connection.readResponse().status == 204) }
            let time = clock.now - start
            // Well under a second on a machine that has nothing else to do; one after the other would take 100 s.
            #expect(time < .seconds(30), "\(time)")
            #expect(try swirl.get("/localhost:\(server.port)").status == 503)
            try swirl.expectLogged("allowed_outbound_hosts = [\"redis://localhost:\(server.port)\"]")
            server.stop()
            #expect(try swirl.get("/127.0.0.1:\(server.port)").status == 503)
            try server.start()
            #expect(try swirl.get("/127.0.0.1:\(server.port)").text == value)
        }
    }

    /// Key-value stores in two databases of a server, by the runtime configuration.
    @Test(.enabled(if: Places.hasBuiltGuests, "make test builds the guests"))
    func keepsKeyValueStoresInRedis() async throws {
        let server = try RedisServer()
        defer { server.end() }
        let app = try TestApp(
            components: [("guest", "/...", Places.builtGuest("python-capabilities"))],
            settings: """
                key_value_stores = ["default"]
                sqlite_databases = ["default"]
                [component.guest.variables]
                greeting = "Hello, {{ name }}!"
                token = "{{ token }}"
                [variables]
                name = { default = "world" }
                token = { default = "s3cret-value", secret = true }
                """)
        try app.write(
            Data("[key_value_store.default]\ntype = \"redis\"\nurl = \"\(server.url)\"\n".utf8), to: "runtime.toml")
        try await SwirlServer.serve(app, arguments: ["--runtime-config-file", "runtime.toml"]) { swirl throws in
            #expect(try swirl.get("/spin-key-value").text == "ok")
            #expect(try swirl.get("/count?by=40").text == "40")
            #expect(try swirl.get("/count?by=2").text == "42")
            #expect(try server.cli("GET", "count") == "42")
            try swirl.expectLogged("Storing default key-value data to Redis at 127.0.0.1:\(server.port)")
        }
    }
}
