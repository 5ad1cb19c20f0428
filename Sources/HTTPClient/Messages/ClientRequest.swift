package import HTTP
package import NIOCore

/// Where a request goes: requests of one origin share connections.
package struct Origin: Hashable, Sendable {
    package let isSecure: Bool
    /// A name in lower case, or an IP address without brackets.
    package let host: String
    package let port: UInt16

    package init(isSecure: Bool, host: String, port: UInt16) {
        self.isSecure = isSecure
        self.host = host.lowercased()
        self.port = port
    }

    /// Splits `host[:port]` or `[v6][:port]`, the port being the scheme's own without one; userinfo is left out.
    package init?(isSecure: Bool, authority: String) {
        let authority = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority[...]
        let host: Substring
        var port = authority[authority.endIndex...]
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
            guard port.isEmpty || port.hasPrefix(":") else { return nil }
        } else {
            let colon = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<colon]
            port = authority[colon...]
        }
        guard !host.isEmpty else { return nil }
        if port.count <= 1 {
            self.init(isSecure: isSecure, host: String(host), port: isSecure ? 443 : 80)
        } else {
            guard port.dropFirst().utf8.allSatisfy(Bytes.isDigit), let number = UInt16(port.dropFirst()), number > 0
            else { return nil }
            self.init(isSecure: isSecure, host: String(host), port: number)
        }
    }

    package var scheme: String { self.isSecure ? "https" : "http" }

    /// What the `host` field says: without the port where it is the scheme's own.
    package var authority: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == (self.isSecure ? 443 : 80) ? host : "\(host):\(self.port)"
    }
}

/// How long each phase of a request may take.
package struct ClientTimeouts: Sendable, Equatable {
    /// Waiting for a place, resolving, connecting and the TLS handshake together.
    package var connect: TimeAmount
    /// From the connection to the head of the final response.
    package var firstByte: TimeAmount
    /// Between two parts of the response body, while the reader waits.
    package var betweenBytes: TimeAmount

    package init(
        connect: TimeAmount = .seconds(600), firstByte: TimeAmount = .seconds(600),
        betweenBytes: TimeAmount = .seconds(600)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.betweenBytes = betweenBytes
    }
}

/// The head of a request, checked; its body is written to ``ClientExchange/body``.
package struct ClientRequest: Sendable {
    /// What is known of the body when the request begins.
    package enum Body: Sendable, Equatable {
        case none
        /// So many bytes, with the length declared; nil when it is not known.
        case stream(length: Int?)
    }

    package let method: String
    package let origin: Origin
    package let authority: String
    /// Path and query, or `*`.
    package let target: String
    package let fields: HTTPFields
    package let body: Body
    package let timeouts: ClientTimeouts
    /// How to speak TLS, where it is not as the client does for all.
    package let tls: ClientTLS?
    /// The component that sends it; empty for the application itself.
    package let sender: String

    /// - Throws: `invalidRequest` for a method, target or authority that would break the message.
    package init(
        method: String, origin: Origin, authority: String? = nil, target: String, fields: HTTPFields = HTTPFields(),
        body: Body = .none, timeouts: ClientTimeouts = ClientTimeouts(), tls: ClientTLS? = nil, sender: String = ""
    ) throws(ClientError) {
        guard !method.isEmpty, method.utf8.allSatisfy(Bytes.isToken) else {
            throw .invalidRequest("the method is no token")
        }
        guard method != "CONNECT" else { throw .invalidRequest("CONNECT is not supported") }
        let authority = authority ?? origin.authority
        guard !authority.isEmpty, authority.utf8.allSatisfy(Bytes.isAuthority) else {
            throw .invalidRequest("the authority has a character that it may not have")
        }
        guard target.hasPrefix("/") || (target == "*" && method == "OPTIONS"),
            target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && $0 != 0x23 })
        else { throw .invalidRequest("the target is no path") }
        self.method = method
        self.origin = origin
        self.authority = authority
        self.target = target
        self.fields = fields
        self.body = body
        self.timeouts = timeouts
        self.tls = tls
        self.sender = sender
    }

    /// Doing it twice is the same as doing it once (RFC 9110 9.2.2).
    var isIdempotent: Bool {
        ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(self.method)
    }

    /// A request of this method without body says so (RFC 9110 8.6).
    var declaresEmptyBody: Bool {
        ["POST", "PUT", "PATCH"].contains(self.method)
    }

    var expectsContinue: Bool {
        self.body != .none && self.fields.first("expect")?.lowercased() == "100-continue"
    }
}

/// The head of a response, and its body as it arrives.
///
/// Whoever takes it reads the body to its end or calls `body.discard()`.
package struct ClientResponse {
    package let status: Int
    package let fields: HTTPFields
    package let body: InboundBody
}
