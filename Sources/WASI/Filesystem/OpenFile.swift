import CWASI
import ComponentModel
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A file or directory of the host that is open; closes itself.
///
/// Only regular files and directories get here. What may wait for the disk is done by the worker, where there is one.
final class OpenFile {
    typealias Kind = OpenedFile.Kind

    let descriptor: Int32
    let kind: Kind
    private let worker: FileWorker?
    /// `nil`: the directory is `preopen`'s, this object closes nothing.
    private let handle: FileHandle?
    private let preopen: Preopen?
    private let slot: OpenFileSlot?
    /// Each write waits for the disk.
    private let isSynchronous: Bool
    private var wasWritten = false
    /// The file system cannot say what is in memory.
    private var cannotTellCached = false

    /// Shares the directory of `preopen`.
    init(sharing preopen: Preopen, worker: FileWorker?) {
        self.descriptor = preopen.descriptor
        self.kind = .directory
        self.worker = worker
        self.handle = nil
        self.preopen = preopen
        self.slot = nil
        self.isSynchronous = false
    }

    init(owning opened: OpenedFile, slot: OpenFileSlot, isSynchronous: Bool, worker: FileWorker?) {
        self.descriptor = opened.handle.descriptor
        self.kind = opened.kind
        self.worker = worker
        self.handle = opened.handle
        self.preopen = nil
        self.slot = slot
        self.isSynchronous = isSynchronous
    }

    deinit {
        // Blocks are given free, or what took the place of a truncated file is sent to the disk.
        if self.wasWritten, let handle = self.handle { self.worker?.close(handle) }
    }

    func status() throws(FileError) -> FileStatus {
        var status = FileStatus()
        guard fstat(self.descriptor, &status) == 0 else { throw .last }
        return status
    }

    /// Does something that may take long, on another thread where there is one.
    func work<Value: Sendable>(
        _ work: @escaping @Sendable (Int32) -> Result<Value, FileError>
    ) -> FileAnswer<Value> {
        let descriptor = self.descriptor
        guard let worker = self.worker else { return .ready(work(descriptor)) }
        return worker.answer(keeping: self) { work(descriptor) }
    }

    /// Counts bytes that a stream of this file holds; `nil` where nothing is held.
    func hold(_ count: Int) -> FileWorker.Hold? { self.worker?.hold(count) }

    // MARK: Reading

    /// Reads into a new buffer; no bytes at the end.
    func read(upTo count: Int, at offset: UInt64) throws(FileError) -> FileAnswer<ByteBuffer> {
        if let bytes = try self.readCached(upTo: count, at: offset) { return .ready(.success(bytes)) }
        let hold = self.worker?.hold(count)
        guard let worker = self.worker, let hold else {
            return .ready(.success(try Self.read(self.descriptor, upTo: count, at: offset)))
        }
        let descriptor = self.descriptor
        return worker.answer(keeping: (self, hold)) {
            Result { () throws(FileError) in try Self.read(descriptor, upTo: count, at: offset) }
        }
    }

    /// The same to where the bytes are wanted; `nil` when the disk has to be waited for.
    func readNow(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) -> Int? {
        guard self.worker != nil else { return try Self.read(self.descriptor, into: buffer, at: offset) }
        return try self.readCached(into: buffer, at: offset)
    }

    private static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FileError) -> Int {
        guard let offset = off_t(exactly: offset) else { throw FileError(.invalid) }
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
            if count >= 0 { return count }
            if errno != EINTR { throw .last }
        }
    }

    private static func read(_ descriptor: Int32, upTo count: Int, at offset: UInt64) throws(FileError) -> ByteBuffer {
        try Self.buffer(upTo: count) { space throws(FileError) in
            try Self.read(descriptor, into: space, at: offset)
        } ?? ByteBuffer()
    }

    /// What the system has in memory, no bytes at the end; `nil` when it would have to wait for the disk or cannot tell.
    private func readCached(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64
    ) throws(FileError) -> Int? {
        guard !self.cannotTellCached else { return nil }
        guard let offset = Int64(exactly: offset) else { throw FileError(.invalid) }
        guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
        let count = swirl_read_cached(self.descriptor, base, buffer.count, offset)
        if count > 0 { return count }
        switch Int32(-count) {
        // Linux 5.9 and 5.10 say 0 where they should say that they do not know.
        case 0: return try self.status().st_size <= offset ? 0 : nil
        case EAGAIN, EINTR: return nil
        case EOPNOTSUPP, ENOSYS, EPERM:
            self.cannotTellCached = true
            return nil
        default: throw FileError(errno: Int32(-count))
        }
    }

    private func readCached(upTo count: Int, at offset: UInt64) throws(FileError) -> ByteBuffer? {
        guard self.worker != nil else { return nil }
        return try Self.buffer(upTo: count) { space throws(FileError) in try self.readCached(into: space, at: offset) }
    }

    private static func buffer(
        upTo count: Int, _ read: (UnsafeMutableRawBufferPointer) throws(FileError) -> Int?
    ) throws(FileError) -> ByteBuffer? {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        guard count > 0 else { return buffer }
        // The buffer's own writing closure would lose the error's type.
        var result: Result<Int?, FileError> = .success(0)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            let space = UnsafeMutableRawBufferPointer(rebasing: space[..<count])
            do throws(FileError) {
                let count = try read(space)
                result = .success(count)
                return count ?? 0
            } catch {
                result = .failure(error)
                return 0
            }
        }
        return try result.get() == nil ? nil : buffer
    }

    // MARK: Writing

    /// Writes some of `bytes`, at the end of the file without an `offset`: how many.
    ///
    /// The system takes them in memory, and at once, unless the file is synchronous or too much waits for the disk. Then
    /// they are copied, and written on another thread. Such a write counts as 64 KiB, so that not many small ones wait.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64?) -> FileAnswer<Int> {
        self.wasWritten = true
        guard let worker = self.worker else { return .ready(Self.write(bytes, to: self.descriptor, at: offset)) }
        guard self.isSynchronous || worker.pace.isSlow, let hold = worker.hold(max(bytes.count, 64 << 10)) else {
            let start = NIODeadline.now()
            let result = Self.write(bytes, to: self.descriptor, at: offset)
            worker.pace.note(nanoseconds: (NIODeadline.now() - start).nanoseconds)
            return .ready(result)
        }
        let (descriptor, copy) = (self.descriptor, ByteBuffer(bytes: bytes))
        let isSynchronous = self.isSynchronous
        return worker.answer(keeping: (self, hold)) { () -> Result<(Int, Int64), FileError> in
            let start = NIODeadline.now()
            let result = copy.withUnsafeReadableBytes { Self.write($0, to: descriptor, at: offset) }
            let time = (NIODeadline.now() - start).nanoseconds
            return result.map { ($0, time) }
        }.then { count, time in
            if !isSynchronous { worker.pace.note(nanoseconds: time) }
            return count
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64?
    ) -> Result<Int, FileError> {
        Result { () throws(FileError) in
            guard let offset else { return try Self.append(bytes, to: descriptor) }
            return try Self.write(bytes, to: descriptor, at: offset)
        }
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: UInt64
    ) throws(FileError) -> Int {
        guard let offset = off_t(exactly: offset) else { throw FileError(.fileTooLarge) }
        while true {
            let count = pwrite(descriptor, bytes.baseAddress, bytes.count, offset)
            if count >= 0 { return count }
            if errno != EINTR { throw .last }
        }
    }

    /// Wherever the end is by now.
    private static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(FileError) -> Int {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return 0 }
        while true {
            let count = swirl_append(descriptor, base, bytes.count)
            if count >= 0 { return count }
            switch Int32(-count) {
            case EINTR: continue
            case EOPNOTSUPP, ENOSYS, EPERM:
                // Not in one step here: another writer may come between.
                var status = FileStatus()
                guard fstat(descriptor, &status) == 0 else { throw .last }
                return try Self.write(bytes, to: descriptor, at: UInt64(max(0, status.st_size)))
            default: throw FileError(errno: Int32(-count))
            }
        }
    }
}

/// One of the files that a guest may have open, given back with the object.
final class OpenFileSlot {
    private let budget: HostMemoryBudget

    /// - Throws: when the guest has as many as it may.
    init(_ budget: HostMemoryBudget) throws(FileError) {
        guard budget.openFile() else { throw FileError(errno: EMFILE) }
        self.budget = budget
    }

    deinit {
        self.budget.closeFile()
    }
}

/// Closes a descriptor; its errors come too late for anybody.
func closeDescriptor(_ descriptor: Int32) {
    _ = close(descriptor)
}
