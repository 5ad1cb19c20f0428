import ComponentModel
import NIOCore

/// The host's end of a `stream<u8>` that a guest writes, over anything that takes bytes; a future tells the guest how
/// it ended: WASI 0.3's `write-via-stream`, `send` and the like.
final class OutputConsumer<ErrorCode>: ByteConsumer {
    private let target: any OutputTarget
    private let errorCode: (ErrorResource) -> ErrorCode
    private let outcome = Pending<WITResult<Void, ErrorCode>>()
    /// Weak: the stream keeps its consumer.
    private weak var stream: ByteStream?

    private init(_ target: any OutputTarget, errorCode: @escaping (ErrorResource) -> ErrorCode) {
        self.target = target
        self.errorCode = errorCode
    }

    /// Writes all of `stream` to `target`; the future is done when the target has taken the last byte.
    ///
    /// - Parameter errorCode: the interface's error for why writing failed.
    static func drain(
        _ stream: ByteStream, into target: any OutputTarget, errorCode: @escaping (ErrorResource) -> ErrorCode
    ) -> ElementFuture<WITResult<Void, ErrorCode>> {
        let consumer = OutputConsumer(target, errorCode: errorCode)
        consumer.stream = stream
        stream.consume(by: consumer)
        return ElementFuture(.later(consumer.outcome))
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws -> StreamStep {
        switch self.target.credit() {
        case .bytes(0):
            self.target.whenReady { [weak self] in self?.stream?.wake() }
            return .wait
        case .bytes(let credit):
            let count = min(credit, bytes.count)
            guard self.check(self.target.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]))),
                self.check(self.target.flush())
            else { return .end }
            return .moved(count)
        case .closed:
            self.end(.ok)
            return .end
        case .failed(let error):
            self.end(.error(self.errorCode(error)))
            return .end
        }
    }

    var endsWithInstance: Bool { true }

    func finish() {
        guard !self.outcome.isComplete, self.check(self.target.flush()) else { return }
        self.endWhenWritten()
    }

    /// Credit comes back when what was written is out.
    private func endWhenWritten() {
        switch self.target.credit() {
        case .bytes(0): self.target.whenReady { self.endWhenWritten() }
        case .bytes, .closed: self.end(.ok)
        case .failed(let error): self.end(.error(self.errorCode(error)))
        }
    }

    private func check(_ outcome: OutputOutcome) -> Bool {
        switch outcome {
        case .done: return true
        case .closed: self.end(.ok)
        case .failed(let error): self.end(.error(self.errorCode(error)))
        }
        return false
    }

    private func end(_ result: WITResult<Void, ErrorCode>) {
        guard !self.outcome.isComplete else { return }
        self.target.close()
        self.outcome.succeed(result)
    }
}
