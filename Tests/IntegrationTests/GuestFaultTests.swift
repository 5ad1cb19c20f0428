import Foundation
import Testing

/// Guests that fail in every way: one client gets an error, the log a reason, and the server goes on.
@Suite struct GuestFaultTests {
    @Test(arguments: [
        ("trap", "unreachable"),
        ("no-response", "without a response"),
        ("error-response", "error-response"),
        ("stack-overflow", "stack"),
        ("bad-handle", "bad-handle"),
        ("bad-string", "bad-string"),
    ])
    func answers500(_ guest: String, _ logged: String) async throws {
        try await SwirlServer.serve(try TestApp(guests: [guest, "hello"])) { server throws in
            #expect(try server.get("/\(guest)").status == 500)
            try server.expectLogged(logged)
            #expect(try server.get("/hello").text == "Hello from a Swirl test guest\n")
        }
    }

    /// The head is on its way when these fail: the response must not look complete.
    @Test(arguments: ["trap-late", "bad-pointer", "double-response"])
    func leavesResponseIncomplete(_ guest: String) async throws {
        try await SwirlServer.serve(try TestApp(guests: [guest, "hello"])) { server throws in
            do {
                let response = try server.get("/\(guest)")
                #expect(response.status == 500 || !response.isComplete)
            } catch is TestError {
                // The connection was closed before a head.
            }
            try server.expectLogged("component \(guest)")
            #expect(try server.get("/hello").status == 200)
        }
    }

    @Test func namesFunctionsInBacktrace() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["trap"])) { server throws in
            _ = try server.get("/trap")
            try server.expectLogged("fails-on-purpose")
        }
    }

    /// The longest time of a request stops a guest that never calls the host.
    @Test func stopsEndlessLoop() async throws {
        try await SwirlServer.serve(
            try TestApp(guests: ["loop", "hello"]), arguments: ["--request-timeout", "1s"]
        ) { server throws in
            let looping = try server.connect()
            try looping.write("GET /loop HTTP/1.1\r\nhost: a\r\n\r\n")
            // Others are served while it computes, on every event loop.
            for _ in 0..<20 { #expect(try server.get("/hello").status == 200) }
            let response = try looping.readResponse()
            #expect(response.status >= 500)
            try server.expectLogged("component loop")
        }
    }

    @Test func servesBesideEndlessLoops() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["loop", "hello"])) { server throws in
            let looping = try (0..<6).map { _ in try server.connect() }
            for connection in looping { try connection.write("GET /loop HTTP/1.1\r\nhost: a\r\n\r\n") }
            for _ in 0..<20 { #expect(try server.get("/hello").status == 200) }
            for connection in looping { connection.reset() }
            for _ in 0..<20 { #expect(try server.get("/hello").status == 200) }
        }
    }

    @Test func boundsMemory() async throws {
        try await SwirlServer.serve(
            try TestApp(guests: ["oom", "hello"]), arguments: ["--max-instance-memory", "16777216"]
        ) { server throws in
            for _ in 0..<4 { #expect(try server.get("/oom").status == 500) }
            try server.expectLogged("component oom")
            try server.expectLogged("its memory is limited to 16777216 bytes (--max-instance-memory)")
            #expect(try server.get("/hello").status == 200)
        }
    }

    /// Many faults, one after the other: nothing is used up.
    @Test func survivesManyFaults() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["trap", "stack-overflow", "hello"])) { server throws in
            let connection = try server.connect()
            for _ in 0..<200 { #expect(try connection.request("GET", "/trap").status == 500) }
            for _ in 0..<20 { #expect(try connection.request("GET", "/stack-overflow").status == 500) }
            #expect(try connection.request("GET", "/hello").status == 200)
        }
    }
}
