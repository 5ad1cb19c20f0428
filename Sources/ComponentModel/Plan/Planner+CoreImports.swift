/// What core modules are given for their imports.
extension Planner {
    /// Core types as they are needed to check functions, each time anew.
    func coreType(_ syntax: CoreTypeSyntax, in scope: Int) throws(ComponentError) {
        let types = syntax.functionTypes
        let values = types.reduce(0) { $0 + ($1.map { $0.parameters.count + $0.results.count } ?? 0) }
        try self.spend(types.count * Limits.workOfDefinition + values / Limits.nodeBytes)
        self.scopes[scope].coreTypes += types
    }

    /// Sorts and number types; the engine checks the rest when it links.
    func check(_ item: CoreItem, supplies wanted: CoreModuleSummary.Import, of module: CoreModuleSummary)
        throws(ComponentError)
    {
        guard item.kind.sort == wanted.type.sort else {
            throw self.invalid(
                "core import '\(wanted.module)' '\(wanted.name)' is a \(wanted.type.sort), "
                    + "but a \(item.kind.sort) is supplied")
        }
        guard case .function(let supplied?) = item.kind, case .function(let expected?) = module.kind(of: wanted.type),
            supplied != expected
        else { return }
        throw self.invalid(
            "core import '\(wanted.module)' '\(wanted.name)' has type \(expected), "
                + "but a function of type \(supplied) is supplied")
    }
}
