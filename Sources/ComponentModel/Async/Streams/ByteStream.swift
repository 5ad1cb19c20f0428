/// What became of an attempt to move items through a stream.
package enum StreamStep: Hashable, Sendable {
    /// So many items were moved; at least one.
    case moved(Int)
    /// None now: whoever says so calls the stream's `wake()` when that changes.
    case wait
    /// None any more.
    case end
}

/// The host's source of a `stream<u8>` that a guest reads.
package protocol ByteProducer: AnyObject {
    /// Copies bytes to the reader's memory, which is not empty. Runs no guest code.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep
    /// Whether `read` would give something else than `wait`: asked when a guest reads zero bytes to wait for data.
    var isReady: Bool { get }
    /// The reader is gone: no call comes any more.
    func cancel()
}

/// The host's drain of a `stream<u8>` that a guest writes.
package protocol ByteConsumer: AnyObject {
    /// Takes some of the bytes, which lie in the writer's memory and are valid during the call. Runs no guest code.
    ///
    /// `.end` says that it takes nothing any more: the writer sees that its reader is gone.
    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep
    /// The writer is gone: the stream is complete.
    func finish()
}

/// The readable end of a `stream<u8>` in the host's hands: one that the host made, or one that a guest gave away.
///
/// Either it is given to a guest (``HostCall/insert(_:)``), or the host reads it (``consume(by:)``), or it is dropped.
/// Confined to the event loop of its instance.
package final class ByteStream {
    /// A stream that the host writes.
    package init(_ producer: any ByteProducer) {
    }

    /// Reads the stream to its end.
    package func consume(by consumer: any ByteConsumer) {
    }

    /// The producer has something, or the consumer has room again. Never runs guest code before it returns.
    package func wake() {
    }

    /// Reads no more: the writer sees that its reader is gone.
    package func drop() {
    }
}
