/// The readable end of a `future<T>` in the host's hands: one that the host made, or one that a guest gave away.
///
/// Either it is given to a guest, or the host waits for its value, or it is dropped; that is done when the object goes.
/// Confined to the event loop of its instance. What depends on the type is inlined into whoever knows it: looking types
/// up at run time costs more than the future itself.
@usableFromInline
package final class ElementFuture<Value>: HostEnd {
    /// How a future that a guest writes ended.
    @usableFromInline
    package enum Outcome {
        case value(Value)
        /// The guest ended, or trapped, without writing it.
        case dropped
    }

    @usableFromInline
    package let codec: ElementCodec<Value>?

    /// A future that the host writes.
    ///
    /// An answer that fails is a fault of the host: it traps whoever reads the future.
    @inlinable
    package init(_ answer: HostAnswer<Value>) {
        // Its type is known when it is given to a guest.
        self.codec = nil
        switch answer {
        case .ready(let value): super.init(.answered(by: PendingResult(.success(value))))
        case .later(let pending): super.init(.answer(of: pending, pending.result))
        }
    }

    @inlinable
    package init(_ lifted: Lifted, _ codec: ElementCodec<Value>) {
        self.codec = codec
        super.init(lifted.shared, lifetime: lifted.lifetime)
    }

    /// Reads the future; `observer` is called once, on the event loop.
    @inlinable
    package func whenComplete(_ observer: @escaping (Outcome) -> Void) {
        let codec = self.codec
        self.read { item in
            switch item {
            case .copy(let end):
                guard let codec else { throw FutureItem.untyped }
                observer(.value(try end.load(codec)))
            case .box(let box):
                // A guest may have handed it on under another name of its type.
                guard let box = box as? PendingResult<Value>, case .success(let value) = box.value else {
                    return observer(.dropped)
                }
                observer(.value(value))
            case .dropped: observer(.dropped)
            }
        }
    }

    /// The future, to be given to a guest.
    @inlinable
    package func give(_ codec: ElementCodec<Value>) throws -> SharedStream {
        let shared = try self.give()
        shared.setFuture(codec.payload, codec.writer)
        return shared
    }
}

/// What a reader of a future gets.
@usableFromInline
package enum FutureItem {
    /// The end of a guest that writes its value.
    case copy(CopyEnd)
    /// The ``PendingResult`` of the host.
    case box(AnyObject)
    case dropped

    @usableFromInline
    package static var untyped: HostLimitError {
        HostLimitError("a future has no type, or another one")
    }
}

extension HostEnd {
    @usableFromInline
    package final func read(_ receive: @escaping (FutureItem) throws -> Void) {
        let sink = FutureSink(receive)
        guard let shared = self.take() else { return sink.finish() }
        shared.connect(sink)
    }
}

extension CopyEnd {
    /// Lifts the item that the copy is at.
    @inlinable
    package func load<Element>(_ codec: ElementCodec<Element>) throws -> Element {
        guard self.itemSize == codec.size else { throw FutureItem.untyped }
        var element: Element?
        try self.withItem { element = try codec.load($0, $1) }
        guard let element else { throw FutureItem.untyped }
        return element
    }
}

extension SharedStream {
    /// A future of the host's with its value.
    @usableFromInline
    package static func answered(by box: AnyObject) -> SharedStream {
        let source = FutureSource()
        source.result = box
        return SharedStream(isFuture: true, payload: nil, source: source)
    }

    /// A future that has its value when `pending` has.
    @usableFromInline
    package static func answer(of pending: AnyPending, _ box: AnyObject?) -> SharedStream {
        if let box { return .answered(by: box) }
        let source = FutureSource()
        source.pending = pending
        let shared = SharedStream(isFuture: true, payload: nil, source: source)
        pending.answer(shared)
        return shared
    }

    /// Says of what type it is, to a future of the host's also how its value is written.
    @usableFromInline
    package func setFuture(_ payload: UInt32, _ writer: FutureWriter) {
        self.setPayload(payload)
        self.futureSource?.writer = writer
    }

    /// The host's promise is there.
    func answered(by box: AnyObject) {
        guard let source = self.futureSource else { return }
        source.pending = nil
        source.result = box
        self.wake()
    }

    /// The host's promise is gone: the future was all that knew of it.
    func forgetAnswer() {
        self.futureSource?.pending = nil
    }

    /// What writes a future of the host's; nil for one of a guest's.
    private var futureSource: FutureSource? {
        // Nothing else writes futures.
        self.isFuture ? self.source.map { unsafeDowncast($0, to: FutureSource.self) } : nil
    }
}

/// A value that the host has, or will have.
private final class FutureSource: StreamSource {
    /// The ``PendingResult``.
    var result: AnyObject?
    /// Held by whoever completes it, and then it keeps the future. It takes itself out when it goes.
    unowned(unsafe) var pending: AnyPending?
    var writer: FutureWriter?

    override var runsGuest: Bool { self.writer?.mayAllocate ?? true }

    override func fill(_ end: CopyEnd) throws -> StreamStep {
        guard let writer = self.writer, end.itemSize == writer.size else { throw FutureItem.untyped }
        guard let result = self.result else { return .wait }
        self.result = nil
        try end.withItem { try writer.store(result, $0, $1) }
        end.advance(1)
        return .moved(1)
    }

    override func pump(to sink: StreamSink) -> Bool {
        guard let sink = sink as? FutureSink else { return super.pump(to: sink) }
        guard let result = self.result else { return false }
        sink.finish(.box(result))
        return true
    }

    override func cancel() {
        let pending = self.pending
        self.pending = nil
        pending?.cancel()
    }
}

/// The host, waiting for a value.
private final class FutureSink: StreamSink {
    private var receive: ((FutureItem) throws -> Void)?

    init(_ receive: @escaping (FutureItem) throws -> Void) {
        self.receive = receive
    }

    deinit {
        // Whoever had the value to give is gone.
        self.finish(.dropped)
    }

    override func drain(_ end: CopyEnd) throws -> StreamStep {
        let receive = self.receive
        self.receive = nil
        do {
            try receive?(.copy(end))
        } catch {
            try? receive?(.dropped)
            throw error
        }
        end.advance(1)
        return .moved(1)
    }

    func finish(_ item: FutureItem) {
        let receive = self.receive
        self.receive = nil
        // What the host has needs no lifting, which alone can fail.
        try? receive?(item)
    }

    override func finish() {
        self.finish(.dropped)
    }
}
