import ComponentModel
import Testing
import WASI

/// A mount that is not writable cannot be changed by any function, flag or detour.
@Suite struct ReadOnlyTests {
    @Test(
        arguments: [
            ([], .write), ([], [.read, .write]), ([.create], .read), ([.truncate], .read), ([.exclusive], .read),
            ([.create, .exclusive], .read), ([.create, .truncate], [.read, .write]), ([], [.read, .mutateDirectory]),
            ([.directory], [.read, .mutateDirectory]), ([.truncate], []),
        ] as [(WasiFilesystemTypes.OpenFlags, WasiFilesystemTypes.DescriptorFlags)])
    func noOpenThatCouldChangeAnything(
        openFlags: WasiFilesystemTypes.OpenFlags, flags: WasiFilesystemTypes.DescriptorFlags
    ) throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount(isWritable: false)
        for path in ["file", "new", "dir"] {
            #expect(try sandbox.open(path, in: mount, openFlags, flags).failure == .readOnly, "\(path)")
        }
        #expect(sandbox.text(at: "mount/file") == "file")
        #expect(!sandbox.exists("mount/new"))
    }

    @Test func noFunctionThatChangesAnything() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount(isWritable: false)
        let file = try #require(try sandbox.open("file", in: mount).value)
        let directory = try #require(try sandbox.open("dir", in: mount, [.directory]).value)
        try sandbox.host.call { call throws in
            for base in [mount, directory] {
                #expect(try base.createDirectoryAt(path: "x", in: call).failure == .readOnly)
                #expect(try base.removeDirectoryAt(path: "deep", in: call).failure == .readOnly)
                #expect(try base.unlinkFileAt(path: "inner", in: call).failure == .readOnly)
                #expect(try base.symlinkAt(oldPath: "a", newPath: "b", in: call).failure == .readOnly)
                #expect(
                    try base.renameAt(oldPath: "inner", newDescriptor: base, newPath: "x", in: call).failure
                        == .readOnly)
                let linked = try base.linkAt(
                    oldPathFlags: [], oldPath: "inner", newDescriptor: base, newPath: "x", in: call)
                #expect(linked.failure == .readOnly)
                let times = try base.setTimesAt(
                    pathFlags: [], path: "inner", dataAccessTimestamp: .now, dataModificationTimestamp: .now, in: call)
                #expect(times.failure == .readOnly)
                let own = try base.setTimes(dataAccessTimestamp: .now, dataModificationTimestamp: .now, in: call)
                #expect(own.failure == .readOnly)
            }
            #expect(try file.setSize(size: 0, in: call).failure == .readOnly)
            #expect(try withGuestBytes("x") { try file.write(buffer: $0, offset: 0, in: call) }.failure == .readOnly)
            #expect(try file.writeViaStream(offset: 0, in: call).failure == .readOnly)
            #expect(try file.appendViaStream(in: call).failure == .readOnly)
            let times = try file.setTimes(dataAccessTimestamp: .now, dataModificationTimestamp: .now, in: call)
            #expect(times.failure == .readOnly)
            #expect(try file.sync(in: call).isOK)
        }
        #expect(sandbox.text(at: "mount/file") == "file")
        #expect(sandbox.text(at: "mount/dir/inner") == "inner")
    }

    /// A hard link or a new name in a writable mount would make a read-only file writable.
    @Test func nothingMovesBetweenAReadOnlyAndAWritableMount() throws {
        let sandbox = try Sandbox()
        let locked = try sandbox.mount("mount", isWritable: false)
        let open = try sandbox.mount("outside", isWritable: true)
        try sandbox.host.call { call throws in
            for (old, new, path) in [(locked, open, "file"), (open, locked, "secret")] {
                let linked = try old.linkAt(
                    oldPathFlags: [], oldPath: path, newDescriptor: new, newPath: "x", in: call)
                #expect(linked.failure == .readOnly)
                #expect(
                    try old.renameAt(oldPath: path, newDescriptor: new, newPath: "x", in: call).failure == .readOnly)
            }
        }
        #expect(!sandbox.exists("mount/x") && !sandbox.exists("outside/x"))
    }

    @Test func betweenWritableMountsFilesMove() throws {
        let sandbox = try Sandbox()
        let first = try sandbox.mount("mount")
        let second = try sandbox.mount("outside")
        try sandbox.host.call { call throws in
            #expect(try first.renameAt(oldPath: "file", newDescriptor: second, newPath: "moved", in: call).isOK)
            let out = try first.renameAt(oldPath: "dir", newDescriptor: second, newPath: "../dir", in: call)
            #expect(out.failure == .notPermitted)
        }
        #expect(sandbox.text(at: "outside/moved") == "file")
    }

    @Test func aFileOpenedForReadingOfAWritableMountIsNotWritten() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount()
        // Cutting it down opens it for writing underneath: the guest still did not ask for that.
        let file = try #require(try sandbox.open("file", in: mount, [.truncate], .read).value)
        #expect(sandbox.text(at: "mount/file") == "")
        try sandbox.host.call { call throws in
            #expect(
                try withGuestBytes("x") { try file.write(buffer: $0, offset: 0, in: call) }.failure == .badDescriptor)
            #expect(try file.setSize(size: 9, in: call).failure == .badDescriptor)
            #expect(try file.appendViaStream(in: call).failure == .badDescriptor)
        }
    }
}
