import HTTP
import NIOCore
import NIOEmbedded
import Testing

@Suite struct ResponseBackPressureTests {
    static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func creditShrinksWithUnflushedBytes() throws {
        let connection = try EmbeddedConnection(.with { $0.responseHighWaterMark = 1000 })
        try connection.send(Self.get)
        let response = connection.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        #expect(response.writableBytes == 1000)
        response.write(ByteBuffer(repeating: 0x61, count: 400))
        #expect(response.writableBytes == 600)
        #expect(try connection.output().isEmpty)
        response.write(ByteBuffer(repeating: 0x61, count: 600))
        #expect(response.writableBytes == 0)
        // A write above the mark flushes what is there, so that a writer which never does holds a bounded amount.
        response.write(ByteBuffer(repeating: 0x61, count: 100))
        #expect(response.writableBytes == 900)
        #expect(try connection.output().contains("3e8\r\n"))
    }

    @Test func writerWaitsForTheSocket() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.get)
        let response = connection.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        connection.setWritable(false)
        #expect(response.writableBytes == 0)
        var calls = 0
        response.whenWritable { calls += 1 }
        connection.eventLoop.run()
        #expect(calls == 0)
        connection.setWritable(true)
        #expect(calls == 1)
        connection.setWritable(false)
        connection.setWritable(true)
        #expect(calls == 1)
    }

    @Test func writableNowCallsBackOnTheNextTurn() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.get)
        var calls = 0
        connection.exchanges[0].response.whenWritable { calls += 1 }
        #expect(calls == 0)
        connection.eventLoop.run()
        #expect(calls == 1)
    }

    @Test func vanishedClientWakesTheWriter() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.get)
        let response = connection.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        connection.setWritable(false)
        var wasClosed = false
        response.whenWritable { wasClosed = response.isClosed }
        connection.vanish()
        #expect(wasClosed)
    }

    /// One that has nothing to write now, as what it passes on is silent.
    @Test func vanishedClientIsToldToWhoAsks() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.get)
        let response = connection.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        response.flush()
        var calls = 0
        response.whenClosed { calls += 1 }
        connection.eventLoop.run()
        #expect(calls == 0)
        connection.vanish()
        #expect(calls == 1)
        response.whenClosed { calls += 1 }
        connection.eventLoop.run()
        #expect(calls == 2)
    }

    @Test func completedResponseIsNotCalledClosed() throws {
        let connection = try EmbeddedConnection()
        try connection.send(Self.get)
        let response = connection.exchanges[0].response
        response.writeHead(ResponseHead(status: 200))
        var calls = 0
        response.whenClosed { calls += 1 }
        response.finish()
        connection.vanish()
        connection.eventLoop.run()
        #expect(calls == 0)
    }
}
