import TestSupport
import Testing
import WasmEngine

@Suite struct CacheTests {
    let engine: Engine
    let folder: TemporaryFolder
    let wasm: [UInt8]

    init() throws {
        self.folder = try TemporaryFolder()
        self.engine = try Shared.engine.get()
        self.wasm = try Self.sample(0)
    }

    static func sample(_ number: Int) throws -> [UInt8] {
        try Engine.assemble("(module (func (export \"f\") (result i32) (i32.const \(number))))")
    }

    static func compile(
        _ wasm: [UInt8], _ cache: CompiledCodeCache, _ engine: Engine
    ) throws -> (Module, CompiledCodeCache.Outcome) {
        try wasm.withUnsafeBytes { try cache.module(for: $0, engine: engine) }
    }

    private func compile(_ cache: CompiledCodeCache) throws -> CompiledCodeCache.Outcome {
        let (module, outcome) = try Self.compile(self.wasm, cache, self.engine)
        let store = Store(self.engine)
        let instance = try store.instantiate(try Linker(self.engine).preInstantiate(module))
        #expect(try store.run(instance, "f") == 0)
        return outcome
    }

    private func reason(_ outcome: CompiledCodeCache.Outcome) throws -> String {
        guard case .compiledNotStored(let reason) = outcome else {
            throw UnexpectedSuccess()
        }
        return reason
    }

    @Test func secondTimeIsAHit() throws {
        let cache = CompiledCodeCache(directory: "\(self.folder.path)", maximumBytes: 1 << 20)
        #expect(try self.compile(cache) == .compiled)
        #expect(try self.compile(cache) == .hit)
        #expect(self.folder.names.count == 1)
        let (entries, bytes) = try cache.clean()
        #expect(entries == 1)
        #expect(bytes > 1000)
        #expect(self.folder.names.isEmpty)
        #expect(try self.compile(cache) == .compiled)
    }

    @Test func modulesThatStartAreKnownAfterAHit() throws {
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        let wasm = try Engine.assemble("(module (func $f) (start $f))")
        #expect(try Self.compile(wasm, cache, self.engine).0.hasStart)
        let (module, outcome) = try Self.compile(wasm, cache, self.engine)
        #expect(outcome == .hit)
        #expect(module.hasStart)
    }

    @Test(arguments: [0, 100, 5000, -1])
    func corruptedEntryIsReplaced(position: Int) throws {
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        #expect(try self.compile(cache) == .compiled)
        let name = try #require(self.folder.names.first)
        var bytes = try #require(self.folder.bytes(of: name))
        bytes[position < 0 ? bytes.count - 1 : position] ^= 1
        try self.folder.write(name, bytes)
        #expect(try self.compile(cache) == .compiled)
        #expect(self.folder.names == [name])
        #expect(try self.compile(cache) == .hit)
    }

    @Test(arguments: [0, 1, 4000])
    func truncatedEntryIsReplaced(length: Int) throws {
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        #expect(try self.compile(cache) == .compiled)
        let name = try #require(self.folder.names.first)
        try self.folder.write(name, try #require(self.folder.bytes(of: name)).prefix(length))
        #expect(try self.compile(cache) == .compiled)
        #expect(try self.compile(cache) == .hit)
    }

    @Test func entryThatOthersCanWriteToIsReplaced() throws {
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        #expect(try self.compile(cache) == .compiled)
        self.folder.setMode(try #require(self.folder.names.first), 0o666)
        #expect(try self.compile(cache) == .compiled)
        #expect(try self.compile(cache) == .hit)
    }

    @Test func codeOfOtherSettingsIsIgnored() throws {
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        #expect(try self.compile(cache) == .compiled)
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        configuration.debugInfo = true
        let other = try Engine(configuration)
        #expect(try Self.compile(self.wasm, cache, other).1 == .compiled)
        #expect(try Self.compile(self.wasm, cache, other).1 == .hit)
        #expect(try self.compile(cache) == .hit)
        #expect(self.folder.names.count == 2)
    }

    @Test func folderThatOthersCanWriteToIsNotUsed() throws {
        self.folder.setMode("", 0o777)
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        #expect(try self.reason(self.compile(cache)).contains("writable by others"))
        #expect(self.folder.names.isEmpty)
    }

    @Test func fileInPlaceOfTheFolderIsNotUsed() throws {
        try self.folder.write("file", [1])
        let cache = CompiledCodeCache(directory: "\(self.folder.path)/file", maximumBytes: 1 << 20)
        #expect(try self.reason(self.compile(cache)).contains("is not a folder"))
        let below = CompiledCodeCache(directory: "\(self.folder.path)/file/below", maximumBytes: 1 << 20)
        #expect(try self.reason(self.compile(below)).contains("cannot be made"))
    }

    @Test(.disabled(if: isRoot, "root writes everywhere"))
    func unwritableFolderIsNoFailure() throws {
        self.folder.setMode("", 0o500)
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        #expect(try self.reason(self.compile(cache)).contains("not writable"))
    }

    #if os(Linux)
    @Test func folderOfTheSystemIsNoFailure() throws {
        let cache = CompiledCodeCache(directory: "/proc/swirl", maximumBytes: 1 << 20)
        #expect(try self.reason(self.compile(cache)).contains("/proc/swirl cannot be made"))
    }
    #endif

    @Test func leastRecentlyUsedGoesFirst() throws {
        let probe = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        #expect(try self.compile(probe) == .compiled)
        let first = try #require(self.folder.names.first)
        let size = try #require(self.folder.bytes(of: first)).count
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 2 * size + size / 2)
        let second = try Self.sample(1)
        #expect(try Self.compile(second, cache, self.engine).1 == .compiled)
        for (index, name) in self.folder.names.enumerated() {
            self.folder.setLastUse(name, seconds: 1_000_000 + index)
        }
        // Using the first makes the second the oldest.
        #expect(try self.compile(cache) == .hit)
        #expect(try Self.compile(try Self.sample(2), cache, self.engine).1 == .compiled)
        #expect(self.folder.names.count == 2)
        #expect(try self.compile(cache) == .hit)
        #expect(try Self.compile(second, cache, self.engine).1 == .compiled)
    }

    @Test func moduleLargerThanTheCacheIsNotStored() throws {
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 100)
        #expect(try self.reason(self.compile(cache)).contains("larger"))
        #expect(self.folder.names.isEmpty)
    }

    @Test func leftoversOfDeadProcessesAreRemoved() throws {
        try self.folder.write("1.2.tmp", [1])
        self.folder.setLastUse("1.2.tmp", seconds: 1_000_000)
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 1 << 20)
        #expect(try self.compile(cache) == .compiled)
        #expect(self.folder.names.count == 1)
    }

    @Test func threadsShareAFolder() async throws {
        let cache = CompiledCodeCache(directory: self.folder.path, maximumBytes: 40_000)
        let engine = self.engine
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for round in 0..<25 {
                        let number = (worker + round) % 6
                        let (module, _) = try Self.compile(try Self.sample(number), cache, engine)
                        let store = Store(engine)
                        let instance = try store.instantiate(try Linker(engine).preInstantiate(module))
                        #expect(try store.run(instance, "f") == Int32(number))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(self.folder.names.allSatisfy { $0.hasSuffix(".cwasm") })
    }

    @Test func processesShareAFolder() async throws {
        let path = self.folder.path
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    await #expect(processExitsWith: .success) { [path = path as String] in
                        var configuration = EngineConfiguration()
                        configuration.pooling = nil
                        let engine = try Engine(configuration)
                        let cache = CompiledCodeCache(directory: path, maximumBytes: 40_000)
                        for round in 0..<40 {
                            let number = round % 7
                            let (module, _) = try CacheTests.compile(try CacheTests.sample(number), cache, engine)
                            let store = Store(engine)
                            let instance = try store.instantiate(try Linker(engine).preInstantiate(module))
                            guard try store.run(instance, "f") == Int32(number) else {
                                throw UnexpectedSuccess()
                            }
                        }
                    }
                }
            }
        }
        #expect(!self.folder.names.isEmpty)
        #expect(self.folder.names.allSatisfy { $0.hasSuffix(".cwasm") })
    }
}
