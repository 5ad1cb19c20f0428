/// What is valid, and still more than this runtime does.
extension Planner {
    func refuseUnsupported(_ canon: CanonSyntax, in scope: Int) throws(ComponentError) {
        switch canon {
        case .lift(_, let options, _), .lower(_, let options):
            if let index = options.memory, case .memory(true, _) = self.scopes[scope].coreMemories[checked: index]?.kind
            {
                throw self.unsupported("a 64-bit memory as canonical option")
            }
        case .builtin, .resourceNew, .resourceRep, .resourceDrop: break
        }
    }

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
