/// Evaluating the definitions of a component instance.
extension Planner {
    func instantiate(_ component: ComponentItem, imports: ImportSource, depth: Int) throws(ComponentError) -> Int {
        guard depth < Limits.instantiationDepth else {
            throw self.unsupported("instantiations nest deeper than \(Limits.instantiationDepth)")
        }
        let enclosing = self.enclosing
        let componentInstance = try self.addComponentInstance()
        self.enclosing = componentInstance
        defer { self.enclosing = enclosing }
        let scope = self.scopes.count
        self.scopes.append(
            Scope(parent: component.scope, mark: component.mark, componentInstance: componentInstance))
        for definition in component.syntax.definitions {
            self.offset = definition.offset
            try self.spend(1)
            if case .coreModule(let range) = definition.kind {
                let name = component.syntax.coreModuleNames[UInt32(self.scopes[scope].coreModules.count)]
                self.scopes[scope].coreModules.append(CoreModuleItem(range: range, name: name))
            } else {
                try self.evaluate(definition.kind, in: scope, imports: imports, depth: depth)
            }
        }
        return self.addInstance(self.scopes[scope].exports)
    }

    /// One more component instance, made by the one whose definitions are at work.
    func addComponentInstance() throws(ComponentError) -> Int {
        guard self.plan.componentInstances < Limits.componentInstances else {
            throw self.unsupported("more than \(Limits.componentInstances) component instances")
        }
        try self.spend(Limits.workOfInstance)
        self.plan.componentParents.append(self.enclosing)
        self.plan.componentInstances += 1
        return self.plan.componentInstances - 1
    }

    private func evaluate(_ definition: Definition.Kind, in scope: Int, imports: ImportSource, depth: Int)
        throws(ComponentError)
    {
        switch definition {
        case .coreModule: break
        case .coreInstance(let instance):
            let item = try self.coreInstance(instance, in: scope)
            self.coreInstances.append(item)
            self.scopes[scope].coreInstances.append(self.coreInstances.count - 1)
        case .coreType(let syntax): self.scopes[scope].coreTypes += syntax.functionTypes
        case .component(let syntax):
            let mark = self.scopes[scope].currentMark
            self.scopes[scope].components.append(ComponentItem(syntax: syntax, scope: scope, mark: mark))
        case .instance(let instance):
            let item = try self.instance(instance, in: scope, depth: depth)
            self.scopes[scope].instances.append(item)
        case .alias(let alias): try self.alias(alias, in: scope)
        case .type(let syntax):
            let type = try self.type(syntax, in: scope)
            self.scopes[scope].types.append(type)
        case .canon(let canon):
            try self.canon(canon, in: scope)
        case .import(let syntax): try self.bindImport(syntax, in: scope, imports: imports)
        case .export(let syntax): try self.export(syntax, in: scope)
        }
    }

    // MARK: Imports and exports

    private func bindImport(_ syntax: ExternSyntax, in scope: Int, imports: ImportSource) throws(ComponentError) {
        try self.addImport(syntax.name, try self.imported(syntax, in: scope, from: imports), in: scope)
    }

    /// What a component gets for an import.
    func imported(_ syntax: ExternSyntax, in scope: Int, from imports: ImportSource) throws(ComponentError) -> Item {
        let name = syntax.name
        switch imports {
        case .arguments(let arguments):
            guard let argument = arguments[name.text] else {
                throw self.invalid("a nested component imports '\(name)', which its instantiation does not supply")
            }
            return try self.match(argument, syntax.type, in: scope, name: name.text)
        case .host:
            self.plan.imports.append(name)
            return try self.hostImport(syntax, in: scope, by: nil)
        case .composed(let plugged):
            if let supply = plugged.supplies[name.text] {
                return try self.match(supply, syntax, in: scope, path: plugged.path)
            }
            self.plan.imports.append(name)
            return try self.hostImport(syntax, in: scope, by: plugged.importer(of: name))
        }
    }

    /// Adds what a component or a component type imports.
    func addImport(_ name: ExternName, _ item: Item, in scope: Int) throws(ComponentError) {
        guard self.scopes[scope].importNames.insert(name.uniquenessKey).inserted else {
            throw self.invalid("two imports are named '\(name)'")
        }
        self.scopes[scope].add(item)
    }

    func hostImport(_ syntax: ExternSyntax, in scope: Int, by importer: HostImporter?)
        throws(ComponentError) -> Item
    {
        switch syntax.type {
        case .function(let index):
            let type = try self.functionType(index, in: scope)
            return .function(self.addFunction(type, .imported(interface: nil, name: syntax.name.text, by: importer)))
        case .typeEqual(let index): return .type(try self.lookUp(self.scopes[scope].types, index, "type"))
        case .typeResource:
            return .type(.resource(self.addHostResource(nil, syntax.name.text)))
        case .instance(let index):
            let type = try self.instanceType(index, in: scope)
            return .instance(try self.evaluate(type, .host(interface: syntax.name, path: "", by: importer), depth: 0))
        case .component: throw self.unsupported("the host supplies no components: import '\(syntax.name)'")
        case .coreModule: throw self.unsupported("the host supplies no core modules: import '\(syntax.name)'")
        }
    }

    private func export(_ syntax: ExportSyntax, in scope: Int) throws(ComponentError) {
        var item = try self.item(syntax.item, in: scope)
        if let type = syntax.type {
            item = try self.match(item, type, in: scope, name: syntax.name.text)
        }
        try self.addExport(syntax.name, item, in: scope, "component")
    }

    /// Adds what a component or a type of one exports.
    func addExport(_ name: ExternName, _ item: Item, in scope: Int, _ what: String) throws(ComponentError) {
        guard self.scopes[scope].exports.add(name, item) else {
            throw self.invalid("two exports of one \(what) are named '\(name)'")
        }
        self.scopes[scope].add(item)
    }

    func item(_ reference: SortIndex, in scope: Int) throws(ComponentError) -> Item {
        let space = self.scopes[scope]
        switch reference.sort {
        case .core(.module): return .coreModule(try self.lookUp(space.coreModules, reference.index, "core module"))
        case .core: throw self.invalid("a \(reference.sort.name) cannot leave its component")
        case .function: return .function(try self.lookUp(space.functions, reference.index, "function"))
        case .value: throw self.unsupported("values")
        case .type: return .type(try self.lookUp(space.types, reference.index, "type"))
        case .component: return .component(try self.lookUp(space.components, reference.index, "component"))
        case .instance: return .instance(try self.lookUp(space.instances, reference.index, "instance"))
        }
    }

    // MARK: Instances

    private func instance(_ syntax: InstanceSyntax, in scope: Int, depth: Int) throws(ComponentError) -> Int {
        switch syntax {
        case .instantiate(let index, let arguments):
            let component = try self.lookUp(self.scopes[scope].components, index, "component")
            var items: [String: Item] = [:]
            items.reserveCapacity(arguments.count)
            try self.spend(arguments.count)
            for argument in arguments {
                let item = try self.item(argument.item, in: scope)
                guard items.updateValue(item, forKey: argument.name) == nil else {
                    throw self.invalid("two arguments of an instantiation are named '\(argument.name)'")
                }
            }
            let start = self.offset
            defer { self.offset = start }
            return try self.instantiate(component, imports: .arguments(items), depth: depth + 1)
        case .exports(let exports):
            var instance = InstanceItem()
            try self.spend(exports.count)
            for export in exports {
                guard instance.add(export.name, try self.item(export.item, in: scope)) else {
                    throw self.invalid("two exports of an instance are named '\(export.name)'")
                }
            }
            return self.addInstance(instance)
        }
    }

    private func coreInstance(_ syntax: CoreInstanceSyntax, in scope: Int) throws(ComponentError) -> CoreInstanceItem {
        switch syntax {
        case .instantiate(let index, let arguments):
            let item = try self.lookUp(self.scopes[scope].coreModules, index, "core module")
            var instances: [String: CoreInstanceItem] = [:]
            try self.spend(arguments.count)
            for argument in arguments {
                let instance = try self.lookUp(
                    self.scopes[scope].coreInstances, argument.instance, "core instance")
                guard instances.updateValue(self.coreInstances[instance], forKey: argument.name) == nil else {
                    throw self.invalid("two arguments of a core module are named '\(argument.name)'")
                }
            }
            return try self.instantiate(item, arguments: instances)
        case .exports(let exports):
            var items: [String: CoreItem] = [:]
            items.reserveCapacity(exports.count)
            try self.spend(exports.count)
            for export in exports {
                let item = try self.coreItem(export.sort, export.index, in: scope)
                guard items.updateValue(item, forKey: export.name) == nil else {
                    throw self.invalid("two exports of a core instance are named '\(export.name)'")
                }
            }
            return .exports(items)
        }
    }

    private func coreItem(_ sort: CoreSort, _ index: UInt32, in scope: Int) throws(ComponentError) -> CoreItem {
        let space: [CoreItem]
        switch sort {
        case .function: space = self.scopes[scope].coreFunctions
        case .table: space = self.scopes[scope].coreTables
        case .memory: space = self.scopes[scope].coreMemories
        case .global: space = self.scopes[scope].coreGlobals
        case .tag: space = self.scopes[scope].coreTags
        case .type, .module, .instance: throw self.invalid("a core instance cannot export a core \(sort)")
        }
        return try self.lookUp(space, index, "core \(sort)")
    }

    private func instantiate(_ module: CoreModuleItem, arguments: [String: CoreInstanceItem])
        throws(ComponentError) -> CoreInstanceItem
    {
        guard self.plan.steps.count < Limits.coreInstances else {
            throw self.unsupported("more than \(Limits.coreInstances) core instances")
        }
        let planned = try self.module(module)
        let summary = self.summaries[planned]
        // Bounds what many instances of a module with many imports would allocate.
        try self.spend(summary.imports.count * Limits.workOfCoreImport)
        var imports: [ComponentPlan.CoreImport] = []
        imports.reserveCapacity(summary.imports.count)
        for wanted in summary.imports {
            guard let instance = arguments[wanted.module] else {
                throw self.invalid(
                    "core module \(summary.name ?? "\(planned)") imports from '\(wanted.module)', "
                        + "which its instantiation does not supply")
            }
            guard let item = instance.item(named: wanted.name) else {
                throw self.invalid(
                    "core module \(summary.name ?? "\(planned)") imports '\(wanted.name)' from '\(wanted.module)', "
                        + "which the instance supplied for it does not export")
            }
            try self.check(item, supplies: wanted)
            imports.append(.init(module: wanted.module, name: wanted.name, source: item.definition))
        }
        let instance = self.plan.steps.count
        self.plan.steps.append(.instantiate(module: planned, imports: imports))
        return .instantiated(instance, summary)
    }

    // MARK: Aliases

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
