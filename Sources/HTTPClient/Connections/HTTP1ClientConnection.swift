import HTTP
import NIOCore
import NIOSSL

/// Told what becomes of a connection.
protocol ClientConnectionOwner: AnyObject {
    /// The connection can take another request.
    func connectionIsFree(_ connection: HTTP1ClientConnection)
    /// The connection takes no more requests.
    func connectionIsClosing(_ connection: HTTP1ClientConnection)
    func connectionWasClosed(_ connection: HTTP1ClientConnection)
}

/// One HTTP/1.1 connection to a server: one exchange at a time.
final class HTTP1ClientConnection: ChannelInboundHandler, ExchangeTransport {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bodies up to this size are copied behind the head, so that a small request is one write.
    private static let copyLimit = 4 * 1024
    /// An unwanted rest of a response is read for the connection's sake, up to this size and time.
    private static let drainLimit = 64 * 1024
    private static let drainPatience = TimeAmount.seconds(1)

    let eventLoop: any EventLoop
    weak var owner: (any ClientConnectionOwner)?
    private let timer: DeadlineTimer
    private var context: ChannelHandlerContext?
    private var parser: HTTP1ResponseParser
    private var input = ByteBuffer()
    private var exchange: ClientExchange?
    private var isChunked = false
    private var isKeepAlive = true
    private var isResponseComplete = false
    private var drainedBytes: Int?
    private var isReadRequested = false
    private var isProcessing = false
    /// On its way out: TLS says good-bye before the socket is closed.
    private var isClosing = false
    private var isClosed = false
    private var wasCutOff = false
    /// Why the connection broke, where that is known.
    private var failure: ClientError?
    private(set) var requestCount = 0

    init(eventLoop: any EventLoop, limits: ResponseLimits) {
        self.eventLoop = eventLoop
        self.timer = DeadlineTimer(eventLoop)
        self.parser = HTTP1ResponseParser(limits: limits)
    }

    var isUsable: Bool {
        !self.isClosing && !self.isClosed && self.exchange == nil && self.context?.channel.isActive == true
    }

    /// Sends the request of `exchange` and receives its response.
    func begin(_ exchange: ClientExchange) {
        self.exchange = exchange
        self.isChunked = false
        self.isKeepAlive = true
        self.isResponseComplete = false
        self.drainedBytes = nil
        self.requestCount &+= 1
        self.parser.begin(isHeadRequest: exchange.request.method == "HEAD")
        exchange.attach(self, timer: self.timer, isReused: self.requestCount > 1)
        self.readMore()
    }

    /// Waits for the next exchange, at most so long.
    func idle(for amount: TimeAmount) {
        self.timer.set(in: amount) { [weak self] in self?.close() }
        // The server may close it: only a pending read tells.
        self.readMore()
    }

    func close() {
        guard !self.isClosing, !self.isClosed else { return }
        self.isClosing = true
        self.owner?.connectionIsClosing(self)
        self.context?.close(promise: nil)
    }

    // MARK: Sending

    var isWritable: Bool { self.context?.channel.isWritable ?? false }

    func send(_ part: RequestPart, body: inout BufferQueue) {
        guard let context = self.context, !self.isClosed else { return }
        var output = context.channel.allocator.buffer(capacity: 512)
        if let request = part.head {
            let framing = Self.framing(of: part, request)
            self.isChunked = framing == .chunked
            HTTP1RequestEncoder.encode(request, framing: framing, into: &output)
        }
        if self.isChunked, body.byteCount > 0 {
            HTTP1RequestEncoder.encodeChunkHead(body.byteCount, into: &output)
        }
        let hasBody = body.byteCount > 0
        let isCopied = body.byteCount <= Self.copyLimit
        while var piece = body.pop() {
            if isCopied {
                output.writeBuffer(&piece)
            } else {
                if output.readableBytes > 0 { context.write(self.wrapOutboundOut(output), promise: nil) }
                output.clear()
                context.write(self.wrapOutboundOut(piece), promise: nil)
            }
        }
        if self.isChunked {
            if hasBody { output.writeStaticString("\r\n") }
            if part.isEnd { HTTP1RequestEncoder.encodeEnd(trailers: part.trailers, into: &output) }
        }
        if output.readableBytes > 0 { context.write(self.wrapOutboundOut(output), promise: nil) }
        context.flush()
        if part.isEnd { self.finishIfComplete() }
    }

    private static func framing(of part: RequestPart, _ request: ClientRequest) -> RequestFraming {
        guard request.body != .none, let length = part.contentLength else {
            return request.body != .none ? .chunked : request.declaresEmptyBody ? .length(0) : .none
        }
        return length > 0 || request.declaresEmptyBody || request.body == .stream(length: 0) ? .length(length) : .none
    }

    // MARK: Receiving

    func readMore() {
        guard !self.isReadRequested, !self.isClosed, !self.isProcessing, let context = self.context else { return }
        // Idle, or draining, or the reader has room.
        guard self.exchange?.wantsMore ?? true || self.isResponseComplete else { return }
        self.isReadRequested = true
        context.read()
    }

    private func process() {
        self.isProcessing = true
        defer {
            self.isProcessing = false
        }
        while !self.isClosed, self.isWanted {
            switch self.parser.next(&self.input) {
            case .needMore:
                if self.input.readableBytes == 0 { self.input = ByteBuffer() }
                return
            case .informational(let status):
                if status == 100 { self.exchange?.continueIsWanted() }
            case .head(let head):
                self.isKeepAlive = head.isKeepAlive
                let length: Int? =
                    switch head.framing {
                    case .none: 0
                    case .length(let length): length
                    case .chunked, .untilClose: nil
                    }
                self.exchange?.receiveHead(status: head.status, fields: head.fields, declaredLength: length)
            case .body(let bytes):
                if let drained = self.drainedBytes {
                    self.drainedBytes = drained &+ bytes.readableBytes
                    if drained &+ bytes.readableBytes > Self.drainLimit { return self.close() }
                } else {
                    self.exchange?.receiveBody(bytes)
                }
            case .end(let trailers):
                self.isResponseComplete = true
                self.exchange?.receiveEnd(trailers: trailers)
                self.finishIfComplete()
            case .failure(let error):
                return self.abandon(error)
            }
        }
    }

    /// Whether anybody cares for what the server sends.
    private var isWanted: Bool { !self.isClosing || self.exchange != nil }

    /// The response is complete: the connection is free once the request is, too.
    private func finishIfComplete() {
        guard self.isResponseComplete, !self.isClosed else { return }
        // A server that was told of a body, and never gets it, may take the next request for that. Bytes behind the
        // response would be taken for the answer to the next request.
        guard self.isKeepAlive, !self.isClosing, !self.wasCutOff, self.exchange?.body.isRefused != true,
            self.input.readableBytes == 0
        else {
            self.exchange?.discardRequest()
            self.exchange = nil
            return self.close()
        }
        guard self.exchange?.body.isSent ?? true else { return }
        self.exchange?.detach()
        self.exchange = nil
        self.timer.clear()
        self.isResponseComplete = false
        self.owner?.connectionIsFree(self)
    }

    /// The server breaks HTTP: nothing that it sends on this connection can be trusted.
    private func abandon(_ error: ClientError) {
        let exchange = self.exchange
        self.exchange = nil
        self.isKeepAlive = false
        exchange?.connectionLost(error, isUntouched: false)
        self.close()
    }

    // MARK: Giving up

    func cancel(_ exchange: ClientExchange) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
        self.close()
    }

    func discardResponse(of exchange: ClientExchange) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
        guard exchange.body.isSent, self.isKeepAlive else {
            exchange.discardRequest()
            return self.close()
        }
        self.drainedBytes = 0
        self.timer.set(in: Self.drainPatience) { [weak self] in self?.close() }
        self.readMore()
    }
}

// MARK: - Channel events

extension HTTP1ClientConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.teardown()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.isWanted else { return }
        self.input.append(received: self.unwrapInboundIn(data))
        self.process()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReadRequested = false
        self.readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.exchange?.body.notify() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.teardown()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Without the end of the TLS session, a body that ends with the connection may have been cut.
        self.wasCutOff = true
        // A server tells only now that it does not take the client's certificate (RFC 8446 4.4.2).
        self.failure = self.failure ?? TLSFailure.alert(of: error)
        self.close()
    }

    private func teardown() {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.timer.invalidate()
        let exchange = self.exchange
        self.exchange = nil
        if let exchange {
            if self.isResponseComplete {
                exchange.discardRequest()
            } else {
                let isUntouched = self.parser.isUntouched(self.input)
                switch self.parser.close() {
                case .end(let trailers) where !self.wasCutOff:
                    exchange.receiveEnd(trailers: trailers)
                    exchange.discardRequest()
                case .failure(let error):
                    exchange.connectionLost(isUntouched ? self.failure ?? error : error, isUntouched: isUntouched)
                default: exchange.connectionLost(.responseIncomplete, isUntouched: false)
                }
            }
        }
        self.owner?.connectionWasClosed(self)
    }
}
