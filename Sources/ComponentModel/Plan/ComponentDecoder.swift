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
        let plan = try planner.plan(syntax)
        return foldsShims ? ShimFolding.fold(plan, bytes, summaries: planner.summaries) : plan
    }
}
