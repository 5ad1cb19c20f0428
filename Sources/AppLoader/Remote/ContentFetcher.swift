/// Gets bytes from a URL. The one seam to the network of all that loading does.
package protocol ContentFetcher: Sendable {
    /// Asks for a URL and hands on what comes.
    ///
    /// - Parameters:
    ///   - onStart: told the number of bytes to come, where the server says it.
    ///   - onChunk: told the bytes, in order. What it throws ends the transfer.
    func fetch(
        _ url: String, onStart: (Int?) throws -> Void, onChunk: (UnsafeRawBufferPointer) throws -> Void
    ) async throws
}

/// Why a URL gave nothing.
package struct FetchError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
    /// Whether the server was not reached, or did not answer to the end: what it would have said is not known.
    package var isUnreachable: Bool
    /// Whether the server has another opinion about TLS.
    package var isTLSRefused: Bool

    package init(_ description: String, isUnreachable: Bool = false, isTLSRefused: Bool = false) {
        self.description = description
        self.isUnreachable = isUnreachable
        self.isTLSRefused = isTLSRefused
    }
}
