import ComponentModel
import NIOCore

/// A file as a `stream<u8>` of WASI 0.3, and the future that tells how it ended.
///
/// What the system has in memory goes straight into the reader's; the rest is read on another thread first.
final class FileProducer: ByteProducer {
    private enum State {
        case idle
        case reading(Pending<Result<ByteBuffer, FileError>>)
        case read(Result<ByteBuffer, FileError>)
        case ended
    }

    /// Most bytes that one read of the guest copies while the event loop waits: about 20 µs.
    private static let most = 256 << 10

    private let file: OpenFile
    private let limit: Int
    private var offset: UInt64
    private var state: State
    /// Counts what was read and not yet taken.
    private var hold: FileWorker.Hold?
    private let outcome = Pending<WITResult<Void, WasiFilesystemTypesV3.ErrorCode>>()
    /// Weak: the stream keeps its producer.
    private weak var stream: ByteStream?

    /// - Parameters:
    ///   - limit: most bytes read at a time on another thread.
    ///   - failure: why nothing can be read at all.
    init(_ file: OpenFile, offset: UInt64, limit: Int, failure: FileError?) {
        self.file = file
        self.limit = limit
        self.offset = offset
        self.state = failure.map { .read(.failure($0)) } ?? .idle
    }

    func start() -> (ByteStream, ElementFuture<WITResult<Void, WasiFilesystemTypesV3.ErrorCode>>) {
        let stream = ByteStream(self)
        self.stream = stream
        // An error shows whether or not somebody reads.
        if case .read(.failure(let error)) = self.state { _ = self.end(.failure(error)) }
        return (stream, ElementFuture(.later(self.outcome)))
    }

    /// Files are always ready, unless they are being read.
    var isReady: Bool {
        if case .reading = self.state { false } else { true }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> StreamStep {
        switch self.state {
        case .ended: return .end
        case .reading: return .wait
        case .read(let result):
            self.state = .idle
            self.hold = nil
            return self.take(result, into: buffer)
        case .idle: break
        }
        do throws(FileError) {
            let space = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Self.most))
            if let count = try self.file.readNow(into: space, at: self.offset) { return self.advance(by: count) }
            switch try self.file.read(upTo: min(buffer.count, self.limit), at: self.offset) {
            case .ready(let result): return self.take(result, into: buffer)
            case .later(let pending):
                self.state = .reading(pending)
                self.hold = self.file.hold(min(buffer.count, self.limit))
                pending.whenComplete { [weak self] in self?.finish($0) }
                return .wait
            }
        } catch {
            return self.end(.failure(error))
        }
    }

    private func finish(_ result: Result<Result<ByteBuffer, FileError>, any Error>) {
        guard case .reading = self.state else { return }
        self.state = .read((try? result.get()) ?? .failure(FileError(.io)))
        self.stream?.wake()
    }

    /// What does not fit is read again: the file has it.
    private func take(_ result: Result<ByteBuffer, FileError>, into buffer: UnsafeMutableRawBufferPointer) -> StreamStep
    {
        switch result {
        case .failure(let error): return self.end(.failure(error))
        case .success(let bytes):
            bytes.withUnsafeReadableBytes {
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(buffer.count)))
            }
            return self.advance(by: min(bytes.readableBytes, buffer.count))
        }
    }

    private func advance(by count: Int) -> StreamStep {
        guard count > 0 else { return self.end(.success(())) }
        self.offset += UInt64(count)
        return .moved(count)
    }

    private func end(_ result: Result<Void, FileError>) -> StreamStep {
        self.state = .ended
        self.hold = nil
        self.outcome.succeed(WITResult(result))
        return .end
    }

    func cancel() {
        if case .reading(let pending) = self.state { pending.cancel() }
        _ = self.end(.success(()))
    }
}
