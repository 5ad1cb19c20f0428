import ComponentModel
import HTTP
import NIOCore

/// The body of a request or response of WASI 0.3, whoever made it, until somebody takes it.
///
/// It is taken once: a guest reads it (``consume(_:)``), or the host sends it (``transmit(by:)``). A body that nobody
/// takes is given up with its message.
final class MessageBody {
    typealias ErrorCode = WasiHttpTypesV3.ErrorCode
    typealias Trailers = ElementFuture<WITResult<FieldsV3Resource?, ErrorCode>>
    typealias Outcome = ElementFuture<WITResult<Void, ErrorCode>>

    private enum Content {
        /// It came from the network.
        case received(IncomingBody)
        /// A guest made it.
        case made(ByteStream?, Trailers)
        case taken
    }

    private var content: Content
    /// Tells the guest that made the body what became of it.
    private let transmission = Pending<WITResult<Void, ErrorCode>>()

    init(received body: InboundBody, of message: IncomingBody.Message) {
        self.content = .received(IncomingBody(body, of: message))
    }

    private init(_ contents: ByteStream?, _ trailers: Trailers) {
        self.content = .made(contents, trailers)
    }

    /// A body that a guest made, and the future by which the guest learns what became of it.
    static func make(_ contents: ByteStream?, _ trailers: Trailers) -> (MessageBody, Outcome) {
        let body = MessageBody(contents, trailers)
        return (body, ElementFuture(.later(body.transmission)))
    }

    deinit {
        self.drop()
    }

    /// Whether anything may be in it.
    var hasContents: Bool {
        switch self.content {
        case .received(let body): body.mayHaveBytes
        case .made(let contents, _): contents != nil
        case .taken: false
        }
    }

    /// Gives the body up. Who made it sees no error, as in Wasmtime: its message was not wanted, that is all.
    func drop() {
        if self.withhold() { self.settle(.ok) }
    }

    /// Gives the body up, but not what is told to the guest that made it: see ``settle(_:)``.
    ///
    /// - Returns: whether a guest made it, and nobody took it.
    @discardableResult
    func withhold() -> Bool {
        guard case .made(let contents, let trailers) = self.take() else { return false }
        contents?.drop()
        trailers.drop()
        return true
    }

    /// Tells the guest that made the body what became of its message; the first word counts.
    func settle(_ result: WITResult<Void, ErrorCode>) {
        self.transmission.succeed(result)
    }

    /// Lets a guest read the body. `outcome` is its word on how it went, for the body's maker.
    func consume(_ outcome: Outcome) -> (ByteStream, Trailers) {
        let content = self.take()
        let transmission = self.transmission
        outcome.whenComplete { outcome in
            if case .value(let result) = outcome { transmission.succeed(result) } else { transmission.succeed(.ok) }
        }
        switch content {
        case .received(let body): return ReceivedBodyProducer.make(body)
        case .made(let contents, let trailers): return (contents ?? ByteStream(EmptyProducer()), trailers)
        case .taken: return (ByteStream(EmptyProducer()), ElementFuture(.ready(.ok(nil))))
        }
    }

    /// Sends the body by `target`, which is attached to a writer, or soon will be.
    func transmit(by target: OutgoingBody) {
        switch self.take() {
        case .received(let body):
            ReceivedBodyPump(body, target).start()
        case .made(let contents, let trailers):
            MadeBodySender(target, self.transmission).send(contents, trailers)
        case .taken:
            _ = target.finish(trailers: nil)
        }
    }

    private func take() -> Content {
        defer { self.content = .taken }
        return self.content
    }
}

private final class EmptyProducer: ByteProducer {
    var isReady: Bool { true }
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep { .end }
    func cancel() {}
}

/// A body from the network as a guest reads it: from the socket's buffers straight to its memory.
private final class ReceivedBodyProducer: ByteProducer {
    private let body: IncomingBody
    private let trailers = Pending<WITResult<FieldsV3Resource?, MessageBody.ErrorCode>>()
    private weak var stream: ByteStream?

    private init(_ body: IncomingBody) {
        self.body = body
    }

    static func make(_ body: IncomingBody) -> (ByteStream, MessageBody.Trailers) {
        let producer = ReceivedBodyProducer(body)
        let stream = ByteStream(producer)
        producer.stream = stream
        return (stream, ElementFuture(.later(producer.trailers)))
    }

    var isReady: Bool {
        if self.body.isReady { return true }
        self.wakeLater()
        return false
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
        switch self.body.read(upTo: buffer.count) {
        case .bytes(let bytes):
            bytes.withUnsafeReadableBytes { buffer.copyMemory(from: $0) }
            return .moved(bytes.readableBytes)
        case .wouldBlock:
            self.wakeLater()
            return .wait
        case .closed, .failed:
            switch self.body.end {
            case .failed(let code): self.trailers.succeed(.error(code))
            case .trailers(let fields): self.trailers.succeed(.ok(fields.map { FieldsV3Resource(received: $0) }))
            case nil: self.trailers.succeed(.ok(nil))
            }
            return .end
        }
    }

    var isCut: Bool {
        if case .failed? = self.body.end { true } else { false }
    }

    func cancel() {
        self.body.discard()
        // As in Wasmtime: who does not read a body is not told how it would have ended.
        self.trailers.succeed(.ok(nil))
    }

    private func wakeLater() {
        self.body.whenReady { [weak self] in self?.stream?.wake() }
    }
}

/// Sends a body from the network on, without a guest and without a copy.
private final class ReceivedBodyPump {
    private let body: IncomingBody
    private let target: OutgoingBody

    init(_ body: IncomingBody, _ target: OutgoingBody) {
        self.body = body
        self.target = target
    }

    func start() {
        // What it waits for may be silent for as long as a year: who reads may be gone before.
        self.target.whenClosed { [weak self] in self?.body.discard() }
        self.run()
    }

    /// Keeps itself alive by what it waits for.
    private func run() {
        while true {
            switch self.target.credit() {
            case .bytes(0): return self.target.whenReady { self.run() }
            case .bytes(let credit):
                switch self.body.read(upTo: credit) {
                case .bytes(let bytes):
                    guard case .done = self.target.write(bytes) else { return self.body.discard() }
                case .wouldBlock: return self.body.whenReady { self.run() }
                case .closed, .failed: return self.end()
                }
            case .closed, .failed: return self.body.discard()
            }
        }
    }

    private func end() {
        guard case .trailers(let fields) = self.body.end else { return self.target.abandon() }
        _ = self.target.finish(trailers: fields)
    }
}

/// Sends a body that a guest writes: its stream, then its trailers.
private final class MadeBodySender: ByteConsumer {
    private let target: OutgoingBody
    private let transmission: Pending<WITResult<Void, MessageBody.ErrorCode>>
    /// As long as it is open, and no longer: it keeps this.
    private var stream: ByteStream?
    private var isStreamOver = false
    private var trailers: MessageBody.Trailers.Outcome?

    init(_ target: OutgoingBody, _ transmission: Pending<WITResult<Void, MessageBody.ErrorCode>>) {
        self.target = target
        self.transmission = transmission
    }

    func send(_ contents: ByteStream?, _ trailers: MessageBody.Trailers) {
        self.stream = contents
        self.target.whenClosed { [weak self] in self?.targetClosed() }
        // Before the stream: when both are there, one write sends all.
        trailers.whenComplete { outcome in
            self.trailers = outcome
            self.endWhenOver()
        }
        if let contents { contents.consume(by: self) } else { self.finish() }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep {
        switch self.target.credit() {
        case .bytes(0):
            self.target.whenReady { [weak self] in self?.stream?.wake() }
            return .wait
        case .bytes(let credit):
            let count = min(credit, bytes.count)
            switch self.target.write(UnsafeRawBufferPointer(rebasing: bytes[..<count])) {
            case .done: return .moved(count)
            case .closed: return self.fail(nil)
            case .failed(let error): return self.fail(error)
            }
        case .closed: return self.fail(nil)
        case .failed(let error): return self.fail(error)
        }
    }

    func finish() {
        self.stream = nil
        self.isStreamOver = true
        self.endWhenOver()
    }

    /// Whatever the trailers say: the guest may have given them before the contents.
    func cut() {
        guard !self.isStreamOver else { return }
        self.isStreamOver = true
        self.target.abandon()
        self.transmission.succeed(.error(.internalError("the body was broken off")))
    }

    /// Who writes the stream may have nothing to write now, and must learn of it all the same.
    private func targetClosed() {
        let stream = self.stream
        _ = self.fail(nil)
        stream?.stop()
    }

    private func fail(_ error: ErrorResource?) -> StreamStep {
        self.stream = nil
        if case .http(let code)? = error?.cause {
            self.transmission.succeed(.error(code))
        } else {
            self.transmission.succeed(self.target.nobodyTakes)
        }
        self.target.abandon()
        return .end
    }

    private func endWhenOver() {
        guard self.isStreamOver, let trailers = self.trailers, !self.transmission.isComplete else { return }
        switch trailers {
        case .value(.ok(let fields)):
            switch self.target.finish(trailers: fields?.storage.sendable) {
            case .ok: self.transmission.succeed(.ok)
            case .error(let code): self.transmission.succeed(.error(code))
            }
        case .value(.error(let code)):
            // The guest says itself that the body is not what it should have been: its receiver must notice.
            self.target.abandon()
            self.transmission.succeed(.error(code))
        case .dropped:
            self.target.abandon()
            self.transmission.succeed(.ok)
        }
    }
}
