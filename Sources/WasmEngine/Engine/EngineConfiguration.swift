/// Settings of an engine.
package struct EngineConfiguration: Sendable, Hashable {
    /// Where instances come from; nil: each is allocated by itself, which costs system calls per instance.
    package var pooling: PoolingConfiguration? = PoolingConfiguration()
    /// Largest linear memory, in bytes: at most 4 GiB where instances come from a pool. The address space reserved for one
    /// stays 4 GiB, which is what lets compiled code do without bounds checks.
    package var maxInstanceMemory = 4 << 30
    /// Length of a guest's time slice. A guest that computes delays the others of its event loop by up to this.
    package var epochInterval: Duration = .milliseconds(2)
    /// Debug information for native debuggers and profilers. Compiles slower.
    package var debugInfo = false
    package var parallelCompilation = true
    /// Stack of one fiber, in bytes: the guest's and the host functions' that it calls.
    package var asyncStackSize = 2 << 20
    /// Stack that one call into a guest may use, in bytes.
    package var maxWasmStack = 512 << 10
    /// Stack kept free for host functions, in bytes: a call into a guest that would leave less traps.
    package var hostStackReserve = 256 << 10

    package init() {}

    /// The engine's settings from the variables that Spin reads too.
    ///
    /// Values that are not numbers are ignored. Source: Spin's SPIN_WASMTIME_* and SPIN_MAX_INSTANCE_COUNT.
    package static func fromEnvironment(_ environment: [String: String]) -> EngineConfiguration {
        func number(_ name: String) -> Int? {
            environment[name].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
        }
        func setting(_ name: String) -> Int? {
            number("SPIN_WASMTIME_\(name)").map { min($0, Int(UInt32.max)) }
        }
        var configuration = EngineConfiguration()
        if let bytes = number("SPIN_MAX_INSTANCE_MEMORY") {
            configuration.maxInstanceMemory = min(max(bytes, 1 << 16), 4 << 30)
        }
        guard number("SPIN_WASMTIME_POOLING") != 0 else {
            configuration.pooling = nil
            return configuration
        }
        let instances = setting("INSTANCE_COUNT") ?? number("SPIN_MAX_INSTANCE_COUNT")
        var pool = instances.map { PoolingConfiguration(instances: $0) } ?? PoolingConfiguration()
        pool.totalMemories = setting("TOTAL_MEMORIES") ?? pool.totalMemories
        pool.totalTables = setting("TOTAL_TABLES") ?? pool.totalTables
        pool.totalStacks = setting("TOTAL_STACKS") ?? pool.totalStacks
        pool.totalCoreInstances = setting("TOTAL_CORE_INSTANCES") ?? pool.totalCoreInstances
        pool.tableElements = setting("INSTANCE_TABLE_ELEMENTS") ?? pool.tableElements
        pool.maxCoreInstanceSize = setting("CORE_INSTANCE_SIZE") ?? pool.maxCoreInstanceSize
        pool.maxTablesPerModule = setting("MAX_TABLES_PER_MODULE") ?? pool.maxTablesPerModule
        pool.maxMemoriesPerModule = setting("MAX_MEMORIES_PER_MODULE") ?? pool.maxMemoriesPerModule
        pool.linearMemoryKeepResident = setting("LINEAR_MEMORY_KEEP_RESIDENT") ?? pool.linearMemoryKeepResident
        pool.tableKeepResident = setting("TABLE_KEEP_RESIDENT") ?? pool.tableKeepResident
        configuration.pooling = pool
        return configuration
    }

    /// Refuses settings that Wasmtime would abort the process for.
    func validate() throws(EngineError) {
        guard self.maxWasmStack > 0, self.hostStackReserve >= 0,
            self.asyncStackSize >= self.maxWasmStack, self.asyncStackSize - self.maxWasmStack > self.hostStackReserve,
            self.asyncStackSize <= 1 << 30
        else {
            throw EngineError(
                .configuration,
                "asyncStackSize (\(self.asyncStackSize)) must be more than maxWasmStack (\(self.maxWasmStack)) and "
                    + "hostStackReserve (\(self.hostStackReserve)) together, and at most 1 GiB")
        }
        let gibibytes = self.pooling == nil ? 64 : 4
        guard (1 << 16)...(gibibytes << 30) ~= self.maxInstanceMemory else {
            throw EngineError(
                .configuration,
                "maxInstanceMemory (\(self.maxInstanceMemory)) must be from 64 KiB to \(gibibytes) GiB")
        }
        guard self.epochInterval > .zero else {
            throw EngineError(.configuration, "epochInterval must be more than zero")
        }
    }
}
