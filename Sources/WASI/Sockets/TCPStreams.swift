import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Ready when a system call on the socket would not block.
final class SocketReadiness: ReadinessSource {
    private let socket: Socket
    private let direction: ReadinessWatch.Direction

    init(_ socket: Socket, _ direction: ReadinessWatch.Direction) {
        self.socket = socket
        self.direction = direction
    }

    var isReady: Bool { self.socket.isReady(self.direction) }

    func whenReady(_ callback: @escaping () -> Void) { self.socket.whenReady(self.direction, callback) }
}

/// What comes from a connection.
final class SocketSource: InputSource {
    private let socket: Socket
    private(set) var isClosed = false

    init(_ socket: Socket) {
        self.socket = socket
    }

    var isReady: Bool { self.isClosed || self.socket.isReady(.read) }

    func whenReady(_ callback: @escaping () -> Void) {
        if self.isClosed { callback() } else { self.socket.whenReady(.read, callback) }
    }

    func read(upTo maximum: Int) -> InputRead {
        guard !self.isClosed else { return .closed }
        var buffer = ByteBuffer()
        var failure: Int32 = 0
        let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: maximum) { bytes in
            let count = systemReceive(
                self.socket.descriptor, UnsafeMutableRawBufferPointer(rebasing: bytes[..<maximum]))
            if count < 0 { failure = errno }
            return max(0, count)
        }
        if count > 0 { return .bytes(buffer) }
        if failure == EAGAIN || failure == EWOULDBLOCK || failure == EINTR { return .wouldBlock }
        self.isClosed = true
        guard failure != 0 else { return .closed }
        return .failed(ErrorResource(.socket(SocketError(errno: failure).code)))
    }

    /// No more is received: the guest shut this side down.
    func end() {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.socket.shutdown(receive: true, send: false)
    }

    func close() { self.end() }
}

/// What goes to a connection. A write that the system takes only a part of is kept, and credit waits until it is gone.
final class SocketTarget: OutputTarget {
    /// Bytes of one write.
    private static let credit = 64 << 10
    /// How long the last bytes may take after the guest dropped the stream.
    private static let linger = TimeAmount.seconds(10)

    private let socket: Socket
    private var pending = ByteBuffer()
    private var failure: SocketError?
    private var isEnded = false

    init(_ socket: Socket) {
        self.socket = socket
    }

    var isReady: Bool {
        self.sendPending()
        if self.failure != nil || self.isEnded { return true }
        return self.pending.readableBytes == 0 && self.socket.isReady(.write)
    }

    func whenReady(_ callback: @escaping () -> Void) {
        if self.isReady { callback() } else { self.socket.whenReady(.write, callback) }
    }

    func credit() -> OutputCredit {
        self.sendPending()
        if let failure = self.failure {
            self.failure = nil
            self.isEnded = true
            return .failed(ErrorResource(.socket(failure.code)))
        }
        if self.isEnded { return .closed }
        return .bytes(self.pending.readableBytes == 0 && self.socket.isReady(.write) ? Self.credit : 0)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> OutputOutcome {
        if let outcome = self.outcome { return outcome }
        var left = bytes[...]
        if self.pending.readableBytes == 0 {
            left = left.dropFirst(self.send(bytes))
        }
        if !left.isEmpty, self.failure == nil {
            self.pending.writeBytes(UnsafeRawBufferPointer(rebasing: left))
            self.sendWhenReady()
        }
        return self.outcome ?? .done
    }

    func flush() -> OutputOutcome {
        self.sendPending()
        return self.outcome ?? .done
    }

    /// What an operation gives that cannot be done any more.
    private var outcome: OutputOutcome? {
        if let failure = self.failure {
            self.failure = nil
            self.isEnded = true
            return .failed(ErrorResource(.socket(failure.code)))
        }
        return self.isEnded ? .closed : nil
    }

    /// How many bytes the system took.
    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !bytes.isEmpty else { return 0 }
        let count = systemSend(self.socket.descriptor, bytes)
        if count >= 0 { return count }
        switch errno {
        case EAGAIN, EWOULDBLOCK, EINTR: break
        default: self.failure = .system()
        }
        return 0
    }

    private func sendPending() {
        guard self.pending.readableBytes > 0, self.failure == nil else { return }
        self.pending.readWithUnsafeReadableBytes { self.send($0) }
        if self.failure != nil { self.pending.clear() }
    }

    /// Goes on sending what is kept, whether or not the guest asks again.
    private func sendWhenReady() {
        self.socket.whenSendable { [weak self] in
            guard let self else { return }
            self.sendPending()
            if self.pending.readableBytes > 0 { self.sendWhenReady() }
        }
    }

    /// No more is sent, but what is kept still goes.
    func end() {
        guard !self.isEnded else { return }
        self.isEnded = true
        self.finish()
    }

    private func finish() {
        self.sendPending()
        guard self.pending.readableBytes > 0, self.failure == nil else {
            self.socket.shutdown(receive: false, send: true)
            return
        }
        // Holds on to itself until the last byte is gone, or the time is up.
        let timeout = self.socket.after(Self.linger) { self.pending.clear() }
        self.sendLast(timeout)
    }

    private func sendLast(_ timeout: Scheduled<Void>) {
        self.socket.whenSendable {
            self.sendPending()
            if self.pending.readableBytes > 0 { return self.sendLast(timeout) }
            timeout.cancel()
            self.socket.shutdown(receive: false, send: true)
        }
    }

    func close() { self.end() }
}
