package import ComponentModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `wasi:filesystem/types.directory-entry-stream`: reads entries as they are asked for, so holds none.
package final class DirectoryEntryStreamResource: WasiFilesystemTypes.DirectoryEntryStream {
    package typealias Entry = WasiFilesystemTypes.DirectoryEntry
    #if canImport(Darwin)
    private typealias Listing = UnsafeMutablePointer<DIR>
    #else
    private typealias Listing = OpaquePointer
    #endif

    private let listing: Listing
    private let budget: HostMemoryBudget

    /// Lists `directory` from its beginning, whoever else lists it too.
    init(listing directory: Int32, budget: HostMemoryBudget) throws(FileError) {
        guard budget.openFile() else { throw FileError(errno: EMFILE) }
        let descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let error = FileError.last
            budget.closeFile()
            throw error
        }
        guard let listing = fdopendir(descriptor) else {
            let error = FileError.last
            closeDescriptor(descriptor)
            budget.closeFile()
            throw error
        }
        self.listing = listing
        self.budget = budget
    }

    deinit {
        closedir(self.listing)
        self.budget.closeFile()
    }

    package func readDirectoryEntry(
        in call: borrowing HostCall
    ) throws -> WITResult<Entry?, WasiFilesystemTypes.ErrorCode> {
        fileResult { () throws(FileError) in try self.next() }
    }

    private func next() throws(FileError) -> Entry? {
        guard let item = try self.nextItem() else { return nil }
        guard let name = item.name else { throw FileError(.illegalByteSequence) }
        return Entry(type: item.type, name: name)
    }

    /// The next entry but `.` and `..`; its name is `nil` when it is not UTF-8.
    func nextItem() throws(FileError) -> (name: String?, type: WasiFilesystemTypes.DescriptorType, inode: UInt64)? {
        while true {
            errno = 0
            guard let entry = readdir(self.listing) else {
                if errno != 0 { throw .last }
                return nil
            }
            // The name is as long as it is, not as long as its C type: read it where it lies.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            let bytes = UnsafeRawBufferPointer(start: start, count: strlen(start))
            if bytes.elementsEqual(".".utf8) || bytes.elementsEqual("..".utf8) { continue }
            let type = self.type(of: entry.pointee.d_type, name: start)
            return (String(validating: bytes, as: UTF8.self), type, UInt64(entry.pointee.d_ino))
        }
    }

    private func type(of type: UInt8, name: UnsafePointer<CChar>) -> WasiFilesystemTypes.DescriptorType {
        switch Int(type) {
        case Int(DT_REG): return .regularFile
        case Int(DT_DIR): return .directory
        case Int(DT_LNK): return .symbolicLink
        case Int(DT_FIFO): return .fifo
        case Int(DT_SOCK): return .socket
        case Int(DT_BLK): return .blockDevice
        case Int(DT_CHR): return .characterDevice
        default:
            // Some file systems do not say.
            var status = FileStatus()
            guard fstatat(dirfd(self.listing), name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .unknown }
            return WasiFilesystemTypes.DescriptorType(mode: status.st_mode)
        }
    }
}

extension DescriptorResource {
    /// Everything in the directory, `.` and `..` first. Names that are not UTF-8 are left out: no guest can use them.
    func listing() throws(FileError) -> [DirectoryListing.Entry] {
        let status = try self.file.status()
        let device = UInt64(truncatingIfNeeded: status.st_dev)
        let own = FileIdentity(device: device, inode: UInt64(status.st_ino)).hash
        // What is above is none of the guest's business, so both are this directory.
        var entries = [".", ".."].map { DirectoryListing.Entry(name: $0, type: .directory, inode: own) }
        let stream = try DirectoryEntryStreamResource(listing: self.file.descriptor, budget: self.budget)
        while let item = try stream.nextItem() {
            guard let name = item.name else { continue }
            guard entries.count < DirectoryListing.limit else { throw FileError(.insufficientMemory) }
            entries.append(
                DirectoryListing.Entry(
                    name: name, type: FileType(item.type), inode: FileIdentity(device: device, inode: item.inode).hash))
        }
        return entries
    }
}
