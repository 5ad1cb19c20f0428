import HTTP
import NIOCore
import NIOEmbedded
import Testing

@Suite struct TimeoutTests {
    @Test func slowHeadIs408() throws {
        let connection = try EmbeddedConnection(.with { $0.headerTimeout = .seconds(10) })
        try connection.send("GET / HTTP/1.1\r\n")
        for _ in 0..<9 {
            connection.eventLoop.advanceTime(by: .seconds(1))
            try connection.send("X: y\r\n")
        }
        #expect(try connection.output().isEmpty)
        connection.eventLoop.advanceTime(by: .seconds(3))
        let output = try connection.output()
        #expect(output.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(output.contains("connection: close\r\n"))
        #expect(connection.loop.statistics.timeouts == 1)
        #expect(connection.handler.refusals.map(\.status) == [408])
    }

    @Test func silentConnectionIsClosedWithoutAWord() throws {
        let connection = try EmbeddedConnection(.with { $0.headerTimeout = .seconds(10) })
        connection.eventLoop.advanceTime(by: .seconds(9))
        #expect(connection.isOpen)
        connection.eventLoop.advanceTime(by: .seconds(3))
        #expect(try connection.output().isEmpty)
        #expect(!connection.isOpen)
    }

    @Test func idleConnectionIsClosed() throws {
        let connection = try EmbeddedConnection(.with { $0.idleTimeout = .seconds(20) }) { $0.answer("x") }
        for _ in 0..<4 {
            try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            connection.eventLoop.advanceTime(by: .seconds(15))
        }
        #expect(connection.isOpen)
        connection.eventLoop.advanceTime(by: .seconds(7))
        #expect(!connection.isOpen)
    }

    @Test func runningRequestHasNoTimeout() throws {
        let connection = try EmbeddedConnection()
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.eventLoop.advanceTime(by: .hours(1))
        connection.exchanges[0].answer("x")
        #expect(try connection.output().hasSuffix("x"))
    }

    @Test func stalledBodyFailsAndAbortIs408() throws {
        let connection = try EmbeddedConnection(.with { $0.bodyTimeout = .seconds(10) })
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        let exchange = connection.exchanges[0]
        var failure: BodyError?
        exchange.body.whenReadable {
            failure = exchange.body.readAll().last.error
            exchange.response.abort()
        }
        connection.eventLoop.advanceTime(by: .seconds(9))
        #expect(failure == nil)
        connection.eventLoop.advanceTime(by: .seconds(3))
        #expect(failure == .timeout)
        #expect(try connection.output().hasPrefix("HTTP/1.1 408 "))
    }

    /// The access log tells what the client got.
    @Test(arguments: ["POST", "HEAD"]) func abortTellsWhatWasSentInstead(_ method: String) throws {
        let connection = try EmbeddedConnection(.with { $0.bodyTimeout = .seconds(10) })
        try connection.send("\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        let exchange = connection.exchanges[0]
        var outcomes: [ResponseOutcome] = []
        exchange.response.onEnd = { outcomes.append($0) }
        exchange.response.writeHead(ResponseHead(status: 204))
        connection.eventLoop.advanceTime(by: .seconds(12))
        exchange.response.abort()
        let output = try connection.output()
        #expect(output.hasPrefix("HTTP/1.1 408 "))
        let text = output.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first ?? ""
        #expect(text.isEmpty == (method == "HEAD"))
        #expect(outcomes.map(\.status) == [408])
        #expect(outcomes.map(\.bodyBytes) == [text.utf8.count])
        #expect(outcomes.map(\.isComplete) == [false])
    }

    @Test func bodyThatWaitsForItsReaderIsNotStalled() throws {
        let connection = try EmbeddedConnection(.with { $0.bodyTimeout = .seconds(10) })
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n")
        try connection.send(String(repeating: "a", count: 66_000))
        connection.eventLoop.advanceTime(by: .minutes(5))
        #expect(connection.exchanges[0].body.readAll().last.isWouldBlock)
        try connection.send(String(repeating: "a", count: 4000))
        #expect(connection.exchanges[0].body.readAll().last.isEnd)
    }

    @Test func bodyThatGetsRoomHasItsTimeAnew() throws {
        let connection = try EmbeddedConnection(.with { $0.bodyTimeout = .seconds(10) })
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n")
        try connection.send(String(repeating: "a", count: 66_000))
        connection.eventLoop.advanceTime(by: .minutes(5))
        let body = connection.exchanges[0].body
        #expect(body.readAll().last.isWouldBlock)
        connection.eventLoop.advanceTime(by: .seconds(9))
        #expect(body.readAll().last.isWouldBlock)
        connection.eventLoop.advanceTime(by: .seconds(3))
        #expect(body.readAll().last.error == .timeout)
    }

    @Test func bodyThatNobodyAskedForIsNotStalled() throws {
        let connection = try EmbeddedConnection(.with { $0.bodyTimeout = .seconds(10) })
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        connection.eventLoop.advanceTime(by: .minutes(5))
        let body = connection.exchanges[0].body
        #expect(body.readAll().last.isWouldBlock)
        #expect(try connection.output() == "HTTP/1.1 100 Continue\r\n\r\n")
        // The client's time begins now.
        connection.eventLoop.advanceTime(by: .seconds(9))
        #expect(body.readAll().last.isWouldBlock)
        connection.eventLoop.advanceTime(by: .seconds(3))
        #expect(body.readAll().last.error == .timeout)
    }

    /// A response that is taken as it comes never waits in the socket's queue.
    @Test func halfClosedClientThatTakesItsResponseStays() throws {
        var closed = 0
        let connection = try EmbeddedConnection(.with { $0.halfClosedTimeout = .seconds(10) }) { exchange in
            exchange.onClose = { closed += 1 }
        }
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.closeInput()
        let response = connection.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        for _ in 0..<10 {
            connection.eventLoop.advanceTime(by: .seconds(8))
            response.write(ByteBuffer(string: "drip"))
            response.flush()
            #expect(try connection.output().contains("drip"))
        }
        #expect(closed == 0)
        connection.eventLoop.advanceTime(by: .seconds(14))
        #expect(closed == 1)
    }

    @Test func halfClosedClientThatTakesNothingIsGone() throws {
        var closed = 0
        let connection = try EmbeddedConnection(.with { $0.halfClosedTimeout = .seconds(10) }) { exchange in
            exchange.onClose = { closed += 1 }
        }
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        connection.closeInput()
        connection.eventLoop.advanceTime(by: .seconds(9))
        #expect(closed == 0)
        connection.eventLoop.advanceTime(by: .seconds(3))
        #expect(closed == 1)
    }
}
