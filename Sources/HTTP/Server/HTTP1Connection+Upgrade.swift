import NIOCore

// MARK: - HTTP/2 on the same port

extension HTTP1Connection {
    /// What an HTTP/2 client sends first (RFC 9113 3.4). No HTTP/1 method begins like this: `PRI` is reserved.
    private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    /// Looks at the first bytes of the connection; false when they are HTTP/2's, or not enough of them to know.
    func isKnownAsHTTP1() -> Bool {
        let preface = Self.preface
        let length = preface.utf8CodeUnitCount
        let matching = self.input.withUnsafeReadableBytes { bytes in
            var count = 0
            while count < min(bytes.count, length), bytes[count] == preface.utf8Start[count] {
                count &+= 1
            }
            return count
        }
        guard matching == min(self.input.readableBytes, length) else {
            self.mayBeHTTP2 = false
            return true
        }
        if matching == length {
            self.mayBeHTTP2 = false
            self.becomeHTTP2()
        } else if self.headStart == nil {
            // So slow a client is timed like one that is slow with an HTTP/1 head.
            self.headStart = self.loop.ticks
        }
        return false
    }

    private func becomeHTTP2() {
        guard let context = self.context else {
            return
        }
        let input = self.input
        self.input = self.loop.emptyBuffer
        self.stage = .closed
        // Only when its successor is there does this one go: a shutdown waits until there is none.
        defer { self.loop.remove(self) }
        let streamWindow = 2 &* self.loop.requestHighWaterMark
        let codec = self.loop.configuration.http2.handler(
            headerBytes: self.loop.configuration.limits.headerBytes, streamWindow: streamWindow)
        let batcher = HTTP2WriteBatcher()
        let connection = HTTP2Connection(
            loop: self.loop, handler: self.handler, receivePlan: self.receivePlan, batcher: batcher,
            streamWindow: streamWindow)
        do {
            // One after the other, from the socket's end: each may write as soon as it is there.
            try context.pipeline.syncOperations.addHandler(batcher, position: .after(self))
            try context.pipeline.syncOperations.addHandler(codec, position: .after(batcher))
            try context.pipeline.syncOperations.addHandler(connection, position: .after(codec))
        } catch {
            return context.close(promise: nil)
        }
        // What comes from now on does not pass here any more; the end of this read does.
        context.fireChannelRead(self.wrapInboundOut(input))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
