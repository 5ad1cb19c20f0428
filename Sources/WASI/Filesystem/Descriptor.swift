import ComponentModel
import NIOCore

/// An open file or directory, and what the guest may do with it: the resource `descriptor` of all versions of
/// `wasi:filesystem/types`.
///
/// What a directory was opened from decides whether anything in it may change, whatever flags the guest asks for.
package final class DescriptorResource {
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
            file: OpenFile(sharing: preopen, worker: worker), isWritable: preopen.isWritable,
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
}
