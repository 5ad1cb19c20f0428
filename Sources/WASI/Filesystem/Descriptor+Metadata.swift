import CWASI
package import ComponentModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension DescriptorResource {
    package typealias Stat = WasiFilesystemTypes.DescriptorStat
    package typealias MetadataHash = WasiFilesystemTypes.MetadataHashValue
    package typealias NewTimestamp = WasiFilesystemTypes.NewTimestamp
    package typealias PathFlags = WasiFilesystemTypes.PathFlags

    package func getFlags(in call: borrowing HostCall) throws -> WITResult<Flags, ErrorCode> {
        .ok(self.flags)
    }

    package func getType(
        in call: borrowing HostCall
    ) throws -> WITResult<WasiFilesystemTypes.DescriptorType, ErrorCode> {
        .ok(self.file.kind == .directory ? .directory : .regularFile)
    }

    package func stat(in call: borrowing HostCall) throws -> WITResult<Stat, ErrorCode> {
        fileResult { () throws(FileError) in Stat(try self.file.status()) }
    }

    package func statAt(
        pathFlags: PathFlags, path: String, in call: borrowing HostCall
    ) throws -> WITResult<Stat, ErrorCode> {
        fileResult { () throws(FileError) in Stat(try self.status(of: path, pathFlags)) }
    }

    package func isSameObject(other: DescriptorResource, in call: borrowing HostCall) throws -> Bool {
        guard let mine = try? self.file.status(), let theirs = try? other.file.status() else { return false }
        return mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino
    }

    package func metadataHash(in call: borrowing HostCall) throws -> WITResult<MetadataHash, ErrorCode> {
        fileResult { () throws(FileError) in MetadataHash(try self.file.status()) }
    }

    package func metadataHashAt(
        pathFlags: PathFlags, path: String, in call: borrowing HostCall
    ) throws -> WITResult<MetadataHash, ErrorCode> {
        fileResult { () throws(FileError) in MetadataHash(try self.status(of: path, pathFlags)) }
    }

    package func setTimes(
        dataAccessTimestamp: NewTimestamp, dataModificationTimestamp: NewTimestamp, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.setTimes(access: dataAccessTimestamp, modification: dataModificationTimestamp)
        }
    }

    func setTimes(access: NewTimestamp, modification: NewTimestamp) throws(FileError) {
        try self.requireWritable()
        let times = [try timespec(access), try timespec(modification)]
        guard futimens(self.file.descriptor, times) == 0 else { throw .last }
    }

    package func setTimesAt(
        pathFlags: PathFlags, path: String, dataAccessTimestamp: NewTimestamp,
        dataModificationTimestamp: NewTimestamp, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.setTimes(
                of: path, pathFlags, access: dataAccessTimestamp, modification: dataModificationTimestamp)
        }
    }

    func setTimes(
        of path: String, _ pathFlags: PathFlags, access: NewTimestamp, modification: NewTimestamp
    ) throws(FileError) {
        try self.requireDirectory()
        try self.requireWritable()
        let times = [try timespec(access), try timespec(modification)]
        if path == "." {
            guard futimens(self.file.descriptor, times) == 0 else { throw .last }
            return
        }
        let parent = try self.resolver.parent(of: path, following: pathFlags.contains(.symlinkFollow))
        try parent.checkDirectory()
        guard utimensat(parent.descriptor, parent.name, times, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
    }

    /// What is at `path`, following a link as its last component only when `flags` say so.
    func status(of path: String, _ flags: PathFlags) throws(FileError) -> FileStatus {
        try self.requireDirectory()
        let noFollow: Int32 = flags.contains(.symlinkFollow) ? 0 : O_NOFOLLOW
        #if os(Linux)
        let descriptor = try self.resolver.open(path, flags: PathResolver.lookup | noFollow)
        defer { closeDescriptor(descriptor) }
        var status = FileStatus()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        return status
        #else
        // Nothing can be opened for looking up only: a link is read here, and its parent asked.
        if let parent = try? self.resolver.parent(of: path, following: noFollow == 0) {
            try parent.checkDirectory()
            var status = FileStatus()
            guard fstatat(parent.descriptor, parent.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
            return status
        }
        let descriptor = try self.resolver.open(path, flags: PathResolver.lookup | noFollow)
        defer { closeDescriptor(descriptor) }
        var status = FileStatus()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        return status
        #endif
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
}

extension timespec {
    fileprivate init(_ timestamp: WasiFilesystemTypes.NewTimestamp) throws(FileError) {
        switch timestamp {
        case .noChange: self.init(tv_sec: 0, tv_nsec: swirl_utime_omit)
        case .now: self.init(tv_sec: 0, tv_nsec: swirl_utime_now)
        case .timestamp(let time):
            guard time.nanoseconds < 1_000_000_000 else { throw FileError(.invalid) }
            guard let seconds = time_t(exactly: time.seconds) else { throw FileError(.overflow) }
            self.init(tv_sec: seconds, tv_nsec: Int(time.nanoseconds))
        }
    }
}
