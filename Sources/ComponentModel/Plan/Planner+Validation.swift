/// Rules that hold between names, items and types, beyond what resolving them needs.
extension Planner {
    /// `[method]r.f` and its like belong to a resource of the same scope, and have the types that this asks for.
    func checkAnnotation(_ name: ExternName, _ item: Item, resources: [String: ResourceID])
        throws(ComponentError)
    {
        let label: String
        switch name.kind {
        case .constructor(let resource), .method(let resource, _), .static(let resource, _): label = resource
        case .plain, .interface, .dependency: return
        case .resourceDrop: throw self.invalid("'\(name)' is not a name of an import or export")
        }
        guard case .function(let function) = item else { throw self.invalid("'\(name)' is not a function") }
        guard let resource = resources[label] else {
            throw self.invalid("'\(name)' belongs to a resource '\(label)' that is not known here")
        }
        let type = self.functions[function].type.type
        switch name.kind {
        case .constructor:
            let isResult = if case .result(.own(resource)?, _) = type.result { true } else { false }
            guard type.result == .own(resource) || isResult else {
                throw self.invalid("'\(name)' does not return an own handle of '\(label)', or a result with one")
            }
        case .method:
            guard type.parameters.first == .init("self", .borrow(resource)) else {
                throw self.invalid("the first parameter of '\(name)' is not 'self', a borrowed '\(label)'")
            }
        default: break
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
