import ComponentModel
import NIOCore

/// The host's end of a `stream<u8>` that a guest reads, over any source of bytes, and the future that tells how it
/// ended: WASI 0.3's pair of `read-via-stream`, `receive` and the like.
final class InputProducer<ErrorCode>: ByteProducer {
    private let source: any InputSource
    private let limit: Int
    private let errorCode: (ErrorResource) -> ErrorCode
    private let outcome = Pending<WITResult<Void, ErrorCode>>()
    /// Weak: the stream keeps its producer.
    private weak var stream: ByteStream?

    private init(_ source: any InputSource, limit: Int, errorCode: @escaping (ErrorResource) -> ErrorCode) {
        self.source = source
        self.limit = max(1, limit)
        self.errorCode = errorCode
    }

    /// - Parameters:
    ///   - limit: the most bytes of one read, whatever the guest has room for.
    ///   - errorCode: the interface's error for why reading failed.
    static func make(
        _ source: any InputSource, limit: Int, errorCode: @escaping (ErrorResource) -> ErrorCode
    ) -> (ByteStream, ElementFuture<WITResult<Void, ErrorCode>>) {
        let producer = InputProducer(source, limit: limit, errorCode: errorCode)
        let stream = ByteStream(producer)
        producer.stream = stream
        return (stream, ElementFuture(.later(producer.outcome)))
    }

    var isReady: Bool {
        if self.source.isReady { return true }
        self.wakeLater()
        // Asking may have found it ready.
        return self.source.isReady
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
        switch self.source.read(upTo: min(buffer.count, self.limit)) {
        case .bytes(let bytes):
            bytes.withUnsafeReadableBytes { buffer.copyMemory(from: $0) }
            return .moved(bytes.readableBytes)
        case .wouldBlock:
            self.wakeLater()
            return .wait
        case .closed:
            self.end(.ok)
            return .end
        case .failed(let error):
            self.end(.error(self.errorCode(error)))
            return .end
        }
    }

    func cancel() {
        self.end(.ok)
    }

    private func wakeLater() {
        let wake = { [weak self] () -> Void in self?.stream?.wake() }
        if let shared = self.source as? SharedInput {
            shared.whenReady(for: self, wake)
        } else {
            self.source.whenReady(wake)
        }
    }

    private func end(_ result: WITResult<Void, ErrorCode>) {
        guard !self.outcome.isComplete else { return }
        (self.source as? SharedInput)?.forget(self)
        self.source.close()
        self.outcome.succeed(result)
    }
}
