package import ComponentModel
package import WasmEngine

/// What instances of a component take of the engine's pool, and of what a guest may hold.
extension Component {
    /// How many instances the engine's pool holds at a time; nil without a pool.
    package func capacity(in engine: Engine) -> Int? {
        guard let pool = engine.configuration.pooling else { return nil }
        // One core instance more: the engine's own, by which a fiber waits.
        return min(
            pool.totalStacks, pool.totalCoreInstances / (self.coreInstanceCount + 1),
            pool.totalMemories / self.memoryCount)
    }

    /// The engine limits each memory by itself; what is meant is the instance as a whole.
    func dividing(_ limits: StoreLimits) -> StoreLimits {
        var limits = limits
        limits.maxMemoryBytes = limits.maxMemoryBytes.map { $0 / self.memoryCount }
        return limits
    }

    private var memoryCount: Int { max(1, self.plan.definedMemories) }
}
