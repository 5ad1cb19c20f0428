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
            do {
                return try withExtendedLifetime(merged) {
                    let codes = merged.plan.coreModules.indices.map { module in
                        let code = merged.code(ofModule: module, in: self.bytes)
                        return (code, merged.images.contains(module) ? 0 : code.count)
                    }
                    return (merged.plan, try Self.compile(codes, begin, compile))
                }
            } catch is EngineError {
                // Too much for one module, or a module is invalid: then it is to be named as it is in the file.
            }
        }
        let codes = self.plan.coreModules.map { module in
            (UnsafeRawBufferPointer(rebasing: self.bytes[module.byteRange]), module.byteRange.count)
        }
        return (self.plan, try Self.compile(codes, begin, compile))
    }

    private static func compile(
        _ codes: [(bytes: UnsafeRawBufferPointer, work: Int)], _ begin: (Int) -> Void,
        _ compile: (UnsafeRawBufferPointer, Int) throws -> Module
    ) throws -> [Module] {
        begin(codes.reduce(0) { $0 + $1.work })
        return try codes.map { try compile($0.bytes, $0.work) }
    }
}
