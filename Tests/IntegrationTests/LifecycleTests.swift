import Foundation
import Testing

/// Starting, stopping, settings, and what a server leaves behind.
@Suite struct LifecycleTests {
    @Test func printsRoutes() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello", "echo"])) { server throws in
            let output = server.command.output.wait { $0.contains("/echo (wildcard)") ? $0 : nil }
            #expect(output?.contains("Available Routes:") == true)
            #expect(output?.contains("hello: http://127.0.0.1:\(server.port)/hello (wildcard)") == true)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT]) func finishesRunningRequests(_ signal: Int32) async throws {
        try await SwirlServer.serve(try TestApp(guests: ["wait"])) { server throws in
            let waiting = try server.connect()
            try waiting.write("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(try waiting.read(until: "waiting\n") != nil)
            server.command.signal(signal)
            #expect(try waiting.read(until: "done\n") != nil)
            #expect(try server.command.wait() == 0, "\(server.command.transcript)")
        }
    }

    @Test func stopsWhenIdle() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { server throws in
            // A connection that stays open does not hold up the end.
            let idle = try server.connect()
            #expect(try idle.request("GET", "/hello").status == 200)
            server.command.signal(SIGTERM)
            #expect(try server.command.wait() == 0)
            #expect(throws: TestError.self) { try server.connect() }
        }
    }

    /// Many wait at once on few threads, without one holding up another.
    @Test func waitsForManyGuestsAtOnce() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["wait"])) { server throws in
            let start = ContinuousClock.now
            let connections = try (0..<40).map { _ in try server.connect() }
            for connection in connections { try connection.write("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n") }
            for connection in connections { #expect(try connection.readResponse().text == "waiting\ndone\n") }
            // One after the other would take 20 s.
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    @Test func givesEnvironmentToComponents() async throws {
        let app = try TestApp(guests: ["environment"], settings: #"environment = { FROM_MANIFEST = "1", BOTH = "2" }"#)
        try await SwirlServer.serve(
            app, arguments: ["--env", "FROM_OPTION=a b", "-e", "BOTH=3"], environment: ["NOT_FOR_GUESTS": "x"]
        ) { server throws in
            let lines = Set(try server.get("/environment").text.split(separator: "\n").map(String.init))
            #expect(lines == ["FROM_MANIFEST=1", "FROM_OPTION=a b", "BOTH=3"])
        }
    }

    @Test func writesOutputOfComponents() async throws {
        let app = try TestApp(guests: ["print"])
        try await SwirlServer.serve(app) { server throws in
            #expect(try server.get("/print").status == 204)
            try server.expectLogged("a line on stderr")
            try server.expectLogged("/.swirl/logs/\"\n")
        }
        #expect(try app.read(".swirl/logs/print_stdout.txt") == "a line on stdout\nno newline at the end")
        #expect(try app.read(".swirl/logs/print_stderr.txt") == "a line on stderr\n")
    }

    @Test func showsNoOutputWhenQuiet() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["print", "trap"]), arguments: ["--quiet"]) { server throws in
            #expect(try server.get("/print").status == 204)
            // A message of the server's own comes after whatever the guest wrote.
            _ = try server.get("/trap")
            try server.expectLogged("component trap")
            #expect(!server.command.transcript.contains("a line on"))
        }
    }

    @Test func servesWithoutCacheDirectory() async throws {
        // A file in the place of the directory: not even root can write below it.
        let app = try TestApp(guests: ["hello"])
        try app.write(Data("a file".utf8), to: "file")
        let cache = app.directory.appending(path: "file").path
        try await SwirlServer.serve(app, environment: ["XDG_CACHE_HOME": cache]) { server throws in
            #expect(try server.get("/hello").status == 200)
            try server.expectLogged("is not kept")
        }
    }

    @Test func compilesAnewWhenCacheIsDamaged() async throws {
        let app = try TestApp(guests: ["hello"])
        let cache = app.directory.appending(path: "cache")
        let environment = ["XDG_CACHE_HOME": cache.path]
        try await SwirlServer.serve(app, environment: environment) { server throws in
            #expect(try server.get("/hello").status == 200)
        }
        let files = FileManager.default.enumerator(at: cache, includingPropertiesForKeys: [.isRegularFileKey])
        var damaged = 0
        while let file = files?.nextObject() as? URL {
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            try Data("damaged".utf8).write(to: file)
            damaged += 1
        }
        #expect(damaged > 0)
        try await SwirlServer.serve(app, environment: environment) { server throws in
            #expect(try server.get("/hello").status == 200)
        }
    }

    @Test func cleansCache() async throws {
        let app = try TestApp(guests: ["hello"])
        let environment = ["XDG_CACHE_HOME": app.directory.appending(path: "cache").path]
        try await SwirlServer.serve(app, environment: environment) { _ in }
        let cleaned = try await blocking {
            try Command.run(["cache", "clean"], in: app.directory, environment: environment)
        }
        #expect(cleaned.status == 0)
        #expect(cleaned.output.hasPrefix("Removed "), "\(cleaned.output)")
        let again = try await blocking {
            try Command.run(["cache", "clean"], in: app.directory, environment: environment)
        }
        #expect(again.status == 0)
    }

    @Test func buildsBeforeServing() async throws {
        let app = try TestApp([
            "spin.toml": """
            spin_manifest_version = 2
            [application]
            name = "test"
            [[trigger.http]]
            route = "/..."
            component = "made"
            [component.made]
            source = "made.wat"
            [component.made.build]
            command = "cp '\(Places.textGuest("hello").path)' made.wat"
            """
        ])
        try await SwirlServer.serve(app, arguments: ["--build"]) { server throws in
            #expect(try server.get("/").status == 200)
        }
    }

    @Test func stopsWhenBuildFails() async throws {
        let app = try TestApp([
            "spin.toml": """
            spin_manifest_version = 2
            [application]
            name = "test"
            [[trigger.http]]
            route = "/..."
            component = "broken"
            [component.broken]
            source = "made.wat"
            [component.broken.build]
            command = "echo it cannot be built >&2; exit 3"
            """
        ])
        let result = try await blocking { try Command.run(["up", "--build"], in: app.directory) }
        #expect(result.status != 0)
        #expect(result.errors.contains("it cannot be built"))
        #expect(result.errors.contains("broken"))
    }
}
