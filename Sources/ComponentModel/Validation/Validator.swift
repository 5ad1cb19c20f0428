/// Validates a component: computes the type of each definition once, from the syntax alone, whether or not anybody
/// instantiates it (Explainer.md; Binary.md, notes on validation).
///
/// Extensions hold the parts: definitions, names, types, core types, canonical functions.
final class Validator {
    let bytes: UnsafeRawBufferPointer
    let arena: TypeArena
    /// The scopes around the definition at work, the innermost last.
    private(set) var scopes: [ComponentScope] = []
    /// Core modules of the file, by where they start.
    private(set) var modules: [Int: CoreModuleSummary] = [:]

    private(set) var moduleRanges: [Range<Int>] = []

    /// - Parameter arena: that of other components, whose types this one's are compared with.
    init(_ bytes: UnsafeRawBufferPointer, arena: TypeArena = TypeArena()) {
        self.bytes = bytes
        self.arena = arena
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
        try self.checkAllUsed(scope)
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
        case .start(let start): try self.start(start, in: scope)
        case .value(let value): try self.value(value, in: scope)
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
        var free = TypeArena.FreeVariables()
        for (_, entity) in scope.imports.all { try self.arena.collectFree(entity, &free) }
        for variable in scope.definedVariables where free.variables.contains(variable) {
            let isValue = scope.values.contains { $0.variable == variable }
            throw self.invalid("local \(isValue ? "value" : "resource type") found in imports")
        }
        shape.importedVariables = scope.importedVariables.filter { free.variables.contains($0.variable) }

        free = TypeArena.FreeVariables()
        for (_, entity) in scope.exports.all { try self.arena.collectFree(entity, &free) }
        let defined = scope.definedVariables.filter { free.variables.contains($0) }
        shape.definedVariables = try self.arena.bind(defined, in: scope.exports)
        guard shape.definedVariables.count == defined.count else {
            throw self.invalid("local resource type found in export but not exported itself")
        }
        return try self.arena.add(.component(shape))
    }

    /// The type of an instance type all of whose declarations are known.
    func finishInstanceType(_ scope: ComponentScope) throws(ComponentError) -> TypeID {
        var shape = InstanceShape(exports: scope.exports)
        var free = TypeArena.FreeVariables()
        for (_, entity) in scope.exports.all { try self.arena.collectFree(entity, &free) }
        let defined = scope.definedVariables.filter { free.variables.contains($0) }
        shape.definedVariables = try self.arena.bind(defined, in: scope.exports)
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
            shape.imports, shape.importedVariables, with: supply, what: "import")
        for bound in shape.definedVariables {
            try self.arena.spend(Limits.workOfVariable)
            let fresh = self.arena.newVariable()
            substitution.variables[bound.variable] = fresh
            scope.definedVariables.append(fresh)
        }
        var instance = InstanceShape(exports: shape.exports)
        _ = try self.arena.substitute(&instance.exports, substitution)
        return try self.arena.add(.instance(instance))
    }

    private func bag(_ exports: [ExportSyntax], in scope: ComponentScope) throws(ComponentError) -> TypeID {
        var instance = InstanceShape()
        var keys: [CoreName: String] = [:]
        // Nothing here has a name of its own, so that there is nothing that methods could be named after.
        let names = ComponentScope.ResourceNames()
        for export in exports {
            try self.arena.spend()
            let name = export.name.text
            let entity = try self.entity(export.item, in: scope)
            if case .value(let type, _) = entity { try self.checkExportable(value: type) }
            try self.checkName(export.name, export.attributes, entity, &keys, names, what: "export")
            instance.exports.add(name, entity)
        }
        return try self.arena.add(.instance(instance))
    }

    /// What an index stands for; types keep their names, values are used up.
    func entity(_ item: SortIndex, in scope: ComponentScope) throws(ComponentError) -> Entity {
        switch item.sort {
        case .core: return .module(try self.lookUp(scope.coreModules, item.index, "module"))
        case .function: return .function(try self.lookUp(scope.functions, item.index, "function"))
        case .value:
            let value = try self.use(value: item.index, in: scope)
            return .value(value.type, value.variable)
        case .type:
            let type = try self.lookUp(scope.types, item.index, "type")
            return .type(created: type, referenced: type)
        case .component: return .component(try self.lookUp(scope.components, item.index, "component"))
        case .instance: return .instance(try self.lookUp(scope.instances, item.index, "instance"))
        }
    }
}

extension ComponentScope {
    /// - Parameters:
    ///   - offset: of the definition that adds it.
    ///   - isUsed: whether a value is used up from the beginning, as that of an export is.
    func add(_ entity: Entity, at offset: Int, isUsed: Bool = false) {
        switch entity {
        case .module(let id): self.coreModules.append(id)
        case .function(let id): self.functions.append(id)
        case .type(let created, _): self.types.append(created)
        case .value(let type, let variable):
            self.values.append(Value(type: type, variable: variable, offset: offset, isUsed: isUsed))
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
