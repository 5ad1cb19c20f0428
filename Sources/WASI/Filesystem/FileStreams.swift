import ComponentModel
import NIOCore

/// A file as an input stream. What is in the system's memory is read at once, the rest on another thread: only then is
/// the stream ever not ready. At the end it closes.
final class FileSource: InputSource {
    private enum State {
        case idle
        case reading
        case read(Result<ByteBuffer, FileError>)
        case closed
    }

    private let file: OpenFile
    private var offset: UInt64
    private var state = State.idle
    private var callback: (() -> Void)?
    /// Counts what was read and not yet taken.
    private var hold: FileWorker.Hold?

    init(_ file: OpenFile, offset: UInt64) {
        self.file = file
        self.offset = offset
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
            self.hold = nil
            return self.take(result, upTo: maximum)
        case .idle: break
        }
        let offset = self.offset
        switch fileAnswer({ () throws(FileError) in try self.file.read(upTo: maximum, at: offset) }) {
        case .ready(let result): return self.take(result, upTo: maximum)
        case .later(let pending):
            self.state = .reading
            self.hold = self.file.hold(maximum)
            pending.whenComplete { result in
                self.state = .read((try? result.get()) ?? .failure(FileError(.io)))
                let callback = self.callback
                self.callback = nil
                callback?()
            }
            return .wouldBlock
        }
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

/// A file as an output stream: takes what it is given at once, and has credit again when it is written.
final class FileTarget: OutputTarget {
    private let file: OpenFile
    /// `nil`: always at the end of the file.
    private var offset: UInt64?
    private let creditLimit: Int
    private var isClosed = false
    /// What is written on another thread.
    private var pending = ByteBuffer()
    private var failure: FileError?
    private var callback: (() -> Void)?

    init(_ file: OpenFile, at offset: UInt64?, credit: Int) {
        self.file = file
        self.offset = offset
        self.creditLimit = credit
    }

    var isSettled: Bool { self.pending.readableBytes == 0 }

    var isReady: Bool { self.isSettled }

    func whenReady(_ callback: @escaping () -> Void) {
        if self.isSettled { callback() } else { self.callback = callback }
    }

    func credit() -> OutputCredit {
        guard self.isSettled else { return .bytes(0) }
        if let failure = self.failure {
            self.failure = nil
            self.isClosed = true
            return .failed(ErrorResource(.filesystem(failure.code)))
        }
        return self.isClosed ? .closed : .bytes(self.creditLimit)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> OutputOutcome {
        if let outcome = self.outcome { return outcome }
        // The credit allows several writes: they follow the one that is under way.
        guard self.isSettled else {
            self.pending.writeBytes(bytes)
            return .done
        }
        var rest = bytes
        while !rest.isEmpty {
            switch self.file.write(rest, at: self.offset) {
            case .ready(let result):
                guard let count = self.take(result) else { return self.outcome ?? .closed }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .later(let answer):
                self.pending.writeBytes(rest)
                self.expect(answer)
                return .done
            }
        }
        return .done
    }

    func flush() -> OutputOutcome { self.outcome ?? .done }

    /// What an operation gives that cannot be done any more.
    private var outcome: OutputOutcome? {
        guard let failure = self.failure else { return self.isClosed ? .closed : nil }
        self.failure = nil
        self.isClosed = true
        return .failed(ErrorResource(.filesystem(failure.code)))
    }

    /// How many bytes were written; `nil` when that failed.
    private func take(_ result: Result<Int, FileError>) -> Int? {
        switch result {
        case .success(let count):
            if let offset = self.offset { self.offset = offset + UInt64(count) }
            return count
        case .failure(let error):
            self.failure = error
            return nil
        }
    }

    /// Goes on with what is left when the write under way is over, also after the guest dropped its stream.
    private func expect(_ answer: Pending<Result<Int, FileError>>) {
        answer.whenComplete { result in
            self.finish((try? result.get()) ?? .failure(FileError(.io)))
        }
    }

    private func finish(_ result: Result<Int, FileError>) {
        var result = result
        while let count = self.take(result) {
            self.pending.moveReaderIndex(forwardBy: min(count, self.pending.readableBytes))
            guard self.pending.readableBytes > 0 else { break }
            switch self.pending.withUnsafeReadableBytes({ self.file.write($0, at: self.offset) }) {
            case .ready(let next): result = next
            case .later(let answer): return self.expect(answer)
            }
        }
        self.pending = ByteBuffer()
        let callback = self.callback
        self.callback = nil
        callback?()
    }
}
