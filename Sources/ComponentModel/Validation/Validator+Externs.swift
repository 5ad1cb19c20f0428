/// Imports, exports and the declarations of both.
extension Validator {
    enum Direction {
        case `import`
        case export

        var name: String { self == .import ? "import" : "export" }
    }

    func `import`(_ syntax: ExternSyntax, in scope: ComponentScope) throws(ComponentError) {
        let entity = try self.entity(syntax.type, in: scope)
        if case .value(_, let variable) = entity, syntax.type.isAnyValue {
            scope.importedVariables.append(BoundVariable(variable: variable, path: [syntax.name.text]))
        }
        try self.add(entity, syntax.name, syntax.attributes, .import, in: scope)
    }

    /// An export declared in a type.
    func declareExport(_ syntax: ExternSyntax, in scope: ComponentScope) throws(ComponentError) {
        let entity = try self.entity(syntax.type, in: scope)
        if case .value(_, let variable) = entity, syntax.type.isAnyValue { scope.definedVariables.append(variable) }
        try self.add(entity, syntax.name, syntax.attributes, .export, in: scope)
    }

    func export(_ syntax: ExportSyntax, in scope: ComponentScope) throws(ComponentError) {
        var entity = try self.entity(syntax.item, in: scope)
        if case .type(_, let referenced) = entity {
            entity = .type(created: try self.alias(referenced), referenced: referenced)
        }
        if let type = syntax.type {
            entity = try self.ascribe(type, to: entity, in: scope)
            if case .value(_, let variable) = entity, type.isAnyValue { scope.definedVariables.append(variable) }
        }
        try self.add(entity, syntax.name, syntax.attributes, .export, in: scope)
    }

    /// What an import or export of a type is.
    private func entity(_ type: ExternTypeSyntax, in scope: ComponentScope) throws(ComponentError) -> Entity {
        switch type {
        case .coreModule(let index):
            guard case .module(let module) = try self.lookUp(scope.coreTypes, index, "type") else {
                throw self.invalid("core type index \(index) is not a module type")
            }
            return .module(module)
        case .function(let index): return .function(try self.functionType(index, in: scope))
        case .typeEqual(let index):
            let referenced = try self.lookUp(scope.types, index, "type")
            return .type(created: try self.alias(referenced), referenced: referenced)
        case .typeResource:
            let resource = try self.arena.add(.resource(self.arena.newVariable()))
            return .type(created: resource, referenced: resource)
        case .value(let type): return .value(try self.value(type, in: scope), self.arena.newVariable())
        case .valueEqual(let index):
            let value = try self.lookUp(scope.values, index, "value")
            return .value(value.type, value.variable)
        case .component(let index):
            let type = try self.lookUp(scope.types, index, "type")
            guard case .component = self.arena[type].definition else {
                throw self.invalid("type index \(index) is not a component type")
            }
            return .component(type)
        case .instance(let index):
            let type = try self.lookUp(scope.types, index, "type")
            guard case .instance = self.arena[type].definition else {
                throw self.invalid("type index \(index) is not an instance type")
            }
            return .instance(type)
        }
    }

    /// A type of its own with the same structure.
    private func alias(_ type: TypeID) throws(ComponentError) -> TypeID {
        try self.arena.spend(Limits.workOfType)
        return self.arena.alias(type)
    }

    /// The type that an export gets in the place of its own, of which it must be a supertype.
    private func ascribe(_ type: ExternTypeSyntax, to actual: Entity, in scope: ComponentScope)
        throws(ComponentError) -> Entity
    {
        let ascribed = try self.entity(type, in: scope)
        do throws(ComponentError) {
            switch (actual, ascribed) {
            case (.type(let created, _), .type(_, let resource)) where type.isFreshResource:
                guard self.arena.resource(created) != nil else {
                    throw self.invalid("expected resource, found \(self.arena[created].definition.name)")
                }
                // Outside it is a resource type of its own.
                _ = resource
            // Outside it may be any value of that type.
            case (.value(let actual, _), .value(let wanted, _)) where type.isAnyValue:
                try self.subtyping.check(actual, wanted)
            case (.instance(let one), .instance(let other)):
                // Resource types and values that the ascription declares stand for those of the instance.
                let shape = try self.arena.instance(other)
                _ = try self.subtyping.open(
                    shape.exports, shape.definedVariables, with: try self.arena.instance(one).exports,
                    what: "expected export")
            default: try self.subtyping.check(actual, ascribed)
            }
        } catch {
            guard error.kind == .invalid else { throw error }
            throw ComponentError(
                .invalid, "ascribed type of export is not compatible with item's type: \(error.message)",
                offset: error.offset)
        }
        return ascribed
    }

    private func add(
        _ entity: Entity, _ name: ExternName, _ attributes: ExternAttributes, _ direction: Direction,
        in scope: ComponentScope
    ) throws(ComponentError) {
        var entity = entity
        switch entity {
        case .instance(let type):
            entity = .instance(try self.introduce(instance: type, name.text, direction, in: scope))
        case .type(let created, let referenced):
            if let resource = self.arena.resource(created) {
                switch direction {
                case .import:
                    if created == referenced {
                        scope.importedVariables.append(BoundVariable(variable: resource, path: [name.text]))
                    }
                case .export:
                    if created == referenced { scope.definedVariables.append(resource) }
                }
            }
        case .value(let type, _):
            if direction == .export { try self.checkExportable(value: type) }
        case .module, .function, .component: break
        }
        // Not only when all is declared: what each declaration takes adds up.
        scope.nodes += self.arena.nodes(of: entity)
        try self.arena.checkSize(scope.nodes)
        scope.add(entity, at: self.arena.offset, isUsed: direction == .export)
        try self.register(name.text, entity, direction, in: scope)
        switch direction {
        case .import:
            try self.checkName(
                name, attributes, entity, &scope.importKeys, scope.importResourceNames, what: "import")
            scope.imports.add(name.text, entity)
        case .export:
            try self.checkName(
                name, attributes, entity, &scope.exportKeys, scope.exportResourceNames, what: "export")
            scope.exports.add(name.text, entity)
        }
    }

    /// An instance that is imported, or declared as an export, has the resource types and values anew that its type
    /// declares.
    private func introduce(
        instance type: TypeID, _ name: String, _ direction: Direction, in scope: ComponentScope
    ) throws(ComponentError) -> TypeID {
        let shape = try self.arena.instance(type)
        guard !shape.definedVariables.isEmpty else { return type }
        let substitution = Substitution()
        for bound in shape.definedVariables {
            try self.arena.spend(Limits.workOfVariable + bound.path.count)
            let fresh = self.arena.newVariable()
            substitution.variables[bound.variable] = fresh
            if direction == .import {
                scope.importedVariables.append(BoundVariable(variable: fresh, path: [name] + bound.path))
            } else {
                scope.definedVariables.append(fresh)
            }
        }
        var new = InstanceShape(exports: shape.exports)
        _ = try self.arena.substitute(&new.exports, substitution)
        return try self.arena.add(.instance(new))
    }

    // MARK: Named types

    /// Checks that what is imported or exported refers only to types that are imported or exported themselves, and
    /// makes the types that it names known.
    private func register(_ name: String?, _ entity: Entity, _ direction: Direction, in scope: ComponentScope)
        throws(ComponentError)
    {
        if let name, case .type(let created, _) = entity, self.arena.resource(created) != nil {
            switch direction {
            case .import: scope.importResourceNames.register(name, created)
            case .export: scope.exportResourceNames.register(name, created)
            }
        }
        // Instance types are checked where they are used.
        guard scope.kind != .instanceType else { return }
        guard try self.registerTypes(of: entity, direction, in: scope) else {
            throw self.invalid(
                "\(entity.name) not valid to be used as \(direction.name): it refers to a type that has no name "
                    + "outside, because it is not itself \(direction == .import ? "imported" : "exported")")
        }
    }

    private func registerTypes(of entity: Entity, _ direction: Direction, in scope: ComponentScope)
        throws(ComponentError) -> Bool
    {
        try self.arena.spend()
        switch entity {
        case .type(let created, let referenced):
            guard try self.isNamed(referenced, direction, in: scope) else { return false }
            if direction == .import { scope.importedTypes.insert(created) }
            scope.exportedTypes.insert(created)
            return true
        case .instance(let type):
            for (_, export) in try self.arena.instance(type).exports.all {
                guard try self.registerTypes(of: export, direction, in: scope) else { return false }
            }
            return true
        case .function(let type): return try self.isNamed(type, direction, in: scope)
        case .value(let type, _): return try self.areNamed([type], direction, in: scope)
        case .component, .module: return true
        }
    }

    /// Whether everything that the type refers to has a name, or needs none.
    private func isNamed(_ type: TypeID, _ direction: Direction, in scope: ComponentScope)
        throws(ComponentError) -> Bool
    {
        try self.arena.spend()
        switch self.arena[type].definition {
        // Component types were checked when they were made.
        case .resource, .component: return true
        case .value(.own(let resource)), .value(.borrow(let resource)):
            return scope.hasName(resource, direction == .import)
        case .value(let type): return try self.areNamed(type.parts, direction, in: scope)
        case .function(let shape):
            let results = shape.result.map { [$0] } ?? []
            return try self.areNamed(shape.parameters.map(\.type) + results, direction, in: scope)
        case .instance(let shape):
            try self.arena.spend(shape.exports.count)
            for (_, entity) in try self.arena.instance(type).exports.all {
                switch entity {
                case .module, .component: break
                case .value(let type, _): guard try self.areNamed([type], direction, in: scope) else { return false }
                case .function(let id), .instance(let id), .type(let id, _):
                    guard try self.isNamed(id, direction, in: scope) else { return false }
                }
            }
            return true
        }
    }

    private func areNamed(_ references: [ValueReference], _ direction: Direction, in scope: ComponentScope)
        throws(ComponentError) -> Bool
    {
        for case .type(let id) in references {
            if scope.hasName(id, direction == .import) { continue }
            guard case .value(let type) = self.arena[id].definition else { return false }
            switch type {
            case .record, .variant, .flags, .enumeration: return false
            default: guard try self.isNamed(id, direction, in: scope) else { return false }
            }
        }
        return true
    }
}

extension ComponentScope {
    fileprivate func hasName(_ type: TypeID, _ isImport: Bool) -> Bool {
        isImport ? self.importedTypes.contains(type) : self.exportedTypes.contains(type)
    }
}

extension ExternTypeSyntax {
    fileprivate var isAnyValue: Bool {
        guard case .value = self else { return false }
        return true
    }

    fileprivate var isFreshResource: Bool {
        guard case .typeResource = self else { return false }
        return true
    }
}
