package import NIOCore

/// What reading from an ``InputSource`` gave.
package enum InputRead {
    /// At least one byte.
    case bytes(ByteBuffer)
    /// Nothing now: ask for a call-back.
    case wouldBlock
    /// The end; again on every later read.
    case closed
    /// Reading failed; every later read gives `closed`.
    case failed(ErrorResource)
}

/// The far side of an input stream: a body, a file, standard input.
package protocol InputSource: ReadinessSource {
    /// Takes what is there, at most `maximum` bytes (at least 1).
    func read(upTo maximum: Int) -> InputRead

    /// Whether the end has been read: what a read of no bytes tells.
    var isClosed: Bool { get }

    /// The guest dropped its stream.
    func close()
}

extension InputSource {
    package func close() {}
}

/// A source of bytes in memory; an empty one is the standard input of a server's guest.
package final class BufferSource: InputSource {
    private var buffer: ByteBuffer

    package init(_ buffer: ByteBuffer = ByteBuffer()) {
        self.buffer = buffer
    }

    package var isReady: Bool { true }
    package var isClosed: Bool { self.buffer.readableBytes == 0 }

    package func whenReady(_ callback: @escaping () -> Void) { callback() }

    package func read(upTo maximum: Int) -> InputRead {
        guard let bytes = self.buffer.readSlice(length: min(maximum, self.buffer.readableBytes)),
            bytes.readableBytes > 0
        else { return .closed }
        return .bytes(bytes)
    }
}
