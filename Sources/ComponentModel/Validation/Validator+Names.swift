/// Names of imports and exports: unique, and true to what they annotate.
extension Validator {
    /// `keys` are the names so far, `resources` those that methods may be named after.
    func checkName(
        _ name: ExternName, _ attributes: ExternAttributes, _ entity: Entity, _ keys: inout [CoreName: String],
        _ resources: ComponentScope.ResourceNames, what: String
    ) throws(ComponentError) {
        if case .dependency = name.kind, what == "export" {
            throw self.invalid("name `\(name)` is not a valid export name")
        }
        try self.checkAnnotation(name, entity, resources, what)
        try self.checkAttributes(name, attributes, entity)
        if let previous = keys.updateValue(name.text, forKey: name.uniquenessKey) {
            throw self.invalid("\(what) name `\(name)` conflicts with previous name `\(previous)`")
        }
    }

    /// `[method]r.f` and its like belong to a resource of the same scope, and have the types that this asks for.
    private func checkAnnotation(
        _ name: ExternName, _ entity: Entity, _ resources: ComponentScope.ResourceNames, _ what: String
    ) throws(ComponentError) {
        switch name.kind {
        case .plain, .interface, .dependency: return
        case .resourceDrop:
            throw self.invalid("\(what) name `\(name)` is not a valid extern name: it is none of an import or export")
        case .constructor, .method, .static: break
        }
        guard case .function(let id) = entity else {
            throw self.invalid("\(what) `\(name)` is not a func: it is of sort \(entity.name)")
        }
        let function = try self.arena.function(id)
        switch name.kind {
        case .constructor(let resource):
            guard let result = function.result else { throw self.invalid("function should return one value") }
            guard let type = self.constructed(result) else {
                throw self.invalid("function should return `(own $T)` or `(result (own $T))`")
            }
            try self.check(type, isNamed: resource, resources)
        case .method(let resource, _):
            guard let first = function.parameters.first else {
                throw self.invalid("function should have at least one argument")
            }
            guard first.name == "self" else {
                throw self.invalid("function should have a first argument called `self`")
            }
            guard case .type(let id) = first.type, case .value(.borrow(let type)) = self.arena[id].definition else {
                throw self.invalid("function should take a first argument of `(borrow $T)`")
            }
            try self.check(type, isNamed: resource, resources)
        case .static(let resource, _):
            guard resources.contains(resource) else {
                throw self.invalid("static resource name is not known in this context: `\(resource)`")
            }
        default: break
        }
    }

    /// The resource type that a constructor returns.
    private func constructed(_ result: ValueReference) -> TypeID? {
        guard case .type(let id) = result else { return nil }
        switch self.arena[id].definition {
        case .value(.own(let resource)): return resource
        case .value(.result(.type(let ok)?, _)):
            guard case .value(.own(let resource)) = self.arena[ok].definition else { return nil }
            return resource
        default: return nil
        }
    }

    private func check(_ type: TypeID, isNamed name: String, _ resources: ComponentScope.ResourceNames)
        throws(ComponentError)
    {
        guard let expected = resources.name(of: type) else {
            throw self.invalid("resource used in function does not have a name in this context")
        }
        guard expected == name else {
            throw self.invalid("function does not match expected resource name `\(expected)`")
        }
    }

    private func checkAttributes(_ name: ExternName, _ attributes: ExternAttributes, _ entity: Entity)
        throws(ComponentError)
    {
        if let interface = attributes.implements {
            let implemented: ExternName
            do throws(ExternName.Problem) {
                implemented = try ExternName(validating: interface)
            } catch {
                throw self.invalid("`implements` value `\(interface)` is not a valid name: \(error.message)")
            }
            guard implemented.interface != nil else {
                throw self.invalid("`implements` value `\(interface)` must be an interface")
            }
            guard case .instance = entity else {
                throw self.invalid("only instances can have an `implements`: `\(name)` is of sort \(entity.name)")
            }
            guard name.kind == .plain else {
                throw self.invalid("name `\(name)` is not valid with `implements`: it must be a plain name")
            }
        }
        if let suffix = attributes.versionSuffix {
            guard let version = name.interface?.version, VersionText.isCanonicalPrefix(version[...]) else {
                throw self.invalid("`versionsuffix` needs an interface name with a canonical version, not `\(name)`")
            }
            do throws(ExternName.Problem) {
                try VersionText.check((version + suffix)[...])
            } catch {
                throw self.invalid("`versionsuffix` `\(suffix)` does not complete `\(name)`: \(error.message)")
            }
        }
    }
}
