/// What the lines of a request head have said so far.
struct HeadDraft {
    private(set) var hasRequestLine = false
    private var method = ""
    private var target = ""
    private var pathLength = 0
    private var targetAuthority: String?
    private var minorVersion = 1
    private var hasHost = false
    private var contentLength: Int?
    private var isChunked = false
    private var connection = ConnectionOptions()
    private var expectsContinue = false
    private var expectsOther = false

    /// Parses `method SP target SP HTTP/digit.digit` (RFC 9112 3).
    mutating func parseRequestLine(
        _ bytes: UnsafeRawBufferPointer,
        _ line: Range<Int>,
        _ limits: HTTP1Limits
    ) throws(HTTP1ParseError) {
        var index = line.lowerBound
        while index < line.upperBound, Bytes.isToken(bytes[index]) {
            index &+= 1
        }
        let method = UnsafeRawBufferPointer(rebasing: bytes[line.lowerBound..<index])
        guard !method.isEmpty, index < line.upperBound, bytes[index] == Bytes.space else {
            throw .badRequest("the request line does not begin with a method and a space")
        }
        guard method.count <= HTTP1Limits.methodBytes else {
            throw HTTP1ParseError(status: 501, reason: "the method is too long")
        }
        let targetStart = index &+ 1
        var queryStart: Int?
        index = targetStart
        while index < line.upperBound, bytes[index] > Bytes.space, bytes[index] != 0x7f {
            if bytes[index] == 0x3f, queryStart == nil {
                queryStart = index
            }
            guard bytes[index] != 0x23 else {
                throw .badRequest("the request target has a fragment")
            }
            index &+= 1
        }
        guard index > targetStart else {
            throw .badRequest("the request target is empty or begins with a blank")
        }
        guard index < line.upperBound, bytes[index] == Bytes.space else {
            throw .badRequest("the request line has no HTTP version, or a control character in the target")
        }
        guard index &- targetStart <= limits.targetBytes else {
            throw HTTP1ParseError(status: 414, reason: "the request target is too long")
        }
        try self.parseVersion(UnsafeRawBufferPointer(rebasing: bytes[(index &+ 1)..<line.upperBound]))
        self.method = Self.methodName(method)
        let target = UnsafeRawBufferPointer(rebasing: bytes[targetStart..<index])
        try self.parseTarget(target, query: queryStart.map { $0 &- targetStart })
        self.hasRequestLine = true
    }

    private mutating func parseVersion(_ bytes: UnsafeRawBufferPointer) throws(HTTP1ParseError) {
        guard bytes.count == 8, bytes[0] == 0x48, bytes[1] == 0x54, bytes[2] == 0x54, bytes[3] == 0x50,
            bytes[4] == 0x2f,
            bytes[6] == 0x2e, Bytes.isDigit(bytes[5]), Bytes.isDigit(bytes[7])
        else {
            throw .badRequest("the request line does not end with an HTTP version")
        }
        guard bytes[5] == 0x31 else {
            throw HTTP1ParseError(status: 505, reason: "this port speaks HTTP/1.0 and HTTP/1.1")
        }
        // A higher minor version is handled as the highest known (RFC 9110 2.5).
        self.minorVersion = bytes[7] == 0x30 ? 0 : 1
    }

    /// Takes the four forms of a target (RFC 9112 3.2), leaving origin form or `*`.
    private mutating func parseTarget(_ bytes: UnsafeRawBufferPointer, query: Int?) throws(HTTP1ParseError) {
        guard self.method != "CONNECT" else {
            throw HTTP1ParseError(status: 501, reason: "CONNECT is not implemented: this server is no proxy")
        }
        if bytes[0] == 0x2f {
            self.target = try Self.string(bytes)
            self.pathLength = query ?? bytes.count
            return
        }
        if bytes.count == 1, bytes[0] == 0x2a {
            guard self.method == "OPTIONS" else {
                throw .badRequest("the request target '*' is for OPTIONS only")
            }
            self.target = "*"
            self.pathLength = 1
            return
        }
        let schemeLength: Int
        if bytes.count > 7, Bytes.equal(UnsafeRawBufferPointer(rebasing: bytes[..<7]), "http://") {
            schemeLength = 7
        } else if bytes.count > 8, Bytes.equal(UnsafeRawBufferPointer(rebasing: bytes[..<8]), "https://") {
            schemeLength = 8
        } else {
            throw .badRequest("the request target is neither a path nor an http URL")
        }
        var end = schemeLength
        while end < bytes.count, bytes[end] != 0x2f, bytes[end] != 0x3f {
            end &+= 1
        }
        let authority = UnsafeRawBufferPointer(rebasing: bytes[schemeLength..<end])
        guard Bytes.isHostAndPort(authority) else {
            throw .badRequest("the request target has an invalid authority")
        }
        self.targetAuthority = try Self.string(authority)
        let rest = try Self.string(UnsafeRawBufferPointer(rebasing: bytes[end...]))
        let isRooted = end < bytes.count && bytes[end] == 0x2f
        self.target = isRooted ? rest : "/" + rest
        let added = isRooted ? 0 : 1
        self.pathLength = query.map { $0 &- end &+ added } ?? (bytes.count &- end &+ added)
    }

    /// Looks at the fields that decide about framing and the connection.
    mutating func note(
        _ entry: HTTPFields.Entry,
        at index: Int,
        in bytes: UnsafeRawBufferPointer
    ) throws(HTTP1ParseError) {
        let name = bytes[start: entry.nameStart, count: entry.nameLength]
        switch name.count {
        case 4 where Bytes.equal(name, "host"):
            try self.noteHost(bytes[start: entry.valueStart, count: entry.valueLength])
        case 6 where Bytes.equal(name, "expect"):
            let value = bytes[start: entry.valueStart, count: entry.valueLength]
            if Bytes.equal(value, "100-continue") {
                self.expectsContinue = true
            } else {
                self.expectsOther = true
            }
        case 10 where Bytes.equal(name, "connection"):
            self.connection.note(bytes[start: entry.valueStart, count: entry.valueLength])
        case 14 where Bytes.equal(name, "content-length"):
            try self.noteContentLength(bytes[start: entry.valueStart, count: entry.valueLength])
        case 17 where Bytes.equal(name, "transfer-encoding"):
            try self.noteTransferEncoding(bytes[start: entry.valueStart, count: entry.valueLength])
        default:
            break
        }
    }

    private mutating func noteHost(_ value: UnsafeRawBufferPointer) throws(HTTP1ParseError) {
        guard !self.hasHost else {
            throw .badRequest("the host field is repeated")
        }
        guard Bytes.isHostAndPort(value) else {
            throw .badRequest("the host field is not a host, or a host and a port")
        }
        self.hasHost = true
    }

    private mutating func noteContentLength(_ value: UnsafeRawBufferPointer) throws(HTTP1ParseError) {
        guard self.contentLength == nil else {
            throw .badRequest("the content-length field is repeated")
        }
        guard let length = Bytes.decimal(value) else {
            throw .badRequest("the content-length field is not one decimal number")
        }
        self.contentLength = length
    }

    private mutating func noteTransferEncoding(_ value: UnsafeRawBufferPointer) throws(HTTP1ParseError) {
        guard !self.isChunked else {
            throw .badRequest("the transfer-encoding field is repeated")
        }
        guard Bytes.equal(value, "chunked") else {
            var last = false
            var count = 0
            var chunked = 0
            Bytes.forEachListElement(value) { element in
                last = Bytes.equal(element, "chunked")
                chunked &+= last ? 1 : 0
                count &+= 1
            }
            guard last, chunked == 1, count > 1 else {
                throw .badRequest("the transfer-encoding does not end with one 'chunked'")
            }
            throw HTTP1ParseError(status: 501, reason: "the only transfer-encoding implemented is 'chunked'")
        }
        self.isChunked = true
    }

    /// Checks what only the whole head can tell (RFC 9112 3.2 and 6.3).
    func finish(_ fields: HTTPFields, _ limits: HTTP1Limits) throws(HTTP1ParseError) -> RequestHead {
        guard self.hasHost || self.minorVersion == 0 else {
            throw .badRequest("the host field is missing")
        }
        // The target would win (RFC 9112 3.2.2), but whoever stands before this server may have gone by the other.
        if let authority = self.targetAuthority, let host = fields.first("host"),
            authority.lowercased() != host.lowercased()
        {
            throw .badRequest("the host field differs from the authority of the target")
        }
        guard !self.isChunked || self.contentLength == nil else {
            throw .badRequest("both content-length and transfer-encoding")
        }
        guard !self.isChunked || self.minorVersion > 0 else {
            throw .badRequest("transfer-encoding in an HTTP/1.0 request")
        }
        guard !self.expectsOther else {
            throw HTTP1ParseError(status: 417, reason: "the only expectation known is '100-continue'")
        }
        let length = self.contentLength ?? 0
        if let limit = limits.bodyBytes, length > limit {
            throw HTTP1ParseError(status: 413, reason: "the body is larger than \(limit) bytes")
        }
        let framing: BodyFraming = self.isChunked ? .chunked : length > 0 ? .length(length) : .none
        return RequestHead(
            method: self.method,
            target: self.target,
            pathLength: self.pathLength,
            targetAuthority: self.targetAuthority,
            minorVersion: self.minorVersion,
            fields: fields,
            isKeepAlive: self.connection.allowsReuse(minorVersion: self.minorVersion),
            expectsContinue: self.expectsContinue && self.minorVersion > 0 && framing != .none,
            framing: framing)
    }

    private static func string(_ bytes: UnsafeRawBufferPointer) throws(HTTP1ParseError) -> String {
        // Raw UTF-8 is taken as it is: some clients do not percent-encode. Anything else could not be passed on intact.
        guard let string = String(validating: bytes, as: UTF8.self) else {
            throw .badRequest("the request target is not UTF-8")
        }
        return string
    }

    /// The method as a string, without an allocation for the usual ones.
    private static func methodName(_ bytes: UnsafeRawBufferPointer) -> String {
        if bytes.count == 3, bytes[0] == 0x47, bytes[1] == 0x45, bytes[2] == 0x54 {
            return "GET"
        }
        if bytes.count == 4, bytes[0] == 0x50, bytes[1] == 0x4f, bytes[2] == 0x53, bytes[3] == 0x54 {
            return "POST"
        }
        // Up to 15 bytes are stored in the string itself.
        return String(decoding: bytes, as: UTF8.self)
    }
}
