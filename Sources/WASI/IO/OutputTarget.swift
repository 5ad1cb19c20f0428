package import NIOCore

/// How many bytes an ``OutputTarget`` takes now.
package enum OutputCredit {
    /// So many; 0: ask for a call-back.
    case bytes(Int)
    case closed
    /// An earlier write failed; every later call gives `closed`.
    case failed(ErrorResource)
}

/// What became of a write or flush.
package enum OutputOutcome {
    case done
    case closed
    case failed(ErrorResource)
}

/// The far side of an output stream: a body, a file, standard output.
///
/// It is ready when its credit is above 0, an error waits to be told, or it is closed. Asking whether it is must not
/// take the error, which ``credit()`` does.
package protocol OutputTarget: ReadinessSource {
    func credit() -> OutputCredit

    /// Takes all of `bytes`, which are no more than the last credit. Valid during the call only.
    func write(_ bytes: UnsafeRawBufferPointer) -> OutputOutcome

    /// The same of bytes that the host has: a target that can keeps them without a copy.
    func write(_ buffer: ByteBuffer) -> OutputOutcome

    /// Sends on what was written, soon. Credit says when more may be written.
    func flush() -> OutputOutcome

    /// Whether nothing of what was written and flushed is under way: what a blocking flush waits for.
    var isSettled: Bool { get }

    /// Whether waiting can end only by something that the guest, which is waiting, must do itself; then says what.
    var deadlock: String? { get }

    /// The guest dropped its stream.
    func close()
}

extension OutputTarget {
    package var deadlock: String? { nil }

    package var isSettled: Bool { true }

    package func close() {}

    package func write(_ buffer: ByteBuffer) -> OutputOutcome {
        buffer.withUnsafeReadableBytes { self.write($0) }
    }
}

/// Standard output and error: a sink that takes all at once, or nothing at all.
final class SinkTarget: OutputTarget {
    private let sink: (any OutputSink)?
    private let creditLimit: Int
    private var isClosed = false

    init(_ sink: (any OutputSink)?, credit: Int) {
        self.sink = sink
        self.creditLimit = credit
    }

    var isReady: Bool { true }

    func whenReady(_ callback: @escaping () -> Void) { callback() }

    func credit() -> OutputCredit { self.isClosed ? .closed : .bytes(self.creditLimit) }

    func write(_ bytes: UnsafeRawBufferPointer) -> OutputOutcome {
        if self.isClosed { return .closed }
        guard let sink = self.sink, !bytes.isEmpty else { return .done }
        do {
            try sink.write(bytes)
            return .done
        } catch {
            self.isClosed = true
            let code: WasiCliTypesV3.ErrorCode = error is OutputClosedError ? .pipe : .io
            return .failed(ErrorResource(.standardStream(code, "standard output cannot be written: \(error)")))
        }
    }

    func flush() -> OutputOutcome { self.isClosed ? .closed : .done }
}
