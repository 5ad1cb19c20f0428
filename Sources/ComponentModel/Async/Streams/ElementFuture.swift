/// The readable end of a `future<T>` in the host's hands: one that the host made, or one that a guest gave away.
///
/// Either it is given to a guest, or the host waits for its value, or it is dropped; that is done when the object goes.
/// Confined to the event loop of its instance.
package final class ElementFuture<Value> {
    /// How a future that a guest writes ended.
    package enum Outcome {
        case value(Value)
        /// The guest ended, or trapped, without writing it.
        case dropped
    }

    private let end: HostEnd
    private let codec: ElementCodec<Value>?

    /// A future that the host writes.
    ///
    /// An answer that fails is a fault of the host: it traps whoever reads the future.
    package init(_ value: HostAnswer<Value>) {
        let source = FutureSource(value)
        let shared = SharedStream(isFuture: true, payload: nil, source: source)
        // Its type is known when it is given to a guest.
        self.end = HostEnd(shared)
        self.codec = nil
        source.observe { shared.wake() }
    }

    init(_ end: HostEnd, _ codec: ElementCodec<Value>) {
        self.end = end
        self.codec = codec
    }

    /// Reads the future; `observer` is called once, on the event loop.
    package func whenComplete(_ observer: @escaping (Outcome) -> Void) {
        guard let shared = self.end.take() else { return observer(.dropped) }
        shared.connect(FutureSink(self.codec, observer))
    }

    /// Wants no value: the writer sees that its reader is gone.
    package func drop() {
        self.end.drop()
    }

    /// The future, to be given to a guest.
    func give(_ codec: ElementCodec<Value>) throws -> SharedStream {
        let shared = try self.end.give()
        shared.setPayload(codec.payload)
        (shared.source as? FutureSource<Value>)?.codec = codec
        return shared
    }
}

/// A value that the host has, or will have.
private final class FutureSource<Value>: StreamSource {
    private var result: Result<Value, any Error>?
    /// Held by whoever completes it. It in turn keeps the future, which may be all that does.
    private weak var pending: Pending<Value>?
    var codec: ElementCodec<Value>? {
        didSet { self.allocates = self.codec?.mayAllocate ?? true }
    }
    private var allocates = true

    init(_ answer: HostAnswer<Value>) {
        switch answer {
        case .ready(let value): self.result = .success(value)
        case .later(let pending): self.pending = pending
        }
    }

    /// Calls `wake` when the value comes.
    func observe(_ wake: @escaping () -> Void) {
        self.pending?.whenComplete { result in
            self.result = result
            self.pending = nil
            wake()
        }
    }

    override var runsGuest: Bool { self.allocates }

    override func fill(_ end: CopyEnd) throws -> StreamStep {
        guard let codec = self.codec, end.operation?.payload.layout.size == codec.size else {
            throw HostLimitError("a future of the host has no type, or another one")
        }
        guard let result = self.result else { return .wait }
        let value = try result.get()
        self.result = nil
        try end.withCall { try codec.store(value, end.address, $0) }
        end.advance(1)
        return .moved(1)
    }

    override func pump(to sink: StreamSink) -> Bool {
        guard let sink = sink as? FutureSink<Value> else { return super.pump(to: sink) }
        switch self.result {
        case .success(let value): sink.finish(.value(value))
        case .failure: sink.finish(.dropped)
        case nil: return false
        }
        return true
    }

    override func cancel() {
        let pending = self.pending
        self.pending = nil
        pending?.cancel()
    }
}

/// The host, waiting for a value.
private final class FutureSink<Value>: StreamSink {
    private let codec: ElementCodec<Value>?
    private var observer: ((ElementFuture<Value>.Outcome) -> Void)?

    init(_ codec: ElementCodec<Value>?, _ observer: @escaping (ElementFuture<Value>.Outcome) -> Void) {
        self.codec = codec
        self.observer = observer
    }

    deinit {
        // Whoever had the value to give is gone.
        self.finish(.dropped)
    }

    override func drain(_ end: CopyEnd) throws -> StreamStep {
        guard let codec = self.codec, end.operation?.payload.layout.size == codec.size else {
            throw HostLimitError("a future of a guest has no type, or another one")
        }
        let value = try end.withCall { try codec.load(end.address, $0) }
        end.advance(1)
        self.finish(.value(value))
        return .moved(1)
    }

    func finish(_ outcome: ElementFuture<Value>.Outcome) {
        let observer = self.observer
        self.observer = nil
        observer?(outcome)
    }

    override func finish() {
        self.finish(.dropped)
    }
}
