import Logging
package import NIOCore

/// One HTTP/1.x connection: parses what arrives, hands one request at a time to the handler, sends its response.
///
/// No call into the handler, and none of its callbacks, is made from inside a call that the handler makes: what comes of
/// such a call (the next request, a closed connection) waits for the next turn of the event loop. A handler may thus
/// run on a fiber of its own.
package final class HTTP1Connection: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    enum Stage {
        case open
        /// The last response is on its way; then the socket is closed.
        case closing(lingers: Bool)
        /// The write side is closed; what the client still sends is thrown away.
        case lingering
        case closed
    }

    let loop: LoopContext
    let handler: any RequestHandler
    let receivePlan: ReceivePlan?
    var context: ChannelHandlerContext?
    /// Place in the list of the loop.
    var index = -1
    var stage = Stage.open
    private var clientAddress: SocketAddress?
    private var localAddress: SocketAddress?

    // Input.
    private var parser: HTTP1RequestParser
    private var input: ByteBuffer
    private var isProcessing = false
    private var isReadRequested = false
    private(set) var isInputClosed = false

    // The request, from its head to the end of its response.
    private(set) var exchange: Exchange?
    /// The handler has not seen the exchange yet: what has arrived of the body comes first.
    private var isUnhandled = false
    private var body: InboundBody?
    /// The body of a request whose response is finished: as long as the handler keeps it.
    private weak var releasedBody: InboundBody?
    private(set) var isBodyComplete = true
    private(set) var bodyFailure: BodyError?
    private var isDraining = false
    private var declaredBodyBytes: Int?
    private var receivedBodyBytes = 0
    private var drainedBytes = 0
    var isContinuePending = false

    // The response.
    var framing = ResponseFraming.none
    var closesAfterResponse = false
    var isSending = false

    // Timers, in ticks of the loop.
    private var headStart: UInt32?
    private var hasServed = false
    var lastActivity: UInt32 = 0
    var lastWriteProgress: UInt32 = 0
    var unsentBytes = 0
    var stageStart: UInt32 = 0

    package convenience init(loop: LoopContext, handler: any RequestHandler) {
        self.init(loop: loop, handler: handler, receivePlan: nil)
    }

    init(loop: LoopContext, handler: any RequestHandler, receivePlan: ReceivePlan?) {
        self.loop = loop
        self.handler = handler
        self.receivePlan = receivePlan
        self.parser = HTTP1RequestParser(limits: loop.configuration.limits)
        self.input = loop.emptyBuffer
    }

}

// MARK: - Channel events

extension HTTP1Connection {
    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive {
            self.activate(context)
        }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.teardown()
        self.context = nil
    }

    package func channelActive(context: ChannelHandlerContext) {
        self.activate(context)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        self.teardown()
    }

    private func activate(_ context: ChannelHandlerContext) {
        guard self.index < 0 else {
            return
        }
        self.clientAddress = context.channel.remoteAddress
        self.localAddress = context.channel.localAddress
        self.lastActivity = self.loop.ticks
        self.loop.add(self)
        self.readMore()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.lastActivity = self.loop.ticks
        guard case .open = self.stage else {
            return
        }
        var bytes = self.unwrapInboundIn(data)
        if self.input.readableBytes == 0 {
            self.input = bytes
        } else {
            self.input.writeBuffer(&bytes)
        }
        self.process()
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        self.isReadRequested = false
        self.readMore()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable, let response = self.exchange?.response else {
            return
        }
        self.lastWriteProgress = self.loop.ticks
        if self.isSending {
            self.loop.eventLoop.assumeIsolated().execute { response.notify() }
        } else {
            response.notify()
        }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            self.isInputClosed = true
            self.stageStart = self.loop.ticks
            if case .lingering = self.stage {
                context.close(promise: nil)
            } else {
                self.process()
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.loop.logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    /// The socket is closed: tells the handler on the next turn, since a call of its own may have led here.
    private func teardown() {
        if case .closed = self.stage {
            return
        }
        self.stage = .closed
        self.loop.remove(self)
        self.input = self.loop.emptyBuffer
        let body = self.body ?? self.releasedBody
        let exchange = self.exchange
        self.body = nil
        self.exchange = nil
        body?.failSilently(.clientDisconnected)
        exchange?.response.close()
        guard !self.isUnhandled, exchange != nil || body != nil else {
            return
        }
        if exchange != nil {
            self.loop.count(\.disconnects)
        }
        self.loop.eventLoop.assumeIsolated().execute {
            exchange?.fireClose()
            body?.notify()
            exchange?.response.notify()
        }
    }
}

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

    private var wantsInput: Bool {
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
                return self.exchange == nil || self.drainedBytes <= self.loop.configuration.drainLimit
            }
            return self.bodyFailure == nil && (self.body ?? self.releasedBody)?.isFull != true
        }
        // Also while a request is answered, up to a bound: the end of the input is seen, and epoll needs no change.
        return self.exchange == nil || self.input.readableBytes < self.loop.configuration.readAhead
    }

    private func planRead() {
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
    private func resume() {
        guard !self.isProcessing else {
            return
        }
        if self.input.readableBytes > 0 || self.isInputClosed {
            self.loop.eventLoop.assumeIsolated().execute {
                self.process()
                self.readMore()
            }
        } else {
            self.readMore()
        }
    }

    /// Parses what is here, as far as the handler keeps up.
    private func process() {
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
    private func step() -> Bool {
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

    private func begin(_ head: RequestHead) {
        self.headStart = nil
        self.hasServed = true
        self.loop.countRequest()
        let configuration = self.loop.configuration
        let eventLoop = self.loop.eventLoop
        let length: Int? =
            switch head.framing {
            case .none: 0
            case .length(let length): length
            case .chunked: nil
            }
        let body = InboundBody(
            eventLoop: eventLoop, declaredLength: length, highWaterMark: configuration.requestHighWaterMark)
        let response = ResponseWriter(
            sink: self, eventLoop: eventLoop, isHeadRequest: head.method == "HEAD",
            highWaterMark: configuration.responseHighWaterMark)
        self.exchange = Exchange(
            head: head, body: body, response: response, eventLoop: eventLoop, clientAddress: self.clientAddress,
            localAddress: self.localAddress)
        self.isContinuePending = head.expectsContinue
        self.closesAfterResponse = !head.isKeepAlive
        self.framing = .none
        self.isUnhandled = true
        if head.framing == .none {
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

    private func handOver() {
        self.isUnhandled = false
        if let exchange = self.exchange {
            self.handler.handle(exchange)
        }
    }

    private func stepBody() -> Bool {
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

    private var bodyLimit: Int { self.loop.configuration.limits.bodyBytes ?? .max }

    private func handOverIfUnhandled() -> Bool {
        guard self.isUnhandled else {
            return false
        }
        self.handOver()
        return true
    }

    private func dropExchange() {
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

// MARK: - What the handler does with the body

extension HTTP1Connection: InboundBodySource {
    package func bodyIsWanted() {
        guard self.isContinuePending, case .open = self.stage, let context = self.context else {
            return
        }
        self.isContinuePending = false
        var buffer = ByteBufferAllocator().buffer(capacity: 32)
        buffer.writeStaticString(HTTP1ResponseEncoder.continueLine)
        self.isSending = true
        context.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
        self.isSending = false
    }

    package func bodyHasRoom() {
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
    private func continueDraining() -> Bool {
        guard case .open = self.stage else {
            return false
        }
        let remaining = self.declaredBodyBytes.map { $0 &- self.receivedBodyBytes } ?? 0
        guard max(remaining, self.drainedBytes) > self.loop.configuration.drainLimit else {
            return true
        }
        self.closesAfterResponse = true
        if self.exchange == nil {
            self.closeAfterFlush(lingers: true)
        }
        return false
    }
}

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
    private func reject(_ error: HTTP1ParseError) {
        self.loop.count(\.malformed)
        self.loop.logger.debug(
            "malformed request",
            metadata: ["status": "\(error.status)", "reason": "\(error.reason)", "client": "\(self.client)"])
        self.sendError(status: error.status, reason: error.reason)
        self.closeAfterFlush(lingers: true)
    }

    var client: String { self.clientAddress.map { "\($0)" } ?? "unknown" }

    /// For a graceful shutdown.
    func closeWhenIdle() {
        self.closesAfterResponse = true
        if self.exchange == nil, self.headStart == nil {
            self.closeAfterFlush(lingers: !self.isBodyComplete)
        }
    }
}

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
            if lingers, self.unsentBytes == 0, isOver(self.stageStart, timeouts.linger) {
                self.cut("still sending after the response")
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
        if !self.isBodyComplete, self.bodyFailure == nil, self.wantsInput || self.exchange == nil,
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
                self.sendError(status: 408, reason: "the request head took too long")
                self.closeAfterFlush(lingers: true)
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
        if unsent != self.unsentBytes {
            self.lastWriteProgress = self.loop.ticks
            self.unsentBytes = unsent
        }
    }
}
