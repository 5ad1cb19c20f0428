import NIOCore

// MARK: - What the handler does with the body

extension HTTP1Connection: InboundBodySource {
    package func bodyIsWanted() {
        guard self.isContinuePending, case .open = self.stage, let context = self.context else {
            return
        }
        self.isContinuePending = false
        self.lastActivity = self.loop.ticks
        var buffer = ByteBufferAllocator().buffer(capacity: 32)
        buffer.writeStaticString(HTTP1ResponseEncoder.continueLine)
        self.isSending = true
        context.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
        self.isSending = false
    }

    package func bodyHasRoom() {
        // The client could not go on before.
        self.lastActivity = self.loop.ticks
        self.resume()
    }

    package func bodyWasDiscarded() {
        guard !self.isBodyComplete, self.bodyFailure == nil, !self.isDraining else {
            return
        }
        self.isDraining = true
        self.body = nil
        if self.continueDraining() {
            self.resume()
        }
    }

    /// Reads an unwanted body to its end where that is cheaper than a new connection; false when it is not.
    func continueDraining() -> Bool {
        guard case .open = self.stage else {
            return false
        }
        let remaining = self.declaredBodyBytes.map { $0 &- self.receivedBodyBytes } ?? 0
        guard max(remaining, self.drainedBytes) > self.loop.drainLimit else {
            return true
        }
        self.closesAfterResponse = true
        if self.exchange == nil {
            self.closeAfterFlush(lingers: true)
        }
        return false
    }
}
