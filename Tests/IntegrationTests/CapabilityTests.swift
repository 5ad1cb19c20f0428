import Foundation
import Testing

/// Stores, databases and variables, as an application in Python sees them through every interface of its SDK.
@Suite(.enabled(if: Places.hasBuiltGuests, "make test builds the guests"))
struct CapabilityTests {
    private static let settings = """
        key_value_stores = ["default"]
        sqlite_databases = ["default"]
        [component.guest.variables]
        greeting = "Hello, {{ name }}!"
        token = "{{ token }}"
        [variables]
        name = { default = "world" }
        token = { required = true, secret = true }
        """

    private static func app() throws -> TestApp {
        try TestApp(
            components: [("guest", "/...", Places.builtGuest("python-capabilities"))], settings: Self.settings)
    }

    private static let token: [String: String?] = ["SPIN_VARIABLE_TOKEN": "s3cret-value"]

    /// With state on disk, and in memory.
    @Test(arguments: [[], ["--state-dir", ""]])
    func interfacesOfTheSDK(arguments: [String]) async throws {
        try await SwirlServer.serve(try Self.app(), arguments: arguments, environment: Self.token) { server throws in
            for path in ["spin-key-value", "wasi-key-value", "sqlite", "settings", "handles"] {
                let answer = try server.get("/\(path)")
                #expect(answer.text == "ok", "\(path)")
            }
            try server.expectLogged("access to the key-value store \"forbidden\" was denied")
            try server.expectLogged("add to [component.guest]: key_value_stores = [\"default\", \"forbidden\"]")
            try server.expectLogged("add to [component.guest]: sqlite_databases = [\"default\", \"forbidden\"]")
            try server.expectLogged("add to [component.guest]: variables = { absent = \"{{ absent }}\" }")
            #expect(!server.command.transcript.contains("s3cret-value"))
        }
    }

    /// The asynchronous interfaces: many calls of one instance at a time, rows and keys by streams.
    @Test func asyncInterfaces() async throws {
        let app = try TestApp(
            components: [("guest", "/...", Places.builtGuest("python-async-capabilities"))], settings: Self.settings)
        try await SwirlServer.serve(app, environment: Self.token) { server throws in
            for _ in 0..<2 {
                for path in ["store", "database", "settings"] {
                    let answer = try server.get("/\(path)")
                    #expect(answer.text == "ok", "\(path)")
                }
            }
        }
    }

    /// The interfaces from before versions.
    @Test func legacyInterfaces() async throws {
        let app = try TestApp(
            components: [("guest", "/...", Places.textGuest("legacy"))], settings: Self.settings)
        try await SwirlServer.serve(app, environment: Self.token) { server throws in
            // The value of the key, the text of the row, the variable.
            for _ in 0..<3 { #expect(try server.get("/").text == "def" + "greb" + "Hello, world!") }
        }
    }

    @Test func largeResults() async throws {
        try await SwirlServer.serve(try Self.app(), environment: Self.token) { server throws in
            #expect(try server.get("/rows?count=20000").text == "20000 200010000")
            let tooLarge = try server.get("/rows?count=100000000")
            #expect(tooLarge.text.contains("query result exceeds limit of 134217728 bytes"))
        }
    }

    /// Endless SQL ends when its time is over.
    @Test func slowStatementsEndInTime() async throws {
        try await SwirlServer.serve(
            try Self.app(), arguments: ["--request-timeout", "2s"], environment: Self.token
        ) { server throws in #expect(try server.get("/endless").status == 500) }
    }

    /// Endless SQL ends when its client is gone: more of it than there are threads holds up nobody.
    @Test func abandonedStatementsEnd() async throws {
        try await SwirlServer.serve(try Self.app(), environment: Self.token) { server throws in
            var gone: [HTTPConnection] = []
            for _ in 0..<20 {
                let connection = try server.connect()
                try connection.write("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
                gone.append(connection)
            }
            gone.removeAll()
            #expect(try server.get("/sqlite").text == "ok")
        }
    }

    /// What was acknowledged is there after the server was killed in the middle of writing.
    @Test func killedServersLoseNothing() async throws {
        let app = try Self.app()
        try await blocking {
            var sum = 0
            for round in 0..<4 {
                try SwirlServer.serveBlocking(app, environment: Self.token) { server throws in
                    if round > 0 {
                        // One more may have been written than acknowledged, for each of the writers.
                        let found = try #require(Int(try server.get("/count?by=0").text))
                        #expect((sum...sum + 4).contains(found), "round \(round)")
                        sum = found
                    }
                    let acknowledged = Acknowledged()
                    let writers = (0..<4).map { _ in
                        let thread = Thread {
                            while let answer = try? server.get("/count?by=1"), answer.status == 200 {
                                acknowledged.add()
                            }
                            acknowledged.end()
                        }
                        thread.start()
                        return thread
                    }
                    acknowledged.wait(for: 30)
                    server.command.kill()
                    acknowledged.waitForEnd(of: writers.count)
                    sum += acknowledged.count
                }
            }
        }
    }

    @Test func refusesAWrongRuntimeConfiguration() async throws {
        let app = try Self.app()
        try app.write(Data("[key_value_store.default]\ntype = \"spin\"\npth = \"x\"\n".utf8), to: "rc.toml")
        let run = try Command.run(
            ["up", "--runtime-config-file", "rc.toml"], in: app.directory, environment: Self.token)
        #expect(run.status == 1)
        #expect(run.errors.contains("rc.toml:3:1: key_value_store.default.pth: unknown field `pth`"))
    }

    @Test func refusesAMissingVariable() async throws {
        let app = try Self.app()
        let run = try Command.run(["up"], in: app.directory)
        #expect(run.status == 1)
        #expect(run.errors.contains(": variables.token: no value for the required variable `token`"), "\(run.errors)")
    }
}

/// Counts across threads, and waits for counts.
private final class Acknowledged: @unchecked Sendable {
    private let condition = NSCondition()
    private var acknowledged = 0
    private var ended = 0

    func add() { self.change { self.acknowledged += 1 } }
    func end() { self.change { self.ended += 1 } }

    private func change(_ body: () -> Void) {
        self.condition.lock()
        body()
        self.condition.broadcast()
        self.condition.unlock()
    }

    var count: Int { self.condition.withLock { self.acknowledged } }

    func wait(for count: Int) { self.wait { self.acknowledged >= count } }
    func waitForEnd(of count: Int) { self.wait { self.ended >= count } }

    private func wait(until isDone: () -> Bool) {
        self.condition.lock()
        while !isDone() { self.condition.wait() }
        self.condition.unlock()
    }
}
