import Foundation
import Testing

/// What goes over the wire, through a real guest.
@Suite struct HTTPTests {
    @Test func answersWithTheGuestsBody() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { server throws in
            let response = try server.get("/hello")
            #expect(response.status == 200)
            #expect(response.text == "Hello from a Swirl test guest\n")
            #expect(response["date"] != nil)
        }
    }

    @Test func passesRequestToGuest() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["headers"])) { server throws in
            let response = try server.send(
                "PATCH", "/headers/a%20b?x=1&y", headers: [("X-Thing", "one"), ("x-thing", "two"), ("accept", "*/*")])
            var lines = response.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            #expect(lines.removeFirst() == "PATCH")
            #expect(lines.removeFirst() == "/headers/a%20b?x=1&y")
            #expect(lines.filter { $0.hasPrefix("x-thing: ") } == ["x-thing: one", "x-thing: two"])
            #expect(lines.contains("accept: */*"))
            #expect(lines.contains("spin-path-info: /a%20b") || lines.contains("spin-path-info: /a b"))
            #expect(lines.contains("spin-raw-component-route: /headers/..."))
            #expect(lines.contains("spin-matched-route: /headers/..."))
            #expect(lines.contains("spin-component-route: /headers"))
            #expect(lines.contains { $0.hasPrefix("spin-full-url: http://127.0.0.1") })
            #expect(lines.contains { $0.hasPrefix("spin-client-addr: 127.0.0.1:") })
        }
    }

    @Test func keepsRepeatedHeadersOfTheResponse() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["headers"])) { server throws in
            let response = try server.get("/headers")
            #expect(response["content-type"] == "text/plain")
            #expect(response.headers.filter { $0.name == "x-guest" }.map(\.value) == ["first", "second"])
        }
    }

    @Test func passesUnknownMethod() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["headers"])) { server throws in
            #expect(try server.send("PURGE", "/headers").text.hasPrefix("PURGE\n"))
        }
    }

    /// HTTP/1.0 needs no host, but a guest cannot be told the URL of its request without one.
    @Test func guestsNeedAHost() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { server throws in
            for (path, status) in [("/hello", 400), ("/.well-known/spin/health", 200)] {
                let connection = try server.connect()
                try connection.write("GET \(path) HTTP/1.0\r\n\r\n")
                #expect(try connection.readResponse().status == status, "\(path)")
            }
        }
    }

    @Test func sendsNoBodyToHead() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { server throws in
            let connection = try server.connect()
            #expect(try connection.request("HEAD", "/hello").status == 200)
            // Any byte of a body would be read as the beginning of this one.
            #expect(try connection.request("GET", "/hello").status == 200)
        }
    }

    @Test func echoesEightMebibytes() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["echo"])) { server throws in
            var body = Data(capacity: 8 << 20)
            for index in 0..<(8 << 20) { body.append(UInt8(truncatingIfNeeded: index &* 31 &+ index >> 13)) }
            let response = try server.send("POST", "/echo", body: body)
            #expect(response.status == 200)
            #expect(response.isComplete)
            #expect(response.body == body)
        }
    }

    /// The guest answers with each part before the next one is sent: nothing on the way waits for more.
    @Test func streamsBothWays() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["echo"])) { server throws in
            let connection = try server.connect()
            try connection.write("POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n")
            for part in ["first", "second", "third"] {
                try connection.write("\(String(part.utf8.count, radix: 16))\r\n\(part)\r\n")
                #expect(try connection.read(until: part) != nil)
            }
            try connection.write("0\r\n\r\n")
            #expect(try connection.read(until: "0\r\n\r\n") != nil)
        }
    }

    @Test func reusesConnection() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello", "echo", "unread-body"])) { server throws in
            let connection = try server.connect()
            for number in 0..<20 {
                #expect(try connection.request("GET", "/hello").status == 200)
                let body = Data("request \(number)".utf8)
                #expect(try connection.request("POST", "/echo", body: body).body == body)
                #expect(try connection.request("POST", "/unread-body", body: body).text == "not read\n")
            }
        }
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello", "headers"])) { server throws in
            let connection = try server.connect()
            try connection.write(
                "GET /headers/1 HTTP/1.1\r\nhost: a\r\n\r\nGET /hello HTTP/1.1\r\nhost: a\r\n\r\n"
                    + "GET /headers/2 HTTP/1.1\r\nhost: a\r\n\r\n")
            #expect(try connection.readResponse().text.hasPrefix("GET\n/headers/1\n"))
            #expect(try connection.readResponse().text.hasPrefix("Hello"))
            #expect(try connection.readResponse().text.hasPrefix("GET\n/headers/2\n"))
        }
    }

    @Test func answersExpectContinue() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["echo"])) { server throws in
            let connection = try server.connect()
            try connection.write(
                "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n")
            #expect(try connection.readHead().status == 100)
            try connection.write("body")
            #expect(try connection.readResponse().text == "body")
        }
    }

    @Test func takesRequestInSmallPieces() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["echo"])) { server throws in
            let connection = try server.connect()
            for character in "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc".utf8 {
                try connection.write(Data([character]))
            }
            #expect(try connection.readResponse().text == "abc")
        }
    }

    @Test(arguments: [
        ("no version", "GET /\r\n\r\n", 400),
        ("no host", "GET / HTTP/1.1\r\n\r\n", 400),
        ("bad header", "GET / HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n", 400),
        ("two lengths", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400),
        (
            "length and chunked",
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400
        ),
        ("NUL in a header", "GET / HTTP/1.1\r\nhost: a\r\nx: \u{0}\r\n\r\n", 400),
        ("not HTTP", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\r\n\r\n", 400),
        ("long target", "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nhost: a\r\n\r\n", 414),
        (
            "long header",
            "GET / HTTP/1.1\r\nhost: a\r\nx: \(String(repeating: "a", count: 200_000))\r\n\r\n", 431
        ),
    ])
    func refusesMalformedRequest(_ name: String, _ request: String, _ status: Int) async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { server throws in
            let connection = try server.connect()
            // The answer may come, and the connection end, before all is written.
            try? connection.write(request)
            #expect(try connection.readResponse().status == status)
            #expect(try connection.readToEnd().isEmpty)
            #expect(try server.get("/hello").status == 200)
        }
    }

    @Test func survivesClientsThatGoAway() async throws {
        // Two instances at most: guests that stay behind would take all places.
        try await SwirlServer.serve(
            try TestApp(guests: ["endless", "echo", "hello"]), environment: ["SPIN_MAX_INSTANCE_COUNT": "2"]
        ) { server throws in
            for _ in 0..<8 {
                let reading = try server.connect()
                try reading.write("GET /endless HTTP/1.1\r\nhost: a\r\n\r\n")
                #expect(try reading.readHead().status == 200)
                reading.reset()
                let sending = try server.connect()
                try sending.write("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nabc")
                #expect(try sending.read(until: "abc") != nil)
                sending.reset()
            }
            for _ in 0..<8 { #expect(try server.get("/hello").status == 200) }
        }
    }

    @Test func routesToTheMostSpecificComponent() async throws {
        let app = try TestApp(components: [
            ("all", "/...", Places.textGuest("hello")),
            ("deep", "/a/...", Places.textGuest("headers")),
            ("exact", "/a/b", Places.textGuest("unread-body")),
        ])
        try await SwirlServer.serve(app) { server throws in
            #expect(try server.get("/").text.hasPrefix("Hello"))
            #expect(try server.get("/a/b").text == "not read\n")
            #expect(try server.get("/a/c").text.hasPrefix("GET\n/a/c\n"))
        }
    }

    @Test func answers404WithoutRoute() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { server throws in
            #expect(try server.get("/nothing").status == 404)
        }
    }

    @Test func answersHealthItself() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["hello"])) { server throws in
            let response = try server.get("/.well-known/spin/health")
            #expect(response.status == 200)
            #expect(response.text == "OK")
        }
    }

    @Test func servesComponentOfMixedVersions() async throws {
        try await SwirlServer.serve(try TestApp(guests: ["mixed-versions"])) { server throws in
            #expect(try server.get("/mixed-versions").text == "mixed versions work\n")
        }
    }

    @Test func servesBareComponentText() async throws {
        let file = Places.repository.appending(path: "examples/hello-wat/hello.wat").path
        try await SwirlServer.serve(try TestApp(), arguments: ["-f", file]) { server throws in
            let response = try server.get("/any/path")
            #expect(response.text == "Hello from Swirl\n")
            #expect(response["content-type"] == "text/plain")
        }
    }
}
