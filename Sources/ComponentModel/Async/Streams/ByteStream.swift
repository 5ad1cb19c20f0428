/// What became of an attempt to move items through a stream.
package enum StreamStep: Hashable, Sendable {
    /// So many items were moved; at least one.
    case moved(Int)
    /// None now: whoever says so calls the stream's `wake()` when that changes.
    case wait
    /// None any more.
    case end
}

/// The host's source of a `stream<u8>` that a guest reads.
package protocol ByteProducer: AnyObject {
    /// Copies bytes to the reader's memory, which is not empty. Runs no guest code.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep
    /// Whether `read` would give something else than `wait`: asked when a guest reads zero bytes to wait for data.
    var isReady: Bool { get }
    /// The reader is gone: no call comes any more.
    func cancel()
    /// Whether the end that `read` told of came before all was there. Guests learn of that elsewhere; a consumer of the
    /// host, by ``ByteConsumer/cut()``.
    var isCut: Bool { get }
}

/// The host's drain of a `stream<u8>` that a guest writes.
package protocol ByteConsumer: AnyObject {
    /// Takes some of the bytes, which lie in the writer's memory and are valid during the call. Runs no guest code.
    ///
    /// `.end` says that it takes nothing any more: the writer sees that its reader is gone.
    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep
    /// The writer is gone: the stream is complete.
    func finish()
    /// The writer is gone in the middle: its instance failed, or the host's own producer says so.
    func cut()
    /// Whether a stream of the host that a guest passes on to this consumer ends with the guest's instance.
    ///
    /// False for what is an answer of the guest's, such as the body of a response, which goes on without it.
    var endsWithInstance: Bool { get }
    /// Has `body` called soon, in another turn of the event loop; false where there is none.
    ///
    /// A stream of the host that never waits would else keep the loop to itself.
    func later(_ body: @escaping () -> Void) -> Bool
}

extension ByteProducer {
    package var isCut: Bool { false }
}

extension ByteConsumer {
    package func cut() { self.finish() }
    package var endsWithInstance: Bool { false }
}

/// The readable end of a `stream<u8>` in the host's hands: one that the host made, or one that a guest gave away.
///
/// Either it is given to a guest (``HostCall/insert(_:)``), or the host reads it (``consume(by:)``), or it is dropped;
/// that is done when the object goes. From then on the stream keeps the object as long as it is open: who only wakes it
/// may hold it weakly. Confined to the event loop of its instance.
package final class ByteStream: HostEnd {
    /// A stream that the host writes.
    package init(_ producer: any ByteProducer) {
        super.init(SharedStream(isFuture: false, payload: StreamPayload.byte, source: ByteSource(producer)))
    }

    init(_ lifted: Lifted) {
        super.init(lifted.shared, lifetime: lifted.lifetime)
    }

    /// Reads the stream to its end.
    package func consume(by consumer: any ByteConsumer) {
        guard let shared = self.take() else { return consumer.finish() }
        let sink = ByteSink(consumer)
        sink.handle = self
        if consumer.endsWithInstance, shared.source != nil { self.lifetime?.add(shared) }
        shared.connect(sink)
    }

    /// The producer has something, or the consumer has room again. Never runs guest code before it returns.
    package func wake() {
        self.shared.wake()
    }

    /// The consumer takes nothing any more: what ``ByteConsumer/write(_:)`` says by `.end`, where nothing is being written.
    package func stop() {
        self.shared.drop(byReader: true)
    }

    /// The stream, to be given to a guest.
    func handOver() throws -> SharedStream {
        let shared = try self.give()
        shared.source?.handle = self
        return shared
    }
}

/// A byte producer at its stream.
private final class ByteSource: StreamSource {
    private let producer: any ByteProducer
    /// Bytes between producer and consumer where no guest lies between them.
    private var buffer: UnsafeMutableRawBufferPointer?
    private var filled = 0..<0
    private static let bufferSize = 64 << 10
    /// Bytes that one turn of the event loop passes from the host to the host.
    private static let turn = 1 << 20

    init(_ producer: any ByteProducer) {
        self.producer = producer
    }

    deinit {
        self.buffer?.deallocate()
    }

    override func fill(_ end: CopyEnd) throws -> StreamStep {
        guard end.length > 0 else { return self.producer.isReady ? .moved(0) : .wait }
        let room = try end.view(end.remaining)
        let step = try self.producer.read(into: room)
        if case .moved(let count) = step {
            guard count >= 0, count <= room.count else {
                throw HostLimitError("a producer gave \(count) bytes, for \(room.count) there was room")
            }
            end.advance(count)
        }
        return step
    }

    override func pump(to sink: StreamSink) -> Bool {
        guard let sink = sink as? ByteSink else { return super.pump(to: sink) }
        do {
            return try self.pump(to: sink.consumer, of: sink.handle as? ByteStream)
        } catch {
            // Nobody's guest is at fault, and nobody is there to be told.
            return super.pump(to: sink)
        }
    }

    private func pump(to consumer: any ByteConsumer, of stream: ByteStream?) throws -> Bool {
        let buffer = self.buffer ?? .allocate(byteCount: Self.bufferSize, alignment: 16)
        self.buffer = buffer
        var passed = 0
        while true {
            if passed >= Self.turn, let stream, consumer.later({ stream.wake() }) { return false }
            if self.filled.isEmpty {
                switch try self.producer.read(into: buffer) {
                case .moved(let count): self.filled = 0..<min(max(0, count), buffer.count)
                case .wait: return false
                case .end:
                    if self.producer.isCut { consumer.cut() } else { consumer.finish() }
                    return true
                }
            }
            switch try consumer.write(UnsafeRawBufferPointer(rebasing: buffer[self.filled])) {
            case .moved(let count):
                passed += max(1, count)
                self.filled = self.filled.lowerBound + min(max(0, count), self.filled.count)..<self.filled.upperBound
            case .wait: return false
            case .end:
                self.producer.cancel()
                return true
            }
        }
    }

    override func cancel() {
        self.producer.cancel()
    }
}

/// A byte consumer at its stream.
private final class ByteSink: StreamSink {
    let consumer: any ByteConsumer

    init(_ consumer: any ByteConsumer) {
        self.consumer = consumer
    }

    override func drain(_ end: CopyEnd) throws -> StreamStep {
        // Whoever writes nothing to learn of room writes something next, and waits then.
        guard end.length > 0 else { return .moved(0) }
        let bytes = UnsafeRawBufferPointer(try end.view(end.remaining))
        let step = try self.consumer.write(bytes)
        if case .moved(let count) = step {
            guard count >= 0, count <= bytes.count else {
                throw HostLimitError("a consumer took \(count) bytes of \(bytes.count)")
            }
            end.advance(count)
        }
        return step
    }

    override func finish() {
        self.consumer.finish()
    }

    override func cut() {
        self.consumer.cut()
    }
}
