import CWASI
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
/// Only regular files and directories get here. What is not in the system's memory is read by ``FileWorker``.
final class OpenFile {
    /// What the guest may know and do by the type of file.
    enum Kind {
        case directory
        case regularFile
    }

    let descriptor: Int32
    let kind: Kind
    /// Keeps a shared directory open; this object then closes nothing.
    private let preopen: Preopen?
    private let budget: HostMemoryBudget?
    /// The file system cannot say what is in memory.
    private var cannotTellCached = false

    /// Shares the directory of `preopen`.
    init(sharing preopen: Preopen) {
        self.descriptor = preopen.descriptor
        self.kind = .directory
        self.preopen = preopen
        self.budget = nil
    }

    /// Takes over `descriptor`, closing it when it is neither a regular file nor a directory.
    init(owning descriptor: Int32, budget: HostMemoryBudget) throws(FileError) {
        var status = FileStatus()
        guard fstat(descriptor, &status) == 0 else {
            let error = FileError.last
            closeDescriptor(descriptor)
            throw error
        }
        let kind: Kind
        switch status.st_mode & S_IFMT {
        case S_IFDIR: kind = .directory
        case S_IFREG: kind = .regularFile
        default:
            // A pipe, socket or device could block the event loop for ever.
            closeDescriptor(descriptor)
            throw FileError(.unsupported)
        }
        guard budget.openFile() else {
            closeDescriptor(descriptor)
            throw FileError(errno: EMFILE)
        }
        self.descriptor = descriptor
        self.kind = kind
        self.preopen = nil
        self.budget = budget
    }

    deinit {
        guard self.preopen == nil else { return }
        closeDescriptor(self.descriptor)
        self.budget?.closeFile()
    }

    func status() throws(FileError) -> FileStatus {
        var status = FileStatus()
        guard fstat(self.descriptor, &status) == 0 else { throw .last }
        return status
    }

    /// Reads at most `buffer.count` bytes; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) -> Int {
        try Self.read(self.descriptor, into: buffer, at: offset)
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

    /// The same of what the system has in memory: at least one byte, or `nil` when it would have to wait for the disk, is
    /// at the end, or cannot tell.
    func readCached(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(FileError) -> Int? {
        guard !self.cannotTellCached else { return nil }
        guard let offset = Int64(exactly: offset) else { throw FileError(.invalid) }
        guard let base = buffer.baseAddress, buffer.count > 0 else { return 0 }
        let count = swirl_read_cached(self.descriptor, base, buffer.count, offset)
        // Linux 5.9 and 5.10 say 0 where they should say that they do not know: the end is asked for again.
        if count > 0 { return count }
        switch Int32(-count) {
        case 0, EAGAIN, EINTR: return nil
        case EOPNOTSUPP, ENOSYS, EPERM:
            self.cannotTellCached = true
            return nil
        default: throw FileError(errno: Int32(-count))
        }
    }

    /// Reads into a new buffer.
    func read(upTo count: Int, at offset: UInt64) throws(FileError) -> ByteBuffer {
        try Self.read(self.descriptor, upTo: count, at: offset)
    }

    static func read(_ descriptor: Int32, upTo count: Int, at offset: UInt64) throws(FileError) -> ByteBuffer {
        try Self.buffer(upTo: count) { space throws(FileError) in
            try Self.read(descriptor, into: space, at: offset)
        } ?? ByteBuffer()
    }

    /// Reads what the system has in memory into a new buffer; `nil` as above.
    func readCached(upTo count: Int, at offset: UInt64) throws(FileError) -> ByteBuffer? {
        try Self.buffer(upTo: count) { space throws(FileError) in try self.readCached(into: space, at: offset) }
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

    /// Writes some of `bytes`: how many.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(FileError) -> Int {
        guard let offset = off_t(exactly: offset) else { throw FileError(.fileTooLarge) }
        while true {
            let count = pwrite(self.descriptor, bytes.baseAddress, bytes.count, offset)
            if count >= 0 { return count }
            if errno != EINTR { throw .last }
        }
    }

    /// Writes some of `bytes` at the end of the file, wherever that is by now: how many.
    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) -> Int {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return 0 }
        while true {
            let count = swirl_append(self.descriptor, base, bytes.count)
            if count >= 0 { return count }
            switch Int32(-count) {
            case EINTR: continue
            case EOPNOTSUPP, ENOSYS, EPERM:
                // Not in one step here: another writer may come between.
                return try self.write(bytes, at: UInt64(max(0, try self.status().st_size)))
            default: throw FileError(errno: Int32(-count))
            }
        }
    }
}

/// Closes a descriptor; its errors come too late for anybody.
func closeDescriptor(_ descriptor: Int32) {
    _ = close(descriptor)
}
