import ComponentModel
import WasmEngine

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What descriptors are and how they are changed: everything `fd_*` that moves no bytes.
extension Preview1 {
    static let descriptorFunctions: [Preview1Function] = [
        Preview1Function("fd_advise", [.i32, .i64, .i64, .i32]) { call in
            let (_, file) = try call.file(0)
            guard let raw = UInt8(exactly: call.u32(3)), raw < 6 else { throw Errno.invalid }
            let advice: [WasiFilesystemTypes.Advice] = [
                .normal, .sequential, .random, .willNeed, .dontNeed, .noReuse,
            ]
            try file.advise(call.u64(1), call.u64(2), advice[Int(raw)])
        },
        Preview1Function("fd_allocate", [.i32, .i64, .i64]) { call in
            // As in Wasmtime: WASI 0.2 has no such function.
            _ = try call.file(0)
            throw Errno.notSupported
        },
        Preview1Function("fd_close", [.i32]) { call in try call.guest.files.remove(call.u32(0)) },
        Preview1Function("fd_datasync", [.i32]) { call in
            try call.done(call.fileOrDirectory(0).synchronize(dataOnly: true))
        },
        Preview1Function("fd_sync", [.i32]) { call in
            try call.done(call.fileOrDirectory(0).synchronize(dataOnly: false))
        },
        Preview1Function("fd_renumber", [.i32, .i32]) { call in
            try call.guest.files.renumber(call.u32(0), to: call.u32(1))
        },
        Preview1Function("fd_fdstat_get", [.i32, .i32]) { call in try Self.fdstatGet(call) },
        Preview1Function("fd_fdstat_set_flags", [.i32, .i32]) { call in
            let flags = FileFlags(rawValue: try call.u16(1))
            let entry = try call.entry(0)
            if case .directory = entry.kind { throw Errno.badDescriptor }
            // What a file is synchronised by is settled when it is opened.
            guard flags.isSubset(of: [.append, .nonBlocking]) else { throw Errno.invalid }
            entry.flags = flags
        },
        Preview1Function("fd_fdstat_set_rights", [.i32, .i64, .i64]) { call in
            // As in Wasmtime: rights are not what protects the host.
            _ = try call.entry(0)
            throw Errno.notSupported
        },
        Preview1Function("fd_filestat_get", [.i32, .i32]) { call in
            switch try call.entry(0).kind {
            case .file(let file), .directory(let file, _):
                try Self.write(try preview1 { () throws(FileError) in try file.file.status() }, to: call.u32(1), call)
            case .input(_, let isTerminal), .output(_, let isTerminal):
                let view = try Self.filestat(at: call.u32(1), call)
                view.set(u8: (isTerminal ? FileType.characterDevice : .unknown).rawValue, at: 16)
            }
        },
        Preview1Function("fd_filestat_set_size", [.i32, .i64]) { call in
            let (_, file) = try call.file(0)
            try call.done(file.truncate(to: call.u64(1)))
        },
        Preview1Function("fd_filestat_set_times", [.i32, .i64, .i64, .i32]) { call in
            let file = try call.fileOrDirectory(0)
            let (access, modification) = try Self.times(call.u64(1), call.u64(2), flags: try call.u16(3))
            try file.setTimes(access: access, modification: modification)
        },
        Preview1Function("fd_prestat_get", [.i32, .i32]) { call in
            guard case .directory(_, let name?) = try call.entry(0).kind else { throw Errno.badDescriptor }
            let view = try call.memory().range(call.u32(1), 8, alignment: 4)
            view.set(u32: 0, at: 0)
            view.set(u32: UInt32(clamping: name.utf8.count), at: 4)
        },
        Preview1Function("fd_prestat_dir_name", [.i32, .i32, .i32]) { call in
            guard case .directory(_, let name?) = try call.entry(0).kind else { throw Errno.badDescriptor }
            let bytes = Array(name.utf8)
            guard bytes.count <= Int(call.u32(2)) else { throw Errno.nameTooLong }
            try bytes.withUnsafeBytes { try call.memory().copy($0, to: call.u32(1)) }
        },
        Preview1Function("fd_seek", [.i32, .i64, .i32, .i32]) { call in try Self.seek(call) },
        Preview1Function("fd_tell", [.i32, .i32]) { call in
            let (entry, _) = try Self.seekable(call)
            try call.memory().set(u64: entry.position, at: call.u32(1))
        },
    ]

    private static func fdstatGet(_ call: borrowing Preview1Call) throws {
        let entry = try call.entry(0)
        let type: FileType
        var flags = entry.flags
        var base: Rights
        var inheriting: Rights = []
        switch entry.kind {
        case .input(_, let isTerminal):
            (type, base) = (isTerminal ? .characterDevice : .unknown, [.fdRead, .pollFdReadwrite])
        case .output(_, let isTerminal):
            (type, base) = (isTerminal ? .characterDevice : .unknown, [.fdWrite, .pollFdReadwrite])
        case .directory:
            // Also of a mount that is not writable: a guest asks for no more than it sees here, and is to learn that
            // the file system is read-only, not to open for reading what it meant to write.
            (type, base, inheriting) = (.directory, .directory, [.directory, .file])
        case .file(let file):
            (type, base) = (.regularFile, .file)
            if !file.flags.contains(.read) { base.remove(.fdRead) }
            if !file.flags.contains(.write) { base.subtract([.fdWrite, .fdAllocate, .fdFilestatSetSize]) }
            if file.flags.contains(.dataIntegritySync) { flags.insert(.dataSync) }
            if file.flags.contains(.fileIntegritySync) { flags.insert(.sync) }
            if file.flags.contains(.requestedWriteSync) { flags.insert(.readSync) }
        }
        let view = try call.memory().range(call.u32(1), 24, alignment: 8)
        view.set(u64: 0, at: 0)
        view.set(u8: type.rawValue, at: 0)
        view.set(u16: flags.rawValue, at: 2)
        view.set(u64: base.rawValue, at: 8)
        view.set(u64: inheriting.rawValue, at: 16)
    }

    // MARK: Position

    /// The file that has a position; `spipe` for a stream.
    private static func seekable(_ call: borrowing Preview1Call) throws(Errno) -> (FileTable.Entry, DescriptorResource)
    {
        let entry = try call.entry(0)
        switch entry.kind {
        case .file(let file): return (entry, file)
        case .directory: throw .badDescriptor
        case .input, .output: throw .invalidSeek
        }
    }

    private static func seek(_ call: borrowing Preview1Call) throws {
        let (entry, file) = try Self.seekable(call)
        // The older version counts otherwise: current, end, start.
        let isOlder = call.version == .unstable && call.u32(2) < 3
        let whence = isOlder ? (call.u32(2) + 1) % 3 : call.u32(2)
        let start: UInt64
        switch whence {
        case 0: start = 0
        case 1: start = entry.position
        case 2:
            let status = try preview1 { () throws(FileError) in try file.file.status() }
            start = UInt64(max(0, status.st_size))
        default: throw Errno.invalid
        }
        let (position, overflow) = Int64(clamping: start).addingReportingOverflow(call.s64(1))
        guard !overflow else { throw Errno.overflow }
        guard position >= 0 else { throw Errno.invalid }
        let memory = try call.memory()
        try memory.set(u64: UInt64(position), at: call.u32(3))
        entry.position = UInt64(position)
    }

    // MARK: File status

    /// Where a `filestat` goes, zeroed.
    private static func filestat(at pointer: UInt32, _ call: borrowing Preview1Call) throws -> GuestMemoryView {
        let size = call.version == .snapshot1 ? 64 : 56
        let view = try call.memory().range(pointer, size, alignment: 8)
        for offset in stride(from: 0, to: size, by: 8) { view.set(u64: 0, at: offset) }
        return view
    }

    static func write(_ status: FileStatus, to pointer: UInt32, _ call: borrowing Preview1Call) throws {
        let stat = WasiFilesystemTypes.DescriptorStat(status)
        let view = try Self.filestat(at: pointer, call)
        let identity = FileIdentity(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino))
        view.set(u64: identity.deviceHash, at: 0)
        view.set(u64: identity.hash, at: 8)
        view.set(u8: FileType(stat.type).rawValue, at: 16)
        let times: Int
        if call.version == .snapshot1 {
            view.set(u64: stat.linkCount, at: 24)
            view.set(u64: stat.size, at: 32)
            times = 40
        } else {
            view.set(u32: UInt32(clamping: stat.linkCount), at: 20)
            view.set(u64: stat.size, at: 24)
            times = 32
        }
        let stamps = [stat.dataAccessTimestamp, stat.dataModificationTimestamp, stat.statusChangeTimestamp]
        for (index, stamp) in stamps.enumerated() {
            let time = stamp.map { Self.nanoseconds($0.seconds, $0.nanoseconds) } ?? 0
            view.set(u64: time, at: times + index * 8)
        }
    }

    /// What `fstflags` say of two times.
    static func times(
        _ access: UInt64, _ modification: UInt64, flags: UInt16
    ) throws(Errno) -> (access: FileTime, modification: FileTime) {
        // In this order: atim, atim_now, mtim, mtim_now.
        guard flags <= 0xF, flags & 3 != 3, flags & 12 != 12 else { throw .invalid }
        func timestamp(_ time: UInt64, _ bits: UInt16) -> FileTime {
            switch bits & 3 {
            case 1:
                .at(seconds: Int64(time / 1_000_000_000), nanoseconds: UInt32(time % 1_000_000_000))
            case 2: .now
            default: .noChange
            }
        }
        return (timestamp(access, flags), timestamp(modification, flags >> 2))
    }
}
