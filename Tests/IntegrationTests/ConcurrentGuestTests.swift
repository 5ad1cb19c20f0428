import Foundation
import Testing

/// Components of WASI 0.3: one instance serves several requests, and fails with those that it is answering only.
@Suite struct ConcurrentGuestTests {
    /// Waits for the host's clock, then answers.
    private static func waiting(milliseconds: Int) throws -> String {
        try ConcurrentGuest.source("wait").replacing("10000000", with: "\(milliseconds * 1_000_000)")
    }

    static func app(_ guests: [String: String]) throws -> TestApp {
        let app = try TestApp()
        var manifest = "spin_manifest_version = 2\n[application]\nname = \"concurrent\"\nversion = \"0.1.0\"\n"
        for (name, text) in guests.sorted(by: { $0.key < $1.key }) {
            try app.write(Data(text.utf8), to: "\(name).wat")
            manifest +=
                "[[trigger.http]]\nroute = \"/\(name)/...\"\ncomponent = \"\(name)\"\n"
                + "[component.\(name)]\nsource = \"\(name).wat\"\n"
        }
        try app.write(Data(manifest.utf8), to: "spin.toml")
        return app
    }

    private static func serve(
        _ guests: [String: String], arguments: [String] = [], _ body: @escaping @Sendable (SwirlServer) throws -> Void
    ) async throws {
        let app = try self.app(guests.mapValues { try ConcurrentGuest.text($0) })
        try await SwirlServer.serve(app, arguments: arguments, body)
    }

    @Test(arguments: ["0.3.0", "0.3.0-rc-2026-03-15", "0.3.1"])
    func answers(version: String) async throws {
        let app = try Self.app(["hello": try ConcurrentGuest.text(ConcurrentGuest.source("hello"), version: version)])
        try await SwirlServer.serve(app) { server throws in
            let response = try server.get("/hello")
            #expect(response.status == 200)
            #expect(response.text == "Hello from a Swirl test guest\n")
            // The guest declared no length: as from Spin, though all of it was there when it returned.
            #expect(response["transfer-encoding"] == "chunked")
            #expect(try server.send("HEAD", "/hello").body.isEmpty)
        }
    }

    @Test func movesBodies() async throws {
        try await Self.serve(["echo": try ConcurrentGuest.source("echo")]) { server throws in
            let body = Data((0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            #expect(try server.send("POST", "/echo", body: body).body == body)
            #expect(try server.send("POST", "/echo", body: Data()).body.isEmpty)
            #expect(try server.send("POST", "/echo", body: Data("x".utf8)).text == "x")
        }
    }

    /// As many waits as one instance takes last as long as one.
    @Test func waitsAtOnce() async throws {
        try await Self.serve(["wait": try Self.waiting(milliseconds: 200)]) { server throws in
            let connections = try (0..<16).map { _ in try server.connect() }
            let start = ContinuousClock.now
            for connection in connections { try connection.write("GET /wait HTTP/1.1\r\nhost: a\r\n\r\n") }
            for connection in connections { #expect(try connection.readResponse().status == 200) }
            #expect(ContinuousClock.now - start < .milliseconds(16 * 200))
        }
    }

    @Test(arguments: [
        ("returned", #"(func (export "handle") (param i32) (result i32) (i32.const 0))"#, "without `task.return`"),
        ("trap", #"(func (export "handle") (param i32) (result i32) unreachable)"#, "unreachable"),
        (
            "error",
            """
            (func (export "handle") (param i32) (result i32)
              (call $task-return (i32.const 1) (i32.const 6)
                (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
              (i32.const 0))
            """, "the error connection-refused"
        ),
        (
            "deadlock",
            """
            ;; It waits for what it would have to write itself, and lets no other request in.
            (func (export "handle") (param i32) (result i32)
              (drop (call $read (call $low (call $stream-new)) (i32.const 4096) (i32.const 1)))
              (i32.const 0))
            """, "deadlock"
        ),
    ])
    func answers500(_ name: String, _ code: String, _ logged: String) async throws {
        try await Self.serve([name: code, "hello": try ConcurrentGuest.source("hello")]) { server throws in
            #expect(try server.get("/\(name)").status == 500)
            try server.expectLogged("component \(name): GET /\(name)")
            try server.expectLogged(logged)
            #expect(try server.get("/hello").status == 200)
        }
    }

    /// The head is on its way when these fail: the response must not look complete.
    @Test(arguments: [
        "(drop (call $write (global.get $body) (i32.const 1024) (i32.const 30))) unreachable",
        // Without a word on how it ended.
        "(call $drop-w (global.get $body)) (call $t-drop-w (global.get $tail))",
    ])
    func leavesResponseIncomplete(_ code: String) async throws {
        let guest = #"(func (export "handle") (param i32) (result i32) (call $begin) \#(code) (i32.const 0))"#
        try await Self.serve(["late": guest]) { server throws in
            do {
                let response = try server.get("/late")
                #expect(response.status == 500 || !response.isComplete)
            } catch is TestError {
                // The connection was closed before a head.
            }
            try server.expectLogged("component late")
        }
    }

    /// A guest may give its trailers before its body: they say that all is well, and it traps all the same.
    @Test func aBodyThatATrapCutIsNotComplete() async throws {
        let guest = """
            (func (export "handle") (param i32) (result i32)
              (local $set i32)
              (call $begin)
              (drop (call $t-write (global.get $tail) (i32.const 0)))
              (drop (call $write (global.get $body) (i32.const 1024) (i32.const 30)))
              (local.set $set (call $set-new))
              (call $join (i32.shr_u (call $wait-for (i64.const 50000000)) (i32.const 4)) (local.get $set))
              (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))
            (func (export "callback") (param i32 i32 i32) (result i32) unreachable)
            """
        try await Self.serve(["cut": guest]) { server throws in
            let response = try server.get("/cut")
            #expect(response.status == 200)
            #expect(!response.isComplete)
            try server.expectLogged("component cut")
        }
    }

    /// One that lets others run all the time uses its processor time as well, and does not keep the server.
    @Test(arguments: [
        (["--request-cpu-limit", "200ms"], "more processor time than the limit of 200 ms"),
        (["--request-timeout", "300ms"], "longer than the limit of 300 ms"),
    ])
    func stopsWhoYieldsForEver(_ arguments: [String], _ logged: String) async throws {
        let yields = """
            (func (export "handle") (param i32) (result i32) (i32.const 1))
            (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 1))
            """
        try await Self.serve(
            ["yields": yields, "hello": try ConcurrentGuest.source("hello")], arguments: arguments
        ) { server throws in
            let connection = try server.connect()
            try connection.write("GET /yields HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(try server.get("/hello").status == 200)
            #expect(try connection.readResponse().status == 500)
            try server.expectLogged(logged)
            #expect(try server.get("/hello").status == 200)
        }
    }

    /// Bodies that nobody reads, and one that nobody writes.
    @Test func guestsNeverReadOrNeverWrite() async throws {
        let neverWrites = """
            (func (export "handle") (param i32) (result i32)
              (call $begin)
              (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4))))
            """
        // It holds the stream of the body, and does not read.
        let neverReads = """
            (func (export "handle") (param $request i32) (result i32)
              (drop (call $open (local.get $request)))
              (call $hello)
              (i32.const 0))
            """
        try await Self.serve(
            ["silent": neverWrites, "deaf": neverReads], arguments: ["--request-timeout", "500ms"]
        ) { server throws in
            let body = Data(repeating: 1, count: 200_000)
            for _ in 0..<3 { #expect(try server.send("POST", "/deaf", body: body).status == 200) }
            do {
                let response = try server.get("/silent")
                #expect(response.status == 500 || !response.isComplete)
            } catch is TestError {
                // The connection was closed before a head.
            }
            #expect(try server.get("/deaf").status == 200)
        }
    }

    /// 1xx is no final status: the client gets an error, and the log says why.
    @Test func refusesInformationalResponses() async throws {
        let guest = """
            (func (export "handle") (param i32) (result i32)
              (call $u-drop-r (call $make))
              (drop (call $status (i32.load (i32.const 512)) (i32.const 103)))
              (call $answer (i32.load (i32.const 512)))
              (i32.const 0))
            (func $make (result i32)
              (local $t i64)
              (local.set $t (call $t-new))
              (call $response (call $fields) (i32.const 0) (i32.const 0) (call $low (local.get $t)) (i32.const 512))
              (i32.load (i32.const 516)))
            """
        try await Self.serve(["early": guest]) { server throws in
            #expect(try server.get("/early").status == 500)
            try server.expectLogged("its status, 103, is informational")
        }
    }

    /// A trap ends the instance, with all that it is answering; the next request has a new one.
    @Test func failsWithItsInstanceOnly() async throws {
        let guest = """
            (global $count (mut i32) (i32.const 0))
            (func (export "handle") (param $request i32) (result i32)
              (local $set i32) (local $status i32)
              (global.set $count (i32.add (global.get $count) (i32.const 1)))
              (if (i32.eq (global.get $count) (i32.const 3)) (then unreachable))
              (call $drop-request (local.get $request))
              (local.set $set (call $set-new))
              (local.set $status (call $wait-for (i64.const 60000000000)))
              (call $join (i32.shr_u (local.get $status) (i32.const 4)) (local.get $set))
              (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))
            """
        // One event loop has all connections of a test only by chance: with three on each, one traps at the latest.
        try await Self.serve(["third": guest, "hello": try ConcurrentGuest.source("hello")]) { server throws in
            let connections = try (0..<3).map { _ in try server.connect() }
            let loops = max(1, ProcessInfo.processInfo.activeProcessorCount)
            let more = try (0..<(2 * loops)).map { _ in try server.connect() }
            for connection in connections + more { try connection.write("GET /third HTTP/1.1\r\nhost: a\r\n\r\n") }
            try server.expectLogged("its instance was answering 2 more requests, which fail with it")
            #expect(try server.get("/hello").status == 200)
        }
    }

    /// Each request gives its place back, though there never was an instance to answer it.
    @Test func failsWithoutAnInstance() async throws {
        let guest = #"(func $s unreachable) (start $s) (func (export "handle") (param i32) (result i32) (i32.const 0))"#
        let arguments = ["--max-concurrent-requests", "2", "--queue-timeout", "1s"]
        try await Self.serve(["start": guest], arguments: arguments) { server throws in
            for _ in 0..<12 { #expect(try server.get("/start").status == 500) }
        }
    }

    @Test func stopsAtTimeout() async throws {
        let loop = #"(func (export "handle") (param i32) (result i32) (loop $again (br $again)) (i32.const 0))"#
        // For another request, which does not come.
        let other = """
            (func (export "handle") (param i32) (result i32)
              (i32.or (i32.const 2) (i32.shl (call $set-new) (i32.const 4))))
            """
        let arguments = ["--request-timeout", "500ms"]
        try await Self.serve(
            [
                "loop": loop, "wait": try Self.waiting(milliseconds: 60_000), "other": other,
                "hello": try ConcurrentGuest.source("hello"),
            ], arguments: arguments
        ) { server throws in
            for name in ["loop", "wait", "other"] {
                #expect(try server.get("/\(name)").status == 500)
                try server.expectLogged("GET /\(name): the guest took longer than the limit of 500 ms")
            }
            #expect(try server.get("/hello").status == 200)
        }
    }

    /// The client has its answer, and the guest goes on: its place is free when its time is over.
    @Test(arguments: [
        "(loop $again (br $again)) unreachable",
        """
        (local.set $set (call $set-new))
        (call $join (i32.shr_u (call $wait-for (i64.const 3600000000000)) (i32.const 4)) (local.get $set))
        (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4)))
        """,
    ])
    func stopsAtTimeoutAlsoAfterTheResponse(_ rest: String) async throws {
        let guest = """
            (func (export "handle") (param $request i32) (result i32) (local $set i32)
              (call $drop-request (local.get $request))
              (call $hello)
              \(rest))
            """
        let arguments = ["--request-timeout", "500ms", "--max-concurrent-requests", "2", "--queue-timeout", "5s"]
        try await Self.serve(["after": guest], arguments: arguments) { server throws in
            for _ in 0..<6 { #expect(try server.get("/after").status == 200) }
            try server.expectLogged("GET /after: the guest took longer than the limit of 500 ms")
        }
    }

    /// Clients that go away in the middle of a body, both ways.
    @Test func outlivesClients() async throws {
        let endless = """
            (func (export "handle") (param i32) (result i32)
              (call $begin)
              (loop $again
                (br_if $again (i32.eqz (i32.and (i32.const 15)
                  (call $write (global.get $body) (i32.const 65536) (i32.const 65536))))))
              (call $end)
              (i32.const 0))
            """
        try await Self.serve(["endless": endless, "echo": try ConcurrentGuest.source("echo")]) { server throws in
            for _ in 0..<3 {
                let reader = try server.connect()
                try reader.write("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
                _ = try reader.readHead()
                reader.reset()
                let writer = try server.connect()
                try writer.write("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\nabc")
                writer.reset()
            }
            #expect(try server.send("POST", "/echo", body: Data("x".utf8)).text == "x")
        }
    }

    /// Requests pass the first middleware first; each may change the response on its way back.
    @Test func passesMiddleware() async throws {
        func middleware(status: Int) throws -> String {
            try ConcurrentGuest.text(
                """
                (func (export "handle") (param $request i32) (result i32)
                  (call $next (local.get $request) (i32.const 512))
                  (drop (call $status (i32.load (i32.const 520)) (i32.const \(status))))
                  (call $answer (i32.load (i32.const 520)))
                  (i32.const 0))
                """, isMiddleware: true)
        }
        let app = try Self.app(["echo": try ConcurrentGuest.text(ConcurrentGuest.source("echo"))])
        try app.write(Data(try middleware(status: 201).utf8), to: "outer.wat")
        try app.write(Data(try middleware(status: 202).utf8), to: "inner.wat")
        let manifest = try app.read("spin.toml").replacing(
            "component = \"echo\"\n",
            with: "component = \"echo\"\n"
                + "dependencies.middleware = [{ path = \"outer.wat\" }, { path = \"inner.wat\" }]\n")
        try app.write(Data(manifest.utf8), to: "spin.toml")
        try await SwirlServer.serve(app) { server throws in
            let body = Data(repeating: 7, count: 300_000)
            let response = try server.send("POST", "/echo", body: body)
            #expect(response.status == 201)
            #expect(response.body == body)
        }
    }
}
