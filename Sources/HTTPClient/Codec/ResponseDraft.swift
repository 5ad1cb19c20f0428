package import HTTP

/// How the end of a response body is known (RFC 9112 6.3).
package enum ResponseBodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
    /// The body ends with the connection.
    case untilClose
}

/// The status line and the fields of a response, checked.
package struct ParsedResponseHead: Sendable {
    package var status: Int
    package var fields: HTTPFields
    package var framing: ResponseBodyFraming
    /// The connection may be used again once the response is complete.
    package var isKeepAlive: Bool
}

/// What the lines of a response head have said so far.
struct ResponseDraft {
    private(set) var hasStatusLine = false
    private var status = 0
    private var minorVersion = 1
    private var contentLength: Int?
    private var isChunked = false
    private var otherCoding: String?
    private var connection = ConnectionOptions()

    private static let prefix: StaticString = "HTTP/1."

    /// Whether the bytes, as far as they are there, can be the start of a response.
    static func mayBegin(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let expected = UnsafeRawBufferPointer(
            start: Self.prefix.utf8Start, count: min(bytes.count, Self.prefix.utf8CodeUnitCount))
        return bytes.prefix(expected.count).elementsEqual(expected)
    }

    /// Parses `HTTP/1.x SP 3digit [SP reason]` (RFC 9112 4).
    mutating func parseStatusLine(
        _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>
    ) throws(HTTP1ParseError) {
        let text = UnsafeRawBufferPointer(rebasing: bytes[line])
        guard text.count >= 12, Self.mayBegin(text), Bytes.isDigit(text[7]), text[8] == Bytes.space,
            Bytes.isDigit(text[9]), Bytes.isDigit(text[10]), Bytes.isDigit(text[11]),
            // Some servers leave out the space with the reason.
            text.count == 12 || text[12] == Bytes.space
        else { throw .badRequest("the status line is malformed") }
        guard Bytes.isFieldValue(UnsafeRawBufferPointer(rebasing: text[12...])) else {
            throw .badRequest("the reason of the status line has a control character")
        }
        self.minorVersion = text[7] == 0x30 ? 0 : 1
        self.status = text[9...11].reduce(0) { $0 * 10 + Int($1 &- 0x30) }
        guard self.status >= 100 else { throw .badRequest("the status is below 100") }
        self.hasStatusLine = true
    }

    /// Looks at the fields that decide about framing and the connection.
    mutating func note(_ entry: HTTPFields.Entry, in bytes: UnsafeRawBufferPointer) throws(HTTP1ParseError) {
        let name = bytes[start: entry.nameStart, count: entry.nameLength]
        switch name.count {
        case 10 where Bytes.equal(name, "connection"):
            self.connection.note(bytes[start: entry.valueStart, count: entry.valueLength])
        case 14 where Bytes.equal(name, "content-length"):
            // Some servers say the same length twice; two lengths are an attack.
            guard let length = Bytes.decimal(bytes[start: entry.valueStart, count: entry.valueLength]),
                self.contentLength == nil || self.contentLength == length
            else { throw .badRequest("the content-length fields are not one decimal number") }
            self.contentLength = length
        case 17 where Bytes.equal(name, "transfer-encoding"):
            let value = bytes[start: entry.valueStart, count: entry.valueLength]
            guard !self.isChunked, self.otherCoding == nil else {
                throw .badRequest("the transfer-encoding field is repeated")
            }
            if Bytes.equal(value, "chunked") {
                self.isChunked = true
            } else {
                self.otherCoding = String(decoding: value.prefix(64), as: UTF8.self)
            }
        default: break
        }
    }

    /// Checks what only the whole head can tell (RFC 9112 6.3).
    func finish(_ fields: HTTPFields, isHeadRequest: Bool) throws(ClientError) -> ParsedResponseHead {
        if let coding = self.otherCoding { throw .responseTransferCoding(coding) }
        guard !self.isChunked || self.contentLength == nil else {
            throw .protocolError("the response has both content-length and transfer-encoding")
        }
        guard !self.isChunked || self.minorVersion > 0 else {
            throw .protocolError("an HTTP/1.0 response has a transfer-encoding")
        }
        let isBodiless = isHeadRequest || self.status < 200 || self.status == 204 || self.status == 304
        let framing: ResponseBodyFraming
        if isBodiless {
            framing = .none
        } else if self.isChunked {
            framing = .chunked
        } else {
            framing = self.contentLength.map { .length($0) } ?? .untilClose
        }
        let isKept = self.connection.allowsReuse(minorVersion: self.minorVersion)
        return ParsedResponseHead(
            status: self.status, fields: fields, framing: framing, isKeepAlive: isKept && framing != .untilClose)
    }
}
