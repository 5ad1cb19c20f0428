import NIOCore

// MARK: - Timers

extension HTTP1Connection {
    /// Called about once a second.
    package func tick() {
        let now = self.loop.ticks
        let timeouts = self.loop.timeouts
        func isOver(_ start: UInt32, _ limit: UInt32?) -> Bool {
            limit.map { now &- start >= $0 } ?? false
        }
        self.noteWriteProgress()
        if self.unsentBytes > 0, isOver(self.lastWriteProgress, timeouts.write) {
            return self.cut("the client takes nothing of the response", isTimeout: true)
        }
        switch self.stage {
        case .closed: return
        case .closing(let lingers):
            // Nothing is left to send and yet it has not left: a TLS handshake that goes nowhere.
            if self.unsentBytes == 0, isOver(self.stageStart, timeouts.linger) {
                self.cut(lingers ? "still sending after the response" : "the output was not taken")
            }
            return
        case .lingering:
            if isOver(self.stageStart, timeouts.linger) {
                self.cut("still sending after the response")
            }
            return
        case .open: break
        }
        guard self.exchange != nil || !self.isBodyComplete else {
            return self.tickBetweenRequests(isOver)
        }
        if self.isInputClosed, isOver(max(self.stageStart, self.lastWriteProgress), timeouts.halfClosed) {
            return self.cut("the client closed its side and takes no response", isTimeout: true)
        }
        // A body that waits for its reader is the client's fault no more: that is the business of the handler's limits.
        // So is one that is not sent because nobody has asked for it yet.
        if !self.isBodyComplete, !self.isContinuePending, self.bodyFailure == nil,
            self.wantsInput || self.exchange == nil,
            isOver(max(self.lastActivity, self.lastWriteProgress), timeouts.body)
        {
            self.loop.count(\.timeouts)
            self.failBody(.timeout)
        }
    }

    private func tickBetweenRequests(_ isOver: (UInt32, UInt32?) -> Bool) {
        let timeouts = self.loop.timeouts
        if let start = self.headStart {
            if isOver(start, timeouts.header) {
                self.loop.count(\.timeouts)
                self.refuse(status: 408, reason: "the request head took too long")
            }
        } else if isOver(self.lastActivity, self.hasServed ? timeouts.idle : timeouts.header)
            || (self.loop.gate.isFull && isOver(self.lastActivity, 2))
        {
            self.closeAfterFlush(lingers: false)
        }
    }

    private func noteWriteProgress() {
        guard let options = self.context?.channel.syncOptions,
            let unsent = try? options.getOption(.bufferedWritableBytes)
        else {
            return
        }
        // What is taken at once never shows in the number.
        if unsent != self.unsentBytes || (self.hasWritten && unsent == 0) {
            self.lastWriteProgress = self.loop.ticks
            self.unsentBytes = unsent
            self.hasWritten = unsent > 0
        }
    }
}
