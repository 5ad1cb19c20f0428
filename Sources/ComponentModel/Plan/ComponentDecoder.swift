package import WasmEngine

/// From the bytes of a component to its plan.
package enum ComponentDecoder {
    /// Decodes, validates and flattens a component. Module bytes are not copied: the plan holds ranges of `bytes`.
    ///
    /// `foldsShims` takes the indirection through wit-component's shim modules out; a guest cannot tell.
    package static func plan(_ bytes: UnsafeRawBufferPointer, foldsShims: Bool = true)
        throws(ComponentError) -> ComponentPlan
    {
        let syntax = try ComponentParser(bytes).parse()
        let validator = Validator(bytes)
        try validator.validate(syntax)
        let planner = Planner(bytes, modules: validator.modules)
        var plan = try planner.plan(syntax)
        if foldsShims { plan = ShimFolding.fold(plan, bytes, summaries: planner.summaries) }
        let compiled = Set(plan.coreModules.map(\.byteRange))
        plan.uncompiledModules = validator.moduleRanges.filter { !compiled.contains($0) }
        return try AdapterFusion.fuse(plan)
    }

    /// Decodes and validates a component without planning it: whatever it uses that this runtime does not support, it may
    /// be valid.
    ///
    /// - Parameter engine: checks the core modules, unless it is nil.
    package static func validate(_ bytes: UnsafeRawBufferPointer, engine: Engine? = nil) throws(ComponentError) {
        let syntax = try ComponentParser(bytes).parse()
        let validator = Validator(bytes)
        try validator.validate(syntax)
        guard let engine else { return }
        var plan = ComponentPlan()
        plan.uncompiledModules = validator.moduleRanges
        try plan.validateUncompiledModules(bytes, engine: engine)
    }
}
