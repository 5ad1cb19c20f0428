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
            try self.spend(Limits.workOfDefinition)
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
        case .coreType(let syntax): try self.coreType(syntax, in: scope)
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
        case .start(let start): try self.start(start, in: scope)
        case .value(let value): try self.value(value, in: scope)
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
            return .type(.resource(try self.addHostResource(nil, syntax.name.text)))
        case .instance(let index):
            let type = try self.instanceType(index, in: scope)
            return .instance(try self.evaluate(type, .host(interface: syntax.name, path: "", by: importer), depth: 0))
        case .value, .valueEqual: throw self.unsupported("the host supplies no values: import '\(syntax.name)'")
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
        try self.spend(Limits.workOfExport)
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
        case .value: return .value(try self.lookUp(space.values, reference.index, "value"))
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
            try self.spend(exports.count * Limits.workOfExport)
            for export in exports {
                guard instance.add(export.name, try self.item(export.item, in: scope)) else {
                    throw self.invalid("two exports of an instance are named '\(export.name)'")
                }
            }
            return self.addInstance(instance)
        }
    }
}
