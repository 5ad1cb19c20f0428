import ComponentModel
import NIOCore
import WasmEngine

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `fd_*` that move bytes, and the listing of directories.
extension Preview1 {
    /// Most bytes that one call reads or writes: beyond, it is a short one.
    private static let callLimit = 1 << 20

    static let readingAndWritingFunctions: [Preview1Function] = [
        Preview1Function("fd_read", [.i32, .i32, .i32, .i32]) { call in
            let entry = try call.entry(0)
            let parts = try call.memory().vectors(call.u32(1), call.u32(2))
            let count: Int
            switch entry.kind {
            case .file(let file):
                count = try Self.read(file, into: parts, at: entry.position, call)
                entry.position += UInt64(count)
            case .input(let stream, _):
                count = try Self.read(stream, into: parts, entry, call)
            case .output, .directory: throw Errno.badDescriptor
            }
            try call.memory().set(u32: UInt32(clamping: count), at: call.u32(3))
        },
        Preview1Function("fd_pread", [.i32, .i32, .i32, .i64, .i32]) { call in
            let (_, file) = try Self.positioned(call)
            let parts = try call.memory().vectors(call.u32(1), call.u32(2))
            let count = try Self.read(file, into: parts, at: call.u64(3), call)
            try call.memory().set(u32: UInt32(clamping: count), at: call.u32(4))
        },
        Preview1Function("fd_write", [.i32, .i32, .i32, .i32]) { call in
            let entry = try call.entry(0)
            let memory = try call.memory()
            let parts = try memory.vectors(call.u32(1), call.u32(2))
            // Checked before anything is written, for there is no way back.
            _ = try memory.range(call.u32(3), 4, alignment: 4)
            let count: Int
            switch entry.kind {
            case .file(let file):
                let isAppending = entry.flags.contains(.append)
                count = try Self.write(parts, to: file, at: isAppending ? nil : entry.position, call)
                if isAppending {
                    let status = try preview1 { () throws(FileError) in try file.file.status() }
                    entry.position = UInt64(max(0, status.st_size))
                } else {
                    entry.position += UInt64(count)
                }
            case .output(let stream, _):
                count = try Self.write(parts, to: stream)
            case .input, .directory: throw Errno.badDescriptor
            }
            try memory.set(u32: UInt32(clamping: count), at: call.u32(3))
        },
        Preview1Function("fd_pwrite", [.i32, .i32, .i32, .i64, .i32]) { call in
            let (entry, file) = try Self.positioned(call)
            let memory = try call.memory()
            let parts = try memory.vectors(call.u32(1), call.u32(2))
            _ = try memory.range(call.u32(4), 4, alignment: 4)
            // Linux appends whatever the offset is; so does Wasmtime, and guests rely on one or the other.
            let isAppending = entry.flags.contains(.append)
            let count = try Self.write(parts, to: file, at: isAppending ? nil : call.u64(3), call)
            try memory.set(u32: UInt32(clamping: count), at: call.u32(4))
        },
        Preview1Function("fd_readdir", [.i32, .i32, .i32, .i64, .i32]) { call in try Self.readDirectory(call) },
    ]

    /// The file of `fd_pread` and `fd_pwrite`; `spipe` for a stream.
    private static func positioned(
        _ call: borrowing Preview1Call
    ) throws(Errno) -> (FileTable.Entry, DescriptorResource) {
        let entry = try call.entry(0)
        switch entry.kind {
        case .file(let file): return (entry, file)
        case .directory: throw .badDescriptor
        case .input, .output: throw .invalidSeek
        }
    }

    // MARK: Files

    /// Reads one part after the other until one is not filled.
    private static func read(
        _ file: DescriptorResource, into parts: [UnsafeMutableRawBufferPointer], at offset: UInt64,
        _ call: borrowing Preview1Call
    ) throws -> Int {
        try preview1 { () throws(FileError) in try file.requireFile(.read) }
        guard offset <= UInt64(Int64.max) else { throw Errno.invalid }
        var total = 0
        for part in parts where part.count > 0 {
            let part = UnsafeMutableRawBufferPointer(rebasing: part.prefix(Self.callLimit - total))
            guard part.count > 0, offset <= UInt64(Int64.max) - UInt64(total) else { break }
            let (count, isWhole) = try Self.read(file, into: part, at: offset + UInt64(total), call)
            total += count
            if !isWhole { break }
        }
        return total
    }

    private static func read(
        _ file: DescriptorResource, into part: UnsafeMutableRawBufferPointer, at offset: UInt64,
        _ call: borrowing Preview1Call
    ) throws -> (count: Int, isWhole: Bool) {
        if let count = try preview1({ () throws(FileError) in try file.file.readNow(into: part, at: offset) }) {
            // The system may have had the beginning only.
            return (count, count == part.count)
        }
        // The guest waits meanwhile: its memory stays where it is.
        let bytes = try call.done(file.read(upTo: part.count, at: offset))
        bytes.withUnsafeReadableBytes { part.copyMemory(from: $0) }
        return (bytes.readableBytes, bytes.readableBytes == part.count)
    }

    private static func write(
        _ parts: [UnsafeMutableRawBufferPointer], to file: DescriptorResource, at offset: UInt64?,
        _ call: borrowing Preview1Call
    ) throws -> Int {
        try preview1 { () throws(FileError) in try file.requireFile(.write) }
        var total = 0
        for part in parts where part.count > 0 {
            let part = UnsafeRawBufferPointer(part).prefix(Self.callLimit - total)
            guard part.count > 0 else { break }
            let start = offset.map { $0.addingReportingOverflow(UInt64(total)) }
            let answer =
                start?.overflow == true
                ? .failed(FileError(.fileTooLarge))
                : file.write(UnsafeRawBufferPointer(rebasing: part), at: start?.partialValue)
            switch try call.wait(for: answer) {
            case .success(let count):
                total += count
                if count < part.count { return total }
            case .failure(let error):
                // What is written is written: the error comes with the next call.
                if total > 0 { return total }
                throw error.code.preview1
            }
        }
        return total
    }

    // MARK: Streams

    private static func read(
        _ stream: InputStreamResource, into parts: [UnsafeMutableRawBufferPointer], _ entry: FileTable.Entry,
        _ call: borrowing Preview1Call
    ) throws -> Int {
        guard let part = parts.first(where: { $0.count > 0 }) else { return 0 }
        let isBlocking = !entry.flags.contains(.nonBlocking)
        let read = isBlocking ? try stream.take(UInt64(part.count), in: call) : stream.take(UInt64(part.count))
        switch read {
        case .bytes(let bytes):
            // After waiting nothing but the guest can have moved its memory, and it did not run.
            bytes.withUnsafeReadableBytes { part.copyMemory(from: $0) }
            return bytes.readableBytes
        case .wouldBlock: throw Errno.again
        case .closed: return 0
        case .failed: throw Errno.io
        }
    }

    /// Standard output and error take all at once.
    private static func write(
        _ parts: [UnsafeMutableRawBufferPointer], to stream: OutputStreamResource
    ) throws(Errno) -> Int {
        var total = 0
        for part in parts where part.count > 0 {
            guard case .bytes(let credit) = stream.target.credit(), credit > 0 else {
                if total > 0 { break }
                throw .pipe
            }
            let bytes = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(part).prefix(credit))
            switch stream.target.write(bytes) {
            case .done: total += bytes.count
            case .closed, .failed: throw .pipe
            }
            if bytes.count < part.count { break }
        }
        return total
    }

    // MARK: Directories

    private static func readDirectory(_ call: borrowing Preview1Call) throws {
        let entry = try call.entry(0)
        guard case .directory(let directory, _) = entry.kind else { throw Errno.notDirectory }
        let memory = try call.memory()
        let space = try memory.buffer(call.u32(1), call.u32(2))
        _ = try memory.range(call.u32(4), 4, alignment: 4)
        let cookie = call.u64(3)
        let listing: DirectoryListing
        if cookie > 0, let known = entry.listing {
            listing = known
        } else {
            let entries = try call.done(directory.listing())
            listing = try DirectoryListing(entries, budget: directory.budget)
            entry.listing = listing
        }
        var used = 0
        if let first = Int(exactly: cookie), first < listing.entries.count {
            for (index, item) in listing.entries.enumerated().dropFirst(first) {
                guard used < space.count else { break }
                // The last one may be cut off: the guest sees from a full buffer that there is more.
                used += Self.write(item, next: UInt64(index + 1), to: space, at: used)
            }
        }
        try memory.set(u32: UInt32(clamping: used), at: call.u32(4))
    }

    /// Writes as much of a `dirent` and its name as fits: how many bytes.
    private static func write(
        _ item: DirectoryListing.Entry, next: UInt64, to space: UnsafeMutableRawBufferPointer, at offset: Int
    ) -> Int {
        let name = Array(item.name.utf8)
        return withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { header in
            guard let base = header.baseAddress, let target = space.baseAddress else { return 0 }
            header.initializeMemory(as: UInt8.self, repeating: 0)
            let view = GuestMemoryView(base: base, count: 24)
            view.set(u64: next, at: 0)
            view.set(u64: item.inode, at: 8)
            view.set(u32: UInt32(clamping: name.count), at: 16)
            view.set(u8: item.type.rawValue, at: 20)
            let headerCount = min(24, space.count - offset)
            (target + offset).copyMemory(from: base, byteCount: headerCount)
            let nameCount = min(name.count, space.count - offset - headerCount)
            name.withUnsafeBytes { bytes in
                guard nameCount > 0, let source = bytes.baseAddress else { return }
                (target + offset + headerCount).copyMemory(from: source, byteCount: nameCount)
            }
            return headerCount + max(0, nameCount)
        }
    }
}
