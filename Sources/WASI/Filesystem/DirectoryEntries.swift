package import ComponentModel
import NIOCore

/// The entries of a directory, read a batch at a time. Counts as an open file.
final class DirectoryEntries {
    private let reader: DirectoryReader
    private let worker: FileWorker?
    private let slot: OpenFileSlot
    private var items: ArraySlice<DirectoryReader.Item>
    private var end: DirectoryReader.End?

    fileprivate init(
        _ reader: DirectoryReader, _ first: DirectoryReader.Batch, _ slot: OpenFileSlot, worker: FileWorker?
    ) {
        self.reader = reader
        self.worker = worker
        self.slot = slot
        self.items = first.items[...]
        self.end = first.end
    }

    /// The next entry; `nil` after the last one.
    func next() -> FileAnswer<DirectoryReader.Item?> {
        if let item = self.items.popFirst() { return .ready(.success(item)) }
        switch self.end {
        case .complete: return .ready(.success(nil))
        case .failed(let error):
            self.end = .complete
            return .failed(error)
        case nil: break
        }
        let reader = self.reader
        guard let worker = self.worker else { return self.take(reader.next()) }
        return worker.answer(keeping: self) { .success(reader.next()) }.then { batch throws(FileError) in
            guard case .ready(let result) = self.take(batch) else { return nil }
            return try result.get()
        }
    }

    private func take(_ batch: DirectoryReader.Batch) -> FileAnswer<DirectoryReader.Item?> {
        self.items = batch.items[...]
        self.end = batch.end
        return self.next()
    }
}

extension DescriptorResource {
    /// Begins to list the directory.
    func list() -> FileAnswer<DirectoryEntries> {
        fileAnswer { () throws(FileError) -> FileAnswer<DirectoryEntries> in
            try self.requireDirectory()
            let (slot, worker) = (try OpenFileSlot(self.budget), self.worker)
            return self.file.work { descriptor in
                Result { () throws(FileError) -> (DirectoryReader, DirectoryReader.Batch) in
                    let reader = try DirectoryReader(listing: descriptor)
                    return (reader, reader.next())
                }
            }.then { reader, first in DirectoryEntries(reader, first, slot, worker: worker) }
        }
    }

    /// Everything in the directory, `.` and `..` first. Names that are not UTF-8 are left out: no guest can use them.
    func listing() -> FileAnswer<[DirectoryListing.Entry]> {
        fileAnswer { () throws(FileError) -> FileAnswer<[DirectoryListing.Entry]> in
            let identity = FileIdentity(try self.file.status())
            let slot = try OpenFileSlot(self.budget)
            return self.file.work { descriptor in
                Result { () throws(FileError) -> [DirectoryListing.Entry] in
                    // What is above is none of the guest's business, so both are this directory.
                    var entries = [".", ".."].map {
                        DirectoryListing.Entry(name: $0, type: .directory, inode: identity.hash)
                    }
                    let batch = try DirectoryReader(listing: descriptor).next(DirectoryListing.limit + 1)
                    if case .failed(let error) = batch.end { throw error }
                    for item in batch.items {
                        guard let name = item.name else { continue }
                        let inode = FileIdentity(device: identity.device, inode: item.inode).hash
                        entries.append(.init(name: name, type: FileType(item.type), inode: inode))
                    }
                    guard entries.count <= DirectoryListing.limit else { throw FileError(.insufficientMemory) }
                    return entries
                }
            }.then { entries in withExtendedLifetime(slot) { entries } }
        }
    }
}

/// `wasi:filesystem/types.directory-entry-stream` of WASI 0.2.
package final class DirectoryEntryStreamResource: WasiFilesystemTypes.DirectoryEntryStream {
    package typealias Entry = WasiFilesystemTypes.DirectoryEntry

    private let entries: DirectoryEntries

    init(_ entries: DirectoryEntries) {
        self.entries = entries
    }

    package func readDirectoryEntry(
        in call: borrowing HostCall
    ) throws -> WITResult<Entry?, WasiFilesystemTypes.ErrorCode> {
        try self.entries.next().then { item throws(FileError) in
            guard let item else { return nil }
            guard let name = item.name else { throw FileError(.illegalByteSequence) }
            return Entry(type: item.type, name: name)
        }.result(in: call)
    }
}
