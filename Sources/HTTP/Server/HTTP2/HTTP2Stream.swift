import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One request of an HTTP/2 connection: the source of its body and the sink of its response.
final class HTTP2Stream {
    /// Bytes that wait here for the client before the handler has no credit; as many again wait in its writer.
    static let highWaterMark = 64 * 1024

    let id: HTTP2StreamID
    /// `nil` once the stream is closed.
    private(set) var connection: HTTP2Connection?

    // The request.
    var exchange: Exchange?
    var isUnhandled = true
    private var body: InboundBody?
    /// The body of a request whose response is finished: as long as the handler keeps it.
    private weak var releasedBody: InboundBody?
    private(set) var isBodyComplete = true
    private var isContinuePending = false
    private var bodyFailure: BodyError?
    private let bodyLimit: Int
    private var receivedBytes = 0
    /// Bytes that wait in the body, as the connection knows it.
    private var heldBytes = 0
    /// What the client may still send.
    private var inboundWindow: Int

    // The response.
    private var queue = BufferQueue()
    /// What the client takes; may be negative after its settings changed.
    var sendWindow: Int
    private var isEnding = false
    private var trailers: HTTPFields?
    private var isOutputDone = false
    /// In the connection's line of streams that wait for the socket or the connection's window.
    var isInLine = false

    // Timers.
    private var lastRead: UInt32
    private var lastWrite: UInt32

    init(id: HTTP2StreamID, connection: HTTP2Connection, sendWindow: Int) {
        self.id = id
        self.connection = connection
        self.sendWindow = sendWindow
        self.inboundWindow = connection.streamWindow
        self.bodyLimit = connection.loop.configuration.limits.bodyBytes ?? .max
        self.lastRead = connection.loop.ticks
        self.lastWrite = connection.loop.ticks
    }

    func begin(_ head: consuming RequestHead) {
        guard let connection = self.connection else {
            return
        }
        let loop = connection.loop
        let length: Int? =
            switch head.framing {
            case .none: 0
            case .length(let length): length
            case .chunked: nil
            }
        let body = InboundBody(
            eventLoop: loop.eventLoop, declaredLength: length, highWaterMark: loop.requestHighWaterMark)
        if length != 0 {
            body.source = self
            self.body = body
            self.isBodyComplete = false
            self.isContinuePending = head.expectsContinue
        }
        let response = ResponseWriter(
            sink: self, eventLoop: loop.eventLoop, isHeadRequest: head.method == "HEAD",
            highWaterMark: min(loop.responseHighWaterMark, Self.highWaterMark))
        self.exchange = Exchange(
            head: head, body: body, response: response, eventLoop: loop.eventLoop,
            clientAddress: connection.clientAddress, localAddress: connection.localAddress, isSecure: loop.isSecure)
    }
}

// MARK: - What the client sends

extension HTTP2Stream {
    func receive(_ bytes: ByteBuffer) {
        guard let connection = self.connection, !self.isBodyComplete else {
            return
        }
        self.lastRead = connection.loop.ticks
        self.isContinuePending = false
        self.receivedBytes &+= bytes.readableBytes
        guard let body = self.body ?? self.releasedBody, self.bodyFailure == nil else {
            return
        }
        guard self.receivedBytes <= self.bodyLimit else {
            return self.fail(body, .tooLarge(limit: self.bodyLimit))
        }
        body.feed(bytes)
        self.settle()
    }

    func receiveEnd(trailers: HTTPFields?) {
        let body = self.body ?? self.releasedBody
        self.isBodyComplete = true
        self.isContinuePending = false
        self.body = nil
        self.releasedBody = nil
        body?.end(trailers: trailers)
        self.settle()
    }

    private func fail(_ body: InboundBody, _ error: BodyError) {
        self.bodyFailure = error
        self.body = nil
        body.fail(error)
        self.settle()
    }

    /// The codec counted bytes: padding and all.
    func windowChanged(to window: Int) {
        self.inboundWindow = window
        self.settle()
    }

    /// Reckons what the handler took since the last time, and lets the client send as much again.
    private func settle() {
        guard let connection = self.connection else {
            return
        }
        let held = (self.body ?? self.releasedBody)?.bufferedBytes ?? 0
        connection.heldBytes &+= held &- self.heldBytes
        self.heldBytes = held
        connection.creditConnection()
        // Nobody reads the body of a handler that gave it up: the stream's own window is not opened any more.
        guard !self.isBodyComplete, (self.body ?? self.releasedBody) != nil else {
            return
        }
        let credit = connection.streamWindow &- self.inboundWindow &- held
        if credit &* 2 >= connection.streamWindow {
            self.inboundWindow &+= credit
            connection.write(HTTP2Frame(streamID: self.id, payload: .windowUpdate(windowSizeIncrement: credit)))
        }
    }
}

extension HTTP2Stream: InboundBodySource {
    func bodyIsWanted() {
        if self.isContinuePending, let connection = self.connection {
            self.isContinuePending = false
            connection.write(
                HTTP2Frame(
                    streamID: self.id,
                    payload: .headers(.init(headers: [":status": "100"], endStream: false))))
        }
        self.settle()
    }

    func bodyHasRoom() {
        self.settle()
    }

    func bodyWasDiscarded() {
        guard !self.isBodyComplete else {
            return
        }
        self.body = nil
        self.settle()
        self.resetIfUnwanted()
    }

    private func resetIfUnwanted() {
        if self.isOutputDone, !self.isBodyComplete, self.body == nil, self.releasedBody == nil {
            self.connection?.stopRequest(self.id)
        }
    }
}

// MARK: - What the handler answers

extension HTTP2Stream: ResponseSink {
    var isWritable: Bool { self.connection != nil && self.queue.byteCount < Self.highWaterMark }

    func send(_ part: ResponsePart, body: inout BufferQueue) {
        guard let connection = self.connection, !self.isOutputDone else {
            return body.removeAll()
        }
        if let head = part.head {
            let endsHere = part.isEnd && body.isEmpty && part.trailers?.isEmpty != false
            connection.loop.date.update()
            let block = HTTP2Head.response(head, length: part.contentLength, date: connection.loop.date)
            self.lastWrite = connection.loop.ticks
            if endsHere {
                self.warnIfFaulty(part)
                // The write may close the stream, which must find no handler to tell.
                self.exchange = nil
            }
            connection.write(
                HTTP2Frame(streamID: self.id, payload: .headers(.init(headers: block, endStream: endsHere))))
            if endsHere {
                return self.outputDone()
            }
        }
        if self.queue.isEmpty {
            swap(&self.queue, &body)
        } else {
            while let bytes = body.pop() {
                self.queue.append(bytes)
            }
        }
        if part.isEnd {
            self.isEnding = true
            self.trailers = part.trailers
            self.warnIfFaulty(part)
            // From here on the handler is not told of the stream's end; what is queued still leaves.
            self.exchange = nil
        }
        connection.pump(self)
    }

    private func warnIfFaulty(_ part: ResponsePart) {
        guard part.isFaulty, let connection = self.connection else {
            return
        }
        connection.loop.count(\.aborts)
        connection.loop.logger.warning("the response body is longer than its content-length: it was cut")
    }

    /// Whether bytes, or the end, could leave as far as this stream is concerned.
    var wantsToSend: Bool {
        self.queue.isEmpty ? self.isEnding && !self.isOutputDone : self.sendWindow > 0
    }

    /// Nothing but the end is left, which takes nothing of a window.
    var needsNoWindow: Bool { self.queue.isEmpty && self.isEnding }

    /// Sends one frame; gives the flow-controlled bytes of it, `nil` when there is nothing that may leave.
    func sendFrame(upTo maximum: Int) -> Int? {
        guard let connection = self.connection, !self.isOutputDone else {
            return nil
        }
        let wasFull = !self.isWritable
        let trailers = self.trailers?.isEmpty == false ? self.trailers : nil
        if let bytes = self.queue.pop(upTo: min(maximum, self.sendWindow)) {
            let count = bytes.readableBytes
            let ends = self.queue.isEmpty && self.isEnding && trailers == nil
            self.sendWindow &-= count
            self.lastWrite = connection.loop.ticks
            connection.write(
                HTTP2Frame(streamID: self.id, payload: .data(.init(data: .byteBuffer(bytes), endStream: ends))))
            if ends {
                self.outputDone()
            } else if wasFull, self.isWritable, let response = self.exchange?.response {
                connection.loop.eventLoop.assumeIsolated().execute { response.notify() }
            }
            return count
        }
        guard self.queue.isEmpty, self.isEnding else {
            return nil
        }
        if let trailers {
            connection.write(
                HTTP2Frame(
                    streamID: self.id,
                    payload: .headers(.init(headers: HTTP2Head.trailers(trailers), endStream: true))))
        } else {
            connection.write(
                HTTP2Frame(
                    streamID: self.id,
                    payload: .data(.init(data: .byteBuffer(connection.loop.emptyBuffer), endStream: true))))
        }
        self.outputDone()
        return 0
    }

    private func outputDone() {
        self.isOutputDone = true
        self.exchange = nil
        // The handler may still read; when nobody keeps the body, its end discards it.
        self.releasedBody = self.body
        self.body = nil
        self.settle()
        self.resetIfUnwanted()
    }

    func abortResponse(headSent: Bool) {
        guard let connection = self.connection else {
            return
        }
        connection.loop.count(\.aborts)
        self.queue.removeAll()
        if headSent {
            self.exchange = nil
            self.isOutputDone = true
            connection.write(HTTP2Frame(streamID: self.id, payload: .rstStream(.internalError)))
        } else {
            self.answer(status: self.bodyFailure?.status ?? 500)
        }
    }

    /// Answers without a body.
    func answer(status: Int) {
        guard let connection = self.connection else {
            return
        }
        connection.loop.date.update()
        let block = HTTP2Head.response(ResponseHead(status: status), length: 0, date: connection.loop.date)
        self.exchange = nil
        connection.write(HTTP2Frame(streamID: self.id, payload: .headers(.init(headers: block, endStream: true))))
        self.outputDone()
    }
}

// MARK: - The end

extension HTTP2Stream {
    /// The stream is closed, by whichever side: a handler that was not done is told on the next turn.
    func close() {
        guard let connection = self.connection else {
            return
        }
        self.connection = nil
        connection.heldBytes &-= self.heldBytes
        self.heldBytes = 0
        self.queue.removeAll()
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
            connection.loop.count(\.disconnects)
        }
        connection.loop.eventLoop.assumeIsolated().execute {
            exchange?.fireClose()
            body?.notify()
            exchange?.response.notify()
        }
    }

    func tick(_ isOver: (UInt32, UInt32?) -> Bool) {
        guard let connection = self.connection else {
            return
        }
        let timeouts = connection.loop.timeouts
        if !self.queue.isEmpty, isOver(self.lastWrite, timeouts.write) {
            connection.loop.count(\.timeouts)
            return connection.write(HTTP2Frame(streamID: self.id, payload: .rstStream(.cancel)))
        }
        // A body that waits for its reader is the client's fault no more.
        if !self.isBodyComplete, self.bodyFailure == nil, let body = self.body ?? self.releasedBody, !body.isFull,
            self.inboundWindow > 0, isOver(max(self.lastRead, self.lastWrite), timeouts.body)
        {
            connection.loop.count(\.timeouts)
            self.fail(body, .timeout)
        }
    }
}
