package import ComponentModel
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `wasi:filesystem/types.descriptor`: an open file or directory, and what the guest may do with it.
///
/// What a directory was opened from decides whether anything in it may change, whatever flags the guest asks for.
package final class DescriptorResource: WasiFilesystemTypes.Descriptor {
    package typealias ErrorCode = WasiFilesystemTypes.ErrorCode
    package typealias Flags = WasiFilesystemTypes.DescriptorFlags

    let file: OpenFile
    /// Whether the mount lets its content change.
    let isWritable: Bool
    /// What the guest opened it for.
    let flags: Flags
    let budget: HostMemoryBudget
    /// False in tests of the path walk.
    let usesKernelResolution: Bool
    /// Where calls that may block for long are made; `nil`: in place.
    let worker: FileWorker?

    init(
        file: OpenFile, isWritable: Bool, flags: Flags, budget: HostMemoryBudget, usesKernelResolution: Bool = true,
        worker: FileWorker? = nil
    ) {
        self.file = file
        self.isWritable = isWritable
        self.flags = flags
        self.budget = budget
        self.usesKernelResolution = usesKernelResolution
        self.worker = worker
    }

    package convenience init(
        preopen: Preopen, budget: HostMemoryBudget, usesKernelResolution: Bool = true, worker: FileWorker? = nil
    ) {
        self.init(
            file: OpenFile(sharing: preopen), isWritable: preopen.isWritable,
            flags: preopen.isWritable ? [.read, .mutateDirectory] : [.read], budget: budget,
            usesKernelResolution: usesKernelResolution, worker: worker)
    }

    var resolver: PathResolver { PathResolver(base: self.file.descriptor, usesKernel: self.usesKernelResolution) }

    // MARK: Checks

    func requireWritable() throws(FileError) {
        guard self.isWritable else { throw FileError(.readOnly) }
    }

    func requireDirectory() throws(FileError) {
        guard self.file.kind == .directory else { throw FileError(.notDirectory) }
    }

    /// The descriptor is a regular file open for `access`.
    func requireFile(_ access: Flags) throws(FileError) {
        guard self.file.kind == .regularFile else { throw FileError(.isDirectory) }
        if access.contains(.write) { try self.requireWritable() }
        guard self.flags.isSuperset(of: access) else { throw FileError(.badDescriptor) }
    }

    // MARK: Streams

    package func readViaStream(
        offset: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<InputStreamResource, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.requireFile(.read)
            return InputStreamResource(
                FileSource(self.file, offset: offset, worker: self.worker), limit: self.budget.limits.readBytes)
        }
    }

    package func writeViaStream(
        offset: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<OutputStreamResource, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.requireFile(.write)
            return OutputStreamResource(FileTarget(self.file, at: offset, credit: self.budget.limits.writeBytes))
        }
    }

    package func appendViaStream(in call: borrowing HostCall) throws -> WITResult<OutputStreamResource, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.requireFile(.write)
            return OutputStreamResource(FileTarget(self.file, at: nil, credit: self.budget.limits.writeBytes))
        }
    }

    // MARK: Content

    package func read(
        length: UInt64, offset: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<(any HostBytes, Bool), ErrorCode> {
        do throws(FileError) {
            try self.requireFile(.read)
        } catch {
            return .error(error.code)
        }
        let count = Int(min(length, UInt64(self.budget.limits.readBytes)))
        let read = try self.read(upTo: count, at: offset, in: call)
        return fileResult { () throws(FileError) -> (any HostBytes, Bool) in
            let bytes = try read.get()
            // No bytes are the end, also when none were asked for: preview 1 on top of this takes them so.
            return (bytes, bytes.readableBytes == 0)
        }
    }

    /// Reads at once what the system has in memory, and lets the guest wait for what it has not.
    func read<Call: SuspendableCall & ~Copyable>(
        upTo count: Int, at offset: UInt64, in call: borrowing Call
    ) throws -> Result<ByteBuffer, FileError> {
        guard let worker = self.worker else {
            return Result { () throws(FileError) in try self.file.read(upTo: count, at: offset) }
        }
        do throws(FileError) {
            if let bytes = try self.file.readCached(upTo: count, at: offset) { return .success(bytes) }
        } catch {
            return .failure(error)
        }
        let descriptor = self.file.descriptor
        return try worker.run(keeping: self.file, in: call) {
            Result { () throws(FileError) in try OpenFile.read(descriptor, upTo: count, at: offset) }
        }
    }

    package func write(
        buffer: GuestBytes, offset: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<UInt64, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.requireFile(.write)
            let part = UnsafeRawBufferPointer(rebasing: buffer.bytes.prefix(self.budget.limits.writeBytes))
            return UInt64(try self.file.write(part, at: offset))
        }
    }

    package func readDirectory(
        in call: borrowing HostCall
    ) throws -> WITResult<DirectoryEntryStreamResource, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.requireDirectory()
            return try DirectoryEntryStreamResource(listing: self.file.descriptor, budget: self.budget)
        }
    }

    package func setSize(size: UInt64, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in try self.truncate(to: size) }
    }

    func truncate(to size: UInt64) throws(FileError) {
        try self.requireFile(.write)
        guard let size = off_t(exactly: size) else { throw FileError(.fileTooLarge) }
        guard ftruncate(self.file.descriptor, size) == 0 else { throw .last }
    }

    package func advise(
        offset: UInt64, length: UInt64, advice: WasiFilesystemTypes.Advice, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in try self.advise(offset, length, advice) }
    }

    func advise(_ offset: UInt64, _ length: UInt64, _ advice: WasiFilesystemTypes.Advice) throws(FileError) {
        guard self.file.kind == .regularFile else { throw FileError(.badDescriptor) }
        guard let offset = off_t(exactly: offset), let length = off_t(exactly: length) else {
            throw FileError(.invalid)
        }
        #if os(Linux)
        let advice =
            switch advice {
            case .normal: POSIX_FADV_NORMAL
            case .sequential: POSIX_FADV_SEQUENTIAL
            case .random: POSIX_FADV_RANDOM
            case .willNeed: POSIX_FADV_WILLNEED
            case .dontNeed: POSIX_FADV_DONTNEED
            case .noReuse: POSIX_FADV_NOREUSE
            }
        let error = posix_fadvise(self.file.descriptor, offset, length, advice)
        guard error == 0 else { throw FileError(errno: error) }
        #else
        _ = (offset, length)
        #endif
    }

    package func syncData(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        let result = try self.synchronize(dataOnly: true, in: call)
        return fileResult { () throws(FileError) in try result.get() }
    }

    package func sync(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        let result = try self.synchronize(dataOnly: false, in: call)
        return fileResult { () throws(FileError) in try result.get() }
    }

    /// Lets the guest wait until the disk has what was written. Without effect on what cannot have been written.
    func synchronize<Call: SuspendableCall & ~Copyable>(
        dataOnly: Bool, in call: borrowing Call
    ) throws -> Result<Void, FileError> {
        guard self.isWritable else { return .success(()) }
        let descriptor = self.file.descriptor
        guard let worker = self.worker else { return Self.synchronize(descriptor, dataOnly: dataOnly) }
        return try worker.run(keeping: self.file, in: call) { Self.synchronize(descriptor, dataOnly: dataOnly) }
    }

    private static func synchronize(_ descriptor: Int32, dataOnly: Bool) -> Result<Void, FileError> {
        #if os(Linux)
        let result = dataOnly ? fdatasync(descriptor) : fsync(descriptor)
        #else
        let result = fsync(descriptor)
        #endif
        return result == 0 || errno == EINVAL || errno == EROFS ? .success(()) : .failure(.last)
    }
}

/// The `result` of a function of the interface.
func fileResult<T>(_ body: () throws(FileError) -> T) -> WITResult<T, WasiFilesystemTypes.ErrorCode> {
    do {
        return .ok(try body())
    } catch {
        return .error(error.code)
    }
}
