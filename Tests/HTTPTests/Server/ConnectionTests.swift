import HTTP
import NIOCore
import NIOEmbedded
import Testing

/// How a connection goes from request to request.
@Suite struct ConnectionTests {
    static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

    @Test func pipelinedRequestsAreAnsweredInOrderOneByOne() throws {
        let connection = try EmbeddedConnection()
        try connection.send((1...3).map { Self.get("/\($0)") }.joined())
        for number in 1...3 {
            #expect(connection.exchanges.map(\.head.path) == (1...number).map { "/\($0)" })
            connection.exchanges[number - 1].answer("\(number)")
            #expect(try connection.output().hasSuffix("\r\n\r\n\(number)"))
        }
        #expect(connection.isOpen)
    }

    /// What is refused before anyone handles it is told, for logs.
    @Test func refusedRequestIsTold() throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        let large = String(repeating: "x", count: 70_000)
        try connection.send(Self.get("/") + "GET / HTTP/1.1\r\nHost: a\r\nX: \(large)\r\n\r\n")
        let output = try connection.output()
        let refusal = try #require(connection.handler.refusals.first)
        #expect(connection.handler.refusals.count == 1)
        #expect(refusal.status == 431)
        #expect(refusal.majorVersion == 1)
        #expect(output.contains("content-length: \(refusal.bodyBytes)\r\n"))
        #expect(refusal.peer != nil)
        #expect(connection.exchanges.count == 1)
    }

    @Test func nextRequestDoesNotRunInsideTheFinishOfTheFormer() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.get("/1") + Self.get("/2"))
        connection.exchanges[0].answer("x")
        #expect(connection.exchanges.count == 1)
        connection.eventLoop.run()
        #expect(connection.exchanges.count == 2)
    }

    @Test func manyPipelinedRequestsUseNoStack() throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        try connection.send(String(repeating: Self.get("/"), count: 20_000))
        #expect(connection.exchanges.count == 20_000)
        #expect(connection.isOpen)
    }

    /// Each read ends within a request: what came before must not be kept all the same.
    @Test func inputOfTheWholeConnectionIsNotKept() throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        let requests = Self.get("/" + String(repeating: "x", count: 900))
        try connection.send(String(requests.prefix(10)))
        for _ in 0..<2000 {
            try connection.send(String(requests.dropFirst(10) + requests.prefix(10)))
            _ = try connection.output()
        }
        #expect(connection.exchanges.count == 2000)
        #expect(connection.connection.inputCapacity <= 64 * 1024)
    }

    @Test func readAheadIsBounded() throws {
        let connection = try EmbeddedConnection { _ in }
        try connection.send(Self.get("/"))
        let reads = connection.reads.count
        try connection.send(String(repeating: "x", count: 1000))
        #expect(connection.reads.count == reads + 1)
        try connection.send(String(repeating: "x", count: 16 * 1024))
        #expect(connection.reads.count == reads + 1)
    }

    @Test func closeOfTheClientIsHonoured() throws {
        let connection = try EmbeddedConnection { $0.answer("x") }
        try connection.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(try connection.output().contains("connection: close\r\n"))
        #expect(!connection.isOpen)
    }

    @Test func vanishingClientIsToldOnce() throws {
        var closed = 0
        let connection = try EmbeddedConnection { exchange in
            exchange.onClose = { closed += 1 }
        }
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        var readable = 0
        #expect(connection.exchanges[0].body.readAll().text == "ab")
        connection.exchanges[0].body.whenReadable { readable += 1 }
        connection.vanish()
        #expect(closed == 1)
        #expect(readable == 1)
        #expect(connection.exchanges[0].body.read().error == .clientDisconnected)
        #expect(connection.exchanges[0].response.isClosed)
        // Whatever the handler does now has no effect.
        connection.exchanges[0].answer("x")
        connection.exchanges[0].response.abort()
        connection.exchanges[0].body.discard()
        connection.eventLoop.run()
        #expect(closed == 1)
        #expect(connection.loop.connectionCount == 0)
        #expect(connection.loop.statistics.disconnects == 1)
    }

    @Test func closeAfterTheResponseIsNotTold() throws {
        var closed = 0
        let connection = try EmbeddedConnection { exchange in
            exchange.onClose = { closed += 1 }
            exchange.answer("x")
        }
        try connection.send(Self.get("/"))
        connection.vanish()
        #expect(closed == 0)
    }

    @Test func halfClosedClientGetsItsResponses() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.get("/1") + Self.get("/2"))
        connection.closeInput()
        #expect(connection.isOpen)
        connection.exchanges[0].answer("1")
        connection.eventLoop.run()
        #expect(connection.exchanges.count == 2)
        connection.exchanges[1].answer("2")
        #expect(try connection.output().hasSuffix("\r\n\r\n2"))
        #expect(!connection.isOpen)
    }

    @Test func inputClosedBetweenRequestsOrWithinAHeadCloses() throws {
        for start in ["", "GET / HT"] {
            let connection = try EmbeddedConnection()
            try connection.send(start)
            connection.closeInput()
            #expect(try connection.output().isEmpty)
            #expect(!connection.isOpen)
        }
    }

    @Test func inputClosedWithinABodyIsAVanishedClient() throws {
        var closed = 0
        let connection = try EmbeddedConnection { exchange in
            exchange.onClose = { closed += 1 }
        }
        try connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        connection.closeInput()
        #expect(closed == 1)
        #expect(!connection.isOpen)
        #expect(connection.exchanges[0].body.readAll().last.error == .clientDisconnected)
    }

    @Test func drainClosesIdleConnectionsAndWaitsForBusyOnes() throws {
        let idle = try EmbeddedConnection()
        _ = idle.loop.drain(grace: .seconds(1))
        idle.eventLoop.run()
        #expect(!idle.isOpen)

        let busy = try EmbeddedConnection()
        try busy.send(Self.get("/"))
        var isDrained = false
        busy.loop.drain(grace: .seconds(1)).assumeIsolated().whenSuccess { isDrained = true }
        busy.eventLoop.run()
        #expect(busy.isOpen)
        busy.exchanges[0].answer("x")
        #expect(try busy.output().contains("connection: close\r\n"))
        #expect(!busy.isOpen)
        #expect(isDrained)
    }

    @Test func drainCutsAfterTheGracePeriod() throws {
        var closed = 0
        let connection = try EmbeddedConnection { exchange in
            exchange.onClose = { closed += 1 }
        }
        try connection.send(Self.get("/"))
        _ = connection.loop.drain(grace: .seconds(5))
        connection.eventLoop.advanceTime(by: .seconds(4))
        #expect(closed == 0)
        connection.eventLoop.advanceTime(by: .seconds(2))
        #expect(closed == 1)
        #expect(!connection.isOpen)
    }
}
