import CWasmtime

/// What an engine reserves, fitted to the address space that the process may use.
///
/// Wasmtime aborts the process when it cannot reserve its pool, so the reservation is tried first, and a smaller plan
/// taken when it fails: under a limit of address space (`ulimit -v`), in some containers, on processors with a small one.
package struct AllocationPlan: Equatable {
    private static let guardSize = 32 << 20
    private static let fullReservation = 4 << 30

    package var pool: PoolingConfiguration?
    /// Address space of one linear memory. Less than 4 GiB costs bounds checks in compiled code.
    package var memoryReservation: Int
    var memoryGuard: Int
    /// What had to be given up, for the log.
    package var note: String?

    package init(
        pool: PoolingConfiguration?, memoryReservation: Int? = nil, memoryGuard: Int? = nil, note: String? = nil
    ) {
        self.pool = pool
        self.memoryReservation = memoryReservation ?? Self.fullReservation
        self.memoryGuard = memoryGuard ?? Self.guardSize
        self.note = note
    }

    /// Address space that must stay free for everything else of the process.
    private static let headroom = 1 << 30

    /// The largest plan that fits.
    package static func fitting(
        _ configuration: EngineConfiguration, reserve: (Int) -> Bool = Platform.canReserve
    ) -> AllocationPlan {
        if let wanted = configuration.pooling {
            var divisor = 1
            while true {
                let pool = wanted.divided(by: divisor)
                if let size = Self.size(of: pool, stackSize: configuration.asyncStackSize), reserve(size) {
                    let note =
                        divisor == 1
                        ? nil
                        : "address space is limited: the instance pool holds \(pool.totalMemories) memories instead of "
                            + "\(wanted.totalMemories)"
                    return AllocationPlan(pool: pool, note: note)
                }
                guard pool.totalMemories > 16 else {
                    break
                }
                divisor *= 2
            }
        }
        if reserve(4 * (Self.fullReservation + 2 * Self.guardSize) + Self.headroom) {
            let note = configuration.pooling == nil ? nil : "address space is limited: no instance pool is used"
            return AllocationPlan(pool: nil, note: note)
        }
        return AllocationPlan(
            pool: nil, memoryReservation: 0, memoryGuard: 64 << 10,
            note: "address space is very limited: no instance pool is used and memory accesses are checked one by one")
    }

    /// Address space of a pool with its headroom, in bytes; nil when it exceeds what can be counted.
    private static func size(of pool: PoolingConfiguration, stackSize: Int) -> Int? {
        let parts = [
            (pool.totalMemories, Self.fullReservation + Self.guardSize),
            (pool.totalTables, pool.tableElements.multipliedReportingOverflow(by: 16).partialValue),
            (pool.totalStacks, stackSize + (64 << 10)),
        ]
        var total = Self.headroom + 2 * Self.guardSize
        for (count, size) in parts {
            let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
            let (sum, sumOverflow) = total.addingReportingOverflow(bytes)
            guard size >= 0, !overflow, !sumOverflow else {
                return nil
            }
            total = sum
        }
        return total
    }

    /// Writes the plan into the library's settings.
    func apply(to config: OpaquePointer, maxInstanceMemory: Int) {
        wasmtime_config_memory_reservation_set(config, UInt64(self.memoryReservation))
        wasmtime_config_memory_guard_size_set(config, UInt64(self.memoryGuard))
        if self.memoryReservation == 0 {
            // What is reserved beyond a memory's size each time that it grows; 2 GiB otherwise.
            wasmtime_config_memory_reservation_for_growth_set(config, 16 << 20)
        }
        guard let pool = self.pool else {
            return
        }
        let settings = wasmtime_pooling_allocation_config_new()
        defer { wasmtime_pooling_allocation_config_delete(settings) }
        wasmtime_pooling_allocation_config_total_memories_set(settings, UInt32(clamping: pool.totalMemories))
        wasmtime_pooling_allocation_config_total_gc_heaps_set(settings, UInt32(clamping: pool.totalMemories))
        wasmtime_pooling_allocation_config_total_tables_set(settings, UInt32(clamping: pool.totalTables))
        wasmtime_pooling_allocation_config_total_stacks_set(settings, UInt32(clamping: pool.totalStacks))
        wasmtime_pooling_allocation_config_total_core_instances_set(settings, UInt32(clamping: pool.totalCoreInstances))
        wasmtime_pooling_allocation_config_max_core_instance_size_set(settings, pool.maxCoreInstanceSize)
        wasmtime_pooling_allocation_config_max_tables_per_module_set(
            settings, UInt32(clamping: pool.maxTablesPerModule))
        wasmtime_pooling_allocation_config_max_memories_per_module_set(
            settings, UInt32(clamping: pool.maxMemoriesPerModule))
        wasmtime_pooling_allocation_config_table_elements_set(settings, pool.tableElements)
        wasmtime_pooling_allocation_config_max_memory_size_set(settings, maxInstanceMemory)
        wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(settings, pool.linearMemoryKeepResident)
        wasmtime_pooling_allocation_config_table_keep_resident_set(settings, pool.tableKeepResident)
        wasmtime_pooling_allocation_config_max_unused_warm_slots_set(
            settings, UInt32(clamping: pool.maxUnusedWarmSlots))
        wasmtime_pooling_allocation_strategy_set(config, settings)
    }
}
