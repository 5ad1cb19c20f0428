import HTTP
import NIOCore
import NIOEmbedded

/// A handler made of a closure; keeps the exchanges it was given.
final class ClosureHandler: RequestHandler, @unchecked Sendable {
    // Used on one event loop only.
    var exchanges: [Exchange] = []
    var refusals: [RefusedRequest] = []
    private let body: (Exchange) -> Void

    init(_ body: @escaping (Exchange) -> Void) {
        self.body = body
    }

    func handle(_ exchange: Exchange) {
        self.exchanges.append(exchange)
        self.body(exchange)
    }

    func requestRefused(_ refusal: RefusedRequest) { self.refusals.append(refusal) }
}

/// A connection on an embedded channel, its clock in the hands of the test.
final class EmbeddedConnection {
    let eventLoop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let loop: LoopContext
    let handler: ClosureHandler
    let reads = ReadCounter()
    let connection: HTTP1Connection

    init(
        _ configuration: ServerConfiguration = ServerConfiguration(),
        handler: @escaping (Exchange) -> Void = { _ in }
    ) throws {
        self.handler = ClosureHandler(handler)
        self.loop = LoopContext(eventLoop: self.eventLoop, configuration: configuration)
        self.channel = EmbeddedChannel(loop: self.eventLoop)
        self.channel.allowRemoteHalfClosure = true
        self.connection = HTTP1Connection(loop: self.loop, handler: self.handler)
        try self.channel.pipeline.syncOperations.addHandlers([self.reads, self.connection])
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    var exchanges: [Exchange] { self.handler.exchanges }

    var isOpen: Bool { self.channel.isActive }

    func send(_ text: String) throws {
        try self.send(ByteBuffer(string: text))
    }

    func send(_ bytes: ByteBuffer) throws {
        try self.channel.writeInbound(bytes)
        self.eventLoop.run()
    }

    /// The writes to the socket since the last call.
    func writes() throws -> [String] {
        self.eventLoop.run()
        var writes: [String] = []
        while let buffer = try self.channel.readOutbound(as: ByteBuffer.self) {
            if buffer.readableBytes > 0 {
                writes.append(String(buffer: buffer))
            }
        }
        return writes
    }

    /// What was written to the socket since the last call, the date left out.
    func output() throws -> String {
        try self.writes().joined().replacing(/date: [^\r]*\r\n/, with: "")
    }

    /// The client closes its write side.
    func closeInput() {
        self.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        self.eventLoop.run()
    }

    /// The client vanishes.
    func vanish() {
        self.channel.close(promise: nil)
        self.eventLoop.run()
    }

    /// Makes the socket writable or not.
    func setWritable(_ isWritable: Bool) {
        self.channel.isWritable = isWritable
        self.channel.pipeline.fireChannelWritabilityChanged()
        self.eventLoop.run()
    }
}

/// Counts the reads that a connection asks of its socket.
final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        self.count += 1
        context.read()
    }
}

extension Exchange {
    /// Answers 200 with a text, head and body in one go.
    func answer(_ text: String, fields: HTTPFields = HTTPFields()) {
        self.response.writeHead(ResponseHead(status: 200, fields: fields))
        self.response.write(ByteBuffer(string: text))
        self.response.finish()
    }
}

extension InboundBody {
    /// All that can be read now, and how it goes on.
    func readAll() -> (text: String, last: Read) {
        var text = ""
        while true {
            switch self.read() {
            case .bytes(let bytes): text += String(buffer: bytes)
            case let last: return (text, last)
            }
        }
    }
}

extension InboundBody.Read {
    var isEnd: Bool {
        if case .end = self { true } else { false }
    }

    var isWouldBlock: Bool {
        if case .wouldBlock = self { true } else { false }
    }

    var error: BodyError? {
        if case .failed(let error) = self { error } else { nil }
    }
}

extension ServerConfiguration {
    static func with(_ change: (inout Self) -> Void) -> Self {
        var configuration = Self()
        change(&configuration)
        return configuration
    }
}
