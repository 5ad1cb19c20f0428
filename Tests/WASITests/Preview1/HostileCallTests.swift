import ComponentModel
import Testing
import WASI

/// Pointers, lengths and paths as a hostile guest gives them.
@Suite struct HostileCallTests {
    /// Every pointer of every function, outside the memory or across its end.
    @Test(
        arguments: [
            ("args_sizes_get", [0xFFFF_FFFC, 0]), ("args_sizes_get", [0, 0x1_0000]), ("args_get", [0xFFFF_FFFC, 0]),
            ("args_get", [0, 0xFFFE]), ("environ_sizes_get", [0, 0xFFFE_0000]), ("environ_get", [0, 0xFFFF_FFFF]),
            ("clock_time_get", [0, 0, 0xFFF9]), ("clock_res_get", [1, 0x1_0000]),
            ("random_get", [0xFFFF, 2]), ("random_get", [1, 0xFFFF_FFFF]), ("random_get", [0x8000_0000, 0]),
            ("fd_fdstat_get", [3, 0xFFF0]), ("fd_filestat_get", [3, 0xFFC8]), ("fd_filestat_get", [0, 0xFFFF_FFF8]),
            ("fd_prestat_get", [3, 0xFFFC]), ("fd_prestat_dir_name", [3, 0x1_0000, 20]),
            ("fd_read", [0, 0xFFFC, 1, 0]), ("fd_read", [0, 0, 1024, 0xFFFF_FFFC]),
            ("fd_write", [1, 0xFFFF_FFF8, 1, 0]),
            ("fd_write", [1, 0, 0, 0x1_0000]), ("fd_readdir", [3, 0xFFFF, 2, 0, 0]),
            ("fd_readdir", [3, 0, 0, 0, 0x1_0000]),
            ("path_create_directory", [3, 0xFFFF, 2]), ("path_create_directory", [3, 0xFFFF_FFFF, 0xFFFF_FFFF]),
            ("path_filestat_get", [3, 0, 0, 1, 0x1_0000]), ("path_open", [3, 0, 0xFFFF, 2, 0, 0, 0, 0, 0]),
            ("path_open", [3, 0, 0, 1, 0, 0, 0, 0, 0xFFFF_FFFC]), ("path_readlink", [3, 0, 1, 0xFFFF, 2, 0]),
            ("path_symlink", [0xFFFF, 2, 3, 0, 1]), ("path_symlink", [0, 1, 3, 0xFFFF, 2]),
            ("path_rename", [3, 0, 1, 3, 0xFFFF_0000, 1]), ("path_link", [3, 0, 0x1_0000, 1, 3, 0, 1]),
            ("path_unlink_file", [3, 0xFFFF_FFFF, 1]), ("path_remove_directory", [3, 0x1_0000, 1]),
            ("poll_oneoff", [0xFFD8, 0, 1, 0]), ("poll_oneoff", [0, 0xFFE8, 1, 0]), ("poll_oneoff", [0, 0, 4000, 0]),
        ] as [(String, [Int64])])
    func aPointerOutsideTraps(function: String, arguments: [Int64]) throws {
        let sandbox = try Sandbox()
        let host = Preview1Host(
            preopens: [try Preopen(hostPath: sandbox.root + "/mount", guestPath: "/mount/name", isWritable: true)],
            arguments: ["tool"], environment: [("A", "B")])
        host.put(".", at: 0)
        let padded = arguments + Array(repeating: 0, count: 9 - arguments.count)
        #expect(throws: GuestFault.self) {
            try host.call(
                function, padded[0], padded[1], padded[2], padded[3], padded[4], padded[5], padded[6], padded[7],
                padded[8])
        }
    }

    @Test(
        arguments: [
            ("args_sizes_get", [2, 0]), ("clock_time_get", [0, 0, 4]), ("fd_fdstat_get", [3, 4]), ("fd_tell", [4, 4]),
            ("fd_read", [0, 1, 1, 0]), ("poll_oneoff", [4, 0, 1, 0]), ("fd_prestat_get", [3, 2]),
        ] as [(String, [Int64])])
    func aPointerThatIsNotAlignedTraps(function: String, arguments: [Int64]) throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        _ = try host.open("file")
        let padded = arguments + Array(repeating: 0, count: 5 - arguments.count)
        #expect(throws: GuestFault.self) {
            try host.call(function, padded[0], padded[1], padded[2], padded[3], padded[4])
        }
    }

    /// An iovec's own pointer and length are checked too, and so is where the count goes, before anything is written.
    @Test func partsOutsideTrap() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        let file = try host.open("file", rights: 66).get()
        for (pointer, count) in [(0xFFFF, 2), (0xFFFF_FFFF, 0xFFFF_FFFF), (0, 0x1_0001)] as [(UInt32, UInt32)] {
            host.set(u32: pointer, at: 0x40)
            host.set(u32: count, at: 0x44)
            for function in ["fd_read", "fd_write"] {
                #expect(throws: GuestFault.self) { try host.call(function, file, 0x40, 1, 0x48) }
            }
        }
        host.set(u32: 0, at: 0x40)
        host.set(u32: 4, at: 0x44)
        #expect(throws: GuestFault.self) { try host.call("fd_write", file, 0x40, 1, 0x1_0000) }
        #expect(try host.call("fd_write", file, 0x40, 1025, 0x48) == Preview1Errno.inval)
        #expect(sandbox.text(at: "mount/file") == "file")
    }

    @Test func noPathLeavesTheDirectory() throws {
        let sandbox = try Sandbox()
        sandbox.link("../outside", at: "mount/escape")
        sandbox.link("/etc", at: "mount/absolute")
        let host = try sandbox.preview1()
        for path in [
            "../outside/secret", "/etc/passwd", "escape/secret", "absolute/passwd", "dir/../../outside/secret",
        ] {
            #expect(try host.open(path).failure?.number == Preview1Errno.perm, "\(path)")
            #expect(try host.onPath("path_create_directory", path + "x") == Preview1Errno.perm, "\(path)")
            #expect(try host.onPath("path_unlink_file", path) == Preview1Errno.perm, "\(path)")
            #expect(try host.move("path_rename", "file", to: path) == Preview1Errno.perm, "\(path)")
            #expect(try host.move("path_link", path, to: "stolen") == Preview1Errno.perm, "\(path)")
            host.put(path, at: 0x100)
            let count = Int64(path.utf8.count)
            #expect(try host.call("path_filestat_get", 3, 1, 0x100, count, 0x200) == Preview1Errno.perm, "\(path)")
            #expect(
                try host.call("path_filestat_set_times", 3, 1, 0x100, count, 0, 0, 2) == Preview1Errno.perm, "\(path)")
        }
        #expect(sandbox.text(at: "outside/secret") == "secret")
        // A link may be made, but leads nowhere.
        host.put("../outside/secret", at: 0x100)
        host.put("made", at: 0x400)
        #expect(try host.call("path_symlink", 0x100, 17, 3, 0x400, 4) == 0)
        #expect(try host.open("made").failure?.number == Preview1Errno.perm)
    }

    @Test func oddPathsAreErrors() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        #expect(try host.open("").failure?.number == Preview1Errno.noent)
        #expect(try host.open("fi\0le").failure?.number == Preview1Errno.inval)
        #expect(try host.open(String(repeating: "a/", count: 2500)).failure?.number == Preview1Errno.nametoolong)
        host.memory[0x100] = 0xFF
        #expect(try host.call("path_create_directory", 3, 0x100, 1) == 25)
    }

    @Test func flagsOutOfRangeAreErrors() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        #expect(try host.open("file", flags: 16).failure?.number == Preview1Errno.inval)
        #expect(try host.open("file", fileFlags: 32).failure?.number == Preview1Errno.inval)
        #expect(try host.open("file", flags: 0x10000).failure?.number == Preview1Errno.inval)
        let file = try host.open("file", rights: 66).get()
        #expect(try host.call("fd_seek", file, 0, 3, 0) == Preview1Errno.inval)
        #expect(try host.call("fd_seek", file, -1, 0, 0) == Preview1Errno.inval)
        #expect(try host.call("fd_seek", file, .max, 2, 0) == 61)
        #expect(try host.call("fd_advise", file, 0, 0, 6) == Preview1Errno.inval)
        #expect(try host.call("fd_advise", file, -1, 0, 0) == Preview1Errno.inval)
        #expect(try host.call("fd_filestat_set_size", file, -1) == 22)
        #expect(try host.call("fd_filestat_set_times", file, 0, 0, 3) == Preview1Errno.inval)
        #expect(try host.call("clock_time_get", 7, 0, 0) == Preview1Errno.inval)
        #expect(try host.call("poll_oneoff", 0, 0, 0, 0) == Preview1Errno.inval)
    }

    /// A guest can have only so many files, and gets an errno beyond.
    @Test func descriptorsAreBounded() throws {
        let sandbox = try Sandbox()
        var limits = WASILimits()
        limits.openFiles = 5
        let host = try sandbox.preview1(limits: limits)
        for _ in 0..<5 { _ = try host.open("file").get() }
        #expect(try host.open("file").failure?.number == Preview1Errno.nomem)
        #expect(try host.call("fd_close", 5) == 0)
        #expect(try host.open("file").get() == 5)
    }
}
