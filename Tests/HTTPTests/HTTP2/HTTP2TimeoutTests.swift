import HTTP
import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Testing

/// Streams and connections of HTTP/2 in time: which end, why, and which are not to blame.
@Suite struct HTTP2TimeoutTests {
    private func client(
        _ change: (inout ServerConfiguration) -> Void = { _ in }, handler: @escaping (Exchange) -> Void = { _ in }
    ) throws -> HTTP2Client {
        try HTTP2Client(
            .with {
                $0.bodyTimeout = .seconds(4)
                $0.writeTimeout = .seconds(4)
                $0.halfClosedTimeout = .seconds(4)
                $0.idleTimeout = .seconds(20)
                change(&$0)
            }, handler: handler)
    }

    /// Lets time pass a second at a time, the client answering in between.
    private func pass(_ seconds: Int, _ client: HTTP2Client, each: () throws -> Void = {}) throws {
        for _ in 0..<seconds {
            client.eventLoop.advanceTime(by: .seconds(1))
            try each()
            try client.exchange()
        }
    }

    // MARK: Streams that the client leaves open

    @Test(arguments: ["content-length", "x"]) func anAnsweredStreamThatTheClientLeavesOpenIsReset(
        _ field: String
    ) throws {
        let client = try self.client(handler: { $0.answer("hello") })
        // With a `content-length` of 0 the body is complete, its stream is not.
        try client.request(1, method: "POST", fields: [(field, "0")], ends: false)
        // Nobody keeps the body.
        client.handler.exchanges.removeAll()
        client.eventLoop.run()
        let answer = try client.answer(1)
        #expect(answer.status == "200" && answer.body == "hello" && answer.isEnded)
        #expect(answer.reset == .noError)
        try self.pass(30, client)
        #expect(!client.isOpen)
    }

    @Test func aRefusedStreamThatTheClientLeavesOpenIsReset() throws {
        let client = try self.client()
        try client.request(1, method: "POST", fields: [("expect", "more")], ends: false)
        let answer = try client.answer(1)
        #expect(answer.status == "417" && answer.reset == .noError)
        try self.pass(30, client)
        #expect(!client.isOpen)
    }

    @Test func aStreamThatEndsInTheSameReadIsNotReset() throws {
        let client = try self.client(handler: { $0.answer("hello") })
        try client.sendRaw(
            HTTP2Client.frame(
                type: 1, flags: 4, stream: 1,
                // `content-length: 0`, its name from the static table.
                [0x83, 0x86, 0x84, 0x41, 0x01, 0x61, 0x0f, 0x0d, 0x01, 0x30])
                + HTTP2Client.frame(type: 0, flags: 1, stream: 1))
        #expect(client.exchanges.count == 1)
        #expect(client.isOpen)
        #expect(client.loop.statistics.malformed == 0)
        try self.pass(30, client)
        #expect(!client.isOpen)
    }

    @Test func endsThatCrossTheirResetsAreIgnored() throws {
        let client = try self.client {
            $0.http2.concurrentStreams = 60
        } handler: {
            $0.answer("hello")
        }
        let ids = (0..<60).map { UInt32($0 * 2 + 1) }
        for id in ids { try client.request(HTTP2StreamID(Int(id)), fields: [("content-length", "0")], ends: false) }
        let resets = try client.frames().filter { if case .rstStream(.noError) = $0.payload { true } else { false } }
        #expect(resets.count == 60)
        for id in ids { try client.sendRaw(HTTP2Client.frame(type: 0, flags: 1, stream: id)) }
        #expect(client.isOpen)
        try client.request(201)
        #expect(try client.answer(201).body == "hello")
    }

    /// The handler ends its response and goes on reading; the client sends no more.
    @Test func aBodyThatFailsAfterTheResponseResetsTheStream() throws {
        let client = try self.client()
        try client.request(1, method: "POST", ends: false)
        try client.data(1, "abc")
        let exchange = client.exchanges[0]
        exchange.answer("early")
        var failure: BodyError?
        _ = exchange.body.readAll()
        exchange.body.whenReadable { failure = exchange.body.readAll().last.error }
        var answer = try client.answer(1)
        #expect(answer.body == "early" && answer.isEnded && answer.reset == nil)
        try self.pass(10, client)
        #expect(failure == .timeout)
        answer = try client.answer(1)
        #expect(answer.reset == .noError)
        try self.pass(30, client)
        #expect(!client.isOpen)
    }

    // MARK: Whose fault it is

    @Test func aBodyThatNobodyAskedForIsNotStalled() throws {
        let client = try self.client()
        try client.request(1, method: "POST", fields: [("expect", "100-continue")], ends: false)
        try self.pass(30, client)
        let body = client.exchanges[0].body
        #expect(body.readAll().last.isWouldBlock)
        #expect(try client.answer(1).statuses == ["100"])
        // The client's time begins now.
        try self.pass(3, client)
        #expect(body.readAll().last.isWouldBlock)
        try self.pass(3, client)
        #expect(body.readAll().last.error == .timeout)
    }

    @Test func noContinueFollowsAResponse() throws {
        let client = try self.client()
        try client.request(1, method: "POST", fields: [("expect", "100-continue")], ends: false)
        let exchange = client.exchanges[0]
        exchange.response.writeHead(ResponseHead(status: 200))
        exchange.response.flush()
        #expect(exchange.body.readAll().last.isWouldBlock)
        exchange.response.finish()
        let answer = try client.answer(1)
        #expect(answer.statuses == ["200"] && answer.isEnded && answer.reset == nil)
        #expect(client.clientError == nil)
    }

    /// Filled up to the mark, or up to the stream's window: read after long, the client gets its time.
    @Test(arguments: [1, 2]) func aBodyThatGetsRoomHasItsTimeAnew(_ marks: Int) throws {
        let client = try self.client { $0.requestHighWaterMark = 16_384 }
        try client.request(1, method: "POST", ends: false)
        for _ in 0..<marks { try client.data(1, String(repeating: "x", count: 16_384)) }
        let body = client.exchanges[0].body
        #expect(body.bufferedBytes == marks * 16_384)
        try self.pass(30, client)
        #expect(body.readAll().last.isWouldBlock)
        try self.pass(3, client)
        #expect(body.readAll().last.isWouldBlock)
        try self.pass(3, client)
        #expect(body.readAll().last.error == .timeout)
    }

    @Test func aBodyThatTheConnectionsWindowKeepsOutIsNotStalled() throws {
        let client = try self.client { $0.http2.connectionWindow = 65_536 }
        try client.request(1, method: "POST", ends: false)
        for _ in 0..<4 { try client.data(1, String(repeating: "x", count: 16_384)) }
        try client.request(3, method: "POST", ends: false)
        let bodies = client.exchanges.map(\.body)
        #expect(bodies[0].bufferedBytes == 65_535)
        try self.pass(30, client)
        #expect(bodies[1].readAll().last.isWouldBlock)
        // Its reader makes room for both.
        #expect(bodies[0].readAll().last.isWouldBlock)
        try self.pass(3, client)
        #expect(bodies[1].readAll().last.isWouldBlock)
        try client.data(3, "late")
        #expect(bodies[1].readAll().text == "late")
    }

    @Test func aHalfClosedClientThatTakesItsResponseStays() throws {
        let client = try self.client()
        try client.request(1)
        var closed = 0
        client.exchanges[0].onClose = { closed += 1 }
        client.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        let response = client.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        try self.pass(30, client) {
            response.write(ByteBuffer(string: "x"))
            response.flush()
        }
        #expect(try client.answer(1).body.utf8.count == 30)
        #expect(closed == 0 && client.isOpen)
        try self.pass(8, client)
        #expect(closed == 1 && !client.isOpen)
    }

    @Test func anAbortTellsWhatWasSentInstead() throws {
        let client = try self.client()
        var outcomes: [ResponseOutcome] = []
        for id in [1, 3] as [HTTP2StreamID] {
            try client.request(id, method: "POST", ends: false)
        }
        for exchange in client.exchanges {
            exchange.response.onEnd = { outcomes.append($0) }
        }
        client.exchanges[1].response.abort()
        try self.pass(6, client)
        client.exchanges[0].response.writeHead(ResponseHead(status: 200))
        client.exchanges[0].response.abort()
        let statuses = try client.frames().compactMap { frame in
            if case .headers(let payload) = frame.payload { payload.headers.first(name: ":status") } else { nil }
        }
        #expect(statuses == ["500", "408"])
        #expect(outcomes.map(\.status) == [500, 408])
        #expect(outcomes.allSatisfy { $0.bodyBytes == 0 && !$0.isComplete })
    }

    @Test func aResponseHasItsTimeFromWhenItBeganToWait() throws {
        let client = try self.client()
        try client.request(1)
        let response = client.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        // All that the client's windows take, and then nothing for long.
        response.write(ByteBuffer(repeating: 0x78, count: 65_535))
        response.flush()
        #expect(try client.answer(1).body.utf8.count == 65_535)
        try self.pass(30, client)
        response.write(ByteBuffer(string: "more"))
        response.flush()
        try self.pass(3, client)
        #expect(try client.answer(1).reset == nil)
        try self.pass(3, client)
        #expect(try client.answer(1).reset == .cancel)
    }
}
