import NIOCore

// MARK: - Reading

extension HTTP1Connection {
    /// Asks the socket for more unless enough waits here already.
    func readMore() {
        guard !self.isReadRequested, self.wantsInput, let context = self.context else {
            return
        }
        self.isReadRequested = true
        self.planRead()
        context.read()
    }

    var wantsInput: Bool {
        guard !self.isInputClosed else {
            return false
        }
        switch self.stage {
        case .open: break
        case .closing(let lingers): return lingers
        case .lingering: return true
        case .closed: return false
        }
        guard self.isBodyComplete else {
            if self.isDraining {
                return self.exchange == nil || self.drainedBytes <= self.loop.drainLimit
            }
            return self.bodyFailure == nil && (self.body ?? self.releasedBody)?.isFull != true
        }
        // Also while a request is answered, up to a bound: the end of the input is seen, and epoll needs no change.
        return self.exchange == nil || self.input.readableBytes < self.loop.readAhead
    }

    func planRead() {
        guard let plan = self.receivePlan else {
            return
        }
        if self.isBodyComplete {
            plan.expect(self.input.readableBytes == 0 ? ReceivePlan.smallest : ReceivePlan.largest / 4)
        } else if let length = self.declaredBodyBytes {
            plan.expect(length &- self.receivedBodyBytes)
        } else {
            plan.expect(plan.wasFilled ? ReceivePlan.largest : ReceivePlan.largest / 4)
        }
    }

    /// Goes on after a call of the handler, not inside it.
    func resume() {
        guard !self.isProcessing else {
            return
        }
        // The last bytes of a body of known length may have been taken just when it became full: its end is still to be
        // taken from the parser, and no further byte will come to cause that.
        let isEndDue = !self.isBodyComplete && self.receivedBodyBytes == self.declaredBodyBytes
        if self.input.readableBytes > 0 || self.isInputClosed || isEndDue {
            self.loop.eventLoop.assumeIsolated().execute {
                self.process()
                self.readMore()
            }
        } else {
            self.readMore()
        }
    }

    /// Parses what is here, as far as the handler keeps up.
    func process() {
        guard !self.isProcessing else {
            return
        }
        self.isProcessing = true
        while self.step() {}
        self.isProcessing = false
        if self.input.readableBytes == 0 {
            // Lets the socket use the memory again.
            self.input = self.loop.emptyBuffer
        }
    }

    /// Handles one event of the parser; false when there is nothing more to do now.
    func step() -> Bool {
        guard case .open = self.stage else {
            self.input = self.loop.emptyBuffer
            return false
        }
        guard self.isBodyComplete else {
            return self.stepBody()
        }
        guard self.exchange == nil else {
            return false
        }
        switch self.parser.next(&self.input) {
        case .head(let head):
            self.begin(head)
            return true
        case .failure(let error):
            self.reject(error)
            return false
        case .needMore, .body, .end:
            if self.isInputClosed {
                self.closeAfterFlush(lingers: false)
            } else if self.headStart == nil, !self.parser.isIdle {
                self.headStart = self.loop.ticks
            }
            return false
        }
    }

    func begin(_ head: consuming RequestHead) {
        self.headStart = nil
        self.hasServed = true
        self.loop.countRequest()
        let eventLoop = self.loop.eventLoop
        let length = head.framing.declaredLength
        let body = InboundBody(
            eventLoop: eventLoop, declaredLength: length, highWaterMark: self.loop.requestHighWaterMark)
        let response = ResponseWriter(
            sink: self, eventLoop: eventLoop, isHeadRequest: head.method == "HEAD",
            highWaterMark: self.loop.responseHighWaterMark)
        let framing = head.framing
        self.isContinuePending = head.expectsContinue
        self.closesAfterResponse = !head.isKeepAlive
        self.exchange = Exchange(
            head: head, body: body, response: response, eventLoop: eventLoop, peer: self.peer,
            localAddress: self.localAddress, isSecure: self.loop.isSecure)
        self.framing = .none
        self.isUnhandled = true
        if framing == .none {
            // Takes the end of the request from the parser.
            _ = self.parser.next(&self.input)
            self.handOver()
            return
        }
        body.source = self
        self.body = body
        self.isBodyComplete = false
        self.isDraining = false
        self.declaredBodyBytes = length
        self.receivedBodyBytes = 0
        self.drainedBytes = 0
    }

    func handOver() {
        self.isUnhandled = false
        if let exchange = self.exchange {
            self.handler.handle(exchange)
        }
    }

    func stepBody() -> Bool {
        guard self.bodyFailure == nil else {
            return false
        }
        let body = self.body ?? self.releasedBody
        if !self.isDraining, let body, body.isFull {
            return self.handOverIfUnhandled()
        }
        switch self.parser.next(&self.input) {
        case .body(let bytes):
            self.isContinuePending = false
            self.receivedBodyBytes &+= bytes.readableBytes
            if self.isDraining {
                self.drainedBytes &+= bytes.readableBytes
                return self.continueDraining()
            }
            body?.feed(bytes)
            return true
        case .end(let trailers):
            self.isBodyComplete = true
            self.isContinuePending = false
            self.body = nil
            self.releasedBody = nil
            self.lastActivity = self.loop.ticks
            body?.end(trailers: trailers)
            if !self.handOverIfUnhandled(), self.exchange == nil, self.closesAfterResponse {
                self.closeAfterFlush(lingers: self.input.readableBytes > 0)
            }
            return true
        case .failure(let error):
            if self.isUnhandled {
                self.dropExchange()
                self.reject(error)
            } else {
                self.failBody(error.status == 413 ? .tooLarge(limit: self.bodyLimit) : .malformed(error.reason))
                self.loop.count(\.malformed)
            }
            return false
        case .needMore, .head:
            if self.handOverIfUnhandled() {
                return true
            }
            if self.isInputClosed {
                self.cut("the client closed its side within the request body")
            }
            return false
        }
    }

    var bodyLimit: Int { self.loop.configuration.limits.bodyBytes ?? .max }

    func handOverIfUnhandled() -> Bool {
        guard self.isUnhandled else {
            return false
        }
        self.handOver()
        return true
    }

    func dropExchange() {
        self.isUnhandled = false
        self.exchange?.response.close()
        self.exchange = nil
        self.body?.source = nil
        self.body = nil
    }

    /// The body cannot be completed: the reader is told, and the connection ends with the response.
    func failBody(_ error: BodyError) {
        let body = self.body ?? self.releasedBody
        self.body = nil
        self.bodyFailure = error
        self.closesAfterResponse = true
        if self.exchange == nil {
            self.closeAfterFlush(lingers: true)
        }
        body?.fail(error)
    }
}
