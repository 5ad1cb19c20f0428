import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A file as an input stream. What is in the system's memory is read at once, the rest by a ``FileWorker``: only then is
/// the stream ever not ready. At the end it closes.
final class FileSource: InputSource {
    private enum State {
        case idle
        case reading
        case read(Result<ByteBuffer, FileError>)
        case closed
    }

    private let file: OpenFile
    private let worker: FileWorker?
    private var offset: UInt64
    private var state = State.idle
    private var callback: (() -> Void)?

    init(_ file: OpenFile, offset: UInt64, worker: FileWorker? = nil) {
        self.file = file
        self.offset = offset
        self.worker = worker
    }

    var isClosed: Bool {
        if case .closed = self.state { true } else { false }
    }

    var isReady: Bool {
        if case .reading = self.state { false } else { true }
    }

    func whenReady(_ callback: @escaping () -> Void) {
        if self.isReady { return callback() }
        self.callback = callback
    }

    func read(upTo maximum: Int) -> InputRead {
        switch self.state {
        case .closed: return .closed
        case .reading: return .wouldBlock
        case .read(let result):
            self.state = .idle
            return self.take(result, upTo: maximum)
        case .idle: break
        }
        guard let worker = self.worker else {
            return self.take(
                Result { () throws(FileError) in try self.file.read(upTo: maximum, at: self.offset) }, upTo: maximum)
        }
        do throws(FileError) {
            if let bytes = try self.file.readCached(upTo: maximum, at: self.offset) {
                return self.take(.success(bytes), upTo: maximum)
            }
        } catch {
            return self.take(.failure(error), upTo: maximum)
        }
        self.state = .reading
        let (descriptor, offset) = (self.file.descriptor, self.offset)
        worker.start {
            Result { () throws(FileError) in try OpenFile.read(descriptor, upTo: maximum, at: offset) }
        } completion: { result in
            self.state = .read(result)
            let callback = self.callback
            self.callback = nil
            callback?()
        }
        return .wouldBlock
    }

    private func take(_ result: Result<ByteBuffer, FileError>, upTo maximum: Int) -> InputRead {
        switch result {
        case .success(var bytes):
            guard bytes.readableBytes > 0 else {
                self.state = .closed
                return .closed
            }
            // What was read for a longer read before is read again: the file has it.
            if bytes.readableBytes > maximum { bytes = bytes.getSlice(at: bytes.readerIndex, length: maximum) ?? bytes }
            self.offset += UInt64(bytes.readableBytes)
            return .bytes(bytes)
        case .failure(let error):
            self.state = .closed
            return .failed(ErrorResource(.filesystem(error.code)))
        }
    }
}

/// A file as an output stream: takes what it is given at once.
final class FileTarget: OutputTarget {
    private let file: OpenFile
    /// `nil`: always at the end of the file.
    private var offset: UInt64?
    private let creditLimit: Int
    private var isClosed = false

    init(_ file: OpenFile, at offset: UInt64?, credit: Int) {
        self.file = file
        self.offset = offset
        self.creditLimit = credit
    }

    var isReady: Bool { true }

    func whenReady(_ callback: @escaping () -> Void) { callback() }

    func credit() -> OutputCredit { self.isClosed ? .closed : .bytes(self.creditLimit) }

    func write(_ bytes: UnsafeRawBufferPointer) -> OutputOutcome {
        guard !self.isClosed else { return .closed }
        var rest = bytes
        do throws(FileError) {
            while !rest.isEmpty {
                let count: Int
                if let offset = self.offset {
                    count = try self.file.write(rest, at: offset)
                    self.offset = offset + UInt64(count)
                } else {
                    count = try self.file.append(rest)
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return .done
        } catch {
            self.isClosed = true
            return .failed(ErrorResource(.filesystem(error.code)))
        }
    }

    func flush() -> OutputOutcome { self.isClosed ? .closed : .done }
}
