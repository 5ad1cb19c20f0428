#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Lists a directory in batches, on whatever thread may wait for the disk.
///
/// Used by one thread at a time: whoever asks for a batch waits for it before asking for the next.
final class DirectoryReader: @unchecked Sendable {
    /// An entry of a directory.
    struct Item: Sendable {
        /// `nil` when it is not UTF-8: no guest can use it.
        let name: String?
        let type: WasiFilesystemTypes.DescriptorType
        let inode: UInt64
    }

    struct Batch: Sendable {
        var items: [Item]
        /// What comes after them, where it is not another batch.
        var end: End?
    }

    enum End: Sendable {
        case complete
        case failed(FileError)
    }

    /// Most entries of a batch: one hand-over to another thread pays for so many.
    static let batch = 256

    #if canImport(Darwin)
    private typealias Listing = UnsafeMutablePointer<DIR>
    #else
    private typealias Listing = OpaquePointer
    #endif

    private let listing: Listing

    /// Lists `directory` from its beginning, whoever else lists it too.
    init(listing directory: Int32) throws(FileError) {
        let descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last }
        guard let listing = fdopendir(descriptor) else {
            let error = FileError.last
            closeDescriptor(descriptor)
            throw error
        }
        self.listing = listing
    }

    deinit {
        closedir(self.listing)
    }

    /// The next entries.
    func next(_ limit: Int = batch) -> Batch {
        var items: [Item] = []
        do throws(FileError) {
            while items.count < limit {
                guard let item = try self.nextItem() else { return Batch(items: items, end: .complete) }
                items.append(item)
            }
            return Batch(items: items, end: nil)
        } catch {
            return Batch(items: items, end: .failed(error))
        }
    }

    /// The next entry but `.` and `..`.
    private func nextItem() throws(FileError) -> Item? {
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
            return Item(
                name: String(validating: bytes, as: UTF8.self),
                type: self.type(of: entry.pointee.d_type, name: start), inode: UInt64(entry.pointee.d_ino))
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
