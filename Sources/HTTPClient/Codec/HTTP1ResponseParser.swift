package import HTTP
package import NIOCore

/// An incremental parser of HTTP/1.x responses (RFC 9112), one value a connection.
///
/// Strict where leniency lets a server smuggle a second response into the connection that the next guest will use:
/// every line ends with CR LF, a message has one framing, and nothing is repaired. The parse does not depend on how the
/// input is cut. After `failure` the connection cannot be used any more.
package struct HTTP1ResponseParser {
    package enum Event {
        /// The buffer holds no further event: append what arrives and call again.
        case needMore
        /// An interim response (1xx, but not 101); the final one follows.
        case informational(status: Int)
        case head(ParsedResponseHead)
        /// A slice of the body, never empty.
        case body(ByteBuffer)
        /// The response is complete.
        case end(trailers: HTTPFields?)
        case failure(ClientError)
    }

    private enum State {
        /// Nothing was asked: no byte may come.
        case idle
        case head
        case length(remaining: Int)
        case chunked
        case trailers
        case untilClose
        case end(trailers: HTTPFields?)
        case failed(ClientError)
    }

    /// More interim responses than this are an attack (a server could keep the client busy for ever).
    private static let informationalLimit = 32

    /// Fields of framing.
    private static let notInTrailers = ["content-length", "transfer-encoding", "connection", "trailer"]

    private let limits: ResponseLimits
    private var state = State.idle
    private var isHeadRequest = false
    private var section = FieldSection()
    private var draft = ResponseDraft()
    private var chunks: ChunkedBodyParser
    private var informationals = 0
    private var hasStarted = false

    package init(limits: ResponseLimits = ResponseLimits()) {
        self.limits = limits
        self.chunks = ChunkedBodyParser(extensionLimit: limits.chunkExtensionBytes)
    }

    /// A request was sent: the next bytes are its response.
    package mutating func begin(isHeadRequest: Bool) {
        self.isHeadRequest = isHeadRequest
        self.informationals = 0
        self.beginHead()
    }

    private mutating func beginHead() {
        self.section.reset()
        self.draft = ResponseDraft()
        self.hasStarted = false
        self.state = .head
    }

    /// Whether no byte of the response has arrived yet, its interim ones included.
    package func isUntouched(_ buffer: ByteBuffer) -> Bool {
        if case .head = self.state { self.informationals == 0 && buffer.readableBytes == 0 } else { false }
    }

    /// Consumes the next event from `buffer`.
    ///
    /// An incomplete head or trailer section stays in the buffer: its bytes must still be there, at the reader index,
    /// at the next call.
    package mutating func next(_ buffer: inout ByteBuffer) -> Event {
        do throws(ClientError) {
            return try self.advance(&buffer)
        } catch {
            self.state = .failed(error)
            return .failure(error)
        }
    }

    private mutating func advance(_ buffer: inout ByteBuffer) throws(ClientError) -> Event {
        while true {
            switch self.state {
            case .idle:
                guard buffer.readableBytes == 0 else { throw .protocolError("the server sent bytes without a request") }
                return .needMore
            case .head:
                guard let head = try self.parseHead(&buffer) else { return .needMore }
                guard head.status >= 200 else {
                    try self.skipInformational(head)
                    return .informational(status: head.status)
                }
                self.beginBody(head.framing)
                return .head(head)
            case .length(let remaining):
                let count = min(remaining, buffer.readableBytes)
                guard count > 0, let slice = buffer.readSlice(length: count) else { return .needMore }
                self.state = count == remaining ? .end(trailers: nil) : .length(remaining: remaining &- count)
                return .body(slice)
            case .untilClose:
                guard let slice = buffer.readSlice(length: buffer.readableBytes), slice.readableBytes > 0 else {
                    return .needMore
                }
                return .body(slice)
            case .chunked:
                switch try ClientError.parsing({ () throws(HTTP1ParseError) in try self.chunks.next(&buffer) }) {
                case .needMore: return .needMore
                case .data(let slice): return .body(slice)
                case .trailers:
                    self.section.reset()
                    self.state = .trailers
                }
            case .trailers:
                guard let trailers = try self.parseTrailers(&buffer) else { return .needMore }
                self.state = .end(trailers: trailers.isEmpty ? nil : trailers)
            case .end(let trailers):
                self.state = .idle
                return .end(trailers: trailers)
            case .failed(let error):
                return .failure(error)
            }
        }
    }

    /// What the end of the connection means at this point: `end` for a body that lasts until then.
    package mutating func close() -> Event {
        switch self.state {
        case .idle: return .needMore
        case .untilClose, .end:
            self.state = .idle
            return .end(trailers: nil)
        case .head where self.informationals == 0 && !self.hasStarted: return .failure(.connectionTerminated)
        case .failed(let error): return .failure(error)
        case .head, .length, .chunked, .trailers: return .failure(.responseIncomplete)
        }
    }
}

// MARK: - Head and trailers

extension HTTP1ResponseParser {
    private mutating func parseHead(_ buffer: inout ByteBuffer) throws(ClientError) -> ParsedResponseHead? {
        self.hasStarted = self.hasStarted || buffer.readableBytes > 0
        let end: Int?
        do throws(HTTP1ParseError) {
            end = try buffer.withUnsafeReadableBytes { bytes throws(HTTP1ParseError) -> Int? in
                if !self.draft.hasStatusLine {
                    // Another protocol on that port need not send a line end for the error to show.
                    guard ResponseDraft.mayBegin(bytes) else {
                        throw .badRequest("the server does not answer with HTTP/1")
                    }
                    guard let line = try self.section.nextLine(in: bytes, limit: self.limits.headerBytes, status: 431)
                    else { return nil }
                    try self.draft.parseStatusLine(bytes, line)
                    self.section.beginFields()
                }
                while let line = try self.section.nextLine(in: bytes, limit: self.limits.headerBytes, status: 431) {
                    guard !line.isEmpty else { return self.section.position }
                    let entry = try self.section.parseField(in: bytes, line, limit: self.limits.headerCount)
                    try self.draft.note(entry, in: bytes)
                }
                return nil
            }
        } catch {
            throw error.status == 431
                ? .responseHeaderSectionSize(limit: self.limits.headerBytes) : .protocolError(error.reason)
        }
        guard let end, let storage = buffer.readSlice(length: end) else { return nil }
        let fields = HTTPFields(storage: storage, entries: self.section.takeEntries())
        return try self.draft.finish(fields, isHeadRequest: self.isHeadRequest)
    }

    private mutating func skipInformational(_ head: ParsedResponseHead) throws(ClientError) {
        guard head.status != 101 else { throw .upgradeFailed }
        self.informationals &+= 1
        guard self.informationals <= Self.informationalLimit else {
            throw .protocolError("the server sends interim responses without end")
        }
        self.beginHead()
    }

    private mutating func beginBody(_ framing: ResponseBodyFraming) {
        switch framing {
        case .none, .length(0): self.state = .end(trailers: nil)
        case .length(let length): self.state = .length(remaining: length)
        case .chunked:
            self.chunks = ChunkedBodyParser(extensionLimit: self.limits.chunkExtensionBytes)
            self.state = .chunked
        case .untilClose: self.state = .untilClose
        }
    }

    private mutating func parseTrailers(_ buffer: inout ByteBuffer) throws(ClientError) -> HTTPFields? {
        do throws(HTTP1ParseError) {
            return try self.section.readTrailers(
                &buffer, byteLimit: self.limits.trailerBytes, countLimit: self.limits.headerCount,
                dropping: Self.notInTrailers)
        } catch {
            throw error.status == 431
                ? .responseTrailerSectionSize(limit: self.limits.trailerBytes) : .protocolError(error.reason)
        }
    }
}

/// What a response may cost.
package struct ResponseLimits: Sendable, Equatable {
    /// Header section in bytes, line ends included.
    package var headerBytes = 64 * 1024
    package var headerCount = 128
    /// Trailer section in bytes.
    package var trailerBytes = 16 * 1024
    /// Chunk extensions of one body in bytes.
    package var chunkExtensionBytes = 4 * 1024

    package init() {}
}
