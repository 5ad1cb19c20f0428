/// A request that breaks HTTP/1.1, and the status that answers it.
package struct HTTP1ParseError: Error, Equatable, Sendable, CustomStringConvertible {
    package let status: Int
    /// What is wrong, one line, without anything that the client sent.
    package let reason: String

    package init(status: Int, reason: String) {
        self.status = status
        self.reason = reason
    }

    package var description: String { "\(self.status): \(self.reason)" }

    package static func badRequest(_ reason: String) -> Self {
        Self(status: 400, reason: reason)
    }
}

/// What a request may cost before its handler sees it.
package struct HTTP1Limits: Equatable, Sendable {
    /// Longest request target in bytes, else 414.
    package var targetBytes = 16 * 1024
    /// Header section in bytes, line ends included, else 431.
    package var headerBytes = 64 * 1024
    /// Header fields, else 431.
    package var headerCount = 128
    /// Trailer section in bytes, else 431.
    package var trailerBytes = 16 * 1024
    /// Chunk extensions of one body in bytes, else 400.
    package var chunkExtensionBytes = 4 * 1024
    /// Longest body in bytes, else 413; `nil` for any length.
    package var bodyBytes: Int?

    package init() {}

    /// Longest request line: a target, the longest method, the version, two spaces and the line end.
    var requestLineBytes: Int { self.targetBytes &+ Self.methodBytes &+ 12 }

    /// Longest method in bytes, else 501.
    static let methodBytes = 64
}
