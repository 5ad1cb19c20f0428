import Logging
import NIOCore

// MARK: - After the response

extension HTTP1Connection {
    /// Releases the exchange: from here on the handler is not told of the connection's end.
    func endExchange() {
        self.exchange = nil
    }

    /// The last byte of a response was given to the socket: goes on with the next request, or closes.
    func responseEnded() {
        self.lastActivity = self.loop.ticks
        guard !self.closesAfterResponse else {
            self.closeAfterFlush(lingers: !self.isBodyComplete || self.input.readableBytes > 0)
            return
        }
        if let body = self.body {
            // The handler may still read; when nobody keeps the body, its end discards it.
            self.releasedBody = body
            self.body = nil
        }
        self.resume()
    }

    /// Answers a request that breaks HTTP.
    func reject(_ error: HTTP1ParseError) {
        self.loop.count(\.malformed)
        self.loop.logger.debug(
            "malformed request",
            metadata: ["status": "\(error.status)", "reason": "\(error.reason)", "client": "\(self.client)"])
        self.refuse(status: error.status, reason: error.reason)
    }

    /// Answers what is no whole request, tells the handler, and closes.
    func refuse(status: Int, reason: String) {
        let bytes = self.sendError(status: status, reason: reason)
        self.closeAfterFlush(lingers: true)
        self.handler.requestRefused(
            RefusedRequest(status: status, majorVersion: 1, bodyBytes: bytes, peer: self.peer))
    }

    var client: String { self.peer.map { "\($0.address)" } ?? "unknown" }

    /// For a graceful shutdown.
    func closeWhenIdle() {
        self.closesAfterResponse = true
        if self.exchange == nil, self.headStart == nil {
            self.closeAfterFlush(lingers: !self.isBodyComplete)
        }
    }
}

// MARK: - Closing

extension HTTP1Connection {
    /// Closes the socket when what was written has left.
    ///
    /// - Parameter lingers: the client may still be sending: the write side is closed first, since closing a socket
    ///   with unread input resets it, and the client could lose the response.
    func closeAfterFlush(lingers: Bool) {
        guard let context = self.context, case .open = self.stage else {
            return
        }
        self.stage = .closing(lingers: lingers)
        self.stageStart = self.loop.ticks
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.outputFlushed() }
        self.isSending = true
        context.writeAndFlush(self.wrapOutboundOut(self.loop.emptyBuffer), promise: promise)
        self.isSending = false
        self.readMore()
    }

    private func outputFlushed() {
        guard let context = self.context, case .closing(let lingers) = self.stage else {
            return
        }
        self.stageStart = self.loop.ticks
        if lingers, !self.isInputClosed {
            self.stage = .lingering
            context.close(mode: .output, promise: nil)
            self.readMore()
        } else {
            context.close(promise: nil)
        }
    }

    func cut(_ reason: String) {
        self.cut(reason, isTimeout: false)
    }

    /// Closes the socket now, whatever it still has to send.
    func cut(_ reason: String, isTimeout: Bool) {
        if isTimeout {
            self.loop.count(\.timeouts)
        }
        self.loop.logger.debug("connection cut", metadata: ["reason": "\(reason)", "client": "\(self.client)"])
        self.context?.close(promise: nil)
    }
}
