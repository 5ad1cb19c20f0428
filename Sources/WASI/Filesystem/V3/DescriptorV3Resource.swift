package import ComponentModel

/// `wasi:filesystem/types.descriptor` of WASI 0.3: the same files by the same rules as in 0.2, and nobody waits.
package final class DescriptorV3Resource: WasiFilesystemTypesV3.Descriptor {
    package typealias ErrorCode = WasiFilesystemTypesV3.ErrorCode
    package typealias Answer<Value> = HostAnswer<WITResult<Value, ErrorCode>>
    package typealias Stat = WasiFilesystemTypesV3.DescriptorStat
    package typealias MetadataHash = WasiFilesystemTypesV3.MetadataHashValue
    package typealias PathFlags = WasiFilesystemTypesV3.PathFlags
    package typealias NewTimestamp = WasiFilesystemTypesV3.NewTimestamp

    let base: DescriptorResource
    /// What it was opened for. It does not decide what may change: see ``DescriptorResource``.
    private let flags: WasiFilesystemTypesV3.DescriptorFlags

    /// - Parameter flags: what the guest asked for, where it opened this.
    package init(_ base: DescriptorResource, flags: WasiFilesystemTypesV3.DescriptorFlags? = nil) {
        self.base = base
        let known = base.flags
        // In 0.2 a directory is told to be open for changes wherever its mount is.
        self.flags = flags.map { $0.contains(.mutateDirectory) ? known : known.subtracting(.mutateDirectory) } ?? known
    }

    private func now<Value>(_ body: () throws(FileError) -> Value) -> Answer<Value> {
        .ready(WITResult(Result { () throws(FileError) in try body() }))
    }

    // MARK: Streams

    package func readViaStream(
        offset: UInt64, in call: borrowing HostCall
    ) throws -> (ByteStream, ElementFuture<WITResult<Void, ErrorCode>>) {
        let producer = FileProducer(
            self.base.file, offset: offset, limit: self.base.budget.limits.readBytes,
            failure: self.failure { () throws(FileError) in try self.base.requireFile(.read) })
        return producer.start()
    }

    package func writeViaStream(
        data: ByteStream, offset: UInt64, in call: borrowing HostCall
    ) throws -> ElementFuture<WITResult<Void, ErrorCode>> {
        self.write(data, at: offset)
    }

    package func appendViaStream(
        data: ByteStream, in call: borrowing HostCall
    ) throws -> ElementFuture<WITResult<Void, ErrorCode>> {
        self.write(data, at: nil)
    }

    private func write(_ data: ByteStream, at offset: UInt64?) -> ElementFuture<WITResult<Void, ErrorCode>> {
        if let failure = self.failure({ () throws(FileError) in try self.base.requireFile(.write) }) {
            data.drop()
            return ElementFuture(.ready(.error(failure.code.v3)))
        }
        let target = FileTarget(self.base.file, at: offset, credit: self.base.budget.limits.writeBytes)
        return OutputConsumer.drain(data, into: target) { error in
            guard case .filesystem(let code) = error.cause else { return .io }
            return code.v3
        }
    }

    package func readDirectory(
        in call: borrowing HostCall
    ) throws -> (ElementStream<WasiFilesystemTypesV3.DirectoryEntry>, ElementFuture<WITResult<Void, ErrorCode>>) {
        DirectoryProducer(self.base.list()).start()
    }

    private func failure(_ check: () throws(FileError) -> Void) -> FileError? {
        do throws(FileError) {
            try check()
            return nil
        } catch {
            return error
        }
    }

    // MARK: Content

    package func advise(
        offset: UInt64, length: UInt64, advice: WasiFilesystemTypesV3.Advice, in call: borrowing HostCall
    ) throws -> Answer<Void> {
        self.now { () throws(FileError) in
            try self.base.advise(offset, length, advice)
        }
    }

    package func setSize(size: UInt64, in call: borrowing HostCall) throws -> Answer<Void> {
        self.base.truncate(to: size).result()
    }

    package func syncData(in call: borrowing HostCall) throws -> Answer<Void> {
        self.base.synchronize(dataOnly: true).result()
    }

    package func sync(in call: borrowing HostCall) throws -> Answer<Void> {
        self.base.synchronize(dataOnly: false).result()
    }

    // MARK: Metadata

    package func getFlags(in call: borrowing HostCall) throws -> Answer<WasiFilesystemTypesV3.DescriptorFlags> {
        .ready(.ok(self.flags))
    }

    package func getType(in call: borrowing HostCall) throws -> Answer<WasiFilesystemTypesV3.DescriptorType> {
        .ready(.ok(self.base.file.kind == .directory ? .directory : .regularFile))
    }

    package func stat(in call: borrowing HostCall) throws -> Answer<Stat> {
        self.now { () throws(FileError) in Stat(try self.base.file.status()) }
    }

    package func statAt(pathFlags: PathFlags, path: String, in call: borrowing HostCall) throws -> Answer<Stat> {
        self.base.status(of: path, pathFlags).then { Stat($0) }.result()
    }

    package func isSameObject(other: DescriptorV3Resource, in call: borrowing HostCall) throws -> HostAnswer<Bool> {
        .ready(self.base.isSameObject(as: other.base))
    }

    package func metadataHash(in call: borrowing HostCall) throws -> Answer<MetadataHash> {
        self.now { () throws(FileError) in MetadataHash(try self.base.file.status()) }
    }

    package func metadataHashAt(
        pathFlags: PathFlags, path: String, in call: borrowing HostCall
    ) throws -> Answer<MetadataHash> {
        self.base.status(of: path, pathFlags).then { MetadataHash($0) }.result()
    }

    package func setTimes(
        dataAccessTimestamp: NewTimestamp, dataModificationTimestamp: NewTimestamp, in call: borrowing HostCall
    ) throws -> Answer<Void> {
        self.now { () throws(FileError) in
            try self.base.setTimes(
                access: FileTime(dataAccessTimestamp), modification: FileTime(dataModificationTimestamp))
        }
    }

    package func setTimesAt(
        pathFlags: PathFlags, path: String, dataAccessTimestamp: NewTimestamp,
        dataModificationTimestamp: NewTimestamp, in call: borrowing HostCall
    ) throws -> Answer<Void> {
        self.base.setTimes(
            of: path, pathFlags, access: FileTime(dataAccessTimestamp),
            modification: FileTime(dataModificationTimestamp)
        ).result()
    }

    // MARK: Paths

    package func openAt(
        pathFlags: PathFlags, path: String, openFlags: WasiFilesystemTypesV3.OpenFlags,
        flags: WasiFilesystemTypesV3.DescriptorFlags, in call: borrowing HostCall
    ) throws -> Answer<DescriptorV3Resource> {
        var wanted = flags
        // Who makes a file may write it.
        if openFlags.contains(.create), !wanted.contains(.write) { wanted.formUnion([.read, .write]) }
        return self.base.open(
            path, pathFlags, openFlags, wanted
        ).then { DescriptorV3Resource($0, flags: flags) }.result()
    }

    package func createDirectoryAt(path: String, in call: borrowing HostCall) throws -> Answer<Void> {
        self.base.createDirectory(path).result()
    }

    package func removeDirectoryAt(path: String, in call: borrowing HostCall) throws -> Answer<Void> {
        self.base.removeDirectory(path).result()
    }

    package func unlinkFileAt(path: String, in call: borrowing HostCall) throws -> Answer<Void> {
        self.base.unlinkFile(path).result()
    }

    package func renameAt(
        oldPath: String, newDescriptor: DescriptorV3Resource, newPath: String, in call: borrowing HostCall
    ) throws -> Answer<Void> {
        self.base.rename(oldPath, to: newDescriptor.base, newPath).result()
    }

    package func linkAt(
        oldPathFlags: PathFlags, oldPath: String, newDescriptor: DescriptorV3Resource, newPath: String,
        in call: borrowing HostCall
    ) throws -> Answer<Void> {
        self.base.link(oldPath, oldPathFlags, at: newDescriptor.base, newPath).result()
    }

    package func symlinkAt(oldPath: String, newPath: String, in call: borrowing HostCall) throws -> Answer<Void> {
        self.base.symlink(to: oldPath, at: newPath).result()
    }

    package func readlinkAt(path: String, in call: borrowing HostCall) throws -> Answer<String> {
        self.base.linkTarget(of: path).result()
    }
}

/// `wasi:filesystem/preopens` of WASI 0.3.
package enum FilesystemPreopensV3Functions: WasiFilesystemPreopensV3.Functions {
    package static func getDirectories(in call: borrowing HostCall) throws -> [(DescriptorV3Resource, String)] {
        try FilesystemPreopensFunctions.getDirectories(in: call).map { (DescriptorV3Resource($0), $1) }
    }
}
