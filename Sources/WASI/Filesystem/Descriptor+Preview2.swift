package import ComponentModel
import NIOCore

/// `wasi:filesystem/types.descriptor` of WASI 0.2: the guest waits in each call.
extension DescriptorResource: WasiFilesystemTypes.Descriptor {
    package typealias Stat = WasiFilesystemTypes.DescriptorStat
    package typealias MetadataHash = WasiFilesystemTypes.MetadataHashValue
    package typealias NewTimestamp = WasiFilesystemTypes.NewTimestamp

    // MARK: Streams

    package func readViaStream(
        offset: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<InputStreamResource, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.requireFile(.read)
            return InputStreamResource(
                FileSource(self.file, offset: offset), limit: self.budget.limits.readBytes)
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

    package func readDirectory(
        in call: borrowing HostCall
    ) throws -> WITResult<DirectoryEntryStreamResource, ErrorCode> {
        try self.list().then { DirectoryEntryStreamResource($0) }.result(in: call)
    }

    // MARK: Content

    package func read(
        length: UInt64, offset: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<(any HostBytes, Bool), ErrorCode> {
        let count = Int(min(length, UInt64(self.budget.limits.readBytes)))
        // No bytes are the end, also when none were asked for: preview 1 on top of this takes them so.
        return try self.read(upTo: count, at: offset).result(in: call).map { ($0, $0.readableBytes == 0) }
    }

    package func write(
        buffer: GuestBytes, offset: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<UInt64, ErrorCode> {
        let part = UnsafeRawBufferPointer(rebasing: buffer.bytes.prefix(self.budget.limits.writeBytes))
        return try self.write(part, at: offset).result(in: call).map { UInt64($0) }
    }

    package func setSize(size: UInt64, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        try self.truncate(to: size).result(in: call)
    }

    package func advise(
        offset: UInt64, length: UInt64, advice: WasiFilesystemTypes.Advice, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in try self.advise(offset, length, advice) }
    }

    package func syncData(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        try self.synchronize(dataOnly: true).result(in: call)
    }

    package func sync(in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        try self.synchronize(dataOnly: false).result(in: call)
    }

    // MARK: Metadata

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
        try self.status(of: path, pathFlags).result(in: call).map { Stat($0) }
    }

    package func isSameObject(other: DescriptorResource, in call: borrowing HostCall) throws -> Bool {
        self.isSameObject(as: other)
    }

    package func metadataHash(in call: borrowing HostCall) throws -> WITResult<MetadataHash, ErrorCode> {
        fileResult { () throws(FileError) in MetadataHash(try self.file.status()) }
    }

    package func metadataHashAt(
        pathFlags: PathFlags, path: String, in call: borrowing HostCall
    ) throws -> WITResult<MetadataHash, ErrorCode> {
        try self.status(of: path, pathFlags).result(in: call).map { MetadataHash($0) }
    }

    package func setTimes(
        dataAccessTimestamp: NewTimestamp, dataModificationTimestamp: NewTimestamp, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        fileResult { () throws(FileError) in
            try self.setTimes(
                access: FileTime(dataAccessTimestamp), modification: FileTime(dataModificationTimestamp))
        }
    }

    package func setTimesAt(
        pathFlags: PathFlags, path: String, dataAccessTimestamp: NewTimestamp,
        dataModificationTimestamp: NewTimestamp, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        try self.setTimes(
            of: path, pathFlags, access: FileTime(dataAccessTimestamp),
            modification: FileTime(dataModificationTimestamp)
        ).result(in: call)
    }

    // MARK: Paths

    package func openAt(
        pathFlags: PathFlags, path: String, openFlags: OpenFlags, flags: Flags, in call: borrowing HostCall
    ) throws -> WITResult<DescriptorResource, ErrorCode> {
        try self.open(path, pathFlags, openFlags, flags).result(in: call)
    }

    package func createDirectoryAt(path: String, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        try self.createDirectory(path).result(in: call)
    }

    package func removeDirectoryAt(path: String, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        try self.removeDirectory(path).result(in: call)
    }

    package func unlinkFileAt(path: String, in call: borrowing HostCall) throws -> WITResult<Void, ErrorCode> {
        try self.unlinkFile(path).result(in: call)
    }

    package func renameAt(
        oldPath: String, newDescriptor: DescriptorResource, newPath: String, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        try self.rename(oldPath, to: newDescriptor, newPath).result(in: call)
    }

    package func linkAt(
        oldPathFlags: PathFlags, oldPath: String, newDescriptor: DescriptorResource, newPath: String,
        in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        try self.link(oldPath, oldPathFlags, at: newDescriptor, newPath).result(in: call)
    }

    package func symlinkAt(
        oldPath: String, newPath: String, in call: borrowing HostCall
    ) throws -> WITResult<Void, ErrorCode> {
        try self.symlink(to: oldPath, at: newPath).result(in: call)
    }

    package func readlinkAt(path: String, in call: borrowing HostCall) throws -> WITResult<String, ErrorCode> {
        try self.linkTarget(of: path).result(in: call)
    }
}
