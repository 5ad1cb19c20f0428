import HTTP
import HTTPClient
import NIOCore
import WASI

/// A request of one component to another of the same application: never leaves the process, nor the event loop.
///
/// Bodies go from one guest to the other with back-pressure, one copy on the way.
final class ChainedCall: OutboundCall {
    private let exchange: Exchange
    private let upload: BodyPipe?
    private let sink: ChainedResponseSink
    private var timeout: Scheduled<Void>?

    init(
        head: RequestHead, request: OutboundRequest, eventLoop: any EventLoop,
        settled: @escaping OutboundHTTP.Settled
    ) {
        let sink = ChainedResponseSink(eventLoop: eventLoop, settled)
        let response = ResponseWriter(sink: sink, eventLoop: eventLoop, isHeadRequest: head.method == "HEAD")
        let body = InboundBody(eventLoop: eventLoop, declaredLength: request.hasBody ? request.declaredLength : 0)
        self.sink = sink
        self.upload = request.hasBody ? BodyPipe(to: body) : nil
        self.exchange = Exchange(head: head, body: body, response: response, eventLoop: eventLoop)
        self.exchange.callDepth = request.depth + 1
        sink.exchange = self.exchange
        if let limit = request.firstByteTimeout {
            self.timeout = eventLoop.assumeIsolated().scheduleTask(in: limit) { [weak self] in
                self?.fail(.connectionReadTimeout)
                return ()
            }
            sink.onSettled = { [weak self] in self?.timeout?.cancel() }
        }
    }

    /// Lets the component answer, on the next turn of the event loop: a guest must not run inside another's call.
    func start(_ dispatch: @escaping (Exchange) -> Void) {
        let exchange = self.exchange
        let sink = self.sink
        exchange.eventLoop.assumeIsolated().execute {
            if !sink.isSettled { dispatch(exchange) }
        }
    }

    var requestBody: (any BodyWriter)? { self.upload }

    func cancel() { self.fail(.connectionTerminated) }

    /// Ends the call before its response.
    func fail(_ code: WasiHttpTypes.ErrorCode) {
        guard !self.sink.isSettled else { return }
        self.sink.settle(.failure(code))
        self.sink.giveUp()
        self.upload?.close()
    }
}

/// The response of a component as another one receives it.
private final class ChainedResponseSink: ResponseSink, InboundBodySource {
    private let eventLoop: any EventLoop
    private var settled: OutboundHTTP.Settled?
    private weak var body: InboundBody?
    /// Holds the exchange until its response is complete.
    var exchange: Exchange?
    var onSettled: (() -> Void)?

    init(eventLoop: any EventLoop, _ settled: @escaping OutboundHTTP.Settled) {
        self.eventLoop = eventLoop
        self.settled = settled
    }

    var isSettled: Bool { self.settled == nil }

    func settle(_ result: Result<OutboundResponse, WasiHttpTypes.ErrorCode>) {
        let settled = self.settled
        self.settled = nil
        self.onSettled?()
        self.onSettled = nil
        settled?(result)
    }

    /// Nobody waits for the response, or its rest: the guest that makes it is ended.
    func giveUp() {
        guard let exchange = self.exchange else { return }
        self.exchange = nil
        exchange.body.discard()
        exchange.response.close()
        // Not at once: the guest that gives up is in the middle of a call.
        self.eventLoop.assumeIsolated().execute {
            let callback = exchange.onClose
            exchange.onClose = nil
            callback?()
            exchange.response.notify()
        }
    }

    // MARK: From the component that answers

    var isWritable: Bool { self.body.map { !$0.isFull } ?? true }

    func send(_ part: ResponsePart, body queue: inout BufferQueue) {
        var body = self.body
        if let head = part.head {
            let hasNothing = part.isBodiless || (part.contentLength == 0 && part.trailers == nil)
            let fresh = InboundBody(eventLoop: self.eventLoop, declaredLength: hasNothing ? 0 : part.contentLength)
            if fresh.isOpen { fresh.source = self }
            self.body = fresh
            body = fresh
            self.settle(.success(OutboundResponse(status: head.status, fields: head.fields, body: fresh)))
        }
        while let buffer = queue.pop() { body?.feed(buffer) }
        if part.isEnd {
            self.exchange = nil
            body?.end(trailers: part.trailers)
        }
    }

    func abortResponse(headSent: Bool) -> SubstituteResponse? {
        self.exchange = nil
        guard !headSent else {
            self.body?.fail(.clientDisconnected)
            return nil
        }
        let none = InboundBody(eventLoop: self.eventLoop, declaredLength: 0)
        self.settle(.success(OutboundResponse(status: 500, fields: HTTPFields(), body: none)))
        return SubstituteResponse(status: 500, bodyBytes: 0)
    }

    // MARK: From the component that asked

    func bodyIsWanted() { self.exchange?.response.notify() }

    func bodyHasRoom() {
        guard let response = self.exchange?.response else { return }
        self.eventLoop.assumeIsolated().execute { response.notify() }
    }

    func bodyWasDiscarded() { self.giveUp() }
}

/// Bytes that one guest writes and another reads.
private final class BodyPipe: BodyWriter, InboundBodySource {
    let eventLoop: any EventLoop
    private weak var body: InboundBody?
    private let highWaterMark: Int
    private var isEnded = false
    private var callback: (() -> Void)?
    private var closeCallback: (() -> Void)?
    /// Bytes that are taken and thrown away when nobody reads any more.
    private var discardable = DiscardedBody.limit

    init(to body: InboundBody) {
        self.eventLoop = body.eventLoop
        self.highWaterMark = body.highWaterMark
        self.body = body
        if body.isOpen { body.source = self }
    }

    /// Who answers need not read all of a request, or any of it: to its writer that is no error.
    private var isUnread: Bool { self.body?.isDiscarded ?? true }

    var isClosed: Bool { self.isEnded || (self.isUnread && self.discardable <= 0) }

    var writableBytes: Int {
        guard !self.isClosed else { return 0 }
        guard !self.isUnread, let body = self.body else { return min(self.highWaterMark, self.discardable) }
        return max(0, self.highWaterMark &- body.bufferedBytes)
    }

    func whenWritable(_ callback: @escaping () -> Void) {
        self.callback = callback
        if self.isReady { self.notifySoon() }
    }

    func whenClosed(_ callback: @escaping () -> Void) {
        self.closeCallback = callback
        if self.isClosed { self.notifySoon() }
    }

    func write(_ buffer: ByteBuffer) -> Bool {
        guard !self.isClosed else { return false }
        if self.isUnread {
            self.discardable -= buffer.readableBytes
        } else {
            self.body?.feed(buffer)
        }
        return true
    }

    func write(copying bytes: UnsafeRawBufferPointer) -> Bool {
        self.write(ByteBuffer(bytes: bytes))
    }

    func flush() {}

    func finish(trailers: HTTPFields?) -> Bool {
        guard !self.isClosed else { return false }
        self.isEnded = true
        self.callback = nil
        self.closeCallback = nil
        self.body?.end(trailers: trailers)
        return true
    }

    func abort() {
        guard !self.isClosed else { return }
        self.isEnded = true
        self.callback = nil
        self.closeCallback = nil
        self.body?.fail(.clientDisconnected)
    }

    /// Nobody takes any more bytes: the call has failed.
    func close() {
        guard !self.isEnded else { return }
        self.isEnded = true
        self.notifySoon()
    }

    private var isReady: Bool { self.isClosed || self.writableBytes > 0 }

    private func notifySoon() {
        self.eventLoop.assumeIsolated().execute {
            if let callback = self.callback, self.isReady {
                self.callback = nil
                callback()
            }
            if let callback = self.closeCallback, self.isClosed {
                self.closeCallback = nil
                callback()
            }
        }
    }

    func bodyIsWanted() {}

    func bodyHasRoom() { self.notifySoon() }

    func bodyWasDiscarded() { self.notifySoon() }
}
