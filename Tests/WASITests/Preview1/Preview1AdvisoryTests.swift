import Testing
import WASI

/// Corner calls that were vulnerabilities of other hosts, each named after its advisory.
@Suite struct Preview1AdvisoryTests {
    /// Renumbering onto itself, from and to numbers that are not open: an errno, never a crash.
    @Test(
        arguments: [
            (3, 3, 0), (3, 99, Preview1Errno.badf), (99, 3, Preview1Errno.badf), (99, 99, Preview1Errno.badf),
            (3, 0xFFFF_FFFF, Preview1Errno.badf), (0xFFFF_FFFF, 3, Preview1Errno.badf), (-1, -1, Preview1Errno.badf),
            (0, 3, 0), (3, 0, 0), (1, 2, 0),
        ] as [(Int64, Int64, UInt16)])
    func rustsec_2025_0046_renumberNeverCrashes(from: Int64, to: Int64, errno: UInt16) throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        #expect(try host.call("fd_renumber", from, to) == errno)
        // Both numbers still answer, and the table still gives out numbers.
        #expect(try [0, Preview1Errno.badf].contains(host.call("fd_fdstat_get", from, 0x200)))
        #expect(try host.call("fd_fdstat_get", to, 0x200) == (errno == 0 || to == 3 ? 0 : Preview1Errno.badf))
        _ = try host.open("file", in: errno == 0 && from != to && from == 3 ? to : 3)
    }

    /// What is renumbered onto is closed: files do not add up, however often.
    @Test func rustsec_2026_0182_renumberLeaksNothing() throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1()
        let kept = try host.open("file").get()
        for _ in 0..<1000 {
            let opened = try host.open("file").get()
            #expect(try host.call("fd_renumber", opened, kept) == 0)
            #expect(try host.call("fd_close", opened) == Preview1Errno.badf)
        }
        #expect(host.openFiles == 1)
        #expect(try host.read(kept) == "file")
        // The numbers that became free are used again.
        #expect(try host.open("file").get() == kept + 1)
    }

    /// Truncation needs no right to write, but a mount that is writable.
    @Test(arguments: [0, 2, 64, 66] as [Int64], [8, 9, 13] as [Int64])
    func rustsec_2026_0149_noTruncationOfAReadOnlyMount(rights: Int64, flags: Int64) throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1(isWritable: false)
        for path in ["file", "dir/inner"] {
            #expect(try host.open(path, flags: flags, rights: rights).failure?.number == Preview1Errno.rofs)
        }
        let directory = try host.open("dir").get()
        #expect(
            try host.open("inner", in: directory, flags: flags, rights: rights).failure?.number == Preview1Errno.rofs)
        #expect(sandbox.text(at: "mount/file") == "file")
        #expect(sandbox.text(at: "mount/dir/inner") == "inner")
    }

    /// A hard link or a new name in a writable mount would make a read-only file writable.
    @Test(arguments: ["path_link", "path_rename"], [true, false])
    func rustsec_2026_0188_nothingMovesBetweenMountsOfOtherRights(function: String, mountIsWritable: Bool) throws {
        let sandbox = try Sandbox()
        let host = try sandbox.preview1(isWritable: mountIsWritable, other: ("outside", !mountIsWritable))
        #expect(try host.move(function, "file", in: 3, to: "stolen", in: 4) == Preview1Errno.rofs)
        #expect(try host.move(function, "secret", in: 4, to: "stolen", in: 3) == Preview1Errno.rofs)
        let directory = try host.open("dir").get()
        #expect(try host.move(function, "inner", in: directory, to: "stolen", in: 4) == Preview1Errno.rofs)
        #expect(!sandbox.exists("mount/stolen") && !sandbox.exists("outside/stolen"))
        #expect(sandbox.text(at: "mount/file") == "file")
    }
}
