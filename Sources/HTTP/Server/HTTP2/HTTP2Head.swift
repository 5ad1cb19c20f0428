import NIOCore
import NIOHPACK

/// Translates between header blocks of HTTP/2 and the heads of the seam.
enum HTTP2Head {
    /// The request of a header block, checked by the rules of RFC 9113, 8.2 and 8.3.
    static func request(
        _ block: HPACKHeaders, isBodiless: Bool, limits: HTTP1Limits
    ) throws(HTTP1ParseError) -> RequestHead {
        var draft = Draft()
        for (name, value, _) in block {
            try draft.add(name, value, limits)
        }
        return try draft.finish(isBodiless: isBodiless, limits)
    }

    static func trailers(_ block: HPACKHeaders) throws(HTTP1ParseError) -> HTTPFields? {
        var fields = HTTPFields()
        for (name, value, _) in block {
            // No pseudo-header fields either: a colon is not part of any name.
            guard !Draft.isConnectionSpecific(name, value), Draft.isLowercase(name), fields.append(name, value) else {
                throw .badRequest("a trailer field is invalid")
            }
        }
        return fields.isEmpty ? nil : fields
    }

    /// The header block of a response; `length` where the server knows it.
    static func response(_ head: ResponseHead, length: Int?, date: borrowing DateField) -> HPACKHeaders {
        var block = HPACKHeaders()
        block.reserveCapacity(head.fields.count &+ 3)
        block.add(name: ":status", value: head.status == 200 ? "200" : String(head.status))
        let hasDate = self.copy(head.fields, into: &block, isTrailer: false)
        if let length {
            block.add(name: "content-length", value: String(length))
        }
        if !hasDate {
            block.add(name: "date", value: date.text)
        }
        return block
    }

    static func trailers(_ fields: HTTPFields) -> HPACKHeaders {
        var block = HPACKHeaders()
        _ = self.copy(fields, into: &block, isTrailer: true)
        return block
    }

    /// Hop-by-hop and framing fields are ours (RFC 9113 8.2.2); says whether there was a date.
    private static func copy(_ fields: HTTPFields, into block: inout HPACKHeaders, isTrailer: Bool) -> Bool {
        var hasDate = false
        for index in 0..<fields.count {
            let name = fields.name(at: index)
            switch name {
            case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te", "content-length":
                continue
            case "host", "trailer":
                if isTrailer { continue }
            case "date": hasDate = true
            default: break
            }
            block.add(name: name, value: fields.value(at: index))
        }
        return hasDate
    }
}

/// A request head while its fields arrive.
private struct Draft {
    var method: String?
    var path: String?
    var hasScheme = false
    var authority: String?
    var host: String?
    var cookie: String?
    var contentLength: Int?
    var expectsContinue = false
    var hasRegular = false
    var fields = HTTPFields()
    var bytes = 0

    mutating func add(_ name: String, _ value: String, _ limits: HTTP1Limits) throws(HTTP1ParseError) {
        self.bytes &+= name.utf8.count &+ value.utf8.count
        guard self.bytes <= limits.headerBytes else {
            throw HTTP1ParseError(status: 431, reason: "the header fields are too large")
        }
        if name.utf8.first == Bytes.colon {
            return try self.addPseudo(name, value)
        }
        self.hasRegular = true
        guard !Self.isConnectionSpecific(name, value) else {
            throw .badRequest("a field that only HTTP/1 has")
        }
        switch name {
        case "host":
            guard self.host == nil || self.host == value else {
                throw .badRequest("the host field is repeated")
            }
            self.host = value
        case "cookie":
            // One field again (RFC 9113 8.2.3).
            self.cookie = self.cookie.map { "\($0); \(value)" } ?? value
        case "content-length":
            var text = value
            guard self.contentLength == nil, let length = text.withUTF8({ Bytes.decimal(UnsafeRawBufferPointer($0)) })
            else {
                throw .badRequest("the content-length field is not one decimal number")
            }
            self.contentLength = length
            try self.append(name, value, limits)
        case "expect":
            guard value.lowercased() == "100-continue" else {
                throw HTTP1ParseError(status: 417, reason: "the only expectation known is '100-continue'")
            }
            self.expectsContinue = true
            try self.append(name, value, limits)
        default: try self.append(name, value, limits)
        }
    }

    /// Each at most once, before all other fields, and none that requests do not have (RFC 9113 8.3).
    private mutating func addPseudo(_ name: String, _ value: String) throws(HTTP1ParseError) {
        guard !self.hasRegular else {
            throw .badRequest("a pseudo-header field comes after others")
        }
        switch name {
        case ":method" where self.method == nil: self.method = value
        case ":path" where self.path == nil: self.path = value
        case ":authority" where self.authority == nil: self.authority = value
        case ":scheme" where !self.hasScheme: self.hasScheme = true
        default: throw .badRequest("a pseudo-header field is repeated or unknown")
        }
    }

    /// RFC 9113 8.2.2.
    static func isConnectionSpecific(_ name: String, _ value: String) -> Bool {
        switch name {
        case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade": true
        case "te": value != "trailers"
        default: false
        }
    }

    /// RFC 9113 8.2.1.
    static func isLowercase(_ name: String) -> Bool {
        !name.utf8.contains { $0 >= 0x41 && $0 <= 0x5a }
    }

    private mutating func append(
        _ name: String, _ value: String, _ limits: HTTP1Limits
    ) throws(HTTP1ParseError) {
        guard self.fields.count < limits.headerCount else {
            throw HTTP1ParseError(status: 431, reason: "there are more than \(limits.headerCount) header fields")
        }
        guard Self.isLowercase(name), self.fields.append(name, value) else {
            throw .badRequest("a header field is invalid")
        }
    }

    mutating func finish(isBodiless: Bool, _ limits: HTTP1Limits) throws(HTTP1ParseError) -> RequestHead {
        guard let method = self.method else {
            throw .badRequest("the method is missing")
        }
        guard method != "CONNECT" else {
            throw HTTP1ParseError(status: 501, reason: "CONNECT is not implemented: this server is no proxy")
        }
        guard !method.isEmpty, method.utf8.count <= HTTP1Limits.methodBytes, method.utf8.allSatisfy(Bytes.isToken)
        else {
            throw HTTP1ParseError(status: 501, reason: "the method is invalid")
        }
        guard self.hasScheme, let target = self.path else {
            throw .badRequest("the scheme or the path is missing")
        }
        guard target.utf8.count <= limits.targetBytes else {
            throw HTTP1ParseError(status: 414, reason: "the request target is too long")
        }
        guard target.utf8.first == 0x2f || (target == "*" && method == "OPTIONS"),
            target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != 0x23 })
        else {
            throw .badRequest("the request target is no path")
        }
        guard var authority = self.authority ?? self.host else {
            throw .badRequest("the authority is missing")
        }
        if let host = self.host, authority != host, authority.lowercased() != host.lowercased() {
            throw .badRequest("the host field differs from the authority")
        }
        guard authority.withUTF8({ Bytes.isHostAndPort(UnsafeRawBufferPointer($0)) }) else {
            throw .badRequest("the authority is not a host, or a host and a port")
        }
        // What an application reads under HTTP/1.1 is there under HTTP/2, too.
        try self.append("host", authority, limits)
        if let cookie = self.cookie {
            try self.append("cookie", cookie, limits)
        }
        if let limit = limits.bodyBytes, let length = self.contentLength, length > limit {
            throw HTTP1ParseError(status: 413, reason: "the body is larger than \(limit) bytes")
        }
        var head = RequestHead(
            method: method, target: target, minorVersion: 1, fields: self.fields,
            framing: isBodiless ? .none : self.contentLength.map { $0 == 0 ? .none : .length($0) } ?? .chunked)
        head.expectsContinue = self.expectsContinue && !isBodiless
        head.majorVersion = 2
        return head
    }
}
