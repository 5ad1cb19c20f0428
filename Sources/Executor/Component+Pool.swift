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

    /// Why no instance can be made within a limit: a memory begins with more than its share of it. Nil if one can.
    ///
    /// - Parameter largest: the bytes that the largest memory begins with.
    func problem(of largest: UInt64, limit: Int) -> String? {
        let share = UInt64(max(0, limit / self.memoryCount))
        guard largest > share else { return nil }
        let least = largest.multipliedReportingOverflow(by: UInt64(self.memoryCount))
        return "a memory of it begins with \(largest) bytes, but \(limit) are the most that an instance may use"
            + (self.memoryCount > 1 ? ", shared out evenly among \(self.memoryCount) memories" : "")
            + (least.overflow ? "" : "\n  hint: --max-instance-memory \(least.partialValue), or more")
    }

    private var memoryCount: Int { max(1, self.plan.definedMemories) }
}
