import HTTP
import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Testing

/// Requests and responses over HTTP/2, on the port of HTTP/1.
@Suite struct HTTP2Tests {
    @Test func answersARequest() throws {
        let client = try HTTP2Client {
            $0.answer("hello \($0.head.target)", fields: ["x-a": "b", "Connection": "close"])
        }
        try client.request(1, path: "/x?y=z", fields: [("cookie", "a=1"), ("cookie", "b=2")])
        let answer = try client.answer(1)
        #expect(answer.status == "200")
        #expect(answer.body == "hello /x?y=z")
        #expect(answer.isEnded)
        #expect(answer.fields.first(name: "x-a") == "b")
        #expect(answer.fields.first(name: "content-length") == "12")
        #expect(answer.fields.contains(name: "date"))
        #expect(!answer.fields.contains(name: "connection"))
        let head = try #require(client.exchanges.first?.head)
        #expect(head.authority == "a")
        #expect(head.path == "/x")
        #expect(head.query == "y=z")
        #expect(head.majorVersion == 2)
        #expect(head.fields.all("cookie") == ["a=1; b=2"])
        #expect(client.loop.connectionCount == 1)
    }

    @Test func thePrefaceMayArriveByteForByte() throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        for byte in "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8 {
            #expect(try connection.writes().isEmpty)
            try connection.send(ByteBuffer(bytes: [byte]))
        }
        try connection.send(ByteBuffer(bytes: HTTP2Client.frame(type: 4)))
        let output = try connection.writes().joined()
        #expect(output.utf8.dropFirst(3).first == 4)
    }

    @Test(arguments: [
        "P", "PRI", "PRI * HTTP/2", "POST / HTTP/1.1\r\nhost: a\r\n\r\n", "PRI / HTTP/1.1\r\nhost: a\r\n\r\n",
    ])
    func otherBeginningsAreHTTP1(_ text: String) throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        try connection.send(text)
        if !text.hasSuffix("\r\n\r\n") {
            #expect(try connection.writes().isEmpty)
            try connection.send("X / HTTP/1.1\r\nhost: a\r\n\r\n")
        }
        #expect(try connection.output().hasPrefix("HTTP/1.1 "))
    }

    @Test func bodyAndTrailersGoBothWays() throws {
        let client = try HTTP2Client { exchange in
            BodyReader.read(exchange) { exchange, bytes in
                exchange.response.writeHead(ResponseHead(status: 201))
                exchange.response.write(bytes)
                exchange.response.finish(trailers: ["x-end": "1"])
            }
        }
        try client.request(1, method: "POST", ends: false)
        try client.data(1, "one ")
        try client.data(1, "two")
        try client.send(
            HTTP2Frame(streamID: 1, payload: .headers(.init(headers: ["x-t": "v"], endStream: true))))
        let answer = try client.answer(1)
        #expect(answer.status == "201")
        #expect(answer.body == "one two")
        #expect(answer.trailers?.first(name: "x-end") == "1")
        #expect(answer.isEnded)
        guard case .end(let trailers) = client.exchanges[0].body.read() else {
            Issue.record("the body has no end")
            return
        }
        #expect(trailers == ["x-t": "v"])
    }

    @Test func headGetsNoBody() throws {
        let client = try HTTP2Client { $0.answer("hello") }
        try client.request(1, method: "HEAD")
        let answer = try client.answer(1)
        #expect(answer.fields.first(name: "content-length") == "5")
        #expect(answer.body.isEmpty && answer.isEnded)
    }

    @Test(arguments: [204, 205, 304]) func answersWithoutBody(_ status: Int) throws {
        let client = try HTTP2Client { exchange in
            exchange.response.writeHead(
                ResponseHead(status: status, fields: status == 304 ? ["content-length": "5"] : [:]))
            exchange.response.finish()
        }
        for id in [1, 3] as [HTTP2StreamID] {
            try client.request(id)
            let answer = try client.answer(id)
            #expect(answer.status == "\(status)")
            #expect(answer.isEnded && answer.body.isEmpty && answer.reset == nil)
        }
        #expect(client.loop.statistics.connections == 1)
    }

    @Test func expectContinueIsAnsweredWhenTheBodyIsWanted() throws {
        let client = try HTTP2Client()
        try client.request(1, method: "POST", fields: [("expect", "100-continue")], ends: false)
        #expect(try client.answer(1).statuses.isEmpty)
        guard case .wouldBlock = client.exchanges[0].body.read() else {
            Issue.record("nothing was sent yet")
            return
        }
        #expect(try client.answer(1).statuses == ["100"])
        try client.data(1, "x", ends: true)
        client.exchanges[0].answer("done")
        #expect(try client.answer(1).statuses == ["200"])
    }

    @Test func connectIsRefused() throws {
        let client = try HTTP2Client()
        let block: HPACKHeaders = [":method": "CONNECT", ":authority": "a"]
        try client.send(HTTP2Frame(streamID: 1, payload: .headers(.init(headers: block, endStream: true))))
        #expect(try client.answer(1).status == "501")
        #expect(client.exchanges.isEmpty)
        #expect(client.handler.refusals.map { [$0.status, $0.majorVersion] } == [[501, 2]])
    }

    @Test(arguments: [
        ("x", "host", "other", "400"), ("x y", "a", "b", "400"), ("", "a", "b", "400"), ("x#y", "a", "b", "400"),
        ("x", "expect", "more", "417"), (String(repeating: "x", count: 2000), "a", "b", "414"),
    ])
    func badRequestsAreRefused(_ path: String, _ name: String, _ value: String, _ status: String) throws {
        let client = try HTTP2Client(.with { $0.limits.targetBytes = 1000 }) { $0.answer("x") }
        try client.request(1, path: path.isEmpty ? "x" : "/" + path, fields: [(name, value)])
        let answer = try client.answer(1)
        #expect(answer.status == status || answer.reset == .protocolError)
        #expect(client.exchanges.isEmpty)
        try client.request(3)
        #expect(try client.answer(3).status == "200")
    }

    @Test(arguments: ["connection", "transfer-encoding", "upgrade", "Upper-Case"])
    func fieldsOfHTTP1ResetTheStream(_ name: String) throws {
        let client = try HTTP2Client { $0.answer("x") }
        try client.request(1, fields: [(name, "chunked")])
        let answer = try client.answer(1)
        #expect(answer.reset == .protocolError || answer.status == "400")
        #expect(client.exchanges.isEmpty)
    }

    @Test func aBodyThatDiffersFromItsLengthResetsTheStream() throws {
        let client = try HTTP2Client()
        try client.request(1, method: "POST", fields: [("content-length", "5")], ends: false)
        try client.data(1, "too long", ends: true)
        #expect(try client.answer(1).reset == .protocolError)
        guard case .failed = client.exchanges[0].body.read() else {
            Issue.record("the body must fail")
            return
        }
    }

    @Test func bytesThatNobodyReadsAreBounded() throws {
        let configuration = ServerConfiguration.with { $0.requestHighWaterMark = 1000 }
        let client = try HTTP2Client(configuration)
        try client.request(1, method: "POST", ends: false)
        for _ in 0..<10 { try client.data(1, String(repeating: "x", count: 1000)) }
        let body = client.exchanges[0].body
        #expect(body.bufferedBytes == 2000)
        var total = 0
        while case .bytes(let bytes) = body.read() {
            total += bytes.readableBytes
            try client.exchange()
        }
        #expect(total == 10_000)
    }

    /// The bound of a connection holds for bodies that are whole, too, and what they hold is given back.
    @Test(arguments: ["read", "discard", "answer"]) func bytesThatNobodyReadsAreBoundedForAllStreams(
        _ end: String
    ) throws {
        let configuration = ServerConfiguration.with { $0.http2.connectionWindow = 256 * 1024 }
        let client = try HTTP2Client(configuration)
        func upload(_ id: HTTP2StreamID) throws {
            try client.request(id, method: "POST", ends: false)
            for index in 0..<4 { try client.data(id, String(repeating: "x", count: 16 * 1024), ends: index == 3) }
        }
        func held() -> Int { client.exchanges.map(\.body.bufferedBytes).reduce(0, +) }
        for id in [1, 3, 5, 7, 9] as [HTTP2StreamID] { try upload(id) }
        #expect(held() == 256 * 1024)
        let last = client.exchanges[4].body
        #expect(client.exchanges.dropLast().allSatisfy { !$0.body.isOpen } && last.bufferedBytes == 0)
        for exchange in client.exchanges.dropLast() {
            switch end {
            case "read": #expect(exchange.body.readAll().last.isEnd)
            case "discard": exchange.body.discard()
            default: exchange.answer("done")
            }
        }
        try client.exchange()
        #expect(last.bufferedBytes == 64 * 1024)
        #expect(!last.isOpen)
    }

    @Test func aResponseWaitsForTheClientsWindow() throws {
        let client = try HTTP2Client()
        try client.request(1)
        let response = client.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        var written = 0
        while response.writableBytes > 0, written < 1 << 20 {
            response.write(ByteBuffer(repeating: 0x78, count: 1024))
            response.flush()
            written += 1024
        }
        // The window of 65,535 bytes, what waits in the stream, and what waits in the writer.
        #expect(written < 300_000)
        let first = try client.answer(1)
        #expect(first.body.utf8.count == 65_535)
        var isWritable = false
        response.whenWritable { isWritable = true }
        try client.send(
            HTTP2Frame(streamID: 1, payload: .windowUpdate(windowSizeIncrement: 1 << 20)),
            HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: 1 << 20)))
        #expect(isWritable)
        response.finish()
        let rest = try client.answer(1)
        #expect(first.body.utf8.count + rest.body.utf8.count == written)
        #expect(rest.isEnded)
    }

    @Test func streamsShareTheConnectionsWindow() throws {
        let client = try HTTP2Client { $0.answer(String(repeating: "x", count: 50_000)) }
        for id in [1, 3, 5] as [HTTP2StreamID] { try client.request(id) }
        #expect(try client.frames().count > 3)
        try client.send(HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: 1 << 20)))
        var ended = 0
        for frame in try client.frames() {
            if case .data(let data) = frame.payload, data.endStream { ended += 1 }
        }
        #expect(ended >= 2)
    }

    @Test func aResetCancelsTheHandler() throws {
        let client = try HTTP2Client()
        try client.request(1)
        var isClosed = false
        client.exchanges[0].onClose = { isClosed = true }
        try client.send(HTTP2Frame(streamID: 1, payload: .rstStream(.cancel)))
        #expect(isClosed)
        #expect(!client.exchanges[0].response.writeHead(ResponseHead(status: 200)))
        #expect(client.isOpen)
    }

    @Test func aVanishedClientCancelsAllHandlers() throws {
        let client = try HTTP2Client()
        var closed = 0
        for id in [1, 3, 5] as [HTTP2StreamID] { try client.request(id) }
        for exchange in client.exchanges { exchange.onClose = { closed += 1 } }
        client.server.close(promise: nil)
        client.eventLoop.run()
        #expect(closed == 3)
        #expect(client.loop.connectionCount == 0)
        #expect(client.loop.statistics.disconnects == 3)
    }

    @Test func anAbortedResponseIsAReset() throws {
        let client = try HTTP2Client()
        try client.request(1)
        try client.request(3)
        client.exchanges[0].response.writeHead(ResponseHead(status: 200))
        client.exchanges[0].response.flush()
        client.exchanges[0].response.abort()
        #expect(try client.answer(1).reset == .internalError)
        client.exchanges[1].response.abort()
        let answer = try client.answer(3)
        #expect(answer.status == "500" && answer.body.isEmpty && answer.isEnded)
    }

    @Test func anUnreadBodyIsStoppedAfterTheAnswer() throws {
        let client = try HTTP2Client { exchange in
            exchange.body.discard()
            exchange.answer("no")
        }
        try client.request(1, method: "POST", ends: false)
        let answer = try client.answer(1)
        #expect(answer.body == "no" && answer.isEnded)
        #expect(answer.reset == .noError)
    }

    @Test func aShutdownLetsRunningRequestsFinish() throws {
        let client = try HTTP2Client()
        try client.request(1)
        let drained = client.loop.drain(grace: .seconds(10))
        try client.exchange()
        #expect(client.isOpen)
        client.exchanges[0].answer("late")
        let frames = try client.frames()
        #expect(frames.contains { if case .goAway(_, .noError, _) = $0.payload { true } else { false } })
        #expect(!client.isOpen)
        try drained.wait()
    }
}
