import Logging
package import NIOCore

/// One HTTP/1.x connection: parses what arrives, hands one request at a time to the handler, sends its response.
///
/// No call into the handler, and none of its callbacks, is made from inside a call that the handler makes: what comes
/// of such a call (the next request, a closed connection) waits for the next turn of the event loop. A handler may thus
/// run on a fiber of its own.
package final class HTTP1Connection: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
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
    var peer: PeerAddress?
    var localAddress: SocketAddress?

    // Input.
    // Never in use while anything else is called: the checks at run time would cost as much as the parse.
    @exclusivity(unchecked) var parser: HTTP1RequestParser
    @exclusivity(unchecked) var input: ByteBuffer
    var isProcessing = false
    var isReadRequested = false
    var isInputClosed = false

    // The request, from its head to the end of its response.
    var exchange: Exchange?
    /// The handler has not seen the exchange yet: what has arrived of the body comes first.
    var isUnhandled = false
    var body: InboundBody?
    /// The body of a request whose response is finished: as long as the handler keeps it.
    weak var releasedBody: InboundBody?
    var isBodyComplete = true
    var bodyFailure: BodyError?
    var isDraining = false
    var declaredBodyBytes: Int?
    var receivedBodyBytes = 0
    var drainedBytes = 0
    var isContinuePending = false

    // The response.
    var framing = ResponseFraming.none
    var closesAfterResponse = false
    var isSending = false

    // Timers, in ticks of the loop.
    var headStart: UInt32?
    var hasServed = false
    /// The first bytes could still be those of HTTP/2.
    var mayBeHTTP2 = true
    var lastActivity: UInt32 = 0
    var lastWriteProgress: UInt32 = 0
    var unsentBytes = 0
    /// Response bytes were written since the last tick at which the socket had taken all.
    var hasWritten = false
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

    /// Bytes of memory that received input takes up, read or not.
    package var inputCapacity: Int { self.input.storageCapacity }
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
        self.peer = context.channel.remoteAddress.map { PeerAddress($0) }
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
        self.input.append(received: self.unwrapInboundIn(data))
        guard !self.mayBeHTTP2 || self.isKnownAsHTTP1() else {
            return
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
        self.loop.disconnected(exchange, body, isHandled: !self.isUnhandled)
    }
}
