import ComponentModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a guest may do with paths: checked here, done by ``PathResolver`` wherever that delays nobody.
extension DescriptorResource {
    package typealias OpenFlags = WasiFilesystemTypes.OpenFlags
    package typealias PathFlags = WasiFilesystemTypes.PathFlags

    // MARK: Ways

    /// Something that only looks: at once when the system has the path in memory, else on another thread.
    private func look<Value: Sendable>(
        _ work: @escaping @Sendable (PathResolver) throws(FileError) -> Value
    ) -> FileAnswer<Value> {
        fileAnswer { () throws(FileError) in
            try self.requireDirectory()
            let resolver = self.resolver
            guard let worker = self.worker else { return .ready(.success(try work(resolver))) }
            do throws(FileError) {
                return .ready(.success(try work(resolver.cachedOnly)))
            } catch {
                guard case .wouldBlock = error.code else { throw error }
            }
            return worker.answer(keeping: self.file) {
                Result { () throws(FileError) in try work(resolver) }
            }
        }
    }

    /// Something that changes a directory, which the file system may write down before it returns.
    ///
    /// - Parameter other: another directory that it needs.
    private func change<Value: Sendable>(
        with other: DescriptorResource? = nil,
        _ work: @escaping @Sendable (PathResolver) throws(FileError) -> Value
    ) -> FileAnswer<Value> {
        fileAnswer { () throws(FileError) in
            try self.requireDirectory()
            try self.requireWritable()
            try other?.requireDirectory()
            try other?.requireWritable()
            let resolver = self.resolver
            guard let worker = self.worker else { return .ready(.success(try work(resolver))) }
            return worker.answer(keeping: (self.file, other?.file)) {
                Result { () throws(FileError) in try work(resolver) }
            }
        }
    }

    // MARK: Opening

    func open(
        _ path: String, _ pathFlags: PathFlags, _ openFlags: OpenFlags, _ flags: Flags
    ) -> FileAnswer<DescriptorResource> {
        let changes =
            flags.contains(.write) || flags.contains(.mutateDirectory)
            || !openFlags.isDisjoint(with: [.create, .exclusive, .truncate])
        let slot: OpenFileSlot
        do throws(FileError) {
            try self.requireDirectory()
            if changes { try self.requireWritable() }
            if openFlags.contains(.directory), !openFlags.isDisjoint(with: [.create, .exclusive, .truncate]) {
                throw FileError(.invalid)
            }
            // Counted before it is opened: several may be under way.
            slot = try OpenFileSlot(self.budget)
        } catch {
            return .failed(error)
        }
        // Who does not ask for writing can read, or the system would not open the file.
        let granted: Flags = flags.contains(.write) ? flags : flags.union(.read)
        let systemFlags = Self.systemFlags(pathFlags, openFlags, granted)
        return self.open(path, systemFlags).then { opened throws(FileError) in
            var granted = granted
            switch opened.kind {
            case .directory:
                granted.remove(.write)
                if self.isWritable { granted.insert(.mutateDirectory) }
            case .regularFile:
                if openFlags.contains(.directory) { throw FileError(.notDirectory) }
                if flags.contains(.mutateDirectory) { throw FileError(.notDirectory) }
            }
            let file = OpenFile(
                owning: opened, slot: slot, isSynchronous: systemFlags & (O_SYNC | O_DSYNC) != 0, worker: self.worker)
            return DescriptorResource(
                file: file, isWritable: self.isWritable, flags: granted, budget: self.budget,
                usesKernelResolution: self.usesKernelResolution, worker: self.worker)
        }
    }

    private func open(_ path: String, _ flags: Int32) -> FileAnswer<OpenedFile> {
        guard flags & (O_CREAT | O_TRUNC) != 0 else {
            return self.look { resolver throws(FileError) in try resolver.openFile(path, flags: flags) }
        }
        // Most files that are opened to be made if need be are there. What it makes of a directory, the system decides.
        if self.worker != nil, flags & (O_EXCL | O_TRUNC) == 0,
            let opened = try? self.resolver.cachedOnly.openFile(path, flags: flags & ~O_CREAT),
            opened.kind == .regularFile
        {
            return .ready(.success(opened))
        }
        return self.change { resolver throws(FileError) in try resolver.openFile(path, flags: flags) }
    }

    private static func systemFlags(_ path: PathFlags, _ open: OpenFlags, _ flags: Flags) -> Int32 {
        // A pipe must not block anybody before it is seen to be one; a terminal must not become ours.
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

    // MARK: Looking

    /// What is at `path`, following a link as its last component only when `flags` say so.
    func status(of path: String, _ flags: PathFlags) -> FileAnswer<FileStatus> {
        let follows = flags.contains(.symlinkFollow)
        return self.look { resolver throws(FileError) in try resolver.status(of: path, following: follows) }
    }

    func linkTarget(of path: String) -> FileAnswer<String> {
        self.look { resolver throws(FileError) in try resolver.linkTarget(of: path) }
    }

    // MARK: Changing

    func setTimes(
        of path: String, _ pathFlags: PathFlags, access: FileTime, modification: FileTime
    ) -> FileAnswer<Void> {
        fileAnswer { () throws(FileError) in
            let times = [try timespec(access), try timespec(modification)]
            let follows = pathFlags.contains(.symlinkFollow)
            return self.change { resolver throws(FileError) in
                try resolver.setTimes(of: path, following: follows, to: times)
            }
        }
    }

    func createDirectory(_ path: String) -> FileAnswer<Void> {
        self.change { resolver throws(FileError) in try resolver.createDirectory(path) }
    }

    func removeDirectory(_ path: String) -> FileAnswer<Void> {
        self.change { resolver throws(FileError) in try resolver.removeDirectory(path) }
    }

    func unlinkFile(_ path: String) -> FileAnswer<Void> {
        self.change { resolver throws(FileError) in try resolver.unlinkFile(path) }
    }

    func rename(_ oldPath: String, to newDescriptor: DescriptorResource, _ newPath: String) -> FileAnswer<Void> {
        let new = newDescriptor.resolver
        return self.change(with: newDescriptor) { resolver throws(FileError) in
            try resolver.rename(oldPath, to: new, newPath)
        }
    }

    /// Both sides must be writable: through a new name in a writable mount the file itself would be.
    func link(
        _ oldPath: String, _ oldPathFlags: PathFlags, at newDescriptor: DescriptorResource, _ newPath: String
    ) -> FileAnswer<Void> {
        let (follows, new) = (oldPathFlags.contains(.symlinkFollow), newDescriptor.resolver)
        return self.change(with: newDescriptor) { resolver throws(FileError) in
            try resolver.link(oldPath, following: follows, at: new, newPath)
        }
    }

    func symlink(to oldPath: String, at newPath: String) -> FileAnswer<Void> {
        self.change { resolver throws(FileError) in try resolver.symlink(to: oldPath, at: newPath) }
    }
}
