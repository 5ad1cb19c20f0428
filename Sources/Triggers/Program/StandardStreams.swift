import AppModel
import NIOCore
import NIOPosix
import WASI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Standard input as a stream: read on a thread of its own, and only when the program asks, so that what it leaves is
/// left to the next process.
final class StandardInput: InputSource {
    private enum State {
        case idle
        case reading
        case available(ByteBuffer)
        case failed(Int32)
        case closed
    }

    private static let chunk = 64 << 10

    private let descriptor: Int32
    private let eventLoop: any EventLoop
    private let pool: NIOThreadPool
    private var state = State.idle
    private var callback: (() -> Void)?

    /// - Parameter pool: with a thread that this stream may keep as long as nobody writes to it.
    init(_ descriptor: Int32, eventLoop: any EventLoop, pool: NIOThreadPool) {
        self.descriptor = descriptor
        self.eventLoop = eventLoop
        self.pool = pool
    }

    var isClosed: Bool {
        if case .closed = self.state { true } else { false }
    }

    var isReady: Bool {
        switch self.state {
        case .idle, .reading: false
        case .available, .failed, .closed: true
        }
    }

    func whenReady(_ callback: @escaping () -> Void) {
        if self.isReady { return callback() }
        self.callback = callback
        self.start()
    }

    func read(upTo maximum: Int) -> InputRead {
        switch self.state {
        case .idle:
            self.start()
            return .wouldBlock
        case .reading: return .wouldBlock
        case .available(var buffer):
            guard let bytes = buffer.readSlice(length: min(maximum, buffer.readableBytes)) else { return .wouldBlock }
            self.state = buffer.readableBytes > 0 ? .available(buffer) : .idle
            return .bytes(bytes)
        case .failed(let errno):
            self.state = .closed
            return .failed(ErrorResource(.other("standard input cannot be read: \(String(cString: strerror(errno)))")))
        case .closed: return .closed
        }
    }

    private func start() {
        guard case .idle = self.state else { return }
        self.state = .reading
        let descriptor = self.descriptor
        self.pool.runIfActive(eventLoop: self.eventLoop) { Self.readChunk(descriptor) }
            .assumeIsolated().whenComplete { result in
                switch result {
                case .success(.success(let buffer)):
                    self.state = buffer.readableBytes > 0 ? .available(buffer) : .closed
                case .success(.failure(let error)): self.state = .failed(error.number)
                case .failure: self.state = .closed
                }
                let callback = self.callback
                self.callback = nil
                callback?()
            }
    }

    private struct ReadError: Error {
        let number: Int32
    }

    private static func readChunk(_ descriptor: Int32) -> Result<ByteBuffer, ReadError> {
        var buffer = ByteBufferAllocator().buffer(capacity: Self.chunk)
        var number: Int32 = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.chunk) { space in
            while true {
                let count = systemRead(descriptor, space)
                if count >= 0 { return count }
                number = errno
                if number == EAGAIN {
                    // Somebody made the descriptor non-blocking: wait for it here.
                    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                    _ = systemPoll(&poll)
                } else if number != EINTR {
                    return 0
                }
                number = 0
            }
        }
        return number == 0 ? .success(buffer) : .failure(ReadError(number: number))
    }
}

/// Standard output or error of a program: each write of the guest is one of the system, nothing is held back.
final class PassThroughOutput: OutputSink {
    /// Why nothing more can be written.
    struct WriteError: Error, CustomStringConvertible {
        let number: Int32
        var description: String { String(cString: strerror(self.number)) }
    }

    private let output: OutputDescriptor

    init(_ descriptor: Int32) {
        self.output = OutputDescriptor(descriptor)
    }

    /// Blocks while nobody takes the bytes: there is no other guest to keep waiting.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        switch self.output.write(bytes) {
        case nil: return
        case EPIPE: throw OutputClosedError()
        case let number?: throw WriteError(number: number)
        }
    }
}

// System calls under names that no method here has.
private func systemRead(_ descriptor: Int32, _ space: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, space.baseAddress, space.count)
}

private func systemPoll(_ item: inout pollfd) -> Int32 {
    poll(&item, 1, -1)
}
