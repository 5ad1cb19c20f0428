/// Aliases find what exists already.
extension Planner {
    func alias(_ alias: AliasSyntax, in scope: Int) throws(ComponentError) {
        switch alias {
        case .export(let sort, let instance, let name):
            let instance = try self.lookUp(self.scopes[scope].instances, instance, "instance")
            guard let item = self.instances[instance].items[name] else {
                throw self.invalid("an aliased instance has no export '\(name)'")
            }
            guard item.sortName == sort.name else {
                throw self.invalid("export '\(name)' of an aliased instance is a \(item.sortName), not a \(sort.name)")
            }
            self.scopes[scope].add(item)
        case .coreExport(let sort, let instance, let name):
            let instance = try self.lookUp(self.scopes[scope].coreInstances, instance, "core instance")
            guard let item = self.coreInstances[instance].item(named: name) else {
                throw self.invalid("an aliased core instance has no export '\(name)'")
            }
            guard item.kind.sort == sort else {
                throw self.invalid("export '\(name)' of a core instance is a \(item.kind.sort), not a \(sort)")
            }
            self.scopes[scope].add(item)
        case .outer(let sort, let count, let index):
            try self.outerAlias(sort, count: count, index: index, in: scope)
        }
    }

    private func outerAlias(_ sort: Sort, count: UInt32, index: UInt32, in scope: Int) throws(ComponentError) {
        var target = scope
        var mark = self.scopes[scope].currentMark
        var leavesComponent = false
        // Scopes nest at most `Limits.nesting` deep, so a large count ends soon.
        for _ in 0..<count {
            let current = self.scopes[target]
            guard let parent = current.parent else { throw self.invalid("an outer alias reaches out of the file") }
            leavesComponent = leavesComponent || current.componentInstance != nil
            mark = current.mark
            target = parent
        }
        func lookUp<Element>(_ space: [Element], _ limit: Int) throws(ComponentError) -> Element {
            guard Int(index) < limit, let element = space[checked: index] else {
                throw self.invalid("an outer alias refers to a \(sort.name) \(index) that does not exist")
            }
            return element
        }
        switch sort {
        case .type:
            let type = try lookUp(self.scopes[target].types, mark.types)
            guard !leavesComponent || !type.mentionsResource else {
                throw self.invalid("an outer alias takes a resource type out of its component")
            }
            self.scopes[scope].types.append(type)
        case .component:
            self.scopes[scope].components.append(try lookUp(self.scopes[target].components, mark.components))
        case .core(.module):
            self.scopes[scope].coreModules.append(try lookUp(self.scopes[target].coreModules, mark.coreModules))
        case .core(.type):
            self.scopes[scope].coreTypes.append(try lookUp(self.scopes[target].coreTypes, mark.coreTypes))
        default:
            throw self.invalid("a \(sort.name) cannot be the target of an outer alias")
        }
    }
}
