/// Aliases (Explainer.md, "Alias Definitions").
extension Validator {
    func alias(_ alias: AliasSyntax, in scope: ComponentScope) throws(ComponentError) {
        if scope.kind != .component {
            switch alias {
            case .export(.type, _, _), .export(.value, _, _), .export(.instance, _, _), .outer(.type, _, _),
                .outer(.core(.type), _, _):
                break
            default:
                throw self.invalid("aliases in component types and instance types may only refer to types or instances")
            }
        }
        switch alias {
        case .export(let sort, let index, let name):
            let id = try self.lookUp(scope.instances, index, "instance")
            guard case .instance(let shape) = self.arena[id].definition, let entity = shape.exports[name] else {
                throw self.invalid("instance \(index) has no export named `\(name)`")
            }
            guard entity.matches(sort) else {
                throw self.invalid(
                    "export `\(name)` for instance \(index) is not a \(sort.name): it is a \(entity.name)")
            }
            scope.add(entity, at: self.arena.offset)
        case .coreExport(let sort, let index, let name):
            let instance = try self.lookUp(scope.coreInstances, index, "core instance")
            guard let type = self.export(name, of: instance) else {
                throw self.invalid("core instance \(index) has no export named `\(name)`")
            }
            guard type.sort == sort else {
                throw self.invalid(
                    "export `\(name)` for core instance \(index) is not a \(sort.name): it is a \(type.sort.name)")
            }
            scope.add(type)
        case .outer(let sort, let count, let index):
            try self.outerAlias(sort, count: count, index: index, in: scope)
        }
    }

    private func outerAlias(_ sort: Sort, count: UInt32, index: UInt32, in scope: ComponentScope)
        throws(ComponentError)
    {
        guard count < self.scopes.count else { throw self.invalid("invalid outer alias count of \(count)") }
        let place = self.scopes.count - 1 - Int(count)
        let target = self.scopes[place]
        switch sort {
        case .type:
            let type = try self.lookUp(target.types, index, "type")
            if self.scopes[(place + 1)...].contains(where: { $0.kind == .component }) {
                var free = TypeArena.FreeVariables()
                try self.arena.collectFree(type, &free)
                guard free.variables.isEmpty else {
                    throw self.invalid(
                        "cannot alias outer type which transitively refers to resources not defined in the component")
                }
            }
            scope.types.append(type)
        case .component: scope.components.append(try self.lookUp(target.components, index, "component"))
        case .core(.module): scope.coreModules.append(try self.lookUp(target.coreModules, index, "module"))
        case .core(.type): scope.coreTypes.append(try self.lookUp(target.coreTypes, index, "type"))
        default: throw self.invalid("a \(sort.name) cannot be the target of an outer alias")
        }
    }
}

extension Entity {
    fileprivate func matches(_ sort: Sort) -> Bool {
        switch (self, sort) {
        case (.module, .core(.module)), (.function, .function), (.type, .type), (.value, .value),
            (.instance, .instance), (.component, .component):
            true
        default: false
        }
    }
}
