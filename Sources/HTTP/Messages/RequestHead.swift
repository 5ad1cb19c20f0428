/// How the end of a request body is known (RFC 9112 6.3).
package enum BodyFraming: Equatable, Sendable {
    case none
    /// Exactly so many bytes, at least one.
    case length(Int)
    case chunked

    /// Bytes of the body where the head says so; nil for one that comes in chunks.
    var declaredLength: Int? {
        switch self {
        case .none: 0
        case .length(let length): length
        case .chunked: nil
        }
    }
}

/// The request line and the header fields of one request.
package struct RequestHead: Sendable {
    package var method: String
    /// Path and query in origin form, or `*`. An absolute-form target is reduced to this form.
    package var target: String
    /// Length of the path in `target`, in UTF-8 bytes.
    var pathLength: Int
    /// The authority of an absolute-form target; it wins over the `host` field (RFC 9112 3.2.2).
    var targetAuthority: String?
    /// 1, or 2 for HTTP/2.
    package var majorVersion = 1
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and above.
    package var minorVersion: Int
    package var fields: HTTPFields
    /// The client lets the connection be used again.
    package var isKeepAlive: Bool
    /// The client waits for `100 Continue` before it sends the body.
    package var expectsContinue: Bool
    package var framing: BodyFraming

    /// A head that did not come from a socket.
    ///
    /// - Parameter target: path and query in origin form.
    package init(
        method: String,
        target: String,
        authority: String? = nil,
        minorVersion: Int = 1,
        fields: HTTPFields = HTTPFields(),
        framing: BodyFraming = .none
    ) {
        self.method = method
        self.target = target
        self.pathLength =
            target.utf8.firstIndex(of: 0x3f).map { target.utf8.distance(from: target.utf8.startIndex, to: $0) }
            ?? target.utf8.count
        self.targetAuthority = authority
        self.minorVersion = minorVersion
        self.fields = fields
        self.isKeepAlive = true
        self.expectsContinue = false
        self.framing = framing
    }

    /// A head that the parser has checked.
    init(
        method: String,
        target: String,
        pathLength: Int,
        targetAuthority: String?,
        minorVersion: Int,
        fields: HTTPFields,
        isKeepAlive: Bool,
        expectsContinue: Bool,
        framing: BodyFraming
    ) {
        self.method = method
        self.target = target
        self.pathLength = pathLength
        self.targetAuthority = targetAuthority
        self.minorVersion = minorVersion
        self.fields = fields
        self.isKeepAlive = isKeepAlive
        self.expectsContinue = expectsContinue
        self.framing = framing
    }

    /// The target up to the query.
    package var path: String {
        self.query == nil ? self.target : String(decoding: self.target.utf8.prefix(self.pathLength), as: UTF8.self)
    }

    /// What follows the first `?` of the target, `nil` without one.
    package var query: String? {
        guard self.pathLength < self.target.utf8.count else {
            return nil
        }
        return String(decoding: self.target.utf8.dropFirst(self.pathLength + 1), as: UTF8.self)
    }

    /// Host and port that the client wants: from an absolute-form target, else the `host` field.
    package var authority: String? {
        self.targetAuthority ?? self.fields.first("host")
    }
}

/// The status and the header fields of one response.
package struct ResponseHead: Sendable {
    /// 200 to 999; interim responses are the server's business.
    package var status: Int
    package var fields: HTTPFields

    package init(status: Int, fields: HTTPFields = HTTPFields()) {
        self.status = status
        self.fields = fields
    }
}

/// Why a request body ended early.
package enum BodyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The client closed the connection, or the server had to.
    case clientDisconnected
    /// The framing of the body is broken.
    case malformed(String)
    /// The body is larger than the server takes, in bytes.
    case tooLarge(limit: Int)
    /// The client sent nothing for too long.
    case timeout
    /// The reader itself gave the body up.
    case discarded

    package var description: String {
        switch self {
        case .clientDisconnected: "the client closed the connection before the end of the request body"
        case .malformed(let reason): "the request body is malformed: \(reason)"
        case .tooLarge(let limit): "the request body is larger than \(limit) bytes"
        case .timeout: "the client stopped sending the request body"
        case .discarded: "the request body was discarded"
        }
    }

    /// The status that tells the client, where a response can still be sent.
    package var status: Int {
        switch self {
        case .clientDisconnected, .malformed: 400
        case .tooLarge: 413
        case .timeout: 408
        case .discarded: 500
        }
    }
}
