import NIOCore

/// Sizes the next read of one connection: small between requests, large within a body.
///
/// Used on the connection's event loop only.
final class ReceivePlan: RecvByteBufferAllocator, @unchecked Sendable {
    static let smallest = 2 * 1024
    static let largest = 64 * 1024

    private var size = ReceivePlan.smallest
    /// The last read filled its buffer.
    private(set) var wasFilled = false

    /// Sets the size of the next read, in bytes.
    func expect(_ bytes: Int) {
        self.size = min(max(bytes, Self.smallest), Self.largest)
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: self.size)
    }

    func nextBufferSize() -> Int? { self.size }

    func record(actualReadBytes: Int) -> Bool {
        self.wasFilled = actualReadBytes >= self.size
        return false
    }
}
