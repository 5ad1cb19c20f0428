import NIOCore
import NIOHTTP2

// MARK: - Sending

extension HTTP2Connection {
    func write(_ frame: HTTP2Frame) {
        guard !self.isClosed, let context = self.context else {
            return
        }
        context.write(self.wrapOutboundOut(frame), promise: nil)
        self.scheduleFlush()
    }

    /// One flush for all that is written in this turn of the loop.
    func scheduleFlush() {
        guard !self.isReading, !self.isFlushDue else {
            return
        }
        self.isFlushDue = true
        self.loop.eventLoop.assumeIsolated().execute {
            self.isFlushDue = false
            self.flush()
            self.closeIfDone()
        }
    }

    func flush() {
        guard !self.isClosed, let context = self.context else {
            return
        }
        // Streams that closed gave back what they held.
        self.creditConnection()
        context.flush()
        guard !self.unwanted.isEmpty else {
            return
        }
        // A reset would overtake what was not flushed yet.
        for id in self.unwanted where self.streams[id] != nil {
            let frame = HTTP2Frame(streamID: id, payload: .rstStream(.noError))
            context.write(self.wrapOutboundOut(frame), promise: nil)
        }
        self.unwanted.removeAll()
        context.flush()
    }

    /// The response is complete and nobody reads the request: the client may stop (RFC 9113 8.1).
    func stopRequest(_ id: HTTP2StreamID) {
        guard !self.unwanted.contains(id) else {
            return
        }
        self.unwanted.append(id)
        self.scheduleFlush()
    }

    /// Sends what the stream has as far as it may; what may not leave now waits in line.
    func pump(_ stream: HTTP2Stream) {
        guard self.line.isEmpty else {
            return self.enqueue(stream)
        }
        while stream.wantsToSend {
            guard self.mayLeave(stream), let sent = stream.sendFrame(upTo: min(Self.frameSize, self.sendWindow)) else {
                return self.enqueue(stream)
            }
            self.sendWindow &-= sent
        }
    }

    func enqueue(_ stream: HTTP2Stream) {
        if !stream.isInLine, stream.wantsToSend {
            stream.isInLine = true
            self.line.append(stream)
        }
    }

    /// A frame of each in turn, until the socket or the connection's window is full.
    func serveLine() {
        while let stream = self.line.first, self.mayLeave(stream) {
            self.line.removeFirst()
            stream.isInLine = false
            if let sent = stream.sendFrame(upTo: min(Self.frameSize, max(self.sendWindow, 0))) {
                self.sendWindow &-= sent
                self.enqueue(stream)
            }
        }
    }

    func mayLeave(_ stream: HTTP2Stream) -> Bool {
        guard let context = self.context, context.channel.isWritable else {
            return false
        }
        return self.sendWindow > 0 || stream.needsNoWindow
    }

    /// Lets the client send what handlers have taken.
    func creditConnection() {
        let target = self.loop.configuration.http2.connectionWindow
        let credit = target &- self.inboundWindow &- self.heldBytes
        guard credit &* 2 >= target else {
            return
        }
        if self.inboundWindow <= 0 {
            self.windowOpenedAt = self.loop.ticks
        }
        self.inboundWindow &+= credit
        self.write(HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: credit)))
    }
}
