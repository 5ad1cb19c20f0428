import HTTP
import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2

/// A server connection on an embedded channel, and the client's side of HTTP/2 as frames and as raw bytes.
final class HTTP2Client {
    let eventLoop = EmbeddedEventLoop()
    let server: EmbeddedChannel
    let loop: LoopContext
    let handler: ClosureHandler
    private let client: EmbeddedChannel
    private var received: [HTTP2Frame] = []
    /// The server wrote no valid HTTP/2, or the client was told of an error.
    private(set) var clientError: (any Error)?

    init(
        _ configuration: ServerConfiguration = ServerConfiguration(),
        handler: @escaping (Exchange) -> Void = { _ in }
    ) throws {
        self.handler = ClosureHandler(handler)
        self.loop = LoopContext(eventLoop: self.eventLoop, configuration: configuration)
        self.server = EmbeddedChannel(loop: self.eventLoop)
        self.server.allowRemoteHalfClosure = true
        try self.server.pipeline.syncOperations.addHandler(HTTP1Connection(loop: self.loop, handler: self.handler))
        try self.server.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        self.client = EmbeddedChannel(loop: self.eventLoop)
        // Its own checks are the server's business here.
        let codec = NIOHTTP2Handler(
            mode: .client, headerBlockValidation: .disabled, contentLengthValidation: .disabled)
        try self.client.pipeline.syncOperations.addHandler(codec)
        try self.client.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 2)).wait()
        try self.exchange()
    }

    var exchanges: [Exchange] { self.handler.exchanges }
    var isOpen: Bool { self.server.isActive }

    /// Carries bytes both ways until none are left.
    func exchange() throws {
        var isBusy = true
        while isBusy {
            isBusy = false
            self.eventLoop.run()
            while let data = try self.client.readOutbound(as: IOData.self) {
                if case .byteBuffer(let bytes) = data, self.server.isActive {
                    try self.server.writeInbound(bytes)
                }
                isBusy = true
            }
            self.eventLoop.run()
            while let bytes = try self.server.readOutbound(as: ByteBuffer.self) {
                do {
                    try self.client.writeInbound(bytes)
                } catch {
                    self.clientError = error
                }
                isBusy = true
            }
            while let frame = try self.client.readInbound(as: HTTP2Frame.self) { self.received.append(frame) }
        }
    }

    /// Sends frames as a client does.
    func send(_ frames: HTTP2Frame...) throws {
        for frame in frames { self.client.write(frame, promise: nil) }
        self.client.flush()
        try self.exchange()
    }

    /// Sends bytes past the client's codec.
    func sendRaw(_ bytes: [UInt8]) throws {
        guard self.server.isActive else { return }
        try self.server.writeInbound(ByteBuffer(bytes: bytes))
        try self.exchange()
    }

    /// A frame as bytes: length, type, flags, stream.
    static func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
            + [UInt8(stream >> 24), UInt8(stream >> 16 & 255), UInt8(stream >> 8 & 255), UInt8(stream & 255)]
            + payload
    }

    /// The header block of `GET /` at `a`, with the static table alone.
    static let getBlock: [UInt8] = [0x82, 0x86, 0x84, 0x41, 0x01, 0x61]

    func request(
        _ stream: HTTP2StreamID, method: String = "GET", path: String = "/", fields: [(String, String)] = [],
        ends: Bool = true
    ) throws {
        let block = HPACKHeaders(
            [(":method", method), (":scheme", "http"), (":path", path), (":authority", "a")] + fields)
        try self.send(HTTP2Frame(streamID: stream, payload: .headers(.init(headers: block, endStream: ends))))
    }

    func data(_ stream: HTTP2StreamID, _ text: String, ends: Bool = false) throws {
        try self.send(
            HTTP2Frame(
                streamID: stream,
                payload: .data(.init(data: .byteBuffer(ByteBuffer(string: text)), endStream: ends))))
    }

    /// What the server sent since the last call.
    func frames() throws -> [HTTP2Frame] {
        try self.exchange()
        defer { self.received = [] }
        return self.received
    }

    /// The answer on a stream: status, fields, body, trailers, whether it ended; takes all frames.
    func answer(_ stream: HTTP2StreamID) throws -> Answer {
        var answer = Answer()
        for frame in try self.frames() where frame.streamID == stream {
            answer.add(frame)
        }
        return answer
    }

    /// Why the connection ends, from its last GOAWAY.
    func goAway() throws -> HTTP2ErrorCode? {
        var code: HTTP2ErrorCode?
        for frame in try self.frames() {
            if case .goAway(_, let error, _) = frame.payload { code = error }
        }
        return code
    }

    struct Answer {
        var statuses: [String] = []
        var fields = HPACKHeaders()
        var body = ""
        var trailers: HPACKHeaders?
        var isEnded = false
        var reset: HTTP2ErrorCode?

        var status: String? { self.statuses.last }

        mutating func add(_ frame: HTTP2Frame) {
            switch frame.payload {
            case .headers(let payload):
                if let status = payload.headers.first(name: ":status") {
                    self.statuses.append(status)
                    self.fields = payload.headers
                } else {
                    self.trailers = payload.headers
                }
                self.isEnded = payload.endStream
            case .data(let payload):
                if case .byteBuffer(let bytes) = payload.data { self.body += String(buffer: bytes) }
                self.isEnded = payload.endStream
            case .rstStream(let code): self.reset = code
            default: break
            }
        }
    }
}
