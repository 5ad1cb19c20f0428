import HTTP
import NIOCore
import Testing

/// What goes to the socket for what a handler writes.
@Suite struct ResponseTests {
    static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    static let old = "GET / HTTP/1.0\r\n\r\n"

    @Test func smallResponseIsOneWriteWithLength() throws {
        let connection = try EmbeddedConnection { $0.answer("hello", fields: ["X-A": "b"]) }
        try connection.send(Self.get)
        let writes = try connection.writes()
        #expect(writes.count == 1)
        let pattern = #/HTTP/1.1 200 OK\r\nX-A: b\r\ndate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/#
        #expect(writes[0].contains(pattern))
        #expect(writes[0].hasSuffix("content-length: 5\r\n\r\nhello"))
        #expect(connection.isOpen)
    }

    @Test func flushedResponseIsChunked() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.flush()
            exchange.response.write(ByteBuffer(string: "hello "))
            exchange.response.write(ByteBuffer(string: "world"))
            exchange.response.flush()
            exchange.response.flush()
            exchange.response.write(ByteBuffer())
            exchange.response.finish(trailers: ["x-sum": "1", "content-length": "3", "transfer-encoding": "x"])
        }
        try connection.send(Self.get)
        #expect(
            try connection.output()
                == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\nx-sum: 1\r\n\r\n")
        #expect(connection.isOpen)
    }

    @Test(arguments: [
        ("hello", ResponseTests.get, "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        ("", ResponseTests.get, "content-length: 0\r\n\r\n"),
        ("hello", ResponseTests.old, "content-length: 5\r\nconnection: close\r\n\r\nhello"),
    ])
    func streamedResponseIsOneWriteOfChunks(body: String, request: String, expected: String) throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200), isStreamed: true)
            exchange.response.write(ByteBuffer(string: body))
            exchange.response.finish()
        }
        try connection.send(request)
        let writes = try connection.writes()
        #expect(writes.count == 1)
        #expect(writes[0].replacing(/date: [^\r]*\r\n/, with: "") == "HTTP/1.1 200 OK\r\n" + expected)
    }

    @Test func trailersMakeAnUnflushedResponseChunked() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.write(ByteBuffer(string: "a"))
            exchange.response.finish(trailers: ["x-sum": "1"])
        }
        try connection.send(Self.get)
        #expect(
            try connection.output()
                == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-sum: 1\r\n\r\n")
    }

    @Test(arguments: [false, true]) func largeBodyIsNotCopiedBehindItsHead(_ isFlushed: Bool) throws {
        let body = ByteBuffer(repeating: 0x61, count: 40_000)
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.write(body)
            if isFlushed {
                exchange.response.flush()
            }
            exchange.response.finish()
        }
        try connection.send(Self.get)
        let writes = try connection.writes()
        #expect(writes[1] == String(buffer: body))
        let framing = isFlushed ? "transfer-encoding: chunked\r\n\r\n9c40\r\n" : "content-length: 40000\r\n\r\n"
        #expect(writes[0].hasSuffix(framing))
        #expect(writes.dropFirst(2).joined() == (isFlushed ? "\r\n0\r\n\r\n" : ""))
    }

    @Test func declaredLengthIsKept() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200, fields: ["Content-Length": "05"]))
            exchange.response.flush()
            exchange.response.write(copying: "hel")
            exchange.response.flush()
            exchange.response.write(copying: "lo")
            exchange.response.finish()
        }
        try connection.send(Self.get)
        #expect(try connection.output() == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello")
        #expect(connection.isOpen)
    }

    @Test func tooMuchBodyIsCutAndCloses() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200, fields: ["content-length": "3"]))
            #expect(!exchange.response.write(ByteBuffer(string: "hello")))
            #expect(!exchange.response.write(ByteBuffer(string: "more")))
            exchange.response.finish()
        }
        try connection.send(Self.get)
        #expect(try connection.output() == "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhel")
        #expect(!connection.isOpen)
        #expect(connection.loop.statistics.aborts == 1)
    }

    @Test func tooLittleBodyCloses() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200, fields: ["content-length": "9"]))
            exchange.response.write(ByteBuffer(string: "hello"))
            #expect(!exchange.response.finish())
        }
        try connection.send(Self.get)
        #expect(try connection.output() == "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello")
        #expect(!connection.isOpen)
    }

    @Test func oldClientGetsLengthOrTheEndOfTheConnection() throws {
        let connection = try EmbeddedConnection { $0.answer("hello") }
        try connection.send(Self.old)
        #expect(try connection.output() == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello")
        #expect(!connection.isOpen)

        let kept = try EmbeddedConnection { $0.answer("hello") }
        try kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try kept.output() == "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\nhello")
        #expect(kept.isOpen)

        let streamed = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.write(ByteBuffer(string: "hel"))
            exchange.response.flush()
            exchange.response.write(ByteBuffer(string: "lo"))
            exchange.response.finish(trailers: ["x": "y"])
        }
        try streamed.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try streamed.output() == "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello")
        #expect(!streamed.isOpen)
    }

    @Test(arguments: [
        ("HEAD", 200, "", "content-length: 4\r\n"), ("HEAD", 200, "9", "content-length: 9\r\n"),
        ("GET", 204, "", ""), ("GET", 204, "4", ""), ("GET", 205, "4", "content-length: 0\r\n"),
        ("GET", 304, "", ""), ("GET", 304, "4", "content-length: 4\r\n"),
    ])
    func hasNoBody(_ method: String, _ status: Int, _ length: String, _ expected: String) throws {
        let connection = try EmbeddedConnection { exchange in
            var head = ResponseHead(status: status)
            if !length.isEmpty {
                head.fields.append("content-length", length)
            }
            exchange.response.writeHead(head)
            #expect(exchange.response.write(ByteBuffer(string: "body")))
            #expect(exchange.response.finish())
        }
        try connection.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(
            try connection.output() == "HTTP/1.1 \(status) \(StatusReason.phrase(status))\r\n\(expected)\r\n")
        #expect(connection.isOpen)
    }

    @Test func flushedAnswerToHeadHasNoFraming() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.flush()
            exchange.response.write(ByteBuffer(string: "body"))
            exchange.response.finish()
        }
        try connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try connection.output() == "HTTP/1.1 200 OK\r\n\r\n")
    }

    @Test func framingFieldsOfTheHandlerAreOurs() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.answer(
                "x",
                fields: [
                    "Transfer-Encoding": "chunked", "Connection": "keep-alive, upgrade", "Keep-Alive": "timeout=5",
                    "Upgrade": "h2c", "TE": "trailers", "Proxy-Connection": "close", "Date": "today", "X": "y",
                ])
        }
        try connection.send(Self.get)
        #expect(
            try connection.writes()
                == ["HTTP/1.1 200 OK\r\nDate: today\r\nX: y\r\ncontent-length: 1\r\n\r\nx"])
    }

    @Test func handlerMayCloseTheConnection() throws {
        let connection = try EmbeddedConnection { $0.answer("x", fields: ["connection": "Close"]) }
        try connection.send(Self.get + Self.get)
        #expect(try connection.output().hasSuffix("content-length: 1\r\nconnection: close\r\n\r\nx"))
        #expect(!connection.isOpen)
        #expect(connection.exchanges.count == 1)
    }

    @Test func callsOutOfOrderAreRefused() throws {
        let connection = try EmbeddedConnection { exchange in
            let response = exchange.response
            #expect(!response.write(ByteBuffer(string: "x")))
            for status in [0, 100, 199, 1000, -1] {
                #expect(!response.writeHead(ResponseHead(status: status)))
            }
            for length in ["x", "-1", "1, 1"] {
                #expect(!response.writeHead(ResponseHead(status: 200, fields: ["content-length": length])))
            }
            #expect(
                !response.writeHead(
                    ResponseHead(status: 200, fields: ["content-length": "1", "Content-Length": "2"])))
            #expect(!response.headWritten)
            #expect(response.writeHead(ResponseHead(status: 201)))
            #expect(!response.writeHead(ResponseHead(status: 202)))
            #expect(response.headWritten)
            #expect(response.finish())
            #expect(!response.finish())
            #expect(!response.write(ByteBuffer(string: "x")))
            #expect(!response.writeHead(ResponseHead(status: 203)))
            response.abort()
            response.flush()
            #expect(response.isFinished)
            #expect(response.writableBytes == 0)
        }
        try connection.send(Self.get)
        #expect(try connection.output() == "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
        #expect(connection.isOpen)
    }

    @Test func abortBeforeTheHeadHasLeftIs500() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200, fields: ["x-secret": "y"]))
            exchange.response.write(ByteBuffer(string: "x"))
            exchange.response.abort()
        }
        try connection.send(Self.get)
        let output = try connection.output()
        #expect(output.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
        #expect(!output.contains("secret"))
        #expect(connection.isOpen)
        try connection.send(Self.get)
        #expect(connection.exchanges.count == 2)
    }

    @Test func finishWithoutHeadIs500() throws {
        let connection = try EmbeddedConnection { #expect(!$0.response.finish()) }
        try connection.send(Self.get)
        #expect(try connection.output().hasPrefix("HTTP/1.1 500 "))
    }

    @Test func abortAfterTheHeadClosesWithoutLastChunk() throws {
        let connection = try EmbeddedConnection { exchange in
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.write(ByteBuffer(string: "x"))
            exchange.response.flush()
            exchange.response.abort()
        }
        try connection.send(Self.get)
        #expect(try connection.output() == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n")
        #expect(!connection.isOpen)
    }

    @Test func shortWayOfAnswering() throws {
        let connection = try EmbeddedConnection { $0.respond(status: 404, body: "no such route") }
        try connection.send(Self.get)
        #expect(
            try connection.output()
                == "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 13\r\n\r\n"
                + "no such route")
    }

    @Test func malformedRequestIsAnsweredAndClosed() throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        try connection.send(Self.get + "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let output = try connection.output()
        #expect(output.hasPrefix("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 400 Bad Request\r\n"))
        #expect(output.contains("connection: close\r\n\r\n400 Bad Request: the host field is missing\n"))
        #expect(connection.exchanges.count == 1)
        #expect(connection.loop.statistics.malformed == 1)
    }
}

extension ResponseWriter {
    func write(copying text: StaticString) {
        _ = self.write(copying: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
