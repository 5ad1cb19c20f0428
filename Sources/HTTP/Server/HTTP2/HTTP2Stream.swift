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
    var connection: HTTP2Connection?

    // The request.
    var exchange: Exchange?
    var isUnhandled = true
    var body: InboundBody?
    /// The body of a request whose response is finished: as long as the handler keeps it.
    weak var releasedBody: InboundBody?
    /// A body that has ended and still holds bytes for its handler: they count, but nothing else is done with it.
    weak var endedBody: InboundBody?
    /// The client has ended its side. A body that its length says is complete, or that failed, leaves it open.
    var isRequestEnded: Bool
    var isBodyComplete = true
    var isContinuePending = false
    var bodyFailure: BodyError?
    let bodyLimit: Int
    var receivedBytes = 0
    /// Bytes that wait in the body, as the connection knows it.
    var heldBytes = 0
    /// What the client may still send.
    var inboundWindow: Int

    // The response.
    var queue = BufferQueue()
    /// What the client takes; may be negative after its settings changed.
    var sendWindow: Int
    var isEnding = false
    var trailers: HTTPFields?
    var isOutputDone = false
    /// In the connection's line of streams that wait for the socket or the connection's window.
    var isInLine = false

    // Timers.
    var lastRead: UInt32
    var lastWrite: UInt32

    init(id: HTTP2StreamID, connection: HTTP2Connection, sendWindow: Int, isRequestEnded: Bool) {
        self.id = id
        self.connection = connection
        self.isRequestEnded = isRequestEnded
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
        let length = head.framing.declaredLength
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
            peer: connection.peer, localAddress: connection.localAddress, isSecure: loop.isSecure)
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
        self.isRequestEnded = true
        self.isBodyComplete = true
        self.isContinuePending = false
        self.body = nil
        self.releasedBody = nil
        if let body, body.bufferedBytes > 0 {
            self.endedBody = body
            body.observer = self
        }
        body?.end(trailers: trailers)
        self.settle()
    }

    func fail(_ body: InboundBody, _ error: BodyError) {
        self.bodyFailure = error
        self.body = nil
        body.fail(error)
        self.settle()
        self.resetIfUnwanted()
    }

    /// The codec counted bytes: padding and all.
    func windowChanged(to window: Int) {
        self.inboundWindow = window
        self.settle()
    }

    /// Reckons what the handler took since the last time, and lets the client send as much again.
    func settle() {
        guard let connection = self.connection else {
            return
        }
        let held = (self.body ?? self.releasedBody ?? self.endedBody)?.bufferedBytes ?? 0
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
            self.lastRead = connection.loop.ticks
            connection.write(HTTP2Frame(streamID: self.id, payload: .windowUpdate(windowSizeIncrement: credit)))
        }
    }
}

extension HTTP2Stream: InboundBodyObserver {
    func bodyShrank() {
        self.settle()
    }
}

extension HTTP2Stream: InboundBodySource {
    func bodyIsWanted() {
        if self.isContinuePending, let connection = self.connection {
            self.isContinuePending = false
            self.lastRead = connection.loop.ticks
            connection.write(
                HTTP2Frame(
                    streamID: self.id,
                    payload: .headers(.init(headers: [":status": "100"], endStream: false))))
        }
        self.settle()
    }

    func bodyHasRoom() {
        // The client's time begins anew.
        self.lastRead = self.connection?.loop.ticks ?? self.lastRead
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

    /// Ends a stream whose response has left and from which nothing more can be read: no timer would.
    func resetIfUnwanted() {
        guard self.isOutputDone, !self.isRequestEnded else {
            return
        }
        if self.isBodyComplete || self.bodyFailure != nil || (self.body == nil && self.releasedBody == nil) {
            self.connection?.stopRequest(self.id)
        }
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
        self.endedBody?.observer = nil
        self.queue.removeAll()
        let body = self.body ?? self.releasedBody
        let exchange = self.exchange
        self.body = nil
        self.exchange = nil
        connection.loop.disconnected(exchange, body, isHandled: !self.isUnhandled)
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
        // A body that waits for its reader, or that nobody has asked for yet, is the client's fault no more, nor is one
        // that the others of its connection leave no window.
        if !self.isBodyComplete, !self.isContinuePending, self.bodyFailure == nil,
            let body = self.body ?? self.releasedBody, !body.isFull,
            self.inboundWindow > 0, connection.inboundWindow > 0,
            isOver(max(self.lastRead, self.lastWrite, connection.windowOpenedAt), timeouts.body)
        {
            connection.loop.count(\.timeouts)
            self.fail(body, .timeout)
        }
    }
}
