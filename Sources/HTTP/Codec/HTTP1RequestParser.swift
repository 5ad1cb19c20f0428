package import NIOCore

/// An incremental parser of HTTP/1.x requests (RFC 9112), one value a connection.
///
/// It is strict where leniency enables request smuggling: every line ends with CR LF, a message has one framing, and
/// nothing is repaired. Each byte is looked at a bounded number of times however the input is cut, and the parse does
/// not depend on the cut. After `failure` the connection cannot be used for further requests.
package struct HTTP1RequestParser {
    package enum Event {
        /// The buffer holds no further event: append what arrives and call again.
        case needMore
        case head(RequestHead)
        /// A slice of the body, never empty.
        case body(ByteBuffer)
        /// The request is complete; the next call begins another one.
        case end(trailers: HTTPFields?)
        case failure(HTTP1ParseError)
    }

    private enum State {
        /// Between requests; counts the empty lines skipped so far.
        case start(emptyLines: Int)
        case head
        case length(remaining: Int)
        case chunked
        case trailers
        case end(trailers: HTTPFields?)
        case failed(HTTP1ParseError)
    }

    /// Fields of framing and routing.
    private static let notInTrailers = [
        "content-length", "transfer-encoding", "host", "connection", "expect", "te", "trailer",
    ]

    private let limits: HTTP1Limits
    private var state: State = .start(emptyLines: 0)
    private var section = FieldSection()
    private var draft = HeadDraft()
    private var chunks: ChunkedBodyParser

    package init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
        self.chunks = Self.chunkParser(limits)
    }

    private static func chunkParser(_ limits: HTTP1Limits) -> ChunkedBodyParser {
        ChunkedBodyParser(extensionLimit: limits.chunkExtensionBytes, bodyLimit: limits.bodyBytes)
    }

    /// Whether the parser waits for the first byte of a request.
    package var isIdle: Bool {
        if case .start = self.state { true } else { false }
    }

    /// Consumes the next event from `buffer`.
    ///
    /// An incomplete head or trailer section stays in the buffer: its bytes must still be there, at the reader index,
    /// at the next call.
    package mutating func next(_ buffer: inout ByteBuffer) -> Event {
        do throws(HTTP1ParseError) {
            while true {
                switch self.state {
                case .start(let emptyLines):
                    guard try self.skipEmptyLine(&buffer, emptyLines) else {
                        return .needMore
                    }
                case .head:
                    guard let head = try self.parseHead(&buffer) else {
                        return .needMore
                    }
                    return .head(head)
                case .length(let remaining):
                    let count = min(remaining, buffer.readableBytes)
                    guard count > 0, let slice = buffer.readSlice(length: count) else {
                        return .needMore
                    }
                    self.state = count == remaining ? .end(trailers: nil) : .length(remaining: remaining &- count)
                    return .body(slice)
                case .chunked:
                    switch try self.chunks.next(&buffer) {
                    case .needMore: return .needMore
                    case .data(let slice): return .body(slice)
                    case .trailers:
                        self.section.reset()
                        self.state = .trailers
                    }
                case .trailers:
                    let trailers = try self.section.readTrailers(
                        &buffer, byteLimit: self.limits.trailerBytes, countLimit: self.limits.headerCount,
                        dropping: Self.notInTrailers)
                    guard let trailers else {
                        return .needMore
                    }
                    self.state = .end(trailers: trailers.isEmpty ? nil : trailers)
                case .end(let trailers):
                    self.state = .start(emptyLines: 0)
                    return .end(trailers: trailers)
                case .failed(let error):
                    return .failure(error)
                }
            }
        } catch {
            self.state = .failed(error)
            return .failure(error)
        }
    }
}

// MARK: - Head

extension HTTP1RequestParser {
    /// Empty lines that a client may send before a request (RFC 9112 2.2): old ones end a POST body with one.
    private static let emptyLineLimit = 4

    /// Leaves the state `start` at the first byte of a request; false when more bytes are needed.
    private mutating func skipEmptyLine(_ buffer: inout ByteBuffer, _ seen: Int) throws(HTTP1ParseError) -> Bool {
        guard let first: UInt8 = buffer.getInteger(at: buffer.readerIndex) else {
            return false
        }
        guard first == Bytes.carriageReturn else {
            // Another protocol on this port (TLS, for one) need not wait for a line end that never comes.
            guard Bytes.isToken(first) else {
                throw .badRequest("the request does not begin with a method")
            }
            self.section.reset()
            self.draft = HeadDraft()
            self.state = .head
            return true
        }
        guard let second: UInt8 = buffer.getInteger(at: buffer.readerIndex &+ 1) else {
            return false
        }
        guard second == Bytes.lineFeed else {
            throw .badRequest("a carriage return without line feed")
        }
        guard seen < Self.emptyLineLimit else {
            throw .badRequest("too many empty lines before the request")
        }
        buffer.moveReaderIndex(forwardBy: 2)
        self.state = .start(emptyLines: seen &+ 1)
        return true
    }

    private mutating func parseHead(_ buffer: inout ByteBuffer) throws(HTTP1ParseError) -> RequestHead? {
        let end = try buffer.withUnsafeReadableBytes { bytes throws(HTTP1ParseError) -> Int? in
            if !self.draft.hasRequestLine {
                guard let line = try self.section.nextLine(in: bytes, limit: self.limits.requestLineBytes, status: 414)
                else {
                    return nil
                }
                try self.draft.parseRequestLine(bytes, line, self.limits)
                self.section.beginFields()
            }
            while let line = try self.section.nextLine(in: bytes, limit: self.limits.headerBytes, status: 431) {
                guard !line.isEmpty else {
                    return self.section.position
                }
                let entry = try self.section.parseField(in: bytes, line, limit: self.limits.headerCount)
                try self.draft.note(entry, at: self.section.entries.count &- 1, in: bytes)
            }
            return nil
        }
        guard let end, let storage = buffer.readSlice(length: end) else {
            return nil
        }
        let fields = HTTPFields(storage: storage, entries: self.section.takeEntries())
        let head = try self.draft.finish(fields, self.limits)
        switch head.framing {
        case .none:
            self.state = .end(trailers: nil)
        case .length(let length):
            self.state = .length(remaining: length)
        case .chunked:
            self.chunks = Self.chunkParser(self.limits)
            self.state = .chunked
        }
        return head
    }
}
