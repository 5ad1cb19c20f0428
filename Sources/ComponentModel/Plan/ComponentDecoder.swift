/// From the bytes of a component to its plan.
package enum ComponentDecoder {
    /// Decodes, validates and flattens a component. Module bytes are not copied: the plan holds ranges of `bytes`.
    package static func plan(_ bytes: UnsafeRawBufferPointer) throws(ComponentError) -> ComponentPlan {
        var parser = ComponentParser(bytes)
        let syntax = try parser.parse()
        let planner = Planner(bytes)
        return try planner.plan(syntax)
    }
}
