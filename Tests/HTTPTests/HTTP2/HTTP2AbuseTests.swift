import HTTP
import NIOCore
import NIOEmbedded
import NIOHTTP2
import TestSupport
import Testing

/// Clients that attack by the rules of HTTP/2: each is cut, and cannot cost more than a bound.
@Suite struct HTTP2AbuseTests {
    private func isCut(_ client: HTTP2Client) -> Bool { !client.isOpen }

    @Test func rapidReset() throws {
        let client = try HTTP2Client()
        var closed = 0
        for index in 0..<1000 where client.isOpen {
            let id = UInt32(index * 2 + 1)
            try client.sendRaw(
                HTTP2Client.frame(type: 1, flags: 5, stream: id, HTTP2Client.getBlock)
                    + HTTP2Client.frame(type: 3, stream: id, [0, 0, 0, 8]))
        }
        for exchange in client.exchanges { exchange.onClose = { closed += 1 } }
        #expect(self.isCut(client))
        // A request that is reset in the same read never reaches its handler.
        #expect(client.exchanges.isEmpty)
        #expect(client.loop.statistics.requests <= 202)
    }

    @Test func continuationFlood() throws {
        let client = try HTTP2Client()
        try client.sendRaw(HTTP2Client.frame(type: 1, flags: 1, stream: 1, HTTP2Client.getBlock))
        for _ in 0..<1000 where client.isOpen {
            try client.sendRaw(HTTP2Client.frame(type: 9, stream: 1, [0x00, 0x01, 0x61, 0x01, 0x62]))
        }
        #expect(self.isCut(client))
        #expect(client.exchanges.isEmpty)
    }

    @Test func headerListTooLarge() throws {
        let configuration = ServerConfiguration.with { $0.limits.headerBytes = 8192 }
        let client = try HTTP2Client(configuration)
        try client.request(1, fields: (0..<100).map { ("x-\($0)", String(repeating: "v", count: 100)) })
        let answer = try client.answer(1)
        #expect(self.isCut(client) || answer.status == "431")
        #expect(client.exchanges.isEmpty)
    }

    @Test func tooManyFields() throws {
        let client = try HTTP2Client()
        try client.request(1, fields: (0..<200).map { ("x-\($0)", "v") })
        #expect(try client.answer(1).status == "431")
    }

    @Test(arguments: [
        ("SETTINGS", HTTP2Client.frame(type: 4)), ("PING", HTTP2Client.frame(type: 6, [0, 0, 0, 0, 0, 0, 0, 0])),
        ("PRIORITY", HTTP2Client.frame(type: 2, stream: 1, [0, 0, 0, 0, 1])),
    ])
    func controlFrameFlood(_ name: String, _ frame: [UInt8]) throws {
        let client = try HTTP2Client()
        for _ in 0..<1000 where client.isOpen { try client.sendRaw(frame) }
        #expect(self.isCut(client), "\(name)")
    }

    @Test func emptyDataFrames() throws {
        let client = try HTTP2Client()
        try client.sendRaw(HTTP2Client.frame(type: 1, flags: 4, stream: 1, [0x83, 0x86, 0x84, 0x41, 0x01, 0x61]))
        for _ in 0..<100 where client.isOpen { try client.sendRaw(HTTP2Client.frame(type: 0, stream: 1)) }
        #expect(self.isCut(client))
    }

    @Test func tooManyStreams() throws {
        let configuration = ServerConfiguration.with { $0.http2.concurrentStreams = 10 }
        let client = try HTTP2Client(configuration)
        for index in 0..<20 where client.isOpen {
            try client.sendRaw(
                HTTP2Client.frame(type: 1, flags: 5, stream: UInt32(index * 2 + 1), HTTP2Client.getBlock))
        }
        #expect(client.exchanges.count <= 10)
    }

    @Test func floodOfErrors() throws {
        let client = try HTTP2Client()
        for index in 0..<1000 where client.isOpen {
            // A request without a path.
            try client.sendRaw(HTTP2Client.frame(type: 1, flags: 5, stream: UInt32(index * 2 + 1), [0x82, 0x86]))
        }
        #expect(self.isCut(client))
    }

    @Test(arguments: [
        HTTP2Client.frame(type: 0, stream: 0, [1]),
        HTTP2Client.frame(type: 1, flags: 5, stream: 2, HTTP2Client.getBlock),
        HTTP2Client.frame(type: 1, flags: 5, stream: 1, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        HTTP2Client.frame(type: 8, [0, 0, 0, 0]), HTTP2Client.frame(type: 4, [0, 5, 0, 0, 0, 1]),
    ])
    func brokenFramesEndTheConnection(_ bytes: [UInt8]) throws {
        let client = try HTTP2Client { $0.answer("x") }
        try client.sendRaw(bytes)
        #expect(self.isCut(client))
        #expect(client.exchanges.isEmpty)
    }

    @Test func slowStreams() throws {
        let configuration = ServerConfiguration.with {
            $0.bodyTimeout = .seconds(4)
            $0.writeTimeout = .seconds(4)
        }
        let client = try HTTP2Client(configuration)
        // One does not send its body, one does not take its answer.
        try client.request(1, method: "POST", ends: false)
        try client.request(3)
        let response = client.exchanges[1].response
        response.writeHead(ResponseHead(status: 200))
        while response.writableBytes > 0 {
            response.write(ByteBuffer(repeating: 0x78, count: 8192))
            response.flush()
        }
        var isClosed = false
        client.exchanges[1].onClose = { isClosed = true }
        _ = try client.frames()
        client.eventLoop.advanceTime(by: .seconds(20))
        #expect(try client.answer(3).reset == .cancel)
        #expect(isClosed)
        guard case .failed(.timeout) = client.exchanges[0].body.read() else {
            Issue.record("the body must have timed out")
            return
        }
        #expect(client.isOpen)
    }

    @Test func idleConnectionIsClosed() throws {
        let client = try HTTP2Client { $0.answer("x") }
        try client.request(1)
        client.eventLoop.advanceTime(by: .seconds(60))
        #expect(client.isOpen)
        client.eventLoop.advanceTime(by: .seconds(30))
        #expect(!client.isOpen)
        #expect(try client.goAway() == .noError)
    }

    @Test func aClientThatTakesNothingIsNotRead() throws {
        let client = try HTTP2Client()
        client.server.isWritable = false
        client.server.pipeline.fireChannelWritabilityChanged()
        try client.request(1)
        client.exchanges.first?.answer("x")
        #expect(client.isOpen)
    }

    /// Frames of any type, flags, stream and content: the server answers, resets or closes, and never traps.
    @Test(arguments: 0..<200) func randomFrames(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let client = try HTTP2Client { exchange in
            BodyReader.read(exchange) { exchange, bytes in
                exchange.response.writeHead(ResponseHead(status: 200))
                exchange.response.write(bytes)
                exchange.response.finish()
            }
        }
        for _ in 0..<60 where client.isOpen {
            let stream = UInt32.random(in: 0...7, using: &random)
            var bytes: [UInt8]
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                bytes = HTTP2Client.frame(
                    type: 1, flags: [1, 4, 5].randomElement(using: &random) ?? 5, stream: stream | 1,
                    [0x83] + HTTP2Client.getBlock.dropFirst())
            case 1:
                bytes = HTTP2Client.frame(
                    type: 0, flags: UInt8.random(in: 0...1, using: &random), stream: stream | 1, Array("abc".utf8))
            case 2: bytes = HTTP2Client.frame(type: 3, stream: stream | 1, [0, 0, 0, 8])
            case 3:
                bytes = HTTP2Client.frame(
                    type: 8, stream: stream, [0, 0, UInt8.random(in: 0...255, using: &random), 1])
            default:
                let payload = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                bytes = HTTP2Client.frame(
                    type: UInt8.random(in: 0...12, using: &random), flags: UInt8.random(in: 0...255, using: &random),
                    stream: stream, payload)
            }
            if Int.random(in: 0..<20, using: &random) == 0, !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 0x40
            }
            try client.sendRaw(bytes)
        }
        client.server.close(promise: nil)
        client.eventLoop.run()
        #expect(client.loop.connectionCount == 0)
        #expect(client.exchanges.allSatisfy { $0.response.isClosed })
    }
}
