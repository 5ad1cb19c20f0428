import NIOCore
import Testing
import WASI
import WasmEngine

/// Preview 1 as guests use it.
@Suite struct Preview1Tests {
    @Test func argumentsAndEnvironment() throws {
        let host = Preview1Host(arguments: ["tool", "ä"], environment: [("A", "1"), ("B", "")])
        #expect(try host.call("args_sizes_get", 0, 4) == 0)
        #expect([host.u32(0), host.u32(4)] == [2, 8])
        #expect(try host.call("args_get", 0x10, 0x40) == 0)
        #expect([host.u32(0x10), host.u32(0x14)] == [0x40, 0x45])
        #expect(host.text(at: 0x40, 8) == "tool\0ä\0")
        #expect(try host.call("environ_sizes_get", 0, 4) == 0)
        #expect([host.u32(0), host.u32(4)] == [2, 7])
        #expect(try host.call("environ_get", 0x10, 0x40) == 0)
        #expect(host.text(at: 0x40, 7) == "A=1\0B=\0")
    }

    @Test(arguments: [(0, 0), (7, 7), (255, 255), (256, 0), (-1, 255)] as [(Int64, UInt8)])
    func exitCodes(code: Int64, status: UInt8) throws {
        let host = Preview1Host()
        #expect(throws: GuestExit(status: status)) { try host.call("proc_exit", code) }
    }

    @Test func standardStreams() throws {
        let sink = Sink()
        let host = Preview1Host(stdin: BufferSource(ByteBuffer(string: "input")), stdout: sink)
        #expect(try host.read(0, 3) == "inp")
        #expect(try host.read(0) == "ut")
        #expect(try host.read(0) == "")
        #expect(try host.write("out", to: 1) == 0)
        #expect(sink.text == "out")
        #expect(try host.write("x", to: 0) == Preview1Errno.badf)
        #expect(try host.read(1) == nil)
        #expect(try host.call("fd_seek", 1, 0, 1, 0) == Preview1Errno.spipe)
        #expect(try host.call("fd_prestat_get", 3, 0) == Preview1Errno.badf)
    }

    @Test func aClosedReaderIsAnErrno() throws {
        let sink = Sink()
        sink.failure = .full
        let host = Preview1Host(stdout: sink)
        #expect(try host.write("out", to: 1) == 64)
        #expect(try host.write("out", to: 1) == 64)
    }

    @Test func readsWritesAndSeeks() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        let file = try host.open("new", flags: 1, rights: 66).get()
        #expect(try host.write("hello world", to: file) == 0)
        #expect(try host.call("fd_seek", file, 6, 0, 0) == 0)
        #expect(try host.read(file) == "world")
        #expect(try host.call("fd_seek", file, -5, 2, 0) == 0)
        #expect(host.u64(0) == 6)
        #expect(try host.write("there", to: file) == 0)
        #expect(try host.call("fd_tell", file, 0) == 0)
        #expect(host.u64(0) == 11)
        #expect(sandbox.text(at: "mount/new") == "hello there")
        #expect(try host.call("fd_filestat_set_size", file, 5) == 0)
        #expect(sandbox.text(at: "mount/new") == "hello")
        // Appending, whatever the position.
        #expect(try host.call("fd_fdstat_set_flags", file, 1) == 0)
        #expect(try host.call("fd_seek", file, 0, 0, 0) == 0)
        #expect(try host.write("!", to: file) == 0)
        #expect(sandbox.text(at: "mount/new") == "hello!")
        #expect(try host.call("fd_sync", file) == 0)
        #expect(try host.call("fd_datasync", file) == 0)
        #expect(try host.call("fd_close", file) == 0)
        #expect(try host.write("?", to: file) == Preview1Errno.badf)
    }

    /// The older version has another order of `whence` and another `filestat`.
    @Test func theUnstableVersionDiffers() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        let file = try host.open("file").get()
        for (whence, offset, position) in [(2, 2, 2), (0, 1, 3), (1, -4, 0)] as [(Int64, Int64, UInt64)] {
            #expect(try host.call("fd_seek", file, offset, whence, 0, version: .unstable) == 0)
            #expect(host.u64(0) == position)
        }
        #expect(try host.call("fd_seek", file, 0, 3, 0, version: .unstable) == Preview1Errno.inval)
        #expect(try host.call("fd_filestat_get", file, 0x200, version: .unstable) == 0)
        #expect(host.u32(0x214) == 1)
        #expect(host.u64(0x218) == 4)
        #expect(try host.call("fd_filestat_get", file, 0x200) == 0)
        #expect(host.u64(0x218) == 1)
        #expect(host.u64(0x220) == 4)
    }

    @Test func directoriesAreListedInPieces() throws {
        let sandbox = try Sandbox()
        for index in 0..<20 { sandbox.put("x", at: "mount/dir/deep/file\(index)") }
        let host = try sandbox.preview1()
        let directory = try host.open("dir/deep", flags: 2).get()
        var names: [String] = []
        var cookie: UInt64 = 0
        while true {
            #expect(try host.call("fd_readdir", directory, 0x1000, 70, Int64(cookie), 0) == 0)
            let used = Int(host.u32(0))
            var offset = 0
            while offset + 24 <= used {
                let count = Int(host.u32(0x1000 + offset + 16))
                guard offset + 24 + count <= used else { break }
                names.append(host.text(at: 0x1000 + offset + 24, count))
                cookie = host.u64(0x1000 + offset)
                offset += 24 + count
            }
            if used < 70 { break }
        }
        #expect(names.sorted() == ([".", ".."] + (0..<20).map { "file\($0)" }).sorted())
        #expect(try host.call("fd_readdir", directory, 0x1000, 70, 1 << 40, 0) == 0)
        #expect(host.u32(0) == 0)
    }

    @Test func preopensHaveNames() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1(other: ("outside", false))
        #expect(try host.call("fd_prestat_get", 4, 0) == 0)
        #expect([host.u32(0), host.u32(4)] == [0, 6])
        #expect(try host.call("fd_prestat_dir_name", 4, 0x10, 6) == 0)
        #expect(host.text(at: 0x10, 6) == "/other")
        #expect(try host.call("fd_prestat_dir_name", 4, 0x10, 5) == Preview1Errno.nametoolong)
        #expect(try host.call("fd_prestat_get", 5, 0) == Preview1Errno.badf)
        #expect(try host.open("secret", in: 4, rights: 64).failure?.number == Preview1Errno.rofs)
    }

    @Test func changesToTheFileSystem() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        #expect(try host.onPath("path_create_directory", "made") == 0)
        #expect(try host.onPath("path_create_directory", "made") == Preview1Errno.exist)
        #expect(try host.move("path_link", "file", to: "made/linked") == 0)
        #expect(try host.move("path_rename", "made/linked", to: "renamed") == 0)
        #expect(sandbox.text(at: "mount/renamed") == "file")
        #expect(try host.onPath("path_unlink_file", "renamed") == 0)
        #expect(try host.onPath("path_unlink_file", "made") == Preview1Errno.isdir)
        #expect(try host.onPath("path_remove_directory", "made") == 0)
        #expect(try host.onPath("path_remove_directory", "file") == Preview1Errno.notdir)
        sandbox.link("file", at: "mount/link")
        host.put("link", at: 0x100)
        #expect(try host.call("path_readlink", 3, 0x100, 4, 0x200, 2, 0) == 0)
        #expect(host.text(at: 0x200, Int(host.u32(0))) == "fi")
        #expect(try host.open("link", follow: false).failure?.number == 32)
        #expect(try host.call("path_filestat_set_times", 3, 1, 0x100, 4, 5, 7_000_000_009, 5) == 0)
        #expect(try host.call("path_filestat_get", 3, 1, 0x100, 4, 0x200) == 0)
        #expect([host.u64(0x228), host.u64(0x230)] == [5, 7_000_000_009])
    }

    @Test func pollTellsWhatIsReady() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        let file = try host.open("file").get()
        // A clock that is due, a file to read, a number that is not open.
        host.set(u64: 11, at: 0x400)
        host.memory[0x408] = 0
        host.set(u32: 1, at: 0x410)
        host.set(u64: 22, at: 0x430)
        host.memory[0x438] = 1
        host.set(u32: UInt32(file), at: 0x440)
        host.set(u64: 33, at: 0x460)
        host.memory[0x468] = 2
        host.set(u32: 77, at: 0x470)
        #expect(try host.call("poll_oneoff", 0x400, 0x800, 3, 0) == 0)
        #expect(host.u32(0) == 3)
        #expect([host.u64(0x800), host.u64(0x820), host.u64(0x840)] == [11, 22, 33])
        #expect([host.u16(0x808), host.u16(0x828), host.u16(0x848)] == [0, 0, Preview1Errno.badf])
        #expect(host.u64(0x830) == 4)
    }

    @Test func socketsAreNone() throws {
        let host = Preview1Host()
        #expect(try host.call("sock_accept", 0, 0, 0) == Preview1Errno.notsock)
        #expect(try host.call("sock_recv", 0, 0, 0, 0, 0, 0) == Preview1Errno.notsock)
        #expect(try host.call("sock_send", 1, 0, 0, 0, 0) == Preview1Errno.notsock)
        #expect(try host.call("sock_shutdown", 9, 0) == Preview1Errno.badf)
    }

    /// All 46 functions of the interface.
    @Test func allFunctionsAreThere() throws {
        let names = """
            args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise fd_allocate \
            fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get \
            fd_filestat_set_size fd_filestat_set_times fd_pread fd_prestat_dir_name fd_prestat_get fd_pwrite fd_read \
            fd_readdir fd_renumber fd_seek fd_sync fd_tell fd_write path_create_directory path_filestat_get \
            path_filestat_set_times path_link path_open path_readlink path_remove_directory path_rename path_symlink \
            path_unlink_file poll_oneoff proc_exit proc_raise random_get sched_yield sock_accept sock_recv sock_send \
            sock_shutdown
            """.split(separator: " ").map(String.init)
        #expect(names.count == 46)
        #expect(Preview1.functionNames == names)
    }
}
