import HTTP
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One stream of an HTTP/2 connection: carries one exchange.
final class HTTP2ClientStream: ChannelInboundHandler, ExchangeTransport {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let connection: HTTP2ClientConnection
    private let isReused: Bool
    private var exchange: ClientExchange?
    private var channel: (any Channel)?
    private var context: ChannelHandlerContext?
    private var hasHead = false
    private var hasInput = false
    private var isReadRequested = false
    private var isEnded = false
    private var informationals = 0

    init(_ connection: HTTP2ClientConnection, _ exchange: ClientExchange, isReused: Bool) {
        self.connection = connection
        self.exchange = exchange
        self.isReused = isReused
    }

    func start(_ channel: any Channel) {
        self.channel = channel
        guard let exchange = self.exchange, exchange.phase == .waiting else {
            return self.finish()
        }
        exchange.attach(self, timer: nil, isReused: self.isReused)
        self.readMore()
    }

    /// The stream is gone, or never came to be.
    func end(_ error: ClientError, wasRefused: Bool = false) {
        let exchange = self.exchange
        self.exchange = nil
        exchange?.connectionLost(error, isUntouched: !self.hasInput, wasRefused: wasRefused)
        self.finish()
    }

    private func finish() {
        self.exchange = nil
        self.channel?.close(promise: nil)
        guard !self.isEnded else { return }
        self.isEnded = true
        self.connection.streamEnded()
    }

    // MARK: Sending

    var isWritable: Bool { self.channel?.isWritable ?? false }

    func send(_ part: RequestPart, body: inout BufferQueue) {
        guard let channel = self.channel, self.context != nil else { return }
        let trailers = part.isEnd ? part.trailers.map { Self.headers($0, isLeftOut: RequestFields.isNoTrailer) } : nil
        if let request = part.head {
            let headers = Self.headers(of: request, length: part.contentLength)
            let isEnd = part.isEnd && body.isEmpty && trailers == nil
            self.write(.headers(.init(headers: headers, endStream: isEnd)))
            if isEnd { return channel.flush() }
        }
        while let piece = body.pop() {
            let isEnd = part.isEnd && body.isEmpty && trailers == nil
            self.write(.data(.init(data: .byteBuffer(piece), endStream: isEnd)))
            if isEnd { return channel.flush() }
        }
        if let trailers {
            self.write(.headers(.init(headers: trailers, endStream: true)))
        } else if part.isEnd {
            self.write(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
        }
        channel.flush()
    }

    private func write(_ payload: HTTP2Frame.FramePayload) {
        self.context?.write(self.wrapOutboundOut(payload), promise: nil)
    }

    private static func headers(of request: ClientRequest, length: Int?) -> HPACKHeaders {
        var headers = HPACKHeaders()
        headers.reserveCapacity(request.fields.count + 5)
        headers.add(name: ":method", value: request.method)
        headers.add(name: ":scheme", value: request.origin.scheme)
        headers.add(name: ":authority", value: request.authority)
        headers.add(name: ":path", value: request.target)
        self.add(request.fields, to: &headers, isLeftOut: RequestFields.belongsToConnection)
        if request.body != .none, let length, length > 0 || request.declaresEmptyBody {
            headers.add(name: "content-length", value: String(length))
        } else if request.body == .none, request.declaresEmptyBody {
            headers.add(name: "content-length", value: "0")
        }
        return headers
    }

    private static func headers(
        _ fields: HTTPFields, isLeftOut: (UnsafeRawBufferPointer) -> Bool
    ) -> HPACKHeaders {
        var headers = HPACKHeaders()
        self.add(fields, to: &headers, isLeftOut: isLeftOut)
        return headers
    }

    private static func add(
        _ fields: HTTPFields, to headers: inout HPACKHeaders, isLeftOut: (UnsafeRawBufferPointer) -> Bool
    ) {
        for index in 0..<fields.count where !fields.withName(at: index, isLeftOut) {
            headers.add(name: fields.name(at: index), value: fields.value(at: index))
        }
    }

    // MARK: Receiving

    func readMore() {
        guard !self.isReadRequested, let channel = self.channel, let exchange = self.exchange else { return }
        guard exchange.wantsMore else { return }
        self.isReadRequested = true
        channel.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.hasInput = true
        switch self.unwrapInboundIn(data) {
        case .headers(let frame): self.receive(frame.headers, isEnd: frame.endStream)
        case .data(let frame):
            if case .byteBuffer(let bytes) = frame.data, bytes.readableBytes > 0 { self.exchange?.receiveBody(bytes) }
            if frame.endStream { self.receiveEnd(trailers: nil) }
        case .rstStream(let code): self.wasReset(code)
        default: break
        }
    }

    private func receive(_ headers: HPACKHeaders, isEnd: Bool) {
        let limits = self.connection.limits
        let byteLimit = self.hasHead ? limits.trailerBytes : limits.headerBytes
        guard let fields = Self.fields(headers, byteLimit: byteLimit, countLimit: limits.headerCount) else {
            return self.end(
                self.hasHead
                    ? .responseTrailerSectionSize(limit: byteLimit) : .responseHeaderSectionSize(limit: byteLimit))
        }
        guard !self.hasHead else {
            return isEnd
                ? self.receiveEnd(trailers: fields.isEmpty ? nil : fields) : self.end(.protocolError("HEADERS"))
        }
        guard let status = headers.first(name: ":status").flatMap({ Int($0) }), (100...999).contains(status) else {
            return self.end(.protocolError("the response has no valid status"))
        }
        guard status >= 200 else {
            self.informationals &+= 1
            guard status != 101, !isEnd, self.informationals <= 32 else {
                return self.end(.protocolError("an interim response is out of place"))
            }
            if status == 100 { self.exchange?.continueIsWanted() }
            return
        }
        self.hasHead = true
        let length = fields.first("content-length").flatMap { Int($0) }
        self.exchange?.receiveHead(
            status: status, fields: fields, declaredLength: isEnd ? 0 : length == 0 ? nil : length)
        if isEnd { self.receiveEnd(trailers: nil) }
    }

    /// The fields without pseudo-header ones; nil for more than there may be.
    private static func fields(_ headers: HPACKHeaders, byteLimit: Int, countLimit: Int) -> HTTPFields? {
        guard headers.count <= countLimit + 1 else { return nil }
        var fields = HTTPFields()
        for (name, value, _) in headers where !name.hasPrefix(":") {
            guard fields.append(name, value), fields.byteCount <= byteLimit else { return nil }
        }
        return fields
    }

    private func receiveEnd(trailers: HTTPFields?) {
        guard let exchange = self.exchange else { return }
        exchange.receiveEnd(trailers: trailers)
        // A server that has answered in full does not want the rest of the request.
        if !exchange.body.isSent { exchange.discardRequest() }
        exchange.detach()
        self.finish()
    }

    private func wasReset(_ code: HTTP2ErrorCode) {
        switch code {
        case .refusedStream: self.end(.connectionTerminated, wasRefused: true)
        case .noError, .cancel, .internalError:
            self.end(self.hasHead ? .responseIncomplete : .connectionTerminated)
        default: self.end(.protocolError("the server reset the stream: \(code)"))
        }
    }

    // MARK: Giving up

    func cancel(_ exchange: ClientExchange) {
        guard self.exchange === exchange else { return }
        self.finish()
    }

    func discardResponse(of exchange: ClientExchange) {
        guard self.exchange === exchange else { return }
        exchange.discardRequest()
        self.finish()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReadRequested = false
        self.readMore()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.exchange?.body.notify() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(self.connection.failure ?? (self.hasHead ? .responseIncomplete : .connectionTerminated))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let closed = error as? NIOHTTP2Errors.StreamClosed {
            // A stream that the server resets has read that frame. This one is behind the last that a GOAWAY takes: the
            // server has not looked at it (RFC 9113 6.8).
            let isDropped = closed.errorCode == .cancel && !self.hasInput
            if isDropped { self.end(.connectionTerminated, wasRefused: true) } else { self.wasReset(closed.errorCode) }
        } else {
            self.end(.protocolError("\(error)"))
        }
    }
}
