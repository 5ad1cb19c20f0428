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
    ///   - compile: compiles one module.
    package func compile(
        begin: (Int) -> Void = { _ in }, _ compile: (UnsafeRawBufferPointer) throws -> Module
    ) throws -> (plan: ComponentPlan, modules: [Module]) {
        if let merged = self.limits.flatMap({ self.plan.merged(self.bytes, limits: $0) }) {
            let codes = merged.plan.coreModules.indices.map { merged.code(ofModule: $0, in: self.bytes) }
            begin(codes.reduce(0) { $0 + $1.count })
            do {
                return try withExtendedLifetime(merged) { (merged.plan, try codes.map(compile)) }
            } catch is EngineError {
                // Too much for one module, or a module is invalid: then it is to be named as it is in the file.
            }
        }
        let codes = self.plan.coreModules.map { UnsafeRawBufferPointer(rebasing: self.bytes[$0.byteRange]) }
        begin(codes.reduce(0) { $0 + $1.count })
        return (self.plan, try codes.map(compile))
    }
}
