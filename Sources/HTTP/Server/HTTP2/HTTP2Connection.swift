import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 connection behind `NIOHTTP2Handler`, which keeps the protocol's rules; the streams are ours.
///
/// NIO's stream channels cost more than the requests. As in ``HTTP1Connection`` no handler and no callback is called
/// from inside a call that a handler makes: requests are handed over at the end of a read.
final class HTTP2Connection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private static let frameSize = 16 * 1024

    let loop: LoopContext
    /// What a client may send of one body before a handler reads it.
    let streamWindow: Int
    private let handler: any RequestHandler
    private let receivePlan: ReceivePlan?
    private let batcher: HTTP2WriteBatcher
    private var context: ChannelHandlerContext?
    var index = -1
    private(set) var clientAddress: SocketAddress?
    private(set) var localAddress: SocketAddress?

    private var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    private var unhandled: [HTTP2Stream] = []
    /// Streams to reset after the next flush.
    private var unwanted: [HTTP2StreamID] = []
    private var lastStream = HTTP2StreamID(0)

    // Flow control.
    /// Body bytes of all streams that wait for handlers.
    var heldBytes = 0
    private var inboundWindow = 65_535
    private var sendWindow = 65_535
    private var initialSendWindow = 65_535
    /// Streams that wait for the socket or the connection's window, in turn.
    private var line: CircularBuffer<HTTP2Stream> = []

    private var isReading = false
    private var isReadRequested = true
    private var isFlushDue = false
    private var isClosed = false
    private var isInputClosed = false
    /// The shutdown's first GOAWAY is sent; after the answer to our PING no stream of before can still be on its way.
    private var drainStart: UInt32?
    private var isRefusing = false

    // Timers.
    private var lastActivity: UInt32
    private var lastWriteProgress: UInt32
    private var unsentBytes = 0
    private var closedInputAt: UInt32 = 0

    init(
        loop: LoopContext, handler: any RequestHandler, receivePlan: ReceivePlan?, batcher: HTTP2WriteBatcher,
        streamWindow: Int
    ) {
        self.loop = loop
        self.handler = handler
        self.receivePlan = receivePlan
        self.batcher = batcher
        self.streamWindow = streamWindow
        self.lastActivity = loop.ticks
        self.lastWriteProgress = loop.ticks
    }
}

// MARK: - Channel events

extension HTTP2Connection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.clientAddress = context.channel.remoteAddress
        self.localAddress = context.channel.localAddress
        self.loop.add(self, isNew: false)
        self.receivePlan?.expect(ReceivePlan.largest / 4)
        self.creditConnection()
        if self.loop.isDraining {
            self.closeWhenIdle()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.teardown()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.teardown()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.isReading = true
        let frame = self.unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let payload): self.receiveHeaders(frame.streamID, payload)
        case .data(let payload):
            guard let stream = self.streams[frame.streamID] else {
                return
            }
            if case .byteBuffer(let bytes) = payload.data, bytes.readableBytes > 0 {
                stream.receive(bytes)
            }
            if payload.endStream {
                stream.receiveEnd(trailers: nil)
            }
        case .windowUpdate(let increment):
            if frame.streamID == .rootStream {
                self.sendWindow &+= increment
            } else if let stream = self.streams[frame.streamID] {
                stream.sendWindow &+= increment
                self.enqueue(stream)
            }
        case .settings(.settings(let settings)):
            for setting in settings where setting.parameter == .initialWindowSize {
                let delta = setting.value &- self.initialSendWindow
                self.initialSendWindow = setting.value
                for stream in self.streams.values {
                    stream.sendWindow &+= delta
                    self.enqueue(stream)
                }
            }
        case .ping(_, let isAnswer):
            if isAnswer, self.drainStart != nil {
                self.refuseNewStreams()
            }
        default: break
        }
    }

    private func receiveHeaders(_ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload.Headers) {
        if let stream = self.streams[id] {
            guard payload.endStream, let trailers = try? HTTP2Head.trailers(payload.headers) else {
                return stream.receiveEnd(trailers: nil)
            }
            return stream.receiveEnd(trailers: trailers)
        }
        guard id > self.lastStream else {
            return
        }
        self.lastStream = id
        self.lastActivity = self.loop.ticks
        self.loop.countRequest()
        let stream = HTTP2Stream(id: id, connection: self, sendWindow: self.initialSendWindow)
        self.streams[id] = stream
        do {
            let head = try HTTP2Head.request(
                payload.headers, isBodiless: payload.endStream, limits: self.loop.configuration.limits)
            stream.begin(head)
            self.unhandled.append(stream)
        } catch {
            self.loop.count(\.malformed)
            self.loop.logger.debug(
                "malformed request", metadata: ["status": "\(error.status)", "reason": "\(error.reason)"])
            stream.answer(status: error.status)
            if !payload.endStream {
                self.stopRequest(id)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReadRequested = false
        self.isReading = true
        while !self.unhandled.isEmpty {
            var streams: [HTTP2Stream] = []
            swap(&streams, &self.unhandled)
            for stream in streams {
                guard let exchange = stream.exchange else {
                    continue
                }
                stream.isUnhandled = false
                self.handler.handle(exchange)
            }
        }
        self.serveLine()
        self.isReading = false
        self.flush()
        self.closeIfDone()
        self.readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else {
            return
        }
        self.lastWriteProgress = self.loop.ticks
        // A write of a handler may have led here.
        self.loop.eventLoop.assumeIsolated().execute {
            self.serveLine()
            self.flush()
            self.readMore()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as NIOHTTP2WindowUpdatedEvent:
            guard let window = event.inboundWindowSize else {
                return
            }
            if event.streamID == .rootStream {
                self.inboundWindow = window
                self.creditConnection()
            } else {
                self.streams[event.streamID]?.windowChanged(to: window)
            }
        case let event as StreamClosedEvent:
            let stream = self.streams.removeValue(forKey: event.streamID)
            stream?.close()
            if self.streams.isEmpty {
                self.lastActivity = self.loop.ticks
            }
            if stream != nil {
                self.scheduleFlush()
            }
        case ChannelEvent.inputClosed:
            self.isInputClosed = true
            self.closedInputAt = self.loop.ticks
            self.closeIfDone()
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.loop.logger.debug("HTTP/2 error", metadata: ["error": "\(error)"])
        self.loop.count(\.malformed)
        guard self.batcher.hasGivenUp || !(error is any NIOHTTP2Error) else {
            return self.scheduleFlush()
        }
        context.flush()
        context.close(promise: nil)
    }

    private func teardown() {
        guard !self.isClosed else {
            return
        }
        self.isClosed = true
        self.loop.remove(self)
        let streams = self.streams.values
        self.streams = [:]
        self.unhandled = []
        self.line.removeAll()
        for stream in streams {
            stream.close()
        }
    }

    private func readMore() {
        // A client that takes nothing is not listened to, either: what it asks for would pile up.
        guard !self.isReadRequested, !self.isClosed, !self.isInputClosed, let context = self.context,
            context.channel.isWritable
        else {
            return
        }
        if let plan = self.receivePlan {
            plan.expect(plan.wasFilled ? ReceivePlan.largest : ReceivePlan.largest / 4)
        }
        self.isReadRequested = true
        context.read()
    }
}

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
    private func scheduleFlush() {
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

    private func flush() {
        guard !self.isClosed, let context = self.context else {
            return
        }
        context.flush()
        guard !self.unwanted.isEmpty else {
            return
        }
        // A reset would overtake what was not flushed yet.
        for id in self.unwanted {
            let frame = HTTP2Frame(streamID: id, payload: .rstStream(.noError))
            context.write(self.wrapOutboundOut(frame), promise: nil)
        }
        self.unwanted.removeAll()
        context.flush()
    }

    /// The response is complete and nobody reads the request: the client may stop (RFC 9113 8.1).
    func stopRequest(_ id: HTTP2StreamID) {
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

    private func enqueue(_ stream: HTTP2Stream) {
        if !stream.isInLine, stream.wantsToSend {
            stream.isInLine = true
            self.line.append(stream)
        }
    }

    /// A frame of each in turn, until the socket or the connection's window is full.
    private func serveLine() {
        while let stream = self.line.first, self.mayLeave(stream) {
            self.line.removeFirst()
            stream.isInLine = false
            if let sent = stream.sendFrame(upTo: min(Self.frameSize, max(self.sendWindow, 0))) {
                self.sendWindow &-= sent
                self.enqueue(stream)
            }
        }
    }

    private func mayLeave(_ stream: HTTP2Stream) -> Bool {
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
        self.inboundWindow &+= credit
        self.write(HTTP2Frame(streamID: .rootStream, payload: .windowUpdate(windowSizeIncrement: credit)))
    }
}

// MARK: - Timers and the end

extension HTTP2Connection: ServerConnection {
    func tick() {
        let now = self.loop.ticks
        let timeouts = self.loop.timeouts
        func isOver(_ start: UInt32, _ limit: UInt32?) -> Bool {
            limit.map { now &- start >= $0 } ?? false
        }
        if let unsent = try? self.context?.channel.syncOptions?.getOption(.bufferedWritableBytes),
            unsent != self.unsentBytes
        {
            self.lastWriteProgress = now
            self.unsentBytes = unsent
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

    private func refuseNewStreams() {
        guard !self.isRefusing else {
            return
        }
        self.isRefusing = true
        self.goAway(self.lastStream)
        self.closeIfDone()
    }

    private func goAway(_ last: HTTP2StreamID) {
        self.write(
            HTTP2Frame(
                streamID: .rootStream, payload: .goAway(lastStreamID: last, errorCode: .noError, opaqueData: nil)))
    }

    private func closeIfDone() {
        guard self.isRefusing || self.isInputClosed, self.streams.isEmpty, !self.isClosed else {
            return
        }
        self.context?.flush()
        self.context?.close(promise: nil)
    }

    func cut(_ reason: String, isTimeout: Bool) {
        if isTimeout {
            self.loop.count(\.timeouts)
        }
        self.loop.logger.debug("connection cut", metadata: ["reason": "\(reason)"])
        self.context?.close(promise: nil)
    }
}
