package import NIOCore

/// Body bytes that wait, in order; the usual single buffer needs no allocation.
package struct BufferQueue {
    private var first: ByteBuffer?
    private var rest: [ByteBuffer] = []
    private var restStart = 0
    /// The last buffer is one of ours, with room to copy small pieces into.
    private var isLastOwned = false
    private(set) package var byteCount = 0

    package init() {}

    package var isEmpty: Bool { self.first == nil }

    /// Appends without a copy, except for small pieces after the first: a queue of many would keep the large buffers
    /// that each is a slice of.
    package mutating func append(_ buffer: ByteBuffer) {
        let count = buffer.readableBytes
        guard count > 0 else {
            return
        }
        if self.first != nil, count < 256 || count &* 2 < buffer.storageCapacity {
            buffer.withUnsafeReadableBytes { self.append(copying: $0) }
            return
        }
        self.byteCount &+= count
        self.push(buffer)
        self.isLastOwned = false
    }

    /// Appends a copy of the bytes.
    package mutating func append(copying bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else {
            return
        }
        self.byteCount &+= bytes.count
        if self.isLastOwned, self.restStart == self.rest.count {
            self.first?.writeBytes(bytes)
        } else if self.isLastOwned {
            self.rest[self.rest.count - 1].writeBytes(bytes)
        } else {
            var buffer = ByteBufferAllocator().buffer(capacity: max(bytes.count, 1024))
            buffer.writeBytes(bytes)
            self.push(buffer)
            self.isLastOwned = true
        }
    }

    /// Takes up to `maximum` bytes of the first buffer.
    package mutating func pop(upTo maximum: Int = .max) -> ByteBuffer? {
        guard maximum > 0, let count = self.first?.readableBytes else {
            return nil
        }
        guard count > maximum else {
            self.byteCount &-= count
            let buffer = self.first
            self.shift()
            return buffer
        }
        self.byteCount &-= maximum
        return self.first?.readSlice(length: maximum)
    }

    package mutating func removeAll() {
        self = BufferQueue()
    }

    private mutating func push(_ buffer: ByteBuffer) {
        if self.first == nil {
            self.first = buffer
        } else {
            self.rest.append(buffer)
        }
    }

    private mutating func shift() {
        guard self.restStart < self.rest.count else {
            self.first = nil
            self.isLastOwned = false
            return
        }
        self.first = self.rest[self.restStart]
        self.rest[self.restStart] = ByteBuffer()
        self.restStart &+= 1
        if self.restStart == self.rest.count {
            self.rest.removeAll(keepingCapacity: true)
            self.restStart = 0
        } else if self.restStart > 64, self.restStart &* 2 > self.rest.count {
            self.rest.removeFirst(self.restStart)
            self.restStart = 0
        }
    }
}
