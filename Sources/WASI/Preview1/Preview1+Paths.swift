import ComponentModel
import WasmEngine

/// Everything `path_*`: each is one operation of a ``DescriptorResource``, which keeps paths inside its directory.
extension Preview1 {
    static let pathFunctions: [Preview1Function] = [
        Preview1Function("path_create_directory", [.i32, .i32, .i32]) { call in
            try call.done(call.directory(0).createDirectory(try call.path(1)))
        },
        Preview1Function("path_filestat_get", [.i32, .i32, .i32, .i32, .i32]) { call in
            let (directory, flags, path) = (try call.directory(0), try call.pathFlags(1), try call.path(2))
            let status = try call.done(directory.status(of: path, flags))
            try Self.write(status, to: call.u32(4), call)
        },
        Preview1Function("path_filestat_set_times", [.i32, .i32, .i32, .i32, .i64, .i64, .i32]) { call in
            let (directory, flags, path) = (try call.directory(0), try call.pathFlags(1), try call.path(2))
            let (access, modification) = try Self.times(call.u64(4), call.u64(5), flags: try call.u16(6))
            try call.done(directory.setTimes(of: path, flags, access: access, modification: modification))
        },
        Preview1Function("path_link", [.i32, .i32, .i32, .i32, .i32, .i32, .i32]) { call in
            let (old, flags, oldPath) = (try call.directory(0), try call.pathFlags(1), try call.path(2))
            let (new, newPath) = (try call.directory(4), try call.path(5))
            // Not part of preview 1's contract anywhere: a link is linked, not what it leads to.
            guard flags.isEmpty else { throw Errno.invalid }
            try call.done(old.link(oldPath, flags, at: new, newPath))
        },
        Preview1Function("path_open", [.i32, .i32, .i32, .i32, .i32, .i64, .i64, .i32, .i32]) { call in
            try Self.open(call)
        },
        Preview1Function("path_readlink", [.i32, .i32, .i32, .i32, .i32, .i32]) { call in
            let (directory, path) = (try call.directory(0), try call.path(1))
            let memory = try call.memory()
            let space = try memory.buffer(call.u32(3), call.u32(4))
            let target = try call.done(directory.linkTarget(of: path))
            let bytes = Array(target.utf8).prefix(space.count)
            space.copyBytes(from: bytes)
            try memory.set(u32: UInt32(clamping: bytes.count), at: call.u32(5))
        },
        Preview1Function("path_remove_directory", [.i32, .i32, .i32]) { call in
            try call.done(call.directory(0).removeDirectory(try call.path(1)))
        },
        Preview1Function("path_rename", [.i32, .i32, .i32, .i32, .i32, .i32]) { call in
            let (old, oldPath) = (try call.directory(0), try call.path(1))
            let (new, newPath) = (try call.directory(3), try call.path(4))
            try call.done(old.rename(oldPath, to: new, newPath))
        },
        Preview1Function("path_symlink", [.i32, .i32, .i32, .i32, .i32]) { call in
            let (target, directory, path) = (try call.path(0), try call.directory(2), try call.path(3))
            try call.done(directory.symlink(to: target, at: path))
        },
        Preview1Function("path_unlink_file", [.i32, .i32, .i32]) { call in
            try call.done(call.directory(0).unlinkFile(try call.path(1)))
        },
    ]

    private static func open(_ call: borrowing Preview1Call) throws {
        let (directory, pathFlags, path) = (try call.directory(0), try call.pathFlags(1), try call.path(2))
        let (openBits, rights, fileFlags) = (try call.u16(4), Rights(rawValue: call.u64(5)), try call.u16(7))
        guard openBits <= 0xF, fileFlags <= FileFlags.all.rawValue else { throw Errno.invalid }
        // The bits are the same: creat, directory, excl, trunc.
        let openFlags = WasiFilesystemTypes.OpenFlags(rawValue: .init(openBits))
        let entryFlags = FileFlags(rawValue: fileFlags)
        var flags: WasiFilesystemTypes.DescriptorFlags = []
        if rights.contains(.fdRead) { flags.insert(.read) }
        if rights.contains(.fdWrite) { flags.insert(.write) }
        if entryFlags.contains(.dataSync) { flags.insert(.dataIntegritySync) }
        if entryFlags.contains(.sync) { flags.insert(.fileIntegritySync) }
        if entryFlags.contains(.readSync) { flags.insert(.requestedWriteSync) }
        let memory = try call.memory()
        _ = try memory.range(call.u32(8), 4, alignment: 4)
        let opened = try call.done(directory.open(path, pathFlags, openFlags, flags))
        let isDirectory = opened.file.kind == .directory
        let entry = FileTable.Entry(
            isDirectory ? .directory(opened, name: nil) : .file(opened),
            flags: isDirectory ? [] : entryFlags.intersection([.append, .nonBlocking]))
        try memory.set(u32: try call.guest.files.add(entry), at: call.u32(8))
    }
}
