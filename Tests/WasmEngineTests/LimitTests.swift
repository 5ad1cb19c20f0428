import CWasmtime
import Testing
import WasmEngine

@Suite struct LimitTests {
    let engine: Engine
    static let growing = """
        (module
          (memory (export "m") 1)
          (table $t (export "t") 1 funcref)
          (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "table") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
          (func (export "forever") (loop $l (br $l)))
          (func $f (export "recurse") (loop $l (call $g) (br $l)))
          (func $g))
        """

    init() throws {
        self.engine = try Shared.engine.get()
    }

    private func instance(_ store: Store, _ text: String = Self.growing) throws -> wasmtime_instance_t {
        try store.instantiate(try Linker(self.engine).preInstantiate(try module(text, engine: self.engine)))
    }

    @Test func memoryGrowsToItsLimit() throws {
        let store = Store(self.engine, limits: StoreLimits(maxMemoryBytes: 4 << 16))
        let instance = try self.instance(store)
        #expect(try store.run(instance, "memory", 3) == 1)
        #expect(try store.run(instance, "memory", 1) == -1)
        let memory = try #require(store.export(of: instance, named: "m")).of.memory
        #expect(store.bytes(of: memory).count == 4 << 16)
    }

    @Test func memoryThatStartsTooLargeIsRefused() throws {
        let store = Store(self.engine, limits: StoreLimits(maxMemoryBytes: 1 << 16))
        let failure = try wasmFailure { _ = try self.instance(store, "(module (memory 2))") }
        #expect(failure.engineError?.kind == .instantiation)
        #expect(failure.description.contains("memory"))
    }

    /// Whether the pool or the store itself limits it.
    @Test(arguments: [false, true])
    func memoryGrowsToTheEnginesLimit(pooled: Bool) throws {
        var configuration = EngineConfiguration()
        configuration.pooling = pooled ? PoolingConfiguration(instances: 2) : nil
        configuration.maxInstanceMemory = 3 << 16
        let engine = try Engine(configuration)
        for limits in [StoreLimits(), StoreLimits(maxMemoryBytes: 1 << 30)] {
            let store = Store(engine, limits: limits)
            let instance = try store.instantiate(
                try Linker(engine).preInstantiate(try module(Self.growing, engine: engine)))
            #expect(try store.run(instance, "memory", 2) == 1)
            #expect(try store.run(instance, "memory", 1) == -1)
        }
    }

    @Test func tableGrowsToItsLimit() throws {
        let store = Store(self.engine, limits: StoreLimits(maxTableElements: 10))
        let instance = try self.instance(store)
        #expect(try store.run(instance, "table", 9) == 1)
        #expect(try store.run(instance, "table", 1) == -1)
    }

    @Test func instancesTablesAndMemoriesAreCounted() throws {
        let limits = [
            StoreLimits(maxInstances: 1), StoreLimits(maxTables: 1), StoreLimits(maxMemories: 1),
        ]
        for limit in limits {
            let store = Store(self.engine, limits: limit)
            _ = try self.instance(store)
            let failure = try wasmFailure { _ = try self.instance(store) }
            #expect(failure.engineError?.kind == .instantiation)
        }
    }

    @Test func hostGrowsMemoryOnAFiber() throws {
        let pre = try Linker(self.engine).preInstantiate(try module(Self.growing, engine: self.engine))
        let store = Store(self.engine, limits: StoreLimits(maxMemoryBytes: 2 << 16))
        try Fiber(store: store) {
            let instance = try store.instantiate(pre)
            var memory = try #require(store.export(of: instance, named: "m")).of.memory
            var previous: UInt64 = 0
            #expect(wasmtime_memory_grow(store.context, &memory, 1, &previous) == nil)
            #expect(previous == 1)
            let error = try #require(wasmtime_memory_grow(store.context, &memory, 1, &previous))
            #expect(CError.takeMessage(error).contains("memory"))
        }.runToEnd()
    }

    @Test(arguments: ["forever", "recurse"])
    func deadlineEndsAnEndlessLoop(name: String) throws {
        let pre = try Linker(self.engine).preInstantiate(try module(Self.growing, engine: self.engine))
        let store = Store(self.engine)
        let fiber = Fiber(store: store) { try store.run(try store.instantiate(pre), name) }
        fiber.deadlineTicks = 3
        let failure = try wasmFailure { try fiber.runToEnd() }
        #expect(failure.trap?.code == .deadline)
        #expect(failure.trap?.backtrace.isEmpty == false)
        #expect(fiber.cpuTicks == 3)
    }

    @Test func deadlineOffAFiber() throws {
        let store = Store(self.engine)
        store.deadlineTicks = 2
        let instance = try self.instance(store)
        #expect(try wasmFailure { try store.run(instance, "forever") }.trap?.code == .deadline)
    }

    @Test func endlessLoopIsCancelled() throws {
        let pre = try Linker(self.engine).preInstantiate(try module(Self.growing, engine: self.engine))
        let store = Store(self.engine)
        var thrown: (any Error)?
        let fiber = Fiber(store: store) {
            do {
                try store.run(try store.instantiate(pre), "forever")
            } catch {
                thrown = error
                throw error
            }
        }
        for _ in 0..<3 {
            guard case .yielded = fiber.resume() else {
                Issue.record("an endless loop yields")
                return
            }
        }
        fiber.cancel()
        #expect((thrown as? WasmFailure)?.isCancelled == true)
        #expect(try wasmFailure { try fiber.runToEnd() }.isCancelled)
    }

    @Test func poolThatIsFullIsAnError() throws {
        var configuration = EngineConfiguration()
        configuration.pooling = PoolingConfiguration(instances: 1)
        let engine = try Engine(configuration)
        let pre = try Linker(engine).preInstantiate(try module("(module (memory 1))", engine: engine))
        let stores = [Store(engine), Store(engine), Store(engine)]
        _ = try stores[0].instantiate(pre)
        _ = try stores[1].instantiate(pre)
        let failure = try wasmFailure { _ = try stores[2].instantiate(pre) }
        #expect(failure.engineError?.kind == .instantiation)
        #expect(failure.description.contains("maximum concurrent limit"))

        // Stacks as well: two fibers are alive.
        let fibers = stores.map { store in Fiber(store: store) { try store.wait() } }
        #expect(fibers[0].resume().isWaiting)
        #expect(fibers[1].resume().isWaiting)
        let other = try wasmFailure(of: { try fibers[2].runToEnd() })
        #expect(other.engineError?.message.contains("maximum concurrent limit") == true)
        fibers[0].cancel()
        #expect(fibers[0].resume().isWaiting == false)
    }
}

extension Fiber.Outcome {
    var isWaiting: Bool {
        guard case .waiting = self else {
            return false
        }
        return true
    }
}
