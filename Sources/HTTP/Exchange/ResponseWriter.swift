package import NIOCore

/// One response, written once, in order: head, body, end.
///
/// Nothing is sent before ``flush()``, ``finish(trailers:)`` or a write above the high-water mark, so that a small
/// response leaves in one write and gets a `content-length`, unless it is streamed. Calls out of order are refused with
/// `false`. Confined to its event loop. No callback is called from inside a call that the handler makes.
package final class ResponseWriter {
    private enum Stage {
        case idle
        case headPending
        case streaming
        case finished
        /// Aborted, or the client is gone.
        case closed
    }

    package let eventLoop: any EventLoop
    /// Unsent bytes that the writer and, after them, the socket's queue hold before ``writableBytes`` is 0.
    package let highWaterMark: Int
    private let isHeadRequest: Bool
    /// Released when the response ends: it usually owns this writer.
    private var sink: (any ResponseSink)?
    private var stage: Stage = .idle
    private var pendingHead: ResponseHead?
    private var queue = BufferQueue()
    private var declaredLength: Int?
    private var writtenBytes = 0
    private var isBodiless = false
    private var isStreamed = false
    private var isFaulty = false
    private var callback: (() -> Void)?
    private var closeCallback: (() -> Void)?
    private var status: Int?
    /// Called once when the response has ended, however it did: for logs. It must not call the writer.
    package var onEnd: ((ResponseOutcome) -> Void)?

    package init(
        sink: any ResponseSink,
        eventLoop: any EventLoop,
        isHeadRequest: Bool = false,
        highWaterMark: Int = 128 * 1024
    ) {
        self.sink = sink
        self.eventLoop = eventLoop
        self.isHeadRequest = isHeadRequest
        self.highWaterMark = highWaterMark
    }

    /// Whether a head was accepted (it may not have left yet).
    package var headWritten: Bool {
        switch self.stage {
        case .idle: false
        case .headPending, .streaming, .finished: true
        case .closed: self.hasHead
        }
    }

    /// Whether ``finish(trailers:)`` has completed the response.
    package var isFinished: Bool { self.stage == .finished }

    /// Whether nothing can be written any more: finished, aborted, or the client is gone.
    package var isClosed: Bool { self.stage == .finished || self.stage == .closed }

    private var hasHead = false
}

// MARK: - Writing

extension ResponseWriter {
    /// Accepts the head; `false` for a second one, a status outside 200 to 999, or a broken `content-length`.
    ///
    /// `isStreamed`: the body is sent in chunks unless the fields declare its length, even when all of it is there.
    @discardableResult
    package func writeHead(_ head: ResponseHead, isStreamed: Bool = false) -> Bool {
        guard self.stage == .idle, (200...999).contains(head.status) else {
            return false
        }
        let declared: Int?
        switch head.fields.declaredLength {
        case .none: declared = nil
        case .bytes(let count): declared = count
        case .invalid: return false
        }
        self.isBodiless = self.isHeadRequest || [204, 205, 304].contains(head.status)
        self.declaredLength = head.status == 204 || head.status == 205 ? nil : declared
        self.isStreamed = isStreamed && declared == nil
        self.pendingHead = head
        self.hasHead = true
        self.status = head.status
        self.stage = .headPending
        return true
    }

    /// Queues body bytes without copying them; `false` before the head, after the end, and for bytes beyond the
    /// declared length, which are cut.
    @discardableResult
    package func write(_ buffer: ByteBuffer) -> Bool {
        let count = buffer.readableBytes
        let accepted = self.accept(count)
        guard accepted > 0 else {
            return count == 0 ? self.isWriting : self.isBodiless && self.isWriting
        }
        self.flushWhenFull()
        if accepted == count {
            self.queue.append(buffer)
        } else if let slice = buffer.getSlice(at: buffer.readerIndex, length: accepted) {
            self.queue.append(slice)
        }
        return accepted == count
    }

    /// Queues a copy of body bytes, the one copy on their way from a guest's memory to the socket.
    @discardableResult
    package func write(copying bytes: UnsafeRawBufferPointer) -> Bool {
        let accepted = self.accept(bytes.count)
        guard accepted > 0 else {
            return bytes.isEmpty ? self.isWriting : self.isBodiless && self.isWriting
        }
        self.flushWhenFull()
        self.queue.append(copying: UnsafeRawBufferPointer(rebasing: bytes[..<accepted]))
        return accepted == bytes.count
    }

    /// Sends the head and what was written so far.
    package func flush() {
        guard self.isWriting, self.stage == .headPending || !self.queue.isEmpty else {
            return
        }
        self.send(isEnd: false, trailers: nil)
    }

    /// Completes the response; `false` when there is no head, or fewer bytes than declared: then it is aborted.
    @discardableResult
    package func finish(trailers: HTTPFields? = nil) -> Bool {
        guard self.isWriting else {
            if self.stage == .idle {
                self.abort()
            }
            return false
        }
        if let declared = self.declaredLength, self.writtenBytes < declared, !self.isBodiless {
            self.flush()
            self.abort()
            return false
        }
        self.send(isEnd: true, trailers: trailers)
        return true
    }

    /// Gives the response up: where the head has not left yet the sink answers, 500 or what the client did wrong; else
    /// the connection is closed so that the client notices.
    package func abort() {
        guard !self.isClosed else {
            return
        }
        let headSent = self.stage == .streaming
        let sink = self.sink
        self.release()
        self.callback = nil
        self.closeCallback = nil
        let substitute = sink?.abortResponse(headSent: headSent)
        if !headSent {
            self.status = substitute?.status
            self.writtenBytes = substitute?.bodyBytes ?? 0
            self.isBodiless = false
        }
        self.reportEnd(isComplete: false)
    }

    private var isWriting: Bool { self.stage == .headPending || self.stage == .streaming }

    /// How many of `count` bytes go to the socket; counts them.
    private func accept(_ count: Int) -> Int {
        guard self.isWriting, count > 0 else {
            return 0
        }
        guard !self.isBodiless else {
            self.writtenBytes &+= count
            return 0
        }
        var accepted = count
        if let declared = self.declaredLength, count > declared &- self.writtenBytes {
            self.isFaulty = true
            accepted = declared &- self.writtenBytes
        }
        self.writtenBytes &+= accepted
        return accepted
    }

    /// Bounds what waits here for a writer that never flushes. Comes before a write, not after it: a large body that is
    /// written at once and finished still gets a `content-length`.
    private func flushWhenFull() {
        if self.queue.byteCount >= self.highWaterMark {
            self.flush()
        }
    }

    private func send(isEnd: Bool, trailers: HTTPFields?) {
        guard let sink = self.sink else {
            return
        }
        var part = ResponsePart(
            head: nil, contentLength: nil, isStreamed: self.isStreamed && self.writtenBytes > 0,
            isBodiless: self.isBodiless, isEnd: isEnd, trailers: trailers, isFaulty: self.isFaulty)
        if self.stage == .headPending {
            part.head = self.pendingHead
            part.contentLength = self.declaredLength
            // All of it is here: no need for chunks. An empty answer to HEAD says nothing of the length of the body.
            if isEnd, self.declaredLength == nil, !self.isBodiless || (self.isHeadRequest && self.writtenBytes > 0) {
                part.contentLength = self.writtenBytes
            }
            self.pendingHead = nil
        }
        self.stage = isEnd ? .finished : .streaming
        if isEnd {
            self.sink = nil
            self.callback = nil
            self.closeCallback = nil
            self.reportEnd(isComplete: true)
        }
        // Sending may close the connection, which comes back here: no access to `self` is held across it.
        var body = BufferQueue()
        swap(&body, &self.queue)
        sink.send(part, body: &body)
    }
}

// MARK: - Credit

extension ResponseWriter {
    /// Bytes that may be written now without piling up, 0 while the client does not keep up.
    package var writableBytes: Int {
        guard !self.isClosed, self.sink?.isWritable == true else {
            return 0
        }
        return max(0, self.highWaterMark &- self.queue.byteCount)
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

    /// Calls back once, on the event loop, when the client is gone before the response is complete; replaces the callback
    /// before. For a handler that waits for something else than room.
    package func whenClosed(_ callback: @escaping () -> Void) {
        self.closeCallback = callback
        if self.stage == .closed {
            self.eventLoop.assumeIsolated().execute { self.notify() }
        }
    }

    private var isReady: Bool { self.isClosed || self.writableBytes > 0 }

    /// Calls the callbacks when there is credit, or the client is gone; the sink calls this when it has become writable.
    package func notify() {
        if let callback = self.callback, self.isReady {
            self.callback = nil
            callback()
        }
        if let callback = self.closeCallback, self.stage == .closed {
            self.closeCallback = nil
            callback()
        }
    }

    /// The client is gone: nothing is sent any more. ``notify()`` must follow when no call of the handler is on the
    /// stack.
    package func close() {
        guard !self.isClosed else {
            return
        }
        self.release()
        self.reportEnd(isComplete: false)
    }

    private func release() {
        self.stage = .closed
        self.sink = nil
        self.pendingHead = nil
        self.queue.removeAll()
    }

    private func reportEnd(isComplete: Bool) {
        guard let report = self.onEnd else {
            return
        }
        self.onEnd = nil
        report(
            ResponseOutcome(
                status: self.status, bodyBytes: self.isBodiless ? 0 : self.writtenBytes, isComplete: isComplete))
    }
}
