package import ComponentModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension DescriptorResource {
    package typealias OpenFlags = WasiFilesystemTypes.OpenFlags

    package func openAt(
        pathFlags: PathFlags, path: String, openFlags: OpenFlags, flags: Flags, in call: borrowing HostCall
    ) throws -> WITResult<DescriptorResource, ErrorCode> {
        fileResult { () throws(FileError) in try self.open(path, pathFlags, openFlags, flags) }
    }

    func open(
        _ path: String, _ pathFlags: PathFlags, _ openFlags: OpenFlags, _ flags: Flags
    ) throws(FileError) -> DescriptorResource {
        try self.requireDirectory()
        let changes =
            flags.contains(.write) || flags.contains(.mutateDirectory)
            || !openFlags.isDisjoint(with: [.create, .exclusive, .truncate])
        if changes { try self.requireWritable() }
        if openFlags.contains(.directory), !openFlags.isDisjoint(with: [.create, .exclusive, .truncate]) {
            throw FileError(.invalid)
        }
        // Who does not ask for writing can read, or the system would not open the file.
        var granted: Flags = flags.contains(.write) ? flags : flags.union(.read)
        let descriptor = try self.resolver.open(
            path, flags: Self.systemFlags(pathFlags, openFlags, granted), mode: 0o666)
        let file = try OpenFile(owning: descriptor, budget: self.budget)
        switch file.kind {
        case .directory:
            granted.remove(.write)
            if self.isWritable { granted.insert(.mutateDirectory) }
        case .regularFile:
            if openFlags.contains(.directory) { throw FileError(.notDirectory) }
            if flags.contains(.mutateDirectory) { throw FileError(.notDirectory) }
        }
        return DescriptorResource(
            file: file, isWritable: self.isWritable, flags: granted, budget: self.budget,
            usesKernelResolution: self.usesKernelResolution, worker: self.worker)
    }

    private static func systemFlags(_ path: PathFlags, _ open: OpenFlags, _ flags: Flags) -> Int32 {
        // A pipe must not block the event loop before it is seen to be one; a terminal must not become ours.
        var result: Int32 = O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        // Cutting a file down takes the right to write, also for a guest that will only read.
        if flags.contains(.write) || open.contains(.truncate) {
            result |= flags.contains(.read) ? O_RDWR : O_WRONLY
        } else {
            result |= O_RDONLY
        }
        if !path.contains(.symlinkFollow) { result |= O_NOFOLLOW }
        if open.contains(.create) { result |= O_CREAT }
        if open.contains(.create), open.contains(.exclusive) { result |= O_EXCL }
        if open.contains(.truncate) { result |= O_TRUNC }
        if open.contains(.directory) { result |= O_DIRECTORY }
        if flags.contains(.fileIntegritySync) || flags.contains(.requestedWriteSync) { result |= O_SYNC }
        if flags.contains(.dataIntegritySync) { result |= O_DSYNC }
        return result
    }

    package func createDirectoryAt(path: String, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in try self.createDirectory(path) }
    }

    func createDirectory(_ path: String) throws(FileError) {
        let parent = try self.parentForChange(of: path, whenDot: .exist)
        guard mkdirat(parent.descriptor, parent.name, 0o777) == 0 else { throw .last }
    }

    package func removeDirectoryAt(path: String, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in try self.removeDirectory(path) }
    }

    func removeDirectory(_ path: String) throws(FileError) {
        let parent = try self.parentForChange(of: path)
        guard unlinkat(parent.descriptor, parent.name, AT_REMOVEDIR) == 0 else { throw .last }
    }

    package func unlinkFileAt(path: String, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in try self.unlinkFile(path) }
    }

    func unlinkFile(_ path: String) throws(FileError) {
        let parent = try self.parentForChange(of: path, whenDot: .isDirectory)
        try parent.checkDirectory()
        guard unlinkat(parent.descriptor, parent.name, 0) == 0 else { throw .last }
    }

    package func renameAt(
        oldPath: String, newDescriptor: DescriptorResource, newPath: String, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in try self.rename(oldPath, to: newDescriptor, newPath) }
    }

    func rename(_ oldPath: String, to newDescriptor: DescriptorResource, _ newPath: String) throws(FileError) {
        let old = try self.parentForChange(of: oldPath, whenDot: .busy)
        let new = try newDescriptor.parentForChange(of: newPath, whenDot: .busy)
        if new.mustBeDirectory || old.mustBeDirectory { try old.requireDirectory() }
        guard renameat(old.descriptor, old.name, new.descriptor, new.name) == 0 else { throw .last }
    }

    package func linkAt(
        oldPathFlags: PathFlags, oldPath: String, newDescriptor: DescriptorResource, newPath: String,
        in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.link(oldPath, oldPathFlags, at: newDescriptor, newPath)
        }
    }

    func link(
        _ oldPath: String, _ oldPathFlags: PathFlags, at newDescriptor: DescriptorResource, _ newPath: String
    ) throws(FileError) {
        // The old side must be writable too: through a new name in a writable mount the file itself would be.
        let follows = oldPathFlags.contains(.symlinkFollow)
        let old = try self.parentForChange(of: oldPath, following: follows, whenDot: .notPermitted)
        let new = try newDescriptor.parentForChange(of: newPath, whenDot: .exist)
        guard !old.mustBeDirectory else { throw FileError(.notDirectory) }
        guard !new.mustBeDirectory else {
            try new.checkExists()
            throw FileError(.exist)
        }
        guard linkat(old.descriptor, old.name, new.descriptor, new.name, 0) == 0 else { throw .last }
    }

    package func symlinkAt(
        oldPath: String, newPath: String, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in try self.symlink(to: oldPath, at: newPath) }
    }

    func symlink(to oldPath: String, at newPath: String) throws(FileError) {
        try self.requireDirectory()
        try self.requireWritable()
        try PathResolver.check(oldPath)
        let parent = try self.parentForChange(of: newPath, whenDot: .exist)
        guard !parent.mustBeDirectory else { throw FileError(.noEntry) }
        guard symlinkat(oldPath, parent.descriptor, parent.name) == 0 else { throw .last }
    }

    package func readlinkAt(path: String, in call: borrowing HostCall) throws -> WITResult<String, ErrorCode> {
        fileResult { () throws(FileError) in try self.linkTarget(of: path) }
    }

    func linkTarget(of path: String) throws(FileError) -> String {
        try self.requireDirectory()
        let parent = try self.resolver.parent(of: path)
        guard !parent.mustBeDirectory, let target = try PathResolver.link(parent.name, in: parent.descriptor) else {
            try parent.checkExists()
            throw FileError(.invalid)
        }
        return target
    }

    /// The parent of a path whose last component is to be made, removed or renamed.
    ///
    /// - Parameter code: the error for a path that ends in a dot, after it was seen to be no escape.
    private func parentForChange(
        of path: String, following: Bool = false, whenDot code: ErrorCode = .invalid
    ) throws(FileError) -> PathResolver.Parent {
        try self.requireDirectory()
        try self.requireWritable()
        do {
            return try self.resolver.parent(of: path, following: following)
        } catch {
            guard case .invalid = error.code, path.hasSuffix(".") || path.hasSuffix("./") else { throw error }
            throw FileError(code)
        }
    }
}

extension PathResolver.Parent {
    /// The last component is there.
    func checkExists() throws(FileError) {
        guard faccessat(self.descriptor, self.name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
    }
}
