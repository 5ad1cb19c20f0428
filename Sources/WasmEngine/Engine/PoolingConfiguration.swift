/// Sizes of the pool that instances are taken from: how much may be alive at once in the whole process.
///
/// Only address space is reserved; memory is used as guests touch it.
package struct PoolingConfiguration: Sendable, Hashable {
    /// Linear memories alive at once. Each reserves 4 GiB and a guard of address space.
    package var totalMemories: Int
    /// Tables alive at once. Each reserves 8 bytes an element of `tableElements`.
    package var totalTables: Int
    /// Fibers alive at once. Each reserves the engine's `asyncStackSize`.
    package var totalStacks: Int
    /// Core instances alive at once: a count only. A Python component has 14.
    package var totalCoreInstances: Int
    /// Largest bookkeeping of one core instance, in bytes. Not reserved.
    package var maxCoreInstanceSize = 10 << 20
    /// Elements that a table can grow to.
    package var tableElements = 100_000
    package var maxTablesPerModule = 10
    package var maxMemoriesPerModule = 2
    /// Bytes of a used memory that are cleared by hand rather than given back to the system.
    ///
    /// Measured, store to drop, of a guest with 1.3 MB that writes to 2, 5, 15, 30 pages: 8, 13, 28, 49 µs when all is
    /// given back, since each page then costs a fault; 11 µs whatever it writes to when 2 MB are kept. Costs that much
    /// memory for each slot that was ever in use.
    package var linearMemoryKeepResident = 2 << 20
    /// The same for tables.
    package var tableKeepResident = 64 << 10
    /// Slots that stay mapped to the image of the module that last used them.
    package var maxUnusedWarmSlots = 100

    package init(instances: Int = 1000) {
        let instances = max(1, min(instances, 100_000))
        self.totalMemories = 2 * instances
        self.totalTables = 4 * instances
        self.totalStacks = 2 * instances
        self.totalCoreInstances = 20 * instances
    }

    /// The same pool for a part of the instances.
    func divided(by divisor: Int) -> PoolingConfiguration {
        var pool = self
        pool.totalMemories = max(1, self.totalMemories / divisor)
        pool.totalTables = max(1, self.totalTables / divisor)
        pool.totalStacks = max(1, self.totalStacks / divisor)
        return pool
    }
}
