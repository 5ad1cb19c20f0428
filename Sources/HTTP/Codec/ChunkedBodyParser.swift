package import NIOCore

/// Takes the data out of a chunked body (RFC 9112 7.1), strictly: nothing is repaired.
///
/// For both directions; each byte of the framing is looked at once however the input is cut.
package struct ChunkedBodyParser {
    package enum Event {
        case needMore
        /// A slice of the body, never empty.
        case data(ByteBuffer)
        /// The last chunk was read, the trailer section begins.
        case trailers
    }

    private enum State {
        case size(value: Int, digits: Int)
        /// `isNamed`: something but blanks has come after the semicolon.
        case sizeExtension(size: Int, isNamed: Bool)
        case sizeLineFeed(size: Int)
        case data(remaining: Int)
        case dataReturn
        case dataLineFeed
        case done
    }

    private let extensionLimit: Int
    private let bodyLimit: Int?
    private var state = State.size(value: 0, digits: 0)
    private var extensionBytes = 0
    private var bodyBytes = 0

    /// - Parameters:
    ///   - extensionLimit: most bytes of all chunk extensions of the body together.
    ///   - bodyLimit: most bytes of data, an error 413 when a chunk's size goes beyond; nil for any number.
    package init(extensionLimit: Int, bodyLimit: Int? = nil) {
        self.extensionLimit = extensionLimit
        self.bodyLimit = bodyLimit
    }

    package mutating func next(_ buffer: inout ByteBuffer) throws(HTTP1ParseError) -> Event {
        while true {
            switch self.state {
            case .data(let remaining):
                let count = min(remaining, buffer.readableBytes)
                guard count > 0, let slice = buffer.readSlice(length: count) else { return .needMore }
                self.state = count == remaining ? .dataReturn : .data(remaining: remaining &- count)
                return .data(slice)
            case .done:
                return .trailers
            default:
                guard let byte: UInt8 = buffer.readInteger() else { return .needMore }
                try self.advance(byte)
            }
        }
    }

    /// Takes one byte of the framing around the data of a chunk.
    private mutating func advance(_ byte: UInt8) throws(HTTP1ParseError) {
        switch self.state {
        case .size(let value, let digits):
            if let digit = Bytes.hexValue(byte) {
                // 15 digits are below 2^60: no overflow. A longer run of zeros only pads, to hide or to waste.
                guard digits < 15 else { throw .badRequest("a chunk size is too large") }
                self.state = .size(value: value &<< 4 | digit, digits: digits &+ 1)
            } else if digits > 0, byte == Bytes.carriageReturn {
                self.state = .sizeLineFeed(size: value)
            } else if digits > 0, byte == 0x3b {
                self.state = .sizeExtension(size: value, isNamed: false)
            } else {
                throw .badRequest("a chunk size is not a hexadecimal number")
            }
        case .sizeExtension(let size, let isNamed):
            self.extensionBytes &+= 1
            guard self.extensionBytes <= self.extensionLimit else {
                throw .badRequest("the chunk extensions are too long")
            }
            if byte == Bytes.carriageReturn {
                guard isNamed else { throw .badRequest("a chunk extension has no name") }
                self.state = .sizeLineFeed(size: size)
            } else if !isNamed, byte > Bytes.space {
                self.state = .sizeExtension(size: size, isNamed: true)
            } else if byte < Bytes.space && byte != Bytes.tab || byte == 0x7f {
                throw .badRequest("a chunk extension has a control character")
            }
        case .sizeLineFeed(let size):
            guard byte == Bytes.lineFeed else {
                throw .badRequest("the line of a chunk size does not end with CR LF")
            }
            // Both are below 2^60, or the sum would have failed before: no overflow.
            self.bodyBytes = min(self.bodyBytes &+ size, 1 &<< 60)
            if let limit = self.bodyLimit, self.bodyBytes > limit {
                throw HTTP1ParseError(status: 413, reason: "the body is larger than \(limit) bytes")
            }
            self.state = size > 0 ? .data(remaining: size) : .done
        case .dataReturn:
            guard byte == Bytes.carriageReturn else {
                throw .badRequest("the data of a chunk is longer than its size")
            }
            self.state = .dataLineFeed
        case .dataLineFeed:
            guard byte == Bytes.lineFeed else {
                throw .badRequest("the data of a chunk does not end with CR LF")
            }
            self.state = .size(value: 0, digits: 0)
        case .data, .done:
            break
        }
    }
}
