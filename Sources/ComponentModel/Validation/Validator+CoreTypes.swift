/// Core types, module types and core instances.
extension Validator {
    func coreType(_ syntax: CoreTypeSyntax, in scope: ComponentScope) throws(ComponentError) {
        switch syntax {
        case .group(let group):
            let first = scope.coreTypes.count
            let number = try self.add(group, first: first) { (index) throws(ComponentError) -> Int in
                try self.coreType(UInt32(clamping: index), in: scope)
            }
            for place in group.indices { scope.coreTypes.append(.type(number + place)) }
        case .module(let declarations):
            scope.coreTypes.append(.module(try self.moduleType(declarations)))
        }
    }

    private func add(_ group: [CoreSubtype], first: Int, _ resolve: (Int) throws(ComponentError) -> Int)
        throws(ComponentError) -> Int
    {
        try self.arena.spend(group.count)
        let store = self.arena.coreTypes
        let number = try store.add(group, first: first, resolve: resolve)
        for type in number..<(number + group.count) {
            for parent in store.types[type].supertypes { try self.checkSupertype(parent, of: type) }
        }
        return number
    }

    /// What a core type declares to be its supertype must come before it, allow that, and look like it.
    private func checkSupertype(_ parent: Int, of type: Int) throws(ComponentError) {
        let store = self.arena.coreTypes
        guard parent < type else { throw self.invalid("supertypes must be defined before subtypes") }
        guard !store.types[parent].isFinal else { throw self.invalid("sub type cannot have a final super type") }
        guard store.matches(type, declaredSupertype: parent) else {
            throw self.invalid(
                "sub type must match super type: functions take what it takes and return what it returns, "
                    + "structures begin with its fields, arrays have its element")
        }
        guard store.depth(type) <= Limits.coreSubtypeDepth else {
            throw self.invalid(
                "sub type hierarchy too deep: a core type has more than \(Limits.coreSubtypeDepth) supertypes")
        }
    }

    /// The number of a core type that is no module type.
    func coreType(_ index: UInt32, in scope: ComponentScope) throws(ComponentError) -> Int {
        guard case .type(let number) = try self.lookUp(scope.coreTypes, index, "type") else {
            throw self.invalid("core type index \(index) is a module type")
        }
        return number
    }

    // MARK: Module types

    private func moduleType(_ declarations: [ModuleDeclaration]) throws(ComponentError) -> ModuleID {
        let start = self.arena.offset
        var types: [Int] = []
        var shape = ModuleShape()
        func resolve(_ index: Int) throws(ComponentError) -> Int {
            guard types.indices.contains(index) else {
                throw self.invalid("unknown type \(index): type index out of bounds")
            }
            return types[index]
        }
        for declaration in declarations {
            self.arena.offset = declaration.offset
            switch declaration.kind {
            case .type(let group):
                let number = try self.add(group, first: types.count, resolve)
                for place in group.indices { types.append(number + place) }
            case .outerType(let count, let index):
                types.append(try self.outerType(count: count, index: index, own: types))
            case .import(let module, let name, let type):
                let type = try self.resolved(type, resolve)
                shape.imports.append(.init(module: module, name: name, type: type))
            case .export(let name, let type):
                let type = try self.resolved(type, resolve)
                guard shape.exports.add(name, type) else {
                    throw self.invalid("export name `\(name)` already defined")
                }
            }
        }
        try self.checkUnique(shape.imports)
        self.arena.offset = start
        return self.arena.add(shape)
    }

    /// `count` 0 is the module type itself, 1 the scope around it.
    private func outerType(count: UInt32, index: UInt32, own: [Int]) throws(ComponentError) -> Int {
        if count == 0 { return try self.lookUp(own, index, "type") }
        guard count <= self.scopes.count else { throw self.invalid("invalid outer alias count of \(count)") }
        return try self.coreType(index, in: self.scopes[self.scopes.count - Int(count)])
    }

    private func resolved(_ type: CoreEntityType, _ resolve: (Int) throws(ComponentError) -> Int)
        throws(ComponentError) -> CoreEntityType
    {
        func function(_ index: Int) throws(ComponentError) -> Int {
            let number = try resolve(index)
            guard self.arena.coreTypes.isFunction(number) else {
                throw self.invalid("type index \(index) is not a function type")
            }
            return number
        }
        switch type {
        case .function(let index): return .function(try function(index))
        case .tag(let index): return .tag(try function(index))
        case .table(let table):
            try self.check(table.limits, bits: table.limits.addressType.bitCount, "table")
            return .table(CoreTableType(element: try table.element.mapped(resolve), limits: table.limits))
        case .memory(let memory):
            guard memory.pageSize == 0 || memory.pageSize == 16 else { throw self.invalid("invalid custom page size") }
            try self.check(
                memory.limits, bits: memory.limits.addressType.bitCount - Int(memory.pageSize), "memory")
            return type
        case .global(let global):
            return .global(
                CoreGlobalType(
                    value: try global.value.mapped(resolve), isMutable: global.isMutable, isShared: global.isShared))
        }
    }

    /// `bits` says how many elements or pages there can be.
    private func check(_ limits: CoreLimits, bits: Int, _ what: String) throws(ComponentError) {
        if let maximum = limits.maximum, maximum < limits.minimum {
            throw self.invalid("size minimum must not be greater than maximum")
        }
        guard !limits.isShared || limits.maximum != nil else {
            throw self.invalid("shared \(what) must have maximum size")
        }
        guard bits < 64 else { return }
        let bound: UInt64 = what == "memory" ? 1 << UInt64(bits) : UInt64(UInt32.max)
        guard max(limits.minimum, limits.maximum ?? 0) <= bound else {
            throw self.invalid("\(what) size must be at most \(bound) \(what == "memory" ? "pages" : "elements")")
        }
    }

    /// Two-level names become one name of a component, and must differ as such.
    func checkUnique(_ imports: [CoreModuleSummary.Import]) throws(ComponentError) {
        guard imports.count > 1 else { return }
        var names = Set<CoreImportKey>(minimumCapacity: imports.count)
        for item in imports where !names.insert(CoreImportKey(module: item.module, name: item.name)).inserted {
            throw self.invalid("duplicate import name `\(item.module):\(item.name)`")
        }
    }

    // MARK: Core instances

    func coreInstance(_ syntax: CoreInstanceSyntax, in scope: ComponentScope)
        throws(ComponentError) -> ComponentScope.CoreInstance
    {
        switch syntax {
        case .instantiate(let index, let arguments):
            let module = try self.lookUp(scope.coreModules, index, "module")
            try self.instantiate(module, arguments, in: scope)
            return .instantiated(module)
        case .exports(let exports):
            var types: [CoreName: CoreEntityType] = [:]
            types.reserveCapacity(exports.count)
            for export in exports {
                let type = try self.coreEntity(export.sort, export.index, in: scope)
                guard types.updateValue(type, forKey: CoreName(export.name)) == nil else {
                    throw self.invalid("export name `\(export.name)` already defined")
                }
            }
            return .exports(types)
        }
    }

    private func instantiate(
        _ module: ModuleID, _ arguments: [(name: String, instance: UInt32)], in scope: ComponentScope
    ) throws(ComponentError) {
        var supply: [CoreName: ComponentScope.CoreInstance] = [:]
        for argument in arguments {
            let instance = try self.lookUp(scope.coreInstances, argument.instance, "core instance")
            guard supply.updateValue(instance, forKey: CoreName(argument.name)) == nil else {
                throw self.invalid("duplicate module instantiation argument named `\(argument.name)`")
            }
        }
        let imports = self.arena.module(module).imports
        try self.arena.spend(imports.count)
        let subtyping = self.subtyping
        for item in imports {
            guard let instance = supply[CoreName(item.module)] else {
                throw self.invalid("missing module instantiation argument named `\(item.module)`")
            }
            guard let type = self.export(item.name, of: instance) else {
                throw self.invalid(
                    "module instantiation argument `\(item.module)` does not export an item named `\(item.name)`")
            }
            do throws(ComponentError) {
                try subtyping.check(type, item.type)
            } catch {
                throw ComponentError(
                    error.kind,
                    "type mismatch for export `\(item.name)` of module instantiation argument `\(item.module)`: "
                        + error.message, offset: error.offset)
            }
        }
    }

    func export(_ name: String, of instance: ComponentScope.CoreInstance) -> CoreEntityType? {
        let name = CoreName(name)
        return switch instance {
        case .instantiated(let module): self.arena.module(module).exports.type(of: name)
        case .exports(let types): types[name]
        }
    }

    private func coreEntity(_ sort: CoreSort, _ index: UInt32, in scope: ComponentScope)
        throws(ComponentError) -> CoreEntityType
    {
        switch sort {
        case .function: return .function(try self.lookUp(scope.coreFunctions, index, "function"))
        case .table: return .table(try self.lookUp(scope.coreTables, index, "table"))
        case .memory: return .memory(try self.lookUp(scope.coreMemories, index, "memory"))
        case .global: return .global(try self.lookUp(scope.coreGlobals, index, "global"))
        case .tag: return .tag(try self.lookUp(scope.coreTags, index, "tag"))
        case .type, .module, .instance: throw self.invalid("a core instance cannot export a core \(sort)")
        }
    }
}
