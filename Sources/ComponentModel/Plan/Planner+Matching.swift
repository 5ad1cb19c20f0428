/// What imports and ascriptions of types demand of the items that they get.
extension Planner {
    /// Where the items that an instance type declares come from.
    enum Supply {
        /// The host: functions and resources are new imports. `path` leads to instances in the imported instance.
        case host(interface: ExternName, path: String, by: HostImporter?)
        /// An instance that exists: its exports are checked against the type.
        case instance(Int)
    }

    func functionType(_ index: UInt32, in scope: Int) throws(ComponentError) -> ResolvedFunctionType {
        guard case .function(let type) = try self.lookUp(self.scopes[scope].types, index, "type") else {
            throw self.invalid("type \(index) is not a function type")
        }
        return type
    }

    func instanceType(_ index: UInt32, in scope: Int) throws(ComponentError) -> TypeClosure {
        guard case .instance(let type) = try self.lookUp(self.scopes[scope].types, index, "type") else {
            throw self.invalid("type \(index) is not an instance type")
        }
        return type
    }

    /// Checks that `item` may stand where `type` is wanted; what it has beyond the type is cut off.
    func match(_ item: Item, _ type: ExternTypeSyntax, in scope: Int, name: String, depth: Int = 0)
        throws(ComponentError) -> Item
    {
        switch (type, item) {
        case (.function(let index), .function(let function)):
            let wanted = try self.functionType(index, in: scope)
            try self.spend(wanted.nodes)
            guard wanted.type == self.functions[function].type.type else { throw self.mismatch(wanted, function, name) }
            return item
        case (.typeEqual(let index), .type(let actual)):
            let wanted = try self.lookUp(self.scopes[scope].types, index, "type")
            guard try self.isEqual(wanted, actual) else {
                throw self.invalid("type '\(name)' is not the type that is wanted")
            }
            return item
        case (.typeResource, .type(.resource)): return item
        case (.value(let syntax), .value(let value)):
            let wanted = try self.valueType(syntax, in: scope)
            try self.spend(wanted.nodes)
            guard wanted.type == value.type else {
                throw self.invalid("value '\(name)' is not of the type that is wanted")
            }
            return item
        case (.valueEqual(let index), .value(let value)):
            guard try self.lookUp(self.scopes[scope].values, index, "value").value == value.value else {
                throw self.invalid("value '\(name)' is not the value that is wanted")
            }
            return item
        case (.instance(let index), .instance(let instance)):
            let wanted = try self.instanceType(index, in: scope)
            return .instance(try self.evaluate(wanted, .instance(instance), depth: depth + 1))
        case (.component(let index), .component):
            guard case .component = try self.lookUp(self.scopes[scope].types, index, "type") else {
                throw self.invalid("type \(index) is not a component type")
            }
            return item
        case (.coreModule(let index), .coreModule):
            guard Int(index) < self.scopes[scope].coreTypes.count else {
                throw self.invalid("there is no core type \(index)")
            }
            return item
        default:
            throw self.invalid("'\(name)' is of another sort than what is wanted: \(item.sortName)")
        }
    }

    private func mismatch(_ wanted: ResolvedFunctionType, _ function: Int, _ name: String) -> ComponentError {
        let actual = self.functions[function].type
        guard wanted.nodes + actual.nodes < 200 else { return self.invalid("function '\(name)' has another type") }
        let texts = [wanted, actual].map {
            SignatureWriter.signature(of: $0.type, resourceNames: self.resourceNames)
        }
        return self.invalid("function '\(name)' has type \(texts[1]), but \(texts[0]) is wanted")
    }

    private func isEqual(_ one: TypeItem, _ other: TypeItem) throws(ComponentError) -> Bool {
        switch (one, other) {
        case (.value(let one), .value(let other)):
            try self.spend(one.nodes)
            return one.nodes == other.nodes && one.type == other.type
        case (.function(let one), .function(let other)):
            try self.spend(one.nodes)
            return one.nodes == other.nodes && one.type == other.type
        case (.resource(let one), .resource(let other)): return one == other
        // Compared when they are used: what a component or instance of the type supplies is always checked.
        case (.component, .component), (.instance, .instance): return true
        default: return false
        }
    }

    /// An instance of an instance type, its items supplied from outside.
    func evaluate(_ type: TypeClosure, _ supply: Supply, depth: Int) throws(ComponentError) -> Int {
        guard depth < Limits.nesting else { throw self.unsupported("instances nest deeper than \(Limits.nesting)") }
        try self.spend(Limits.workOfInstance)
        let scope = self.scopes.count
        self.scopes.append(Scope(parent: type.scope, mark: type.mark, componentInstance: nil))
        for declaration in type.syntax.declarations {
            try self.spend(Limits.workOfDefinition)
            switch declaration.kind {
            case .coreType(let syntax): try self.coreType(syntax, in: scope)
            case .type(let syntax):
                let type = try self.type(syntax, in: scope)
                self.scopes[scope].types.append(type)
            case .alias(let alias): try self.declaredAlias(alias, in: scope)
            case .import(let syntax):
                let item = try self.supply(syntax, supply, in: scope, depth: depth)
                try self.addImport(syntax.name, item, in: scope)
            case .export(let syntax):
                let item = try self.supply(syntax, supply, in: scope, depth: depth)
                try self.addExport(syntax.name, item, in: scope, "instance type")
            }
        }
        return self.addInstance(self.scopes[scope].exports)
    }

    private func declaredAlias(_ alias: AliasSyntax, in scope: Int) throws(ComponentError) {
        switch alias {
        case .export(.type, _, _), .export(.value, _, _), .export(.instance, _, _), .outer(.type, _, _),
            .outer(.core(.type), _, _):
            try self.alias(alias, in: scope)
        default:
            throw self.invalid("types can alias only types, and values and instances that they declare")
        }
    }

    private func supply(_ syntax: ExternSyntax, _ supply: Supply, in scope: Int, depth: Int)
        throws(ComponentError) -> Item
    {
        let name = syntax.name.text
        try self.spend(Limits.workOfExport)
        switch supply {
        case .instance(let instance):
            guard let item = self.instances[instance].items[name] else {
                throw self.invalid("an instance has no export '\(name)', which is wanted of it")
            }
            return try self.match(item, syntax.type, in: scope, name: name, depth: depth)
        case .host(let interface, let path, let importer):
            if !path.isEmpty { try self.spend(Limits.work(ofText: path) + Limits.work(ofText: name)) }
            switch syntax.type {
            case .function(let index):
                let type = try self.functionType(index, in: scope)
                return .function(
                    self.addFunction(type, .imported(interface: interface, name: path + name, by: importer)))
            case .typeEqual(let index): return .type(try self.lookUp(self.scopes[scope].types, index, "type"))
            case .typeResource:
                return .type(.resource(try self.addHostResource(interface, path + name)))
            case .instance(let index):
                let type = try self.instanceType(index, in: scope)
                let nested = Supply.host(interface: interface, path: "\(path)\(name)/", by: importer)
                return .instance(try self.evaluate(type, nested, depth: depth + 1))
            case .value, .valueEqual, .component, .coreModule:
                throw self.unsupported("the host supplies only functions and types: '\(name)' of '\(interface)'")
            }
        }
    }
}
