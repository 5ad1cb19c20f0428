import CWasmtime
import Testing
import WasmEngine

@Suite struct EngineTests {
    let engine: Engine

    init() throws {
        self.engine = try Shared.engine.get()
    }

    @Test func listsImportsAndExports() throws {
        let compiled = try module(
            """
            (module
              (import "a:b/c@0.2.0" "[method]x.y" (func (param i32)))
              (import "env" "memory" (memory 1))
              (global (export "g") i32 (i32.const 1))
              (table (export "t") 1 funcref)
              (func (export "run") (result i64) (i64.const 1)))
            """, engine: self.engine)
        #expect(
            compiled.imports == [
                ModuleImport(
                    module: "a:b/c@0.2.0", name: "[method]x.y", kind: .function,
                    functionType: FunctionType(parameters: [.i32])),
                ModuleImport(module: "env", name: "memory", kind: .memory, functionType: nil),
            ])
        #expect(
            compiled.exports == [
                ModuleExport(name: "g", kind: .global, functionType: nil),
                ModuleExport(name: "t", kind: .table, functionType: nil),
                ModuleExport(name: "run", kind: .function, functionType: FunctionType(results: [.i64])),
            ])
        #expect(!compiled.hasStart)
    }

    @Test func knowsStartFunctions() throws {
        #expect(try module("(module (func $f) (start $f) (func (export \"g\")))", engine: self.engine).hasStart)
        #expect(!ModuleBinary.hasStart(UnsafeRawBufferPointer(start: nil, count: 0)))
    }

    @Test(arguments: [[], [0x00], Array("(module)".utf8), [0x00, 0x61, 0x73, 0x6D, 1, 0, 0, 0, 0xFF, 0xFF]])
    func refusesWhatIsNoModule(bytes: [UInt8]) throws {
        let error = #expect(throws: EngineError.self) {
            _ = try bytes.withUnsafeBytes { try self.engine.compile($0) }
        }
        #expect(error?.kind == .invalidModule)
        #expect(error?.message.isEmpty == false)
    }

    @Test func assemblyErrorHasAPosition() throws {
        let error = #expect(throws: EngineError.self) { _ = try Engine.assemble("(module\n  (func (bogus)))") }
        #expect(error?.kind == .assembly)
        #expect(error?.message.contains("2:10") == true)
    }

    @Test func assemblesComponents() throws {
        #expect(try Engine.assemble("(component)").prefix(8) == [0, 0x61, 0x73, 0x6D, 0x0D, 0, 1, 0])
    }

    /// Features that the guests' compilers use.
    @Test(arguments: [
        "(module (func (result v128) (v128.const i64x2 1 2)))",
        "(module (func (param i32 i32) (result i32 i32) (local.get 0) (local.get 1)))",
        "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 1) (i32.const 9))))",
        "(module (table 1 externref) (func (param externref) (table.set (i32.const 0) (local.get 0))))",
        "(module (tag $e (param i32)) (func (throw $e (i32.const 1))))",
        "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
        "(module (func $f (return_call $f)))",
        "(module (memory 1) (memory 1))",
    ])
    func compilesWhatGuestsUse(text: String) throws {
        _ = try module(text, engine: self.engine)
    }

    @Test func refusesSharedMemories() throws {
        #expect(throws: EngineError.self) { _ = try module("(module (memory 1 1 shared))", engine: self.engine) }
    }

    @Test func missingImportNamesIt() throws {
        let error = #expect(throws: EngineError.self) {
            let user = try module("(module (import \"wasi\" \"clock\" (func)))", engine: self.engine)
            _ = try Linker(self.engine).preInstantiate(user)
        }
        #expect(error?.kind == .linking)
        #expect(error?.message.contains("wasi") == true && error?.message.contains("clock") == true)
    }

    @Test func importOfTheWrongTypeIsRefused() throws {
        let linker = Linker(self.engine)
        try linker.define(
            module: "a", name: "f", type: FunctionType(parameters: [.i64]), callback: { _, _, _, _ in nil })
        let user = try module("(module (import \"a\" \"f\" (func (param i32))))", engine: self.engine)
        let error = #expect(throws: EngineError.self) { _ = try linker.preInstantiate(user) }
        #expect(error?.message.contains("incompatible import type") == true)
    }

    @Test func tooFewImportsAreRefused() throws {
        let user = try module("(module (import \"a\" \"f\" (func (param i32))))", engine: self.engine)
        let store = Store(self.engine)
        let failure = try wasmFailure {
            _ = try store.instantiate(user, imports: UnsafeBufferPointer(start: nil, count: 0))
        }
        #expect(failure.engineError?.kind == .linking)
    }

    @Test(
        arguments: [
            { (configuration: inout EngineConfiguration) in configuration.maxWasmStack = 4 << 20 },
            { $0.maxWasmStack = 0 },
            { $0.maxInstanceMemory = 5 << 30 },
            { $0.maxInstanceMemory = 0 },
            { $0.epochInterval = .zero },
            { $0.hostStackReserve = -1 },
        ] as [@Sendable (inout EngineConfiguration) -> Void])
    func settingsThatWasmtimeWouldAbortForAreErrors(change: @Sendable (inout EngineConfiguration) -> Void) throws {
        var configuration = EngineConfiguration()
        change(&configuration)
        let error = #expect(throws: EngineError.self) { _ = try Engine(configuration) }
        #expect(error?.kind == .configuration)
    }

    @Test func environmentSetsThePool() {
        let configuration = EngineConfiguration.fromEnvironment([
            "SPIN_MAX_INSTANCE_COUNT": "10", "SPIN_WASMTIME_TOTAL_TABLES": "7",
            "SPIN_WASMTIME_LINEAR_MEMORY_KEEP_RESIDENT": "123", "SPIN_WASMTIME_TOTAL_STACKS": "many",
            "SPIN_MAX_INSTANCE_MEMORY": "1048576",
        ])
        #expect(configuration.pooling?.totalMemories == 20)
        #expect(configuration.pooling?.totalTables == 7)
        #expect(configuration.pooling?.linearMemoryKeepResident == 123)
        #expect(configuration.pooling?.totalStacks == 20)
        #expect(configuration.maxInstanceMemory == 1_048_576)
        #expect(EngineConfiguration.fromEnvironment(["SPIN_WASMTIME_POOLING": "0"]).pooling == nil)
        #expect(EngineConfiguration.fromEnvironment([:]) == EngineConfiguration())
    }

    @Test func planShrinksWithTheAddressSpace() {
        let configuration = EngineConfiguration()
        func plan(bytes: Int) -> AllocationPlan {
            AllocationPlan.fitting(configuration) { $0 <= bytes }
        }
        #expect(plan(bytes: 1 << 46) == AllocationPlan(pool: PoolingConfiguration()))
        let half = plan(bytes: 6 << 40)
        #expect(half.pool?.totalMemories == 1000)
        #expect(half.note?.contains("1000 memories instead of 2000") == true)
        let none = plan(bytes: 20 << 30)
        #expect(none.pool == nil)
        #expect(none.memoryReservation == 4 << 30)
        let least = plan(bytes: 0)
        #expect(least.pool == nil)
        #expect(least.memoryReservation == 0)
        #expect(least.note?.contains("very limited") == true)
    }

    @Test func fingerprintDependsOnTheSettings() throws {
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        let plain = try Engine(configuration)
        configuration.debugInfo = true
        let debug = try Engine(configuration)
        #expect(plain.fingerprint.count == 32)
        #expect(plain.fingerprint != debug.fingerprint)
    }

    #if os(Linux)
    /// A process with little address space gets a smaller pool or none, and guests run all the same.
    @Test(arguments: [1000, 100, 8, 3])
    func runsInLimitedAddressSpace(gibibytes: Int) async {
        await #expect(processExitsWith: .success) { [gibibytes] in
            setAddressSpaceLimit(gibibytes: gibibytes)
            let engine = try Engine()
            guard !engine.notes.isEmpty else {
                throw UnexpectedSuccess()
            }
            let pre = try Linker(engine).preInstantiate(
                try module("(module (memory 1) (func (export \"f\") (result i32) (i32.const 3)))", engine: engine))
            let store = Store(engine)
            var result: Int32 = 0
            let fiber = Fiber(store: store) {
                result = try store.run(try store.instantiate(pre), "f")
            }
            try fiber.runToEnd()
            guard result == 3 else {
                throw UnexpectedSuccess()
            }
        }
    }
    #endif
}
