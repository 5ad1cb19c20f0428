package import HTTP
package import NIOCore

/// What a ``RequestBody`` hands to its transport in one go.
struct RequestPart {
    /// The head, with the first part only.
    var head: ClientRequest?
    /// The length of the whole body where it is known with the head.
    var contentLength: Int?
    var isEnd: Bool
    var trailers: HTTPFields?
}

/// What becomes of a request body when its response is complete without it.
package enum DiscardedBody {
    /// Bytes that are taken from the writer all the same, and thrown away.
    package static let limit = 8 << 20
}

/// The body of a request as it is written, with back-pressure.
///
/// Bytes wait here up to the high-water mark until there is a connection. Nothing is sent before ``flush()``,
/// ``finish(trailers:)`` or a write above the mark, so that a small request leaves in one write and gets a
/// `content-length`. Confined to its event loop. No callback is called from inside a call of the writer's.
package final class RequestBody {
    private enum Stage {
        case open
        case finished
        case closed
    }

    /// Of a body that can be sent again.
    private static let repeatableBytes = 64 * 1024

    package let eventLoop: any EventLoop
    package let highWaterMark: Int
    private let request: ClientRequest
    weak var exchange: ClientExchange?
    private var stage = Stage.open
    private var isHeadSent = false
    private var isEndSent = false
    private var isFlushRequested = false
    /// The server was asked whether it wants the body, and has not said so yet.
    private(set) var isHeld = false
    /// It has said that it does not: nothing of the body is sent.
    private(set) var isRefused = false
    /// Bytes that are still taken and thrown away: the server has answered in full without them.
    private var discardable: Int?
    private var queue = BufferQueue()
    /// What was sent, as long as it is little and the server may still refuse the request unseen.
    private var sent: BufferQueue? = BufferQueue()
    private var writtenBytes = 0
    private var trailers: HTTPFields?
    private var callback: (() -> Void)?
    private var closeCallback: (() -> Void)?

    init(_ request: ClientRequest, eventLoop: any EventLoop, highWaterMark: Int) {
        self.request = request
        self.eventLoop = eventLoop
        self.highWaterMark = highWaterMark
        if request.body == .none { self.stage = .finished }
    }

    private var declaredLength: Int? {
        if case .stream(let length) = self.request.body { length } else { nil }
    }

    // MARK: The writer's side

    /// Nothing can be written any more: finished, given up, or nobody takes it.
    package var isClosed: Bool { self.stage != .open }

    /// Everything was handed to the transport.
    var isSent: Bool { self.isEndSent }

    /// Bytes that may be written now without piling up.
    package var writableBytes: Int {
        guard self.stage == .open, self.isHeld || self.exchange?.canSend ?? true else { return 0 }
        return max(0, self.highWaterMark &- self.queue.byteCount)
    }

    /// Queues bytes without copying them; false after the end, and for more than the declared length.
    @discardableResult
    package func write(_ buffer: ByteBuffer) -> Bool {
        guard self.accept(buffer.readableBytes) else { return false }
        if self.discards(buffer.readableBytes) { return true }
        self.queue.append(buffer)
        self.flushWhenFull()
        return true
    }

    /// Queues a copy of the bytes, the one copy on their way from a guest's memory to the socket.
    @discardableResult
    package func write(copying bytes: UnsafeRawBufferPointer) -> Bool {
        guard self.accept(bytes.count) else { return false }
        if self.discards(bytes.count) { return true }
        self.queue.append(copying: bytes)
        self.flushWhenFull()
        return true
    }

    private func discards(_ count: Int) -> Bool {
        guard let left = self.discardable else { return false }
        self.discardable = left &- count
        if left < count { self.close() }
        return true
    }

    private func accept(_ count: Int) -> Bool {
        guard self.stage == .open else { return false }
        if let declared = self.declaredLength, count > declared &- self.writtenBytes {
            self.exchange?.fail(.requestBodySize(self.writtenBytes &+ count))
            return false
        }
        self.writtenBytes &+= count
        return true
    }

    /// Sends the head and what was written so far, as soon as there is a connection.
    package func flush() {
        guard self.stage == .open else { return }
        self.isFlushRequested = true
        self.sendWhatCanBe()
    }

    /// Completes the body; false when it is shorter than declared: then the request is given up.
    @discardableResult
    package func finish(trailers: HTTPFields? = nil) -> Bool {
        guard self.stage == .open else { return false }
        if let declared = self.declaredLength, self.writtenBytes < declared {
            self.exchange?.fail(.requestBodySize(self.writtenBytes))
            return false
        }
        self.stage = .finished
        self.callback = nil
        self.closeCallback = nil
        self.trailers = trailers
        self.sendWhatCanBe()
        return true
    }

    /// Gives the request up: the server must notice that its body is not whole.
    package func abort() {
        guard self.stage == .open else { return }
        self.closeCallback = nil
        self.exchange?.fail(.requestAborted)
    }

    /// Flushes, and calls back once, on the event loop, when ``writableBytes`` is above 0 or ``isClosed`` is true;
    /// replaces the callback before.
    package func whenWritable(_ callback: @escaping () -> Void) {
        self.callback = callback
        self.flush()
        if self.isReady {
            self.eventLoop.assumeIsolated().execute { self.notify() }
        }
    }

    /// Calls back once, on the event loop, when nobody takes any more bytes of a body that is not finished; replaces the
    /// callback before. For a writer that waits for something else than room.
    package func whenClosed(_ callback: @escaping () -> Void) {
        self.closeCallback = callback
        if self.stage == .closed { self.notifySoon() }
    }

    private var isReady: Bool { self.isClosed || self.writableBytes > 0 }

    // MARK: The transport's side

    /// There is a connection, which waits for the head.
    func attach() {
        self.isHeld = self.request.expectsContinue
        self.sendWhatCanBe()
        self.notify()
    }

    /// The server wants the body, or has waited long enough.
    func release() {
        guard self.isHeld, !self.isRefused else { return }
        self.isHeld = false
        self.sendWhatCanBe()
        self.notify()
    }

    /// The server was asked, and does not want the body.
    func refuse() {
        self.isRefused = true
        self.discardRest()
    }

    /// The server has answered in full, and takes no more bytes. To a writer that has its answer that is no error: the
    /// rest is thrown away. Not of an endless body: its writer should notice.
    func discardRest() {
        self.queue.removeAll()
        guard self.stage == .open else { return }
        self.discardable = DiscardedBody.limit
        self.notifySoon()
    }

    /// Nobody takes any more bytes.
    func close() {
        self.queue.removeAll()
        guard self.stage == .open else { return }
        self.stage = .closed
        self.notifySoon()
    }

    /// Begins again on another connection; false when what was sent is not here any more, or must not be sent again.
    ///
    /// - Parameters:
    ///   - mayRepeat: when the head was sent.
    ///   - mayRepeatBody: when anything of the body was.
    func rewind(mayRepeat: Bool, mayRepeatBody: Bool) -> Bool {
        guard self.isHeadSent else { return true }
        guard mayRepeat, self.stage != .closed, var again = self.sent, mayRepeatBody || self.writtenBytes == 0
        else { return false }
        while let piece = self.queue.pop() { again.append(piece) }
        self.queue = again
        self.sent = BufferQueue()
        self.isHeadSent = false
        self.isEndSent = false
        return true
    }

    /// The server has seen the request: it will not be sent again.
    func forgetSent() { self.sent = nil }

    private func remember(_ body: BufferQueue) {
        guard var sent = self.sent, sent.byteCount &+ body.byteCount <= Self.repeatableBytes else {
            self.sent = nil
            return
        }
        var body = body
        while let piece = body.pop() { sent.append(piece) }
        self.sent = sent
    }

    /// Calls the callbacks when there is credit, or nobody takes any more bytes.
    func notify() {
        if let callback = self.callback, self.isReady {
            self.callback = nil
            callback()
        }
        if let callback = self.closeCallback, self.stage == .closed {
            self.closeCallback = nil
            callback()
        }
    }

    private func notifySoon() {
        guard self.callback != nil || self.closeCallback != nil else { return }
        self.eventLoop.assumeIsolated().execute { self.notify() }
    }

    private func flushWhenFull() {
        if self.queue.byteCount >= self.highWaterMark { self.flush() }
    }

    private func sendWhatCanBe() {
        guard let exchange = self.exchange, exchange.canSend != nil, !self.isEndSent else { return }
        let isFinished = self.stage == .finished
        var part = RequestPart(isEnd: isFinished && !self.isHeld)
        if !self.isHeadSent {
            // A request with a body that comes later: its head waits for the first flush.
            guard isFinished || self.isFlushRequested || self.isHeld else { return }
            part.head = self.request
            part.contentLength = self.declaredLength
            if isFinished, self.trailers == nil, self.declaredLength == nil { part.contentLength = self.writtenBytes }
        } else if self.isHeld || (self.queue.isEmpty && !part.isEnd) {
            return
        }
        part.trailers = part.isEnd ? self.trailers : nil
        self.isHeadSent = true
        self.isEndSent = part.isEnd
        var body = BufferQueue()
        if !self.isHeld { swap(&body, &self.queue) }
        if !body.isEmpty { self.remember(body) }
        exchange.send(part, body: &body)
    }
}
