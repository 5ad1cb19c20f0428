import ComponentModel
import Foundation
import NIOPosix
import Testing
import WASI

/// `wasi:filesystem` of 0.3, its work done by other threads or in place.
@Suite struct FilesystemV3Tests {
    typealias Types = WasiFilesystemTypesV3
    typealias Files = (sandbox: Sandbox, host: LoopHost, root: OnLoop<DescriptorV3Resource>)

    /// A mount of a sandbox as a guest has it.
    private static func files(
        isWritable: Bool = true, hasThreads: Bool = true, limits: WASILimits = WASILimits(),
        _ prepare: (Sandbox) -> Void = { _ in }
    ) async throws -> Files {
        let sandbox = try Sandbox()
        prepare(sandbox)
        let preopen = try Preopen(hostPath: sandbox.root + "/mount", guestPath: "/", isWritable: isWritable)
        let host = try await LoopHost(
            WASIConfiguration(preopens: [preopen], limits: limits, filePool: hasThreads ? .singleton : nil))
        let root = try await host.run { OnLoop(value: try FilesystemPreopensV3Functions.getDirectories(in: $0)[0].0) }
        return (sandbox, host, root)
    }

    private static func open(
        _ path: String, _ openFlags: Types.OpenFlags = [], _ flags: Types.DescriptorFlags = .read, in files: Files
    ) async throws -> WITResult<OnLoop<DescriptorV3Resource>, Types.ErrorCode> {
        let root = files.root
        return try await files.host.answer {
            try root.value.openAt(pathFlags: [], path: path, openFlags: openFlags, flags: flags, in: $0)
        }.map { OnLoop(value: $0) }
    }

    private static func write(
        _ bytes: [UInt8], to file: OnLoop<DescriptorV3Resource>, _ host: LoopHost
    ) async throws -> WITResult<Void, Types.ErrorCode> {
        let feeder = Feeder(bytes)
        return try await host.outcome {
            try file.value.writeViaStream(data: ByteStream(feeder), offset: 0, in: $0)
        }
    }

    private static func read(
        _ file: OnLoop<DescriptorV3Resource>, from offset: UInt64 = 0, by collector: Collector, _ host: LoopHost
    ) async throws -> WITResult<Void, Types.ErrorCode> {
        try await host.outcome { call in
            let (stream, future) = try file.value.readViaStream(offset: offset, in: call)
            collector.consume(stream)
            return future
        }
    }

    private static func list(
        _ directory: OnLoop<DescriptorV3Resource>, by gatherer: Gatherer<Types.DirectoryEntry>, _ host: LoopHost
    ) async throws -> WITResult<Void, Types.ErrorCode> {
        try await host.outcome { call in
            let (stream, future) = try directory.value.readDirectory(in: call)
            stream.consume(by: gatherer)
            return future
        }
    }

    // MARK: Operations

    @Test(arguments: [true, false]) func operationsDoWhatTheyDoInOlderVersions(hasThreads: Bool) async throws {
        let files = try await Self.files(hasThreads: hasThreads)
        let (sandbox, host, root) = files
        try await host.answer { try root.value.createDirectoryAt(path: "new", in: $0) }.get()
        let file = try await Self.open("new/a", [.create, .exclusive], [.read, .write], in: files).get()
        #expect(try await Self.write(Array("hello".utf8), to: file, host).isOK)
        #expect(sandbox.text(at: "mount/new/a") == "hello")
        #expect(try await host.answer { try file.value.stat(in: $0) }.get().size == 5)
        #expect(
            try await host.answer { try root.value.statAt(pathFlags: [], path: "new/a", in: $0) }.get().size == 5)
        try await host.answer { try file.value.setSize(size: 2, in: $0) }.get()
        #expect(sandbox.text(at: "mount/new/a") == "he")
        try await host.answer { try file.value.syncData(in: $0) }.get()
        try await host.answer {
            try root.value.renameAt(oldPath: "new/a", newDescriptor: root.value, newPath: "new/b", in: $0)
        }.get()
        try await host.answer {
            try root.value.linkAt(
                oldPathFlags: [], oldPath: "new/b", newDescriptor: root.value, newPath: "new/c", in: $0)
        }.get()
        try await host.answer { try root.value.symlinkAt(oldPath: "b", newPath: "new/d", in: $0) }.get()
        #expect(try await host.answer { try root.value.readlinkAt(path: "new/d", in: $0) }.get() == "b")
        #expect(sandbox.names(in: "mount/new") == ["b", "c", "d"])
        for name in ["b", "c", "d"] {
            try await host.answer { try root.value.unlinkFileAt(path: "new/\(name)", in: $0) }.get()
        }
        try await host.answer { try root.value.removeDirectoryAt(path: "new", in: $0) }.get()
        #expect(!sandbox.exists("mount/new"))
    }

    /// The first time the path may not be in the system's memory, the second time it is.
    @Test(arguments: ["../outside/secret", "/etc/passwd", "dir/../../outside/secret", "out/secret", "absolute"])
    func noPathLeavesTheMount(path: String) async throws {
        let files = try await Self.files {
            $0.link("../outside", at: "mount/out")
            $0.link("/etc/passwd", at: "mount/absolute")
        }
        let root = files.root
        for _ in 0..<2 {
            let opened = try await files.host.answer {
                try root.value.openAt(pathFlags: .symlinkFollow, path: path, openFlags: [], flags: .read, in: $0)
            }.map { OnLoop(value: $0) }
            #expect(opened.failure == .notPermitted)
            let stat = try await files.host.answer {
                try root.value.statAt(pathFlags: .symlinkFollow, path: path, in: $0)
            }
            #expect(stat.failure == .notPermitted)
            let made = try await files.host.answer {
                try root.value.openAt(
                    pathFlags: .symlinkFollow, path: path, openFlags: .create, flags: .write, in: $0)
            }.map { OnLoop(value: $0) }
            #expect(made.failure == .notPermitted)
        }
        #expect(files.sandbox.text(at: "outside/secret") == "secret")
    }

    @Test func aMissingNameIsMissingHoweverOftenItIsAsked() async throws {
        let files = try await Self.files()
        for _ in 0..<3 { #expect(try await Self.open("missing", in: files).failure == .noEntry) }
        files.sandbox.put("here", at: "mount/missing")
        #expect(try await Self.open("missing", in: files).isOK)
    }

    @Test func nothingChangesInAReadOnlyMount() async throws {
        let files = try await Self.files(isWritable: false)
        let (sandbox, host, root) = files
        #expect(try await Self.open("new", .create, .write, in: files).failure == .readOnly)
        #expect(try await Self.open("file", [], .write, in: files).failure == .readOnly)
        #expect(try await host.answer { try root.value.unlinkFileAt(path: "file", in: $0) }.failure == .readOnly)
        let file = try await Self.open("file", in: files).get()
        let feeder = Feeder(Array("no".utf8), ends: false)
        let outcome = try await host.outcome { call in
            try file.value.writeViaStream(data: ByteStream(feeder), offset: 0, in: call)
        }
        #expect(outcome.failure == .readOnly)
        #expect(feeder.isCancelled)
        #expect(sandbox.text(at: "mount/file") == "file")
    }

    // MARK: Streams

    @Test(arguments: [true, false]) func aStreamGivesTheWholeFile(isCached: Bool) async throws {
        let text = String(repeating: "0123456789", count: 70_000)
        let files = try await Self.files {
            $0.put(text, at: "mount/large")
            if !isCached { $0.forget("mount/large") }
        }
        let file = try await Self.open("large", in: files).get()
        let collector = Collector()
        #expect(try await Self.read(file, by: collector, files.host).isOK)
        #expect(collector.text == text)
        #expect(collector.isFinished)
        let rest = Collector()
        #expect(try await Self.read(file, from: 699_995, by: rest, files.host).isOK)
        #expect(rest.text == "56789")
        let beyond = Collector()
        #expect(try await Self.read(file, from: 1 << 40, by: beyond, files.host).isOK)
        #expect(beyond.text == "")
        #expect(try await Self.read(file, from: .max, by: Collector(), files.host).failure == .invalid)
    }

    @Test func whoReadsNoMoreEndsTheStream() async throws {
        let files = try await Self.files { $0.put(String(repeating: "x", count: 1_000_000), at: "mount/large") }
        let file = try await Self.open("large", in: files).get()
        let collector = Collector(enough: 100_000)
        #expect(try await Self.read(file, by: collector, files.host).isOK)
        #expect(collector.bytes.count < 1_000_000)
        // And who never reads at all.
        let outcome = try await files.host.outcome { call in
            let (stream, future) = try file.value.readViaStream(offset: 0, in: call)
            stream.drop()
            return future
        }
        #expect(outcome.isOK)
    }

    @Test func streamsThatGoLeaveNothingOpen() async throws {
        let files = try await Self.files {
            $0.put(String(repeating: "x", count: 1_000_000), at: "mount/large")
            $0.forget("mount/large")
        }
        do {
            let file = try await Self.open("large", in: files).get()
            try await files.host.run { call in
                for _ in 0..<50 {
                    try file.value.readViaStream(offset: 0, in: call).0.drop()
                    Collector(enough: 1).consume(try file.value.readViaStream(offset: 0, in: call).0)
                }
            }
        }
        try await files.host.until { $0.host(WASIContext.self).budget.openFiles == 0 }
    }

    @Test(arguments: [[], .dataIntegritySync] as [Types.DescriptorFlags])
    func whatIsWrittenIsInTheFileWhenTheFutureSaysSo(flags: Types.DescriptorFlags) async throws {
        let files = try await Self.files()
        let file = try await Self.open("large", .create, flags.union(.write), in: files).get()
        let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try await Self.write(bytes, to: file, files.host).isOK)
        #expect(FileManager.default.contents(atPath: files.sandbox.root + "/mount/large").map { [UInt8]($0) } == bytes)
    }

    @Test func twoAppendersDoNotOverwriteEachOther() async throws {
        let files = try await Self.files()
        let file = try await Self.open("log", .create, [.write, .dataIntegritySync], in: files).get()
        let lines = ["a", "b"].map { Feeder(Array(repeating: Array($0.utf8), count: 100_000).flatMap { $0 }) }
        let host = files.host
        async let first = host.outcome { try file.value.appendViaStream(data: ByteStream(lines[0]), in: $0) }
        async let second = host.outcome { try file.value.appendViaStream(data: ByteStream(lines[1]), in: $0) }
        #expect(try await first.isOK)
        #expect(try await second.isOK)
        let text = try #require(files.sandbox.text(at: "mount/log"))
        #expect(text.utf8.count == 200_000)
        #expect(text.filter { $0 == "a" }.count == 100_000)
    }

    @Test(arguments: [true, false]) func aLongDirectoryIsListedWhole(hasThreads: Bool) async throws {
        let files = try await Self.files(hasThreads: hasThreads) { sandbox in
            for number in 0..<600 { sandbox.put("", at: "mount/dir/deep/\(number)") }
        }
        let directory = try await Self.open("dir/deep", .directory, .read, in: files).get()
        let all = Gatherer<Types.DirectoryEntry>()
        #expect(try await Self.list(directory, by: all, files.host).isOK)
        #expect(Set(all.elements.map { $0.name }) == Set((0..<600).map { "\($0)" }))
        #expect(all.elements.allSatisfy { $0.type == .regularFile })
        let some = Gatherer<Types.DirectoryEntry>(enough: 10)
        #expect(try await Self.list(directory, by: some, files.host).isOK)
        #expect(some.elements.count == 10)
        let file = try await Self.open("file", in: files).get()
        #expect(try await Self.list(file, by: Gatherer(), files.host).failure == .notDirectory)
    }

    @Test func namesThatNoGuestCanUseAreToldAtTheEnd() async throws {
        let files = try await Self.files { sandbox in
            let name = Array((sandbox.root + "/mount/dir/").utf8).map { CChar(bitPattern: $0) } + [-1, 0]
            close(Glibc.open(name, O_CREAT | O_WRONLY, 0o644))
        }
        let directory = try await Self.open("dir", in: files).get()
        let gatherer = Gatherer<Types.DirectoryEntry>()
        #expect(try await Self.list(directory, by: gatherer, files.host).failure == .illegalByteSequence)
        #expect(Set(gatherer.elements.map { $0.name }) == ["deep", "inner"])
    }

    // MARK: Limits

    /// All at once: those under way count too.
    @Test func noMoreFilesAreOpenThanMayBe() async throws {
        var limits = WASILimits()
        limits.openFiles = 5
        let files = try await Self.files(limits: limits)
        let (host, root) = (files.host, files.root)
        let results = try await host.run { call in
            OnLoop(
                value: try (0..<20).map { number in
                    try root.value.openAt(
                        pathFlags: [], path: "new-\(number)", openFlags: .create, flags: .write, in: call)
                })
        }
        var opened: [OnLoop<DescriptorV3Resource>] = []
        for index in 0..<20 {
            switch try await host.answer({ _ in results.value[index] }) {
            case .ok(let file): opened.append(OnLoop(value: file))
            case .error(let code): #expect(code == .insufficientMemory)
            }
        }
        #expect(opened.count == 5)
        #expect(try await host.openFiles == 5)
        let directory = files.root
        #expect(try await Self.list(directory, by: Gatherer(), host).failure == .insufficientMemory)
    }

    /// What a cancelled call has opened meanwhile is closed.
    @Test func aCancelledOpeningLeavesNothingOpen() async throws {
        let files = try await Self.files()
        let root = files.root
        try await files.host.run { call in
            for number in 0..<50 {
                let answer = try root.value.openAt(
                    pathFlags: [], path: "new-\(number)", openFlags: .create, flags: .write, in: call)
                if case .later(let pending) = answer { pending.cancel() }
            }
        }
        try await files.host.until { $0.host(WASIContext.self).budget.openFiles == 0 }
    }
}
