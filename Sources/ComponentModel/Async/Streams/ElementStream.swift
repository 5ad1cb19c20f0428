/// The host's source of a stream of anything but bytes.
package protocol ElementProducer<Element>: AnyObject {
    associatedtype Element
    func next() throws -> ElementStep<Element>
    /// The reader is gone: no call comes any more.
    func cancel()
}

package enum ElementStep<Element> {
    case element(Element)
    /// None now: the producer calls the stream's `wake()` when that changes.
    case wait
    case end
}

/// The host's drain of a stream of anything but bytes.
package protocol ElementConsumer<Element>: AnyObject {
    associatedtype Element
    /// Whether ``accept(_:)`` may be called; if not, the consumer calls the stream's `wake()` later.
    var hasRoom: Bool { get }
    /// False when it wants no more elements.
    func accept(_ element: Element) throws -> Bool
    /// The writer is gone.
    func finish()
}

/// The readable end of a `stream<T>` in the host's hands; see ``ByteStream``.
package final class ElementStream<Element>: HostEnd {
    /// How elements are lifted when a guest writes them; the host's own have none.
    private let codec: ElementCodec<Element>?
    /// What writes a stream of the host's own, until it is given to a guest: then it keeps this object.
    private var source: ElementSource<Element>?

    package init(_ producer: any ElementProducer<Element>) {
        let source = ElementSource(producer)
        self.codec = nil
        self.source = source
        // Its type is known when it is given to a guest.
        super.init(SharedStream(isFuture: false, payload: nil, source: source))
    }

    init(_ lifted: Lifted, _ codec: ElementCodec<Element>) {
        self.codec = codec
        self.source = nil
        super.init(lifted.shared, lifetime: lifted.lifetime)
    }

    package func consume(by consumer: any ElementConsumer<Element>) {
        guard let shared = self.take() else { return consumer.finish() }
        let sink = ElementSink(consumer, self.codec)
        sink.handle = self
        shared.connect(sink)
    }

    package func wake() {
        self.shared.wake()
    }

    /// The stream, to be given to a guest.
    func give(_ codec: ElementCodec<Element>) throws -> SharedStream {
        let shared = try self.give()
        shared.setPayload(codec.payload)
        if let source = self.source {
            self.source = nil
            source.codec = codec
            source.handle = self
        }
        return shared
    }
}

/// A producer of elements at its stream.
private final class ElementSource<Element>: StreamSource {
    private let producer: any ElementProducer<Element>
    var codec: ElementCodec<Element>?
    /// An element that nobody has taken yet.
    private var next: Element?

    init(_ producer: any ElementProducer<Element>) {
        self.producer = producer
    }

    override var runsGuest: Bool { self.codec?.mayAllocate ?? true }

    /// Looks for an element, which is then in `next` when it gives `moved`.
    private func advance() throws -> StreamStep {
        guard self.next == nil else { return .moved(1) }
        switch try self.producer.next() {
        case .element(let element):
            self.next = element
            return .moved(1)
        case .wait: return .wait
        case .end: return .end
        }
    }

    override func fill(_ end: CopyEnd) throws -> StreamStep {
        guard let codec = self.codec, end.operation?.payload.layout.size == codec.size else {
            throw HostLimitError("a stream of the host has no element type, or another one")
        }
        var step = try self.advance()
        let start = end.progress
        while step == .moved(1), end.remaining > 0, let element = self.next {
            self.next = nil
            try end.withItem { try codec.store(element, $0, $1) }
            end.advance(1)
            guard end.remaining > 0 else { break }
            step = try self.advance()
        }
        return step == .wait && end.progress > start ? .moved(end.progress - start) : step
    }

    override func pump(to sink: StreamSink) -> Bool {
        guard let sink = sink as? ElementSink<Element> else { return super.pump(to: sink) }
        do {
            while sink.consumer.hasRoom {
                switch try self.advance() {
                case .wait: return false
                case .end:
                    sink.finish()
                    return true
                case .moved: break
                }
                guard let element = self.next else { return false }
                self.next = nil
                if try !sink.consumer.accept(element) {
                    self.cancel()
                    return true
                }
            }
            return false
        } catch {
            // Nobody's guest is at fault, and nobody is there to be told.
            return super.pump(to: sink)
        }
    }

    override func cancel() {
        self.next = nil
        self.producer.cancel()
    }
}

/// A consumer of elements at its stream.
private final class ElementSink<Element>: StreamSink {
    let consumer: any ElementConsumer<Element>
    private let codec: ElementCodec<Element>?

    init(_ consumer: any ElementConsumer<Element>, _ codec: ElementCodec<Element>?) {
        self.consumer = consumer
        self.codec = codec
    }

    override func drain(_ end: CopyEnd) throws -> StreamStep {
        guard let codec = self.codec, end.operation?.payload.layout.size == codec.size else {
            throw HostLimitError("a stream of a guest has no element type, or another one")
        }
        guard end.length > 0 else { return self.consumer.hasRoom ? .moved(0) : .wait }
        let start = end.progress
        while end.remaining > 0, self.consumer.hasRoom {
            let element = try end.load(codec)
            end.advance(1)
            if try !self.consumer.accept(element) { return .end }
        }
        return end.progress > start ? .moved(end.progress - start) : .wait
    }

    override func finish() {
        self.consumer.finish()
    }
}
