/// What core modules are given for their imports.
extension Planner {
    /// Sorts and number types; the engine checks the rest when it links.
    func check(_ item: CoreItem, supplies wanted: CoreModuleSummary.Import) throws(ComponentError) {
        guard item.kind.sort == wanted.kind.sort else {
            throw self.invalid(
                "core import '\(wanted.module)' '\(wanted.name)' is a \(wanted.kind.sort), "
                    + "but a \(item.kind.sort) is supplied")
        }
        guard case .function(let supplied?) = item.kind, case .function(let expected?) = wanted.kind,
            supplied != expected
        else { return }
        throw self.invalid(
            "core import '\(wanted.module)' '\(wanted.name)' has type \(expected), "
                + "but a function of type \(supplied) is supplied")
    }
}
