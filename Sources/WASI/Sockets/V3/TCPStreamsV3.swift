import ComponentModel
import NIOCore

/// What comes from a connection, as a `stream<u8>` of WASI 0.3: straight from the system into the reader's memory.
final class ReceiveProducer: ByteProducer {
    typealias Outcome = WITResult<Void, WasiSocketsTypesV3.ErrorCode>

    /// Most bytes of one read.
    private static let most = 256 << 10

    private let socket: Socket
    private let outcome = Pending<Outcome>()
    /// Weak: the stream keeps its producer.
    private weak var stream: ByteStream?

    private init(_ socket: Socket) {
        self.socket = socket
    }

    static func start(_ socket: Socket) -> (ByteStream, ElementFuture<Outcome>) {
        let producer = ReceiveProducer(socket)
        let stream = ByteStream(producer)
        producer.stream = stream
        return (stream, ElementFuture(.later(producer.outcome)))
    }

    /// A stream without anything in it, and why.
    static func failed(_ error: SocketError) -> (ByteStream, ElementFuture<Outcome>) {
        (ByteStream(EmptyProducer()), ElementFuture(.ready(.error(.init(error)))))
    }

    var isReady: Bool {
        if self.outcome.isComplete || self.socket.isReady(.read) { return true }
        self.wakeLater()
        return false
    }

    private func wakeLater() {
        self.socket.whenReady(.read) { [weak self] in self?.stream?.wake() }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
        guard !self.outcome.isComplete else { return .end }
        do throws(SocketError) {
            let count = try self.socket.receive(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Self.most)))
            if count > 0 { return .moved(count) }
            self.outcome.succeed(.ok)
            return .end
        } catch {
            if error.code == .wouldBlock {
                self.wakeLater()
                return .wait
            }
            self.outcome.succeed(.error(.init(error)))
            return .end
        }
    }

    func cancel() {
        guard !self.outcome.isComplete else { return }
        self.socket.shutdown(receive: true, send: false)
        self.outcome.succeed(.ok)
    }
}

private final class EmptyProducer: ByteProducer {
    var isReady: Bool { true }
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep { .end }
    func cancel() {}
}

/// What goes to a connection, as a `stream<u8>` of WASI 0.3: straight from the writer's memory into the system. When the
/// system has no room, the writer waits.
final class SendConsumer: ByteConsumer {
    typealias Outcome = WITResult<Void, WasiSocketsTypesV3.ErrorCode>

    private let socket: Socket
    private let outcome = Pending<Outcome>()
    /// Weak: the stream keeps its consumer.
    private weak var stream: ByteStream?

    private init(_ socket: Socket) {
        self.socket = socket
    }

    static func drain(_ stream: ByteStream, into socket: Socket) -> ElementFuture<Outcome> {
        let consumer = SendConsumer(socket)
        consumer.stream = stream
        stream.consume(by: consumer)
        return ElementFuture(.later(consumer.outcome))
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep {
        guard !self.outcome.isComplete else { return .end }
        do throws(SocketError) {
            return .moved(try self.socket.send(bytes))
        } catch {
            if error.code == .wouldBlock {
                self.socket.whenReady(.write) { [weak self] in self?.stream?.wake() }
                return .wait
            }
            self.outcome.succeed(.error(.init(error)))
            return .end
        }
    }

    var endsWithInstance: Bool { true }

    func finish() {
        guard !self.outcome.isComplete else { return }
        self.socket.shutdown(receive: false, send: true)
        self.outcome.succeed(.ok)
    }
}

/// The connections of a listening socket, as a stream of WASI 0.3 that never ends.
final class ListenProducer: ElementProducer {
    /// How long nobody is accepted when there is no descriptor for it.
    private static let pause = TimeAmount.milliseconds(100)
    /// Connections that were gone before they were accepted, in a row.
    private static let mostFailures = 16

    private let tcp: TCPSocket
    /// Weak: the stream keeps its producer.
    private weak var stream: ElementStream<TcpSocketV3Resource>?
    private var isCancelled = false
    /// Set while nobody is accepted.
    private var retry: Scheduled<Void>?

    private init(_ tcp: TCPSocket) {
        self.tcp = tcp
    }

    static func start(_ tcp: TCPSocket) -> ElementStream<TcpSocketV3Resource> {
        let producer = ListenProducer(tcp)
        let stream = ElementStream(producer)
        producer.stream = stream
        return stream
    }

    func next() throws -> ElementStep<TcpSocketV3Resource> {
        guard !self.isCancelled else { return .end }
        for _ in 0..<Self.mostFailures {
            // A connection that the guest has no place for stays with the system.
            guard self.tcp.socket.mayOpenAnother else { break }
            do throws(SocketError) {
                return .element(TcpSocketV3Resource(try self.tcp.accept()))
            } catch {
                switch error.code {
                case .wouldBlock:
                    self.tcp.socket.whenReady(.read) { [weak self] in self?.stream?.wake() }
                    return .wait
                case .newSocketLimit: break
                // It was gone before it was accepted.
                default: continue
                }
            }
            break
        }
        // The guest may ask as often as it likes.
        if self.retry == nil {
            self.retry = self.tcp.socket.after(Self.pause) { [weak self] in
                self?.retry = nil
                self?.stream?.wake()
            }
        }
        return .wait
    }

    func cancel() {
        self.isCancelled = true
        self.retry?.cancel()
        self.retry = nil
    }
}
