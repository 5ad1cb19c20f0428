package import ComponentModel
import HTTP
import NIOCore

/// A body that the guest writes: what its resource, its stream and its message share.
///
/// Bytes wait here, up to a limit, until the message is handed over and its connection attached.
final class OutgoingBody: OutputTarget {
    enum Message {
        case request
        case response

        /// The error for a body that is not as long as its `content-length` says.
        func sizeError(_ size: UInt64) -> WasiHttpTypes.ErrorCode {
            switch self {
            case .request: .httpRequestBodySize(size)
            case .response: .httpResponseBodySize(size)
            }
        }
    }

    private enum Phase {
        case open
        case finished
        /// It can never be completed: dropped, of the wrong length, or nobody takes it.
        case aborted
    }

    private let message: Message
    private let declaredLength: UInt64?
    private let budget: HostMemoryBudget
    private var phase = Phase.open
    private var isRefused = false
    private var writer: (any BodyWriter)?
    private var pending = ByteBuffer()
    private var trailers: HTTPFields?
    private var written: UInt64 = 0
    private var callback: (() -> Void)?
    private var closeCallback: (() -> Void)?
    private var flushIsScheduled = false
    private(set) var streamIsOpen = false

    init(_ message: Message, declaredLength: UInt64?, budget: HostMemoryBudget) {
        self.message = message
        self.declaredLength = declaredLength
        self.budget = budget
    }

    deinit {
        self.budget.give(back: self.pending.readableBytes)
    }

    // MARK: The guest's side

    func openStream() { self.streamIsOpen = true }

    func close() { self.streamIsOpen = false }

    func credit() -> OutputCredit {
        guard self.phase == .open else { return .closed }
        guard let writer = self.writer else {
            return .bytes(max(0, self.budget.limits.bufferedBodyBytes - self.pending.readableBytes))
        }
        return writer.isClosed ? .closed : .bytes(writer.writableBytes)
    }

    var isReady: Bool {
        if case .bytes(0) = self.credit() { false } else { true }
    }

    func whenReady(_ callback: @escaping () -> Void) {
        if let writer = self.writer {
            writer.whenWritable(callback)
        } else {
            self.callback = callback
        }
    }

    /// Calls back once when nobody takes the body any more: for who has nothing to write now, and would else not notice.
    func whenClosed(_ callback: @escaping () -> Void) {
        if let writer = self.writer {
            writer.whenClosed(callback)
        } else {
            self.closeCallback = callback
        }
    }

    var deadlock: String? {
        guard self.phase == .open, self.writer == nil else { return nil }
        let remedy =
            switch self.message {
            case .response: "call response-outparam.set before writing more"
            case .request: "call outgoing-handler.handle before writing more"
            }
        let limit = self.budget.limits.bufferedBodyBytes
        return "a blocking write would wait for ever: \(limit) bytes of the body wait to be sent; \(remedy)"
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> OutputOutcome {
        if let refusal = self.begin(writing: bytes.count) { return refusal }
        if let writer = self.writer {
            writer.write(copying: bytes)
            self.flushSoon(writer)
            return .done
        }
        do {
            try self.budget.take(bytes.count)
        } catch {
            return .failed(ErrorResource(.other(error.message)))
        }
        self.pending.writeBytes(bytes)
        return .done
    }

    func write(_ buffer: ByteBuffer) -> OutputOutcome {
        guard let writer = self.writer else { return buffer.withUnsafeReadableBytes { self.write($0) } }
        if let refusal = self.begin(writing: buffer.readableBytes) { return refusal }
        writer.write(buffer)
        self.flushSoon(writer)
        return .done
    }

    /// Counts `count` bytes that are about to be written; what forbids it.
    private func begin(writing count: Int) -> OutputOutcome? {
        guard self.phase == .open else { return .closed }
        if let writer = self.writer, writer.isClosed {
            self.phase = .aborted
            return .failed(ErrorResource(.http(.connectionTerminated)))
        }
        self.written += UInt64(count)
        if let declaredLength = self.declaredLength, self.written > declaredLength {
            self.abort()
            return .failed(ErrorResource(.http(self.message.sizeError(self.written))))
        }
        return nil
    }

    func flush() -> OutputOutcome {
        guard self.phase == .open else { return .closed }
        if let writer = self.writer {
            if writer.isClosed { return .closed }
            self.flushSoon(writer)
        }
        return .done
    }

    /// Flushes when the guest next lets the event loop go on, which waiting and the end of its time slice do.
    ///
    /// A guest that writes its whole body in one go is thus answered in one packet, with a `content-length`.
    private func flushSoon(_ writer: any BodyWriter) {
        guard !self.flushIsScheduled else { return }
        self.flushIsScheduled = true
        writer.eventLoop.assumeIsolated().execute {
            self.flushIsScheduled = false
            writer.flush()
        }
    }

    /// The guest says that the body is complete.
    func finish(trailers: HTTPFields?) -> WITResult<Void, WasiHttpTypes.ErrorCode> {
        guard self.phase == .open else {
            if self.tooLong { return .error(self.message.sizeError(self.written)) }
            return self.isRefused ? self.nobodyTakes : .error(.connectionTerminated)
        }
        if let writer = self.writer {
            if writer.isClosed {
                self.phase = .aborted
                return self.nobodyTakes
            }
            // The writer knows whether too few bytes are an error: the answer to HEAD declares a length and has none.
            guard writer.finish(trailers: trailers) else {
                self.phase = .aborted
                return .error(self.message.sizeError(self.written))
            }
        } else if let declaredLength = self.declaredLength, declaredLength != self.written {
            self.abort()
            return .error(self.message.sizeError(self.written))
        }
        self.phase = .finished
        self.trailers = trailers
        return .ok
    }

    /// What became of a request is told by the future of its response, as in Wasmtime: an error here, which guests may see
    /// first, would hide it.
    var nobodyTakes: WITResult<Void, WasiHttpTypes.ErrorCode> {
        self.message == .request ? .ok : .error(.connectionTerminated)
    }

    private var tooLong: Bool { self.declaredLength.map { self.written > $0 } ?? false }

    /// The guest dropped the body, finished or not.
    func abandon() {
        if self.phase == .open { self.abort() }
    }

    private func abort() {
        self.phase = .aborted
        self.clearPending()
        self.writer?.abort()
    }

    private func clearPending() {
        self.budget.give(back: self.pending.readableBytes)
        self.pending = ByteBuffer()
    }

    // MARK: The message's side

    /// The message was handed over and its head written: the body follows, as far as it is there.
    func attach(_ writer: any BodyWriter) {
        self.writer = writer
        if self.phase == .aborted {
            writer.abort()
            return
        }
        if self.pending.readableBytes > 0 {
            let pending = self.pending
            self.clearPending()
            writer.write(pending)
        }
        if self.phase == .finished { writer.finish(trailers: self.trailers) } else { self.flushSoon(writer) }
        let (callback, closeCallback) = (self.callback, self.closeCallback)
        self.callback = nil
        self.closeCallback = nil
        if let closeCallback, self.phase == .open { writer.whenClosed(closeCallback) }
        callback?()
    }

    /// Nobody takes the body: its message was refused.
    func refuse() {
        guard self.phase == .open else { return }
        self.isRefused = true
        self.abort()
        let (callback, closeCallback) = (self.callback, self.closeCallback)
        self.callback = nil
        self.closeCallback = nil
        callback?()
        closeCallback?()
    }
}

/// `wasi:http/types.outgoing-body`. Dropping it unfinished breaks the message off, so that its receiver notices.
package final class OutgoingBodyResource: WasiHttpTypes.OutgoingBody {
    private let body: OutgoingBody
    private var streamTaken = false

    init(_ body: OutgoingBody) {
        self.body = body
    }

    deinit {
        self.body.abandon()
    }

    package func write(in call: borrowing HostCall) throws -> WITResult<OutputStreamResource, Void> {
        guard !self.streamTaken else { return .error }
        self.streamTaken = true
        self.body.openStream()
        return .ok(OutputStreamResource(self.body))
    }

    package static func finish(
        this: OutgoingBodyResource, trailers: FieldsResource?, in call: borrowing HostCall
    ) throws -> WITResult<Void, WasiHttpTypes.ErrorCode> {
        guard !this.body.streamIsOpen else {
            throw GuestFault("outgoing-body.finish was called before the body's output-stream was dropped")
        }
        return this.body.finish(trailers: trailers?.storage.sendable)
    }
}
