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

    static let frameSize = 16 * 1024

    let loop: LoopContext
    /// What a client may send of one body before a handler reads it.
    let streamWindow: Int
    let handler: any RequestHandler
    let receivePlan: ReceivePlan?
    let batcher: HTTP2WriteBatcher
    var context: ChannelHandlerContext?
    var index = -1
    private(set) var peer: PeerAddress?
    private(set) var localAddress: SocketAddress?

    var streams: [HTTP2StreamID: HTTP2Stream] = [:]
    var unhandled: [HTTP2Stream] = []
    /// Streams to reset after the next flush.
    var unwanted: [HTTP2StreamID] = []
    var lastStream = HTTP2StreamID(0)

    // Flow control.
    /// Body bytes of all streams that wait for handlers.
    var heldBytes = 0
    var inboundWindow = 65_535
    var sendWindow = 65_535
    var initialSendWindow = 65_535
    /// Streams that wait for the socket or the connection's window, in turn.
    var line: CircularBuffer<HTTP2Stream> = []

    /// Requests against the rules since `malformedSince`.
    var malformedCount = 0
    var malformedSince = NIODeadline.uptimeNanoseconds(0)

    var isReading = false
    var isReadRequested = true
    var isFlushDue = false
    var isClosed = false
    var isInputClosed = false
    /// The shutdown's first GOAWAY is sent; after the answer to our PING no stream of before can still be on its way.
    var drainStart: UInt32?
    var isRefusing = false

    // Timers.
    var lastActivity: UInt32
    var lastWriteProgress: UInt32
    var unsentBytes = 0
    /// Response bytes were written since the last tick at which the socket had taken all.
    var hasWritten = false
    /// When the client could send again after the connection's window had been full.
    var windowOpenedAt: UInt32
    var closedInputAt: UInt32 = 0

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
        self.windowOpenedAt = loop.ticks
    }
}

// MARK: - Channel events

extension HTTP2Connection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.peer = context.channel.remoteAddress.map { PeerAddress($0) }
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

    func receiveHeaders(_ id: HTTP2StreamID, _ payload: HTTP2Frame.FramePayload.Headers) {
        if let stream = self.streams[id] {
            do {
                return stream.receiveEnd(trailers: try HTTP2Head.trailers(payload.headers))
            } catch {
                return self.refuse(id)
            }
        }
        guard id > self.lastStream else {
            return
        }
        self.lastStream = id
        self.lastActivity = self.loop.ticks
        self.loop.countRequest()
        let stream = HTTP2Stream(
            id: id, connection: self, sendWindow: self.initialSendWindow, isRequestEnded: payload.endStream)
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
            guard error.status != 400 || !self.countMalformed() else {
                return self.giveUp()
            }
            stream.answer(status: error.status)
            self.handler.requestRefused(
                RefusedRequest(status: error.status, majorVersion: 2, bodyBytes: 0, peer: self.peer))
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
        // Each stream tells of its beginning, which the frame after it tells, too. Comparing types is cheaper than a cast.
        guard type(of: event) != NIOHTTP2StreamCreatedEvent.self else {
            return
        }
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

    func teardown() {
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

    func readMore() {
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
