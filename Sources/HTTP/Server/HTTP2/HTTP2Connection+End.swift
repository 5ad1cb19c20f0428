import Logging
import NIOCore
import NIOHTTP2

// MARK: - Timers and the end

extension HTTP2Connection: ServerConnection {
    func tick() {
        let now = self.loop.ticks
        let timeouts = self.loop.timeouts
        func isOver(_ start: UInt32, _ limit: UInt32?) -> Bool {
            limit.map { now &- start >= $0 } ?? false
        }
        if let unsent = try? self.context?.channel.syncOptions?.getOption(.bufferedWritableBytes),
            // What is taken at once never shows in the number.
            unsent != self.unsentBytes || (self.hasWritten && unsent == 0)
        {
            self.lastWriteProgress = now
            self.unsentBytes = unsent
            self.hasWritten = unsent > 0
        }
        if self.unsentBytes > 0, isOver(self.lastWriteProgress, timeouts.write) {
            return self.cut("the client takes nothing of its responses", isTimeout: true)
        }
        if self.isInputClosed, isOver(max(self.closedInputAt, self.lastWriteProgress), timeouts.halfClosed) {
            return self.cut("the client closed its side and takes no response", isTimeout: true)
        }
        if let start = self.drainStart, !self.isRefusing, isOver(start, 3) {
            self.refuseNewStreams()
        }
        if self.streams.isEmpty {
            let limit = self.lastStream == 0 ? timeouts.header : timeouts.idle
            if isOver(self.lastActivity, limit) || (self.loop.gate.isFull && isOver(self.lastActivity, 2)) {
                self.goAway(self.lastStream)
                self.flush()
                self.context?.close(promise: nil)
            }
            return
        }
        for stream in self.streams.values {
            stream.tick(isOver)
        }
    }

    func closeWhenIdle() {
        guard self.drainStart == nil else {
            return
        }
        self.drainStart = self.loop.ticks
        // Requests that are on their way now are still served (RFC 9113 6.8).
        self.goAway(.maxID)
        self.write(HTTP2Frame(streamID: .rootStream, payload: .ping(HTTP2PingData(withInteger: 0), ack: false)))
        self.flush()
    }

    func refuseNewStreams() {
        guard !self.isRefusing else {
            return
        }
        self.isRefusing = true
        self.goAway(self.lastStream)
        self.closeIfDone()
    }

    func goAway(_ last: HTTP2StreamID) {
        self.write(
            HTTP2Frame(
                streamID: .rootStream, payload: .goAway(lastStreamID: last, errorCode: .noError, opaqueData: nil)))
    }

    func closeIfDone() {
        guard self.isRefusing || self.isInputClosed, self.streams.isEmpty, !self.isClosed else {
            return
        }
        self.context?.flush()
        self.context?.close(promise: nil)
    }

    /// Counts a request against the rules; says whether there were too many in the period.
    func countMalformed() -> Bool {
        let limits = self.loop.configuration.http2
        let now = self.loop.eventLoop.now
        if now - self.malformedSince > limits.period {
            self.malformedSince = now
            self.malformedCount = 0
        }
        self.malformedCount += 1
        return self.malformedCount > limits.streamErrors
    }

    /// Resets a stream whose message breaks the rules.
    func refuse(_ id: HTTP2StreamID) {
        self.loop.count(\.malformed)
        guard !self.countMalformed() else {
            return self.giveUp()
        }
        self.write(HTTP2Frame(streamID: id, payload: .rstStream(.protocolError)))
    }

    /// Ends the connection of an attacker.
    func giveUp() {
        self.write(
            HTTP2Frame(
                streamID: .rootStream,
                payload: .goAway(lastStreamID: self.lastStream, errorCode: .enhanceYourCalm, opaqueData: nil)))
        self.context?.flush()
        self.cut("too many malformed requests", isTimeout: false)
    }

    func cut(_ reason: String, isTimeout: Bool) {
        if isTimeout {
            self.loop.count(\.timeouts)
        }
        self.loop.logger.debug("connection cut", metadata: ["reason": "\(reason)"])
        self.context?.close(promise: nil)
    }
}
