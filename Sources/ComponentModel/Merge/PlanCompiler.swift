package import WasmEngine

/// Compiles the modules of a plan: merged where that can be, one by one otherwise.
package struct PlanCompiler {
    private let plan: ComponentPlan
    private let bytes: UnsafeRawBufferPointer
    private let limits: MergeLimits?

    /// - Parameters:
    ///   - bytes: the file of the plan.
    ///   - limits: of one module in the engine; nil to merge nothing.
    package init(_ plan: ComponentPlan, _ bytes: UnsafeRawBufferPointer, limits: MergeLimits?) {
        self.plan = plan
        self.bytes = bytes
        self.limits = limits
    }

    /// The plan to link, and its modules.
    ///
    /// - Parameters:
    ///   - begin: told how many bytes will be compiled; again, if merging turns out to have been for nothing.
    ///   - compile: compiles one module, and is told how many of those bytes it is; 0 for data, which takes no time.
    package func compile(
        begin: (Int) -> Void = { _ in }, _ compile: (UnsafeRawBufferPointer, _ work: Int) throws -> Module
    ) throws -> (plan: ComponentPlan, modules: [Module]) {
        if let merged = self.limits.flatMap({ self.plan.merged(self.bytes, limits: $0) }) {
            let work = merged.plan.coreModules.indices.map { module in
                merged.images.contains(module) ? 0 : merged.withCode(ofModule: module, in: self.bytes) { $0.count }
            }
            begin(work.reduce(0, +))
            do {
                return (
                    merged.plan,
                    try work.enumerated().map { module, work in
                        try merged.withCode(ofModule: module, in: self.bytes) { try compile($0, work) }
                    }
                )
            } catch is EngineError {
                // Too much for one module, or a module is invalid: then it is to be named as it is in the file.
            }
        }
        begin(self.plan.coreModules.reduce(0) { $0 + $1.byteCount })
        return (
            self.plan,
            try self.plan.coreModules.map { module in
                try module.withBytes(of: self.bytes) { try compile($0, module.byteCount) }
            }
        )
    }
}
