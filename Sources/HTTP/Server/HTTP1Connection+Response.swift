import Logging
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// MARK: - Sending responses

extension HTTP1Connection: ResponseSink {
    /// Bodies up to this size are copied behind their head, to leave in one plain write; larger ones are not copied.
    private static let copyLimit = 16 * 1024

    package var isWritable: Bool { self.context?.channel.isWritable ?? false }

    package func send(_ part: ResponsePart, body: inout BufferQueue) {
        guard let context = self.context, let exchange = self.exchange, case .open = self.stage else {
            return
        }
        var output = ByteBuffer()
        swap(&output, &self.loop.output)
        output.clear()
        let copies = body.byteCount <= Self.copyLimit
        if let head = part.head {
            self.encode(
                head, part, exchange.head.minorVersion, reserving: copies ? body.byteCount &+ 64 : 32, into: &output)
        }
        if part.isFaulty, !self.closesAfterResponse {
            self.closesAfterResponse = true
            self.loop.count(\.aborts)
            self.loop.logger.warning(
                "the response body is longer than its content-length: it was cut",
                metadata: ["method": "\(exchange.head.method)", "path": "\(exchange.head.path)"])
        }
        if part.isEnd {
            self.endExchange()
        }
        self.isSending = true
        self.hasWritten = true
        self.write(&body, part, copies: copies, into: &output, context)
        context.flush()
        self.loop.output = output
        self.isSending = false
        if part.isEnd {
            self.responseEnded()
        }
    }

    private func encode(
        _ head: ResponseHead,
        _ part: ResponsePart,
        _ minorVersion: Int,
        reserving extra: Int,
        into output: inout ByteBuffer
    ) {
        let hasTrailers = part.trailers?.isEmpty == false
        if part.isBodiless {
            self.framing = part.contentLength.map { .length($0) } ?? (head.status == 205 ? .length(0) : .none)
        } else if let length = part.contentLength, !(hasTrailers || part.isStreamed) || minorVersion == 0 {
            self.framing = .length(length)
        } else if minorVersion > 0 {
            self.framing = .chunked
        } else {
            self.framing = .close
            self.closesAfterResponse = true
        }
        // A client that waits for 100 may send its body now or not: nobody can tell what the next bytes are.
        if self.isContinuePending || self.loop.isDraining || self.loop.gate.isFull || head.fields.asksToClose {
            self.closesAfterResponse = true
            self.isContinuePending = false
        }
        let connection: HTTP1ResponseEncoder.Connection =
            self.closesAfterResponse ? .close : minorVersion == 0 ? .keepAlive : .implied
        self.loop.date.update()
        HTTP1ResponseEncoder.encode(
            head, framing: self.framing, connection: connection, date: self.loop.date, into: &output, reserving: extra)
    }

    private func write(
        _ body: inout BufferQueue,
        _ part: ResponsePart,
        copies: Bool,
        into output: inout ByteBuffer,
        _ context: ChannelHandlerContext
    ) {
        let isChunked = self.framing == .chunked
        let isChunk = isChunked && !body.isEmpty
        if isChunk {
            HTTP1ResponseEncoder.encodeChunkHead(body.byteCount, into: &output)
        }
        if copies {
            while let bytes = body.pop() {
                output.writeImmutableBuffer(bytes)
            }
        } else {
            if output.readableBytes > 0 {
                context.write(self.wrapOutboundOut(output), promise: nil)
            }
            while let bytes = body.pop() {
                context.write(self.wrapOutboundOut(bytes), promise: nil)
            }
            // The first part is the socket's now: this one gets memory of its own where it needs any.
            output = ByteBuffer()
        }
        if isChunk, copies || part.isEnd {
            output.writeStaticString("\r\n")
        } else if isChunk {
            context.write(self.wrapOutboundOut(self.loop.lineEnd), promise: nil)
        }
        if isChunked, part.isEnd {
            HTTP1ResponseEncoder.encodeEnd(trailers: part.trailers, into: &output)
        }
        if output.readableBytes > 0 {
            context.write(self.wrapOutboundOut(output), promise: nil)
        }
    }

    package func abortResponse(headSent: Bool) -> SubstituteResponse? {
        guard let exchange = self.exchange, case .open = self.stage else {
            return nil
        }
        self.loop.count(\.aborts)
        self.loop.logger.debug(
            "response aborted",
            metadata: [
                "method": "\(exchange.head.method)", "path": "\(exchange.head.path)", "headSent": "\(headSent)",
            ])
        self.endExchange()
        guard headSent else {
            let failure = self.bodyFailure
            self.closesAfterResponse = self.closesAfterResponse || !self.isBodyComplete
            let status = failure?.status ?? 500
            let bytes = self.sendError(status: status, reason: failure?.description, to: exchange.head)
            self.responseEnded()
            return SubstituteResponse(status: status, bodyBytes: bytes)
        }
        if self.framing == .close, let socket = self.context?.channel as? any SocketOptionProvider {
            // Without a length only a reset tells the client that the body is not whole.
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        self.closeAfterFlush(lingers: false)
        return nil
    }

    /// Sends a short text, with `connection: close` unless it answers a whole request.
    ///
    /// - Parameter reason: `nil` for an empty body: what went wrong in the application is not the client's business.
    /// - Returns: the bytes of the body.
    @discardableResult
    func sendError(status: Int, reason: String?, to request: RequestHead? = nil) -> Int {
        guard let context = self.context else {
            return 0
        }
        let text = reason.map { "\(status) \(StatusReason.phrase(status)): \($0)\n" } ?? ""
        var head = ResponseHead(status: status)
        if !text.isEmpty {
            head.fields.append("content-type", "text/plain; charset=utf-8")
        }
        if request == nil {
            self.closesAfterResponse = true
        }
        let connection: HTTP1ResponseEncoder.Connection =
            self.closesAfterResponse ? .close : request?.minorVersion == 0 ? .keepAlive : .implied
        var output = ByteBuffer()
        self.loop.date.update()
        HTTP1ResponseEncoder.encode(
            head, framing: .length(text.utf8.count), connection: connection, date: self.loop.date, into: &output)
        let sendsBody = request?.method != "HEAD"
        if sendsBody {
            output.writeString(text)
        }
        self.isSending = true
        context.writeAndFlush(self.wrapOutboundOut(output), promise: nil)
        self.isSending = false
        return sendsBody ? text.utf8.count : 0
    }
}

extension HTTPFields {
    /// Whether a `connection` field has the option `close`.
    var asksToClose: Bool {
        var start = 0
        var asks = false
        while let index = self.firstIndex(of: "connection", from: start) {
            self.withValue(at: index) { value in
                Bytes.forEachListElement(value) { asks = asks || Bytes.equal($0, "close") }
            }
            start = index &+ 1
        }
        return asks
    }
}
