import HTTP
import NIOCore
import NIOEmbedded
import Testing

@Suite struct InMemoryExchangeTests {
    @Test func responseIsCollected() {
        let eventLoop = EmbeddedEventLoop()
        let collector = ResponseCollector()
        let exchange = Exchange(
            head: RequestHead(method: "POST", target: "/a?b", authority: "host"),
            body: InboundBody(eventLoop: eventLoop, bytes: ByteBuffer(string: "hello"), trailers: ["x": "y"]),
            collector: collector, eventLoop: eventLoop)
        #expect(exchange.head.path == "/a")
        #expect(exchange.head.query == "b")
        #expect(exchange.head.authority == "host")
        let (text, last) = exchange.body.readAll()
        #expect(text == "hello")
        #expect(last.isEnd)
        exchange.response.writeHead(ResponseHead(status: 201, fields: ["a": "b"]))
        exchange.response.write(ByteBuffer(string: "one "))
        exchange.response.flush()
        exchange.response.write(ByteBuffer(string: "two"))
        #expect(!collector.isFinished)
        exchange.response.finish(trailers: ["t": "u"])
        #expect(collector.head?.status == 201)
        #expect(collector.head?.fields == ["a": "b"])
        #expect(String(buffer: collector.body) == "one two")
        #expect(collector.trailers == ["t": "u"])
        #expect(collector.isFinished)
    }

    @Test func feederIsHeldBackByItsReader() {
        final class Source: InboundBodySource {
            var log: [String] = []
            func bodyIsWanted() { self.log.append("wanted") }
            func bodyHasRoom() { self.log.append("room") }
            func bodyWasDiscarded() { self.log.append("discarded") }
        }
        let source = Source()
        let body = InboundBody(eventLoop: EmbeddedEventLoop(), highWaterMark: 4)
        body.source = source
        #expect(body.read().isWouldBlock)
        body.feed(ByteBuffer(string: "abc"))
        #expect(!body.isFull)
        body.feed(ByteBuffer(string: "def"))
        #expect(body.isFull)
        #expect(body.readAll().text == "abcdef")
        body.discard()
        body.discard()
        #expect(body.read().error == .discarded)
        #expect(source.log == ["wanted", "room", "wanted", "discarded"])
    }
}
