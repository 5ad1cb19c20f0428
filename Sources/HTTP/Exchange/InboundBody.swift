package import NIOCore

/// Where the bytes of an ``InboundBody`` come from; told what the reader does.
package protocol InboundBodySource: AnyObject {
    /// The reader found nothing and wants bytes.
    func bodyIsWanted()
    /// The reader took bytes: fewer than the high-water mark wait now, where more did before.
    func bodyHasRoom()
    /// Nobody will read what is still to come.
    func bodyWasDiscarded()
}

/// Who counts the bytes that wait in an ``InboundBody``, also after its end.
package protocol InboundBodyObserver: AnyObject {
    /// The reader took bytes, or gave them up.
    func bodyShrank()
}

/// The body of a request as its handler reads it, with back-pressure: the source stops while `highWaterMark` bytes or
/// more wait here.
///
/// Confined to its event loop. No callback is called from inside a call that the reader makes.
package final class InboundBody {
    package enum Read {
        /// At least one byte.
        case bytes(ByteBuffer)
        case wouldBlock
        case end(trailers: HTTPFields?)
        case failed(BodyError)
    }

    private enum State {
        case open
        case ended(trailers: HTTPFields?)
        case failed(BodyError)
    }

    package let eventLoop: any EventLoop
    /// The length that the message declares in bytes, 0 without a body, `nil` when it is chunked.
    package let declaredLength: Int?
    package let highWaterMark: Int
    /// Released when the body ends, fails or is discarded: it usually owns this body.
    package var source: (any InboundBodySource)?
    /// Told of each read and of the end of this body, which it must not own.
    var observer: (any InboundBodyObserver)?
    private var queue = BufferQueue()
    private var state: State
    private var callback: (() -> Void)?
    private(set) package var isDiscarded = false

    /// A body that ``feed(_:)``, ``end(trailers:)`` and ``fail(_:)`` fill; one of declared length 0 has ended.
    package init(eventLoop: any EventLoop, declaredLength: Int? = nil, highWaterMark: Int = 64 * 1024) {
        self.eventLoop = eventLoop
        self.declaredLength = declaredLength
        self.highWaterMark = highWaterMark
        self.state = declaredLength == 0 ? .ended(trailers: nil) : .open
    }

    /// A body that is whole already.
    package convenience init(eventLoop: any EventLoop, bytes: ByteBuffer, trailers: HTTPFields? = nil) {
        self.init(eventLoop: eventLoop, declaredLength: bytes.readableBytes)
        self.queue.append(bytes)
        self.state = .ended(trailers: trailers)
    }

    deinit {
        self.source?.bodyWasDiscarded()
        self.observer?.bodyShrank()
    }
}

// MARK: - Reading

extension InboundBody {
    /// Takes up to `maximum` bytes, at least one; never blocks.
    package func read(upTo maximum: Int = .max) -> Read {
        guard !self.isDiscarded else {
            return .failed(.discarded)
        }
        let waiting = self.queue.byteCount
        if let bytes = self.queue.pop(upTo: max(maximum, 1)) {
            if waiting >= self.highWaterMark, self.queue.byteCount < self.highWaterMark {
                self.source?.bodyHasRoom()
            }
            self.observer?.bodyShrank()
            return .bytes(bytes)
        }
        switch self.state {
        case .open:
            self.source?.bodyIsWanted()
            return .wouldBlock
        case .ended(let trailers):
            return .end(trailers: trailers)
        case .failed(let error):
            return .failed(error)
        }
    }

    /// Whether ``read(upTo:)`` gives anything but `wouldBlock`.
    package var isReadable: Bool {
        !self.queue.isEmpty || self.isDiscarded || !self.isOpen
    }

    /// Calls back once, on the event loop, when the body is readable; replaces the callback before.
    package func whenReadable(_ callback: @escaping () -> Void) {
        self.callback = callback
        if self.isReadable {
            self.eventLoop.assumeIsolated().execute { self.notify() }
        } else {
            self.source?.bodyIsWanted()
        }
    }

    /// Drops what waits here and what is still to come, and the callback.
    package func discard() {
        guard !self.isDiscarded else {
            return
        }
        self.isDiscarded = true
        self.callback = nil
        self.queue.removeAll()
        let source = self.source
        self.source = nil
        source?.bodyWasDiscarded()
        self.observer?.bodyShrank()
    }
}

// MARK: - Feeding

extension InboundBody {
    /// Whether more bytes, the end or a failure may come.
    package var isOpen: Bool {
        if case .open = self.state { true } else { false }
    }

    /// Whether the source should stop until ``InboundBodySource/bodyHasRoom()``.
    package var isFull: Bool { self.queue.byteCount >= self.highWaterMark }

    /// Bytes that wait for the reader.
    package var bufferedBytes: Int { self.queue.byteCount }

    package func feed(_ buffer: ByteBuffer) {
        guard self.isOpen, !self.isDiscarded else {
            return
        }
        self.queue.append(buffer)
        self.notify()
    }

    package func end(trailers: HTTPFields? = nil) {
        self.conclude(.ended(trailers: trailers))
        self.notify()
    }

    package func fail(_ error: BodyError) {
        self.failSilently(error)
        self.notify()
    }

    /// Fails the body; ``notify()`` must follow when no call of the reader is on the stack.
    func failSilently(_ error: BodyError) {
        self.conclude(.failed(error))
    }

    private func conclude(_ state: State) {
        if self.isOpen {
            self.state = state
            self.source = nil
        }
    }

    /// Calls the callback when there is something to read.
    func notify() {
        guard let callback = self.callback, self.isReadable else {
            return
        }
        self.callback = nil
        callback()
    }
}
