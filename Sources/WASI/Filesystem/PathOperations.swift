import CWASI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What can be done with paths beneath a directory. Whether a guest may is decided before.
///
/// Each may wait for a disk, unless the resolver looks into the system's memory only.
extension PathResolver {
    // MARK: Looking

    /// What is at `path`, following a link as its last component only when asked to.
    func status(of path: String, following: Bool) throws(FileError) -> FileStatus {
        let noFollow: Int32 = following ? 0 : O_NOFOLLOW
        #if !os(Linux)
        // Nothing can be opened for looking up only: a link is read here, and its parent asked.
        if let parent = try? self.parent(of: path, following: following) {
            try parent.checkDirectory()
            var status = FileStatus()
            guard fstatat(parent.descriptor, parent.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
            return status
        }
        #endif
        let descriptor = try self.open(path, flags: Self.lookup | noFollow)
        defer { closeDescriptor(descriptor) }
        var status = FileStatus()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        return status
    }

    /// Where the link at `path` leads.
    func linkTarget(of path: String) throws(FileError) -> String {
        // Reading a link looks it up once more: by now it is in memory.
        if self.isCachedOnly { closeDescriptor(try self.open(path, flags: Self.lookup | O_NOFOLLOW)) }
        let parent = try self.parent(of: path)
        guard !parent.mustBeDirectory, let target = try Self.link(parent.name, in: parent.descriptor) else {
            try parent.checkExists()
            throw FileError(.invalid)
        }
        return target
    }

    // MARK: Opening

    /// Opens a regular file or directory; nothing else, which could block for ever.
    func openFile(_ path: String, flags: Int32) throws(FileError) -> OpenedFile {
        try OpenedFile(owning: try self.open(path, flags: flags, mode: 0o666))
    }

    // MARK: Changing

    func setTimes(of path: String, following: Bool, to times: [timespec]) throws(FileError) {
        if path == "." {
            guard futimens(self.base, times) == 0 else { throw .last }
            return
        }
        let parent = try self.parent(of: path, following: following)
        try parent.checkDirectory()
        guard utimensat(parent.descriptor, parent.name, times, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
    }

    func createDirectory(_ path: String) throws(FileError) {
        let parent = try self.parentForChange(of: path, whenDot: .exist)
        guard mkdirat(parent.descriptor, parent.name, 0o777) == 0 else { throw .last }
    }

    func removeDirectory(_ path: String) throws(FileError) {
        let parent = try self.parentForChange(of: path)
        guard unlinkat(parent.descriptor, parent.name, AT_REMOVEDIR) == 0 else {
            let error = FileError.last
            // A link that a slash says to follow: it may be an escape.
            if parent.mustBeDirectory { closeDescriptor(try self.open(path, flags: Self.lookup)) }
            throw error
        }
    }

    func unlinkFile(_ path: String) throws(FileError) {
        let parent = try self.parentForChange(of: path, whenDot: .isDirectory)
        try parent.checkDirectory()
        guard unlinkat(parent.descriptor, parent.name, 0) == 0 else { throw .last }
    }

    func rename(_ oldPath: String, to newDirectory: PathResolver, _ newPath: String) throws(FileError) {
        let old = try self.parentForChange(of: oldPath, whenDot: .busy)
        let new = try newDirectory.parentForChange(of: newPath, whenDot: .busy)
        if new.mustBeDirectory || old.mustBeDirectory { try old.requireDirectory() }
        guard renameat(old.descriptor, old.name, new.descriptor, new.name) == 0 else { throw .last }
    }

    func link(
        _ oldPath: String, following: Bool, at newDirectory: PathResolver, _ newPath: String
    ) throws(FileError) {
        let old = try self.parentForChange(of: oldPath, following: following, whenDot: .notPermitted)
        let new = try newDirectory.parentForChange(of: newPath, whenDot: .exist)
        guard !old.mustBeDirectory else { throw FileError(.notDirectory) }
        guard !new.mustBeDirectory else {
            try new.checkExists()
            throw FileError(.exist)
        }
        guard linkat(old.descriptor, old.name, new.descriptor, new.name, 0) == 0 else { throw .last }
    }

    func symlink(to oldPath: String, at newPath: String) throws(FileError) {
        try PathResolver.check(oldPath)
        let parent = try self.parentForChange(of: newPath, whenDot: .exist)
        guard !parent.mustBeDirectory else { throw FileError(.noEntry) }
        guard symlinkat(oldPath, parent.descriptor, parent.name) == 0 else { throw .last }
    }

    /// The parent of a path whose last component is to be made, removed or renamed.
    ///
    /// - Parameter code: the error for a path that ends in a dot, after it was seen to be no escape.
    private func parentForChange(
        of path: String, following: Bool = false, whenDot code: WasiFilesystemTypes.ErrorCode = .invalid
    ) throws(FileError) -> Parent {
        do {
            return try self.parent(of: path, following: following)
        } catch {
            guard case .invalid = error.code, path.hasSuffix(".") || path.hasSuffix("./") else { throw error }
            throw FileError(code)
        }
    }
}

extension PathResolver.Parent {
    /// A path that ends in a slash must lead to a directory.
    func checkDirectory() throws(FileError) {
        if self.mustBeDirectory { try self.requireDirectory() }
    }

    func requireDirectory() throws(FileError) {
        var status = FileStatus()
        guard fstatat(self.descriptor, self.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw FileError(.notDirectory) }
    }

    /// The last component is there.
    func checkExists() throws(FileError) {
        guard faccessat(self.descriptor, self.name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
    }
}

/// A file or directory that was just opened, by whatever thread.
struct OpenedFile: Sendable {
    /// What the guest may know and do by the type of file.
    enum Kind {
        case directory
        case regularFile
    }

    let handle: FileHandle
    let kind: Kind

    /// Takes over `descriptor`, closing it when it is neither a regular file nor a directory.
    init(owning descriptor: Int32) throws(FileError) {
        self.handle = FileHandle(descriptor)
        var status = FileStatus()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: self.kind = .directory
        case S_IFREG: self.kind = .regularFile
        // A pipe, socket or device could block its reader for ever.
        default: throw FileError(.unsupported)
        }
    }
}
