/// Validates a component: computes the type of each definition once, from the syntax alone, whether or not anybody
/// instantiates it (Explainer.md; Binary.md, notes on validation).
///
/// Extensions hold the parts: definitions, names, types, core types, canonical functions.
final class Validator {
    let bytes: UnsafeRawBufferPointer
    let arena = TypeArena()
    /// The scopes around the definition at work, the innermost last.
    private(set) var scopes: [ComponentScope] = []
    /// Core modules of the file, by where they start.
    private(set) var modules: [Int: CoreModuleSummary] = [:]

    private(set) var moduleRanges: [Range<Int>] = []

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Gives the component's type.
    @discardableResult
    func validate(_ syntax: ComponentSyntax) throws(ComponentError) -> TypeID {
        try self.component(syntax)
    }

    var subtyping: Subtyping { Subtyping(arena: self.arena) }

    func invalid(_ message: String) -> ComponentError { self.arena.invalid(message) }

    /// The element of an index space.
    func lookUp<Element>(_ space: [Element], _ index: UInt32, _ what: String) throws(ComponentError) -> Element {
        guard let element = space[checked: index] else { throw self.unknown(what, index) }
        return element
    }

    func unknown(_ what: String, _ index: UInt32) -> ComponentError {
        self.invalid("unknown \(what) \(index): \(what) index out of bounds")
    }

    func inScope(_ kind: ComponentScope.Kind, _ body: (ComponentScope) throws(ComponentError) -> Void)
        throws(ComponentError) -> ComponentScope
    {
        let scope = ComponentScope(kind)
        self.scopes.append(scope)
        defer { self.scopes.removeLast() }
        try body(scope)
        return scope
    }

    // MARK: Components

    /// The component's type.
    private func component(_ syntax: ComponentSyntax) throws(ComponentError) -> TypeID {
        let scope = try self.inScope(.component) { (scope) throws(ComponentError) in
            for definition in syntax.definitions {
                self.arena.offset = definition.offset
                try self.arena.spend()
                try self.define(definition.kind, in: scope)
            }
        }
        self.arena.offset = syntax.offset
        return try self.finish(scope)
    }

    private func define(_ definition: Definition.Kind, in scope: ComponentScope) throws(ComponentError) {
        switch definition {
        case .coreModule(let range): scope.coreModules.append(try self.coreModule(range))
        case .coreInstance(let instance): scope.coreInstances.append(try self.coreInstance(instance, in: scope))
        case .coreType(let type): try self.coreType(type, in: scope)
        case .component(let syntax): scope.components.append(try self.component(syntax))
        case .instance(let instance): scope.instances.append(try self.instance(instance, in: scope))
        case .alias(let alias): try self.alias(alias, in: scope)
        case .type(let type): scope.types.append(try self.type(type, in: scope))
        case .canon(let canon): try self.canon(canon, in: scope)
        case .import(let syntax): try self.import(syntax, in: scope)
        case .export(let syntax): try self.export(syntax, in: scope)
        }
    }

    private func coreModule(_ range: Range<Int>) throws(ComponentError) -> ModuleID {
        let summary = try CoreModuleScanner.scan(self.bytes, range: range, store: self.arena.coreTypes)
        self.modules[range.lowerBound] = summary
        self.moduleRanges.append(range)
        try self.checkUnique(summary.imports)
        return self.arena.add(ModuleShape(imports: summary.imports, exports: summary.exports))
    }

    /// The type of a component, or a component type, all of whose definitions are known.
    func finish(_ scope: ComponentScope) throws(ComponentError) -> TypeID {
        var shape = ComponentShape(imports: scope.imports, exports: scope.exports)
        shape.explicitResources = scope.explicitResources

        var free = TypeArena.FreeResources()
        for (_, entity) in scope.imports.all { try self.arena.collectFree(entity, &free) }
        for resource in scope.definedResources where free.variables.contains(resource) {
            throw self.invalid("local resource type found in imports")
        }
        shape.importedResources = scope.importedResources.filter { free.variables.contains($0.variable) }

        free = TypeArena.FreeResources()
        for (_, entity) in scope.exports.all { try self.arena.collectFree(entity, &free) }
        for resource in scope.definedResources where free.variables.contains(resource) {
            guard let path = scope.explicitResources[resource] else {
                throw self.invalid("local resource type found in export but not exported itself")
            }
            shape.definedResources.append(BoundResource(variable: resource, path: path))
        }
        return try self.arena.add(.component(shape))
    }

    /// The type of an instance type all of whose declarations are known.
    func finishInstanceType(_ scope: ComponentScope) throws(ComponentError) -> TypeID {
        var shape = InstanceShape(exports: scope.exports)
        shape.explicitResources = scope.explicitResources
        var free = TypeArena.FreeResources()
        for (_, entity) in scope.exports.all { try self.arena.collectFree(entity, &free) }
        for resource in scope.definedResources where free.variables.contains(resource) {
            guard let path = scope.explicitResources[resource] else { continue }
            shape.definedResources.append(BoundResource(variable: resource, path: path))
        }
        return try self.arena.add(.instance(shape))
    }

    // MARK: Instances

    private func instance(_ syntax: InstanceSyntax, in scope: ComponentScope) throws(ComponentError) -> TypeID {
        switch syntax {
        case .instantiate(let index, let arguments):
            let component = try self.lookUp(scope.components, index, "component")
            return try self.instantiate(component, arguments, in: scope)
        case .exports(let exports):
            return try self.bag(exports, in: scope)
        }
    }

    private func instantiate(
        _ component: TypeID, _ arguments: [(name: String, item: SortIndex)], in scope: ComponentScope
    ) throws(ComponentError) -> TypeID {
        var supply = Members()
        for argument in arguments {
            try self.arena.spend()
            guard supply[argument.name] == nil else {
                throw self.invalid(
                    "instantiation argument `\(argument.name)` conflicts with previous argument `\(argument.name)`")
            }
            supply.add(argument.name, try self.entity(argument.item, in: scope))
        }
        let shape = try self.arena.component(component)
        let substitution = try self.subtyping.open(
            shape.imports, shape.importedResources, with: supply, what: "import")
        for resource in shape.definedResources {
            let fresh = self.arena.newResource()
            substitution.resources[resource.variable] = fresh
            scope.definedResources.append(fresh)
        }
        var instance = InstanceShape(exports: shape.exports)
        _ = try self.arena.substitute(&instance.exports, substitution)
        instance.explicitResources = TypeArena.substitute(shape.explicitResources, substitution)
        return try self.arena.add(.instance(instance))
    }

    private func bag(_ exports: [ExportSyntax], in scope: ComponentScope) throws(ComponentError) -> TypeID {
        var instance = InstanceShape()
        var keys: [String: String] = [:]
        // Nothing here has a name of its own, so that there is nothing that methods could be named after.
        let names = ComponentScope.ResourceNames()
        for export in exports {
            try self.arena.spend()
            let name = export.name.text
            let entity = try self.entity(export.item, in: scope)
            switch entity {
            case .type(let created, _):
                if let resource = self.arena.resource(created) { instance.explicitResources[resource] = [name] }
            case .instance(let id):
                guard case .instance(let nested) = self.arena[id].definition else { break }
                for (resource, path) in nested.explicitResources {
                    instance.explicitResources[resource] = [name] + path
                }
            default: break
            }
            try self.checkName(export.name, export.attributes, entity, &keys, names, what: "export")
            instance.exports.add(name, entity)
        }
        return try self.arena.add(.instance(instance))
    }

    /// What an index stands for; types keep their names.
    func entity(_ item: SortIndex, in scope: ComponentScope) throws(ComponentError) -> Entity {
        switch item.sort {
        case .core: return .module(try self.lookUp(scope.coreModules, item.index, "module"))
        case .function: return .function(try self.lookUp(scope.functions, item.index, "function"))
        case .value:
            throw ComponentError(
                .unsupported,
                "values of components: the gated feature 🪙 of the component model, which Swirl does not have",
                offset: self.arena.offset)
        case .type:
            let type = try self.lookUp(scope.types, item.index, "type")
            return .type(created: type, referenced: type)
        case .component: return .component(try self.lookUp(scope.components, item.index, "component"))
        case .instance: return .instance(try self.lookUp(scope.instances, item.index, "instance"))
        }
    }

    // MARK: Aliases

    func alias(_ alias: AliasSyntax, in scope: ComponentScope) throws(ComponentError) {
        if scope.kind != .component {
            switch alias {
            case .export(.type, _, _), .export(.instance, _, _), .outer(.type, _, _), .outer(.core(.type), _, _): break
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
            scope.add(entity)
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
                var free = TypeArena.FreeResources()
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
        case (.module, .core(.module)), (.function, .function), (.type, .type), (.instance, .instance),
            (.component, .component):
            true
        default: false
        }
    }
}

extension ComponentScope {
    func add(_ entity: Entity) {
        switch entity {
        case .module(let id): self.coreModules.append(id)
        case .function(let id): self.functions.append(id)
        case .type(let created, _): self.types.append(created)
        case .instance(let id): self.instances.append(id)
        case .component(let id): self.components.append(id)
        }
    }

    func add(_ type: CoreEntityType) {
        switch type {
        case .function(let type): self.coreFunctions.append(type)
        case .table(let type): self.coreTables.append(type)
        case .memory(let type): self.coreMemories.append(type)
        case .global(let type): self.coreGlobals.append(type)
        case .tag(let type): self.coreTags.append(type)
        }
    }
}
