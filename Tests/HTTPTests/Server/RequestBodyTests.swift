import HTTP
import NIOCore
import NIOEmbedded
import Testing

@Suite struct RequestBodyTests {
    static func post(_ length: Int, _ more: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\(more)\r\n"
    }

    static let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test func smallBodyIsThereWhenTheHandlerIsCalled() throws {
        var text = ""
        var isEnd = false
        let connection = try EmbeddedConnection { exchange in
            #expect(exchange.body.isReadable)
            #expect(exchange.body.declaredLength == 5)
            let (all, last) = exchange.body.readAll()
            text = all
            isEnd = last.isEnd
            exchange.answer("x")
        }
        try connection.send(Self.post(5) + "hello")
        #expect(text == "hello")
        #expect(isEnd)
        #expect(connection.isOpen)
    }

    @Test func requestWithoutBodyHasEnded() throws {
        let connection = try EmbeddedConnection()
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.exchanges[0].body.read().isEnd)
        #expect(connection.exchanges[0].body.declaredLength == 0)
    }

    @Test func chunkedBodyWithTrailers() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.chunked)
        let body = connection.exchanges[0].body
        #expect(body.declaredLength == nil)
        #expect(body.read().isWouldBlock)
        var calls = 0
        body.whenReadable { calls += 1 }
        try connection.send("5\r\nhello\r\n")
        #expect(calls == 1)
        try connection.send("1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n")
        #expect(calls == 1)
        let (text, last) = body.readAll()
        #expect(text == "hello!")
        guard case .end(let trailers) = last else {
            Issue.record("no end")
            return
        }
        #expect(trailers == ["x-sum": "1"])
    }

    @Test func readTakesNoMoreThanAsked() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.post(5) + "hello")
        var sizes: [Int] = []
        while case .bytes(let bytes) = connection.exchanges[0].body.read(upTo: 2) {
            sizes.append(bytes.readableBytes)
        }
        #expect(sizes == [2, 2, 1])
    }

    /// The body becomes full with its very last byte: no further one will come to bring its end.
    @Test func bodyThatEndsWhenFullEndsForItsReader() throws {
        var configuration = ServerConfiguration()
        configuration.requestHighWaterMark = 4
        let connection = try EmbeddedConnection(configuration)
        try connection.send(Self.post(8) + "1234")
        let body = connection.exchanges[0].body
        #expect(body.readAll().0 == "1234")
        try connection.send("5678")
        #expect(body.readAll().0 == "5678")
        var calls = 0
        body.whenReadable { calls += 1 }
        connection.eventLoop.run()
        #expect(calls == 1)
        #expect(body.read().isEnd)
    }

    @Test func callbackIsNotCalledInsideARead() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.post(5) + "hello")
        var calls = 0
        connection.exchanges[0].body.whenReadable { calls += 1 }
        #expect(calls == 0)
        connection.eventLoop.run()
        #expect(calls == 1)
    }

    @Test func continueIsSentWhenTheBodyIsFirstWanted() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.post(5, "Expect: 100-continue\r\n"))
        #expect(try connection.output().isEmpty)
        #expect(connection.exchanges[0].body.read().isWouldBlock)
        #expect(connection.exchanges[0].body.read().isWouldBlock)
        #expect(try connection.output() == "HTTP/1.1 100 Continue\r\n\r\n")
        try connection.send("hello")
        #expect(connection.exchanges[0].body.readAll().text == "hello")
        connection.exchanges[0].answer("x")
        #expect(try connection.output() == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx")
        #expect(connection.isOpen)
    }

    @Test func continueIsNotSentWhenTheBodyIsHereOrUnwanted() throws {
        let here = try EmbeddedConnection()
        try here.send(Self.post(5, "Expect: 100-continue\r\n") + "h")
        _ = here.exchanges[0].body.readAll()
        #expect(try here.output().isEmpty)

        let unwanted = try EmbeddedConnection { $0.answer("x") }
        try unwanted.send(Self.post(5, "Expect: 100-continue\r\n"))
        #expect(
            try unwanted.output() == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx")
    }

    @Test func readsNoMoreWhileTheReaderIsBehind() throws {
        let connection = try EmbeddedConnection(.with { $0.requestHighWaterMark = 1000 })
        try connection.send(Self.post(100_000))
        let body = connection.exchanges[0].body
        var reads = connection.reads.count
        try connection.send(String(repeating: "a", count: 999))
        #expect(connection.reads.count == reads + 1)
        reads = connection.reads.count
        try connection.send(String(repeating: "b", count: 2))
        #expect(connection.reads.count == reads)
        #expect(body.bufferedBytes == 1001)
        _ = body.read(upTo: 1)
        #expect(connection.reads.count == reads)
        _ = body.read(upTo: 1)
        #expect(connection.reads.count == reads + 1)
    }

    @Test func pausedInputGoesOnWhenTheReaderDoes() throws {
        let connection = try EmbeddedConnection(.with { $0.requestHighWaterMark = 10 })
        var text = Self.chunked
        for number in 0..<100 {
            text += "a\r\n\(String(repeating: "\(number % 10)", count: 10))\r\n"
        }
        try connection.send(text + "0\r\n\r\n" + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        let exchange = connection.exchanges[0]
        #expect(exchange.body.bufferedBytes <= 20)
        var received = ""
        func pump() {
            let (text, last) = exchange.body.readAll()
            received += text
            if last.isWouldBlock {
                exchange.body.whenReadable(pump)
            } else {
                #expect(last.isEnd)
                exchange.answer("x")
            }
        }
        pump()
        connection.eventLoop.run()
        #expect(received.count == 1000)
        #expect(connection.exchanges.last?.head.path == "/next")
    }

    @Test func tinyPiecesDoNotKeepLargeBuffers() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.chunked)
        for _ in 0..<2000 {
            var piece = ByteBufferAllocator().buffer(capacity: 2048)
            piece.writeString("1\r\na\r\n")
            try connection.send(piece)
        }
        var count = 0
        var buffers = 0
        while case .bytes(let bytes) = connection.exchanges[0].body.read() {
            count += bytes.readableBytes
            buffers += 1
        }
        #expect(count == 2000)
        #expect(buffers < 10)
    }

    @Test func unreadBodyIsDrainedAndTheConnectionKept() throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        try connection.send(Self.post(10) + "hello")
        connection.handler.exchanges = []
        #expect(try connection.output() == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx")
        try connection.send("world" + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.exchanges.map(\.head.path) == ["/next"])
    }

    @Test func longUnreadBodyClosesTheConnection() throws {
        let connection = try EmbeddedConnection(.with { $0.drainLimit = 1000 }) { exchange in
            exchange.body.discard()
            exchange.answer("x")
        }
        try connection.send(Self.post(2000))
        #expect(try connection.output().contains("connection: close\r\n"))
        #expect(!connection.isOpen)

        let chunked = try EmbeddedConnection(.with { $0.drainLimit = 1000 }) { exchange in
            exchange.body.discard()
            exchange.answer("x")
        }
        try chunked.send(Self.chunked)
        #expect(chunked.isOpen)
        try chunked.send("fff\r\n" + String(repeating: "a", count: 1001))
        #expect(!chunked.isOpen)
    }

    @Test func discardedBodyOfARunningRequestIsReadUpToALimit() throws {
        let connection = try EmbeddedConnection(.with { $0.drainLimit = 1000 }) { $0.body.discard() }
        try connection.send(Self.chunked)
        var reads = connection.reads.count
        try connection.send("ffff\r\n" + String(repeating: "a", count: 500))
        #expect(connection.reads.count == reads + 1)
        reads = connection.reads.count
        try connection.send(String(repeating: "a", count: 1000))
        #expect(connection.reads.count == reads)
        connection.exchanges[0].answer("x")
        #expect(try connection.output().contains("connection: close\r\n"))
    }

    @Test func bodyMayBeReadAfterTheResponse() throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        try connection.send(Self.post(10) + "hello")
        try connection.send("world")
        #expect(connection.exchanges[0].body.readAll().text == "helloworld")
        try connection.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(connection.exchanges.count == 2)
    }

    @Test func malformedBodyFailsItsReader() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.chunked)
        try connection.send("5\r\nhello\r\nx")
        let exchange = connection.exchanges[0]
        let (text, last) = exchange.body.readAll()
        #expect(text == "hello")
        #expect(last.error == .malformed("a chunk size is not a hexadecimal number"))
        exchange.response.abort()
        #expect(try connection.output().hasPrefix("HTTP/1.1 400 "))
        #expect(connection.loop.statistics.malformed == 1)
    }

    @Test func malformedBodyThatIsHereAtOnceDoesNotReachTheHandler() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.chunked + "x")
        #expect(connection.exchanges.isEmpty)
        #expect(try connection.output().hasPrefix("HTTP/1.1 400 "))
    }

    @Test func tooLargeBodyIs413() throws {
        let connection = try EmbeddedConnection(.with { $0.limits.bodyBytes = 10 })
        try connection.send(Self.chunked)
        try connection.send("b\r\n")
        #expect(connection.exchanges[0].body.read().error == .tooLarge(limit: 10))
        connection.exchanges[0].response.abort()
        #expect(try connection.output().hasPrefix("HTTP/1.1 413 "))
    }
}
