import ComponentModel
import Testing
import WASI

/// No path leads out of a preopen: by the kernel's resolution and by our own walk.
@Suite struct PathResolutionTests {
    @Test(arguments: [true, false])
    func pathsInsideAreFound(usesKernel: Bool) throws {
        let sandbox = try Sandbox()
        sandbox.link("dir", at: "mount/todir")
        sandbox.link("../file", at: "mount/dir/tofile")
        sandbox.link("./todir/./inner", at: "mount/chain")
        let mount = try sandbox.mount(usesKernel: usesKernel)
        for (path, text) in [
            ("file", "file"), ("./file", "file"), ("dir/inner", "inner"), ("dir//inner", "inner"),
            ("dir/../file", "file"), ("dir/deep/../../file", "file"), ("todir/inner", "inner"),
            ("dir/tofile", "file"), ("todir/tofile", "file"), ("chain", "inner"), ("todir/../file", "file"),
        ] {
            #expect(try sandbox.read(path, in: mount).value == text, "\(path)")
        }
        for path in [".", "./", "dir/", "dir/.", "dir/..", "todir/", "todir/.", "todir"] {
            #expect(try sandbox.open(path, in: mount, [.directory]).isOK, "\(path)")
        }
    }

    @Test(arguments: [true, false])
    func escapesAreNotPermitted(usesKernel: Bool) throws {
        let sandbox = try Sandbox()
        sandbox.link("/etc/passwd", at: "mount/absolute")
        sandbox.link("\(sandbox.root)/mount/file", at: "mount/absolute-inside")
        sandbox.link("../outside/secret", at: "mount/relative")
        sandbox.link("../outside", at: "mount/outdir")
        sandbox.link("dir/../../outside", at: "mount/sly")
        sandbox.link("relative", at: "mount/twice")
        sandbox.link("..", at: "mount/up")
        sandbox.link("/proc/self/root", at: "mount/magic")
        let mount = try sandbox.mount(usesKernel: usesKernel)
        let escapes = [
            "..", "../", "../outside/secret", "../mount/file", "dir/../../outside/secret", "/etc/passwd", "/", "//etc",
            "absolute", "absolute-inside", "relative", "outdir/secret", "sly/secret", "twice", "up",
            "up/outside/secret",
            "dir/../up/outside", "magic/etc/passwd", "./..", "dir/../..",
        ]
        for path in escapes {
            #expect(try sandbox.open(path, in: mount).failure == .notPermitted, "open \(path)")
            try sandbox.host.call { call throws in
                let stat = try mount.statAt(pathFlags: .symlinkFollow, path: path, in: call)
                #expect(stat.failure == .notPermitted, "stat \(path)")
                let hash = try mount.metadataHashAt(pathFlags: .symlinkFollow, path: path, in: call)
                #expect(hash.failure == .notPermitted, "hash \(path)")
                let times = try mount.setTimesAt(
                    pathFlags: .symlinkFollow, path: path, dataAccessTimestamp: .now, dataModificationTimestamp: .now,
                    in: call)
                #expect(times.failure == .notPermitted, "times \(path)")
            }
        }
        for path in ["../new", "outdir/new", "up/new", "sly/new", "/tmp/new", "dir/../../new", "outdir/../new"] {
            let created = try sandbox.open(path, in: mount, [.create], .write)
            #expect(created.failure == .notPermitted, "create \(path)")
            try sandbox.host.call { call throws in
                #expect(try mount.createDirectoryAt(path: path, in: call).failure == .notPermitted, "mkdir \(path)")
                #expect(try mount.removeDirectoryAt(path: path, in: call).failure == .notPermitted, "rmdir \(path)")
                #expect(try mount.unlinkFileAt(path: path, in: call).failure == .notPermitted, "unlink \(path)")
                #expect(try mount.readlinkAt(path: path, in: call).failure == .notPermitted, "readlink \(path)")
                #expect(
                    try mount.symlinkAt(oldPath: "x", newPath: path, in: call).failure == .notPermitted,
                    "symlink \(path)")
                let renamed = try mount.renameAt(oldPath: "file", newDescriptor: mount, newPath: path, in: call)
                #expect(renamed.failure == .notPermitted, "rename to \(path)")
                let moved = try mount.renameAt(oldPath: path, newDescriptor: mount, newPath: "x", in: call)
                #expect(moved.failure == .notPermitted, "rename from \(path)")
                let linked = try mount.linkAt(
                    oldPathFlags: [], oldPath: "file", newDescriptor: mount, newPath: path, in: call)
                #expect(linked.failure == .notPermitted, "link to \(path)")
                let stolen = try mount.linkAt(
                    oldPathFlags: [], oldPath: path, newDescriptor: mount, newPath: "x", in: call)
                #expect(stolen.failure == .notPermitted, "link from \(path)")
            }
        }
        #expect(!sandbox.exists("new") && !sandbox.exists("outside/new") && !sandbox.exists("mount/x"))
        #expect(sandbox.text(at: "outside/secret") == "secret")
    }

    @Test(arguments: [true, false])
    func creatingThroughALinkStaysInside(usesKernel: Bool) throws {
        let sandbox = try Sandbox()
        sandbox.link("../outside/new", at: "mount/out")
        sandbox.link("dir/new", at: "mount/in")
        let mount = try sandbox.mount(usesKernel: usesKernel)
        #expect(try sandbox.open("out", in: mount, [.create], .write).failure == .notPermitted)
        #expect(try sandbox.open("out", in: mount, [.create, .truncate], .write).failure == .notPermitted)
        #expect(!sandbox.exists("outside/new"))
        #expect(try sandbox.open("in", in: mount, [.create, .exclusive], .write).failure == .exist)
        #expect(try sandbox.open("in", in: mount, [.create], .write).isOK)
        #expect(sandbox.exists("mount/dir/new"))
    }

    @Test(arguments: [true, false])
    func linksAreNotFollowedUnlessAsked(usesKernel: Bool) throws {
        let sandbox = try Sandbox()
        sandbox.link("../outside/secret", at: "mount/out")
        sandbox.link("file", at: "mount/in")
        let mount = try sandbox.mount(usesKernel: usesKernel)
        #expect(try sandbox.open("in", in: mount, follow: false).failure == .loop)
        #expect(try sandbox.open("out", in: mount, follow: false).failure == .loop)
        try sandbox.host.call { call throws in
            // The link itself can be looked at, wherever it leads.
            #expect(try mount.statAt(pathFlags: [], path: "out", in: call).value?.type == .symbolicLink)
            #expect(try mount.readlinkAt(path: "out", in: call).value == "../outside/secret")
            #expect(try mount.statAt(pathFlags: .symlinkFollow, path: "in", in: call).value?.type == .regularFile)
            #expect(try mount.readlinkAt(path: "file", in: call).failure == .invalid)
            #expect(try mount.readlinkAt(path: "absent", in: call).failure == .noEntry)
            #expect(try mount.unlinkFileAt(path: "out", in: call).isOK)
        }
        #expect(sandbox.text(at: "outside/secret") == "secret")
    }

    @Test(arguments: [true, false])
    func loopsEnd(usesKernel: Bool) throws {
        let sandbox = try Sandbox()
        sandbox.link("b", at: "mount/a")
        sandbox.link("a", at: "mount/b")
        sandbox.link("self/x", at: "mount/self")
        let mount = try sandbox.mount(usesKernel: usesKernel)
        for path in ["a", "a/x", "self", "self/y"] {
            #expect(try sandbox.open(path, in: mount).failure == .loop, "\(path)")
            try sandbox.host.call { call throws in
                let times = try mount.setTimesAt(
                    pathFlags: .symlinkFollow, path: path, dataAccessTimestamp: .now, dataModificationTimestamp: .now,
                    in: call)
                #expect(times.failure == .loop || times.failure == .nameTooLong, "times \(path)")
            }
        }
    }

    @Test(arguments: [true, false])
    func oddPathsAreErrors(usesKernel: Bool) throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount(usesKernel: usesKernel)
        #expect(try sandbox.open("", in: mount).failure == .noEntry)
        #expect(try sandbox.open("a\0b", in: mount).failure == .invalid)
        #expect(try sandbox.open(String(repeating: "a/", count: 5000), in: mount).failure == .nameTooLong)
        #expect(try sandbox.open(String(repeating: "a", count: 300), in: mount).failure == .nameTooLong)
        #expect(try sandbox.open("file/", in: mount).failure == .notDirectory)
        #expect(try sandbox.open("file/.", in: mount).failure == .notDirectory)
        #expect(try sandbox.open("file/..", in: mount).failure == .notDirectory)
        #expect(try sandbox.open("absent/x", in: mount).failure == .noEntry)
        try sandbox.host.call { call throws in
            #expect(try mount.createDirectoryAt(path: ".", in: call).failure == .exist)
            #expect(try mount.removeDirectoryAt(path: ".", in: call).failure == .invalid)
            #expect(try mount.unlinkFileAt(path: "dir/.", in: call).failure == .isDirectory)
            #expect(try mount.unlinkFileAt(path: "file/", in: call).failure == .notDirectory)
            #expect(try mount.createDirectoryAt(path: "made/", in: call).isOK)
            #expect(try mount.removeDirectoryAt(path: "made/", in: call).isOK)
        }
    }

    /// A directory that was opened is a root of its own.
    @Test(arguments: [true, false])
    func anOpenedDirectoryCannotBeLeftEither(usesKernel: Bool) throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount(usesKernel: usesKernel)
        let directory = try #require(try sandbox.open("dir", in: mount, [.directory]).value)
        #expect(try sandbox.read("inner", in: directory).value == "inner")
        #expect(try sandbox.read("deep/../inner", in: directory).value == "inner")
        #expect(try sandbox.read("../file", in: directory).failure == .notPermitted)
    }
}
