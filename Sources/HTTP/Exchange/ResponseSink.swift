/// What a ``ResponseWriter`` hands to its sink in one go.
package struct ResponsePart {
    /// The head, with the first part only.
    package var head: ResponseHead?
    /// The length of the whole body where it is known with the head; for HEAD and 304 what it would be.
    package var contentLength: Int?
    /// Nobody declared that length, it was counted: chunks serve as well where the client knows them.
    package var isStreamed: Bool
    /// The response has no body, whatever its fields say (HEAD, 204, 205, 304).
    package var isBodiless: Bool
    /// This is the last part.
    package var isEnd: Bool
    package var trailers: HTTPFields?
    /// The handler broke its own framing: the connection must not be used again.
    package var isFaulty: Bool
}

/// Where a response goes: a connection, or a collector in memory.
package protocol ResponseSink: AnyObject {
    /// Whether the sink takes more bytes without piling them up.
    var isWritable: Bool { get }
    /// Sends the part and everything in `body`, which it leaves empty.
    func send(_ part: ResponsePart, body: inout BufferQueue)
    /// The response cannot be completed; `headSent` says whether another one is still possible in its place.
    ///
    /// - Returns: what was sent in its place, `nil` for nothing.
    @discardableResult
    func abortResponse(headSent: Bool) -> SubstituteResponse?
}

/// What a ``ResponseSink`` sent instead of a response that was given up.
package struct SubstituteResponse: Sendable, Equatable {
    package var status: Int
    package var bodyBytes: Int

    package init(status: Int, bodyBytes: Int) {
        self.status = status
        self.bodyBytes = bodyBytes
    }
}

/// How a response ended.
package struct ResponseOutcome: Sendable, Equatable {
    /// `nil`: the client went away before there was one.
    package var status: Int?
    /// Bytes of the body that the handler wrote, or of the one that was sent instead.
    package var bodyBytes: Int
    package var isComplete: Bool
}
