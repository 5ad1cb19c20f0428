import ComponentModel
import Glibc
import Testing
import WASI

/// `wasi:filesystem/types.descriptor`: what it does to files.
@Suite struct FilesystemTests {
    @Test func readsAndWritesAtOffsets() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount()
        let file = try #require(try sandbox.open("new", in: mount, [.create], [.read, .write]).value)
        try sandbox.host.call { call throws in
            #expect(try withGuestBytes("hello") { try file.write(buffer: $0, offset: 3, in: call) }.value == 5)
            let (bytes, end) = try #require(try file.read(length: 100, offset: 0, in: call).value)
            #expect(bytes.array == [0, 0, 0] + Array("hello".utf8))
            #expect(!end)
            let (rest, atEnd) = try #require(try file.read(length: 1, offset: 8, in: call).value)
            #expect(rest.byteCount == 0 && atEnd)
            #expect(try file.read(length: .max, offset: .max, in: call).failure == .invalid)
            #expect(
                try withGuestBytes("x") { try file.write(buffer: $0, offset: .max, in: call) }.failure == .fileTooLarge)
            #expect(try file.setSize(size: 4, in: call).isOK)
            #expect(try file.setSize(size: .max, in: call).failure == .fileTooLarge)
            #expect(try file.stat(in: call).value?.size == 4)
            #expect(try file.getFlags(in: call).value == [.read, .write])
            #expect(try file.getType(in: call).value == .regularFile)
            #expect(try file.sync(in: call).isOK)
            #expect(try file.syncData(in: call).isOK)
            #expect(try file.advise(offset: 0, length: 4, advice: .willNeed, in: call).isOK)
            #expect(try file.advise(offset: .max, length: 4, advice: .normal, in: call).failure == .invalid)
        }
    }

    @Test func aHugeReadGivesNoMoreThanTheLimit() throws {
        let sandbox = try Sandbox()
        sandbox.put(String(repeating: "x", count: 200_000), at: "mount/large")
        let mount = try sandbox.mount()
        let file = try #require(try sandbox.open("large", in: mount).value)
        try sandbox.host.call { call throws in
            #expect(try file.read(length: .max, offset: 0, in: call).value?.0.byteCount == 64 << 10)
            let stream = try #require(try file.readViaStream(offset: 100_000, in: call).value)
            var total = 0
            while let bytes = try stream.blockingRead(len: .max, in: call).value { total += bytes.byteCount }
            #expect(total == 100_000)
            #expect(try stream.blockingRead(len: 1, in: call).failure?.isClosed == true)
        }
    }

    @Test func streamsWriteAndAppend() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount()
        let file = try #require(try sandbox.open("file", in: mount, [.truncate], .write).value)
        try sandbox.host.call { call throws in
            let writer = try #require(try file.writeViaStream(offset: 2, in: call).value)
            let appender = try #require(try file.appendViaStream(in: call).value)
            for text in ["ab", "cd"] {
                #expect(try withGuestBytes(text) { try writer.blockingWriteAndFlush(contents: $0, in: call) }.isOK)
                #expect(try withGuestBytes("-") { try appender.blockingWriteAndFlush(contents: $0, in: call) }.isOK)
            }
            #expect(try file.readViaStream(offset: 0, in: call).failure == .badDescriptor)
        }
        #expect(sandbox.text(at: "mount/file") == "\0\0abcd-")
    }

    /// Each append goes to where the end is by then, whoever made it.
    @Test func appendsDoNotOverwriteEachOther() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount()
        let file = try #require(try sandbox.open("file", in: mount, [], [.read, .write]).value)
        try sandbox.host.call { call throws in
            let first = try #require(try file.appendViaStream(in: call).value)
            let second = try #require(try file.appendViaStream(in: call).value)
            for text in ["1", "22", "333"] {
                for stream in [first, second] {
                    #expect(try withGuestBytes(text) { try stream.blockingWriteAndFlush(contents: $0, in: call) }.isOK)
                }
            }
        }
        #expect(sandbox.text(at: "mount/file") == "file112222333333")
    }

    @Test func streamErrorsTellTheirCode() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount()
        let file = try #require(try sandbox.open("file", in: mount, [], .write).value)
        try sandbox.host.call { call throws in
            let writer = try #require(try file.writeViaStream(offset: .max, in: call).value)
            let failed = try withGuestBytes("x") { try writer.blockingWriteAndFlush(contents: $0, in: call) }
            guard case .lastOperationFailed(let error) = failed.failure else {
                Issue.record("the write was taken")
                return
            }
            #expect(try FilesystemTypesFunctions.filesystemErrorCode(err: error, in: call) == .fileTooLarge)
            #expect(try writer.checkWrite(in: call).failure?.isClosed == true)
        }
    }

    @Test func directoriesAreListed() throws {
        let sandbox = try Sandbox()
        sandbox.link("file", at: "mount/link")
        let mount = try sandbox.mount(isWritable: false)
        try sandbox.host.call { call throws in
            for _ in 0..<2 {
                let stream = try #require(try mount.readDirectory(in: call).value)
                var found: [String: WasiFilesystemTypes.DescriptorType] = [:]
                while let entry = try stream.readDirectoryEntry(in: call).value ?? nil {
                    found[entry.name] = entry.type
                }
                #expect(found == ["dir": .directory, "file": .regularFile, "link": .symbolicLink])
                #expect(try stream.readDirectoryEntry(in: call).isOK)
            }
            let file = try #require(try sandbox.open("file", in: mount).value)
            #expect(try file.readDirectory(in: call).failure == .notDirectory)
            #expect(try mount.readViaStream(offset: 0, in: call).failure == .isDirectory)
            #expect(try mount.read(length: 1, offset: 0, in: call).failure == .isDirectory)
        }
    }

    @Test func changesDirectories() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount()
        try sandbox.host.call { call throws in
            #expect(try mount.createDirectoryAt(path: "made", in: call).isOK)
            #expect(try mount.createDirectoryAt(path: "made", in: call).failure == .exist)
            #expect(try mount.renameAt(oldPath: "file", newDescriptor: mount, newPath: "made/moved", in: call).isOK)
            #expect(try mount.removeDirectoryAt(path: "made", in: call).failure == .notEmpty)
            let linked = try mount.linkAt(
                oldPathFlags: [], oldPath: "made/moved", newDescriptor: mount, newPath: "hard", in: call)
            #expect(linked.isOK)
            #expect(try mount.statAt(pathFlags: [], path: "hard", in: call).value?.linkCount == 2)
            #expect(try mount.symlinkAt(oldPath: "hard", newPath: "soft", in: call).isOK)
            #expect(try mount.symlinkAt(oldPath: "/etc", newPath: "bad", in: call).failure == .notPermitted)
            #expect(try mount.unlinkFileAt(path: "made", in: call).failure == .isDirectory)
            #expect(try mount.unlinkFileAt(path: "made/moved", in: call).isOK)
            #expect(try mount.removeDirectoryAt(path: "made", in: call).isOK)
            #expect(try mount.removeDirectoryAt(path: "hard", in: call).failure == .notDirectory)
        }
        #expect(try sandbox.read("soft", in: mount).value == "file")
    }

    @Test func timesAreSet() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount()
        let time = WasiClocksWallClock.Datetime(seconds: 1_000_000, nanoseconds: 5)
        try sandbox.host.call { call throws in
            let set = try mount.setTimesAt(
                pathFlags: .symlinkFollow, path: "file", dataAccessTimestamp: .noChange,
                dataModificationTimestamp: .timestamp(time), in: call)
            #expect(set.isOK)
            let stat = try #require(try mount.statAt(pathFlags: [], path: "file", in: call).value)
            #expect(stat.dataModificationTimestamp == time)
            #expect(stat.dataAccessTimestamp?.seconds ?? 0 > 1_000_000)
            let file = try #require(try sandbox.open("file", in: mount).value)
            #expect(
                try file.setTimes(dataAccessTimestamp: .now, dataModificationTimestamp: .now, in: call).isOK)
            let bad = WasiClocksWallClock.Datetime(seconds: 0, nanoseconds: 1_000_000_000)
            let invalid = try file.setTimes(
                dataAccessTimestamp: .timestamp(bad), dataModificationTimestamp: .now, in: call)
            #expect(invalid.failure == .invalid)
            let far = WasiClocksWallClock.Datetime(seconds: .max, nanoseconds: 0)
            let overflow = try file.setTimes(
                dataAccessTimestamp: .timestamp(far), dataModificationTimestamp: .now, in: call)
            #expect(overflow.failure == .overflow)
            let dot = try mount.setTimesAt(
                pathFlags: [], path: ".", dataAccessTimestamp: .now, dataModificationTimestamp: .now, in: call)
            #expect(dot.isOK)
        }
    }

    @Test func identityIsTheFileNotItsName() throws {
        let sandbox = try Sandbox()
        link(sandbox.root + "/mount/file", sandbox.root + "/mount/same")
        let mount = try sandbox.mount()
        let file = try #require(try sandbox.open("file", in: mount).value)
        let same = try #require(try sandbox.open("same", in: mount, [], .write).value)
        let other = try #require(try sandbox.open("dir/inner", in: mount).value)
        try sandbox.host.call { call throws in
            #expect(try file.isSameObject(other: same, in: call))
            #expect(try !file.isSameObject(other: other, in: call))
            let hash = try #require(try file.metadataHash(in: call).value)
            _ = try withGuestBytes("changed") { try same.write(buffer: $0, offset: 0, in: call) }
            #expect(try same.metadataHash(in: call).value == hash)
            #expect(try mount.metadataHashAt(pathFlags: [], path: "same", in: call).value == hash)
            #expect(try other.metadataHash(in: call).value != hash)
        }
    }

    @Test func onlyFilesAndDirectoriesAreOpened() throws {
        let sandbox = try Sandbox()
        mkfifo(sandbox.root + "/mount/pipe", 0o644)
        let mount = try sandbox.mount()
        // Without a writer an ordinary open would block for ever.
        #expect(try sandbox.open("pipe", in: mount).failure == .unsupported)
        #expect(try sandbox.open("pipe", in: mount, [], .write).failure != nil)
        try sandbox.host.call { call throws in
            #expect(try mount.statAt(pathFlags: [], path: "pipe", in: call).value?.type == .fifo)
        }
    }

    @Test func openFilesAreBoundedAndGivenBack() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount()
        var files: [DescriptorResource] = []
        while let file = try sandbox.open("file", in: mount).value { files.append(file) }
        #expect(files.count == WASILimits().openFiles)
        #expect(try sandbox.open("file", in: mount).failure == .insufficientMemory)
        try sandbox.host.call { call throws in
            #expect(try mount.readDirectory(in: call).failure == .insufficientMemory)
        }
        files = []
        #expect(sandbox.host.context.budget.openFiles == 0)
        #expect(try sandbox.open("file", in: mount).isOK)
    }

    @Test func preopensAreGivenByTheirGuestPath() throws {
        let sandbox = try Sandbox()
        let preopens = [
            try Preopen(hostPath: sandbox.root + "/mount", guestPath: "/", isWritable: false),
            try Preopen(hostPath: sandbox.root + "/mount/dir", guestPath: "/data", isWritable: true),
        ]
        let host = TestHost(configuration: WASIConfiguration(preopens: preopens))
        try host.call { call throws in
            let directories = try FilesystemPreopensFunctions.getDirectories(in: call)
            #expect(directories.map(\.1) == ["/", "/data"])
            #expect(try directories[0].0.getFlags(in: call).value == [.read])
            #expect(try directories[1].0.getFlags(in: call).value == [.read, .mutateDirectory])
            #expect(try directories[1].0.getType(in: call).value == .directory)
        }
    }

    @Test func aPreopenThatIsNotThereSaysSo() {
        let error = #expect(throws: PreopenError.self) {
            try Preopen(hostPath: "/no/such/directory", guestPath: "/data", isWritable: false)
        }
        #expect(error?.description.contains("/no/such/directory") == true)
        #expect(throws: PreopenError.self) {
            try Preopen(hostPath: "/etc/passwd", guestPath: "/data", isWritable: false)
        }
    }
}
