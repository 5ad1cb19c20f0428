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
/// Calls block the event loop: only regular files and directories get here, and each call moves at most 64 KiB, which
/// the page cache mostly answers. A thread pool for what does not is an issue of its own.
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
        guard let offset = off_t(exactly: offset) else { throw FileError(.invalid) }
        while true {
            let count = pread(self.descriptor, buffer.baseAddress, buffer.count, offset)
            if count >= 0 { return count }
            if errno != EINTR { throw .last }
        }
    }

    /// The same into a new buffer.
    func read(upTo count: Int, at offset: UInt64) throws(FileError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        guard count > 0 else { return buffer }
        // The buffer's own writing closure would lose the error's type.
        var result: Result<Int, FileError> = .success(0)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            let space = UnsafeMutableRawBufferPointer(rebasing: space[..<count])
            do throws(FileError) {
                let count = try self.read(into: space, at: offset)
                result = .success(count)
                return count
            } catch {
                result = .failure(error)
                return 0
            }
        }
        _ = try result.get()
        return buffer
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
}

/// Closes a descriptor; its errors come too late for anybody.
func closeDescriptor(_ descriptor: Int32) {
    _ = close(descriptor)
}
