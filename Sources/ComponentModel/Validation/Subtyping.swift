/// Whether one type may stand where another is wanted (Explainer.md, "Type Checking"). Value and function types must be
/// equal; instances may have more exports, components import less and export more.
struct Subtyping {
    let arena: TypeArena

    private func invalid(_ message: String) -> ComponentError { self.arena.invalid(message) }

    /// Says where the mismatch was found.
    private func within(_ place: @autoclosure () -> String, _ body: () throws(ComponentError) -> Void)
        throws(ComponentError)
    {
        do throws(ComponentError) {
            try body()
        } catch {
            guard error.kind == .invalid, error.message.utf8.count < 2000 else { throw error }
            throw ComponentError(.invalid, "\(place()): \(error.message)", offset: error.offset)
        }
    }

    func check(_ actual: Entity, _ wanted: Entity) throws(ComponentError) {
        try self.arena.spend()
        switch (actual, wanted) {
        case (.module(let actual), .module(let wanted)): try self.check(actual, wanted)
        case (.function(let actual), .function(let wanted)): try self.checkFunction(actual, wanted)
        case (.instance(let actual), .instance(let wanted)): try self.checkInstance(actual, wanted)
        case (.component(let actual), .component(let wanted)): try self.checkComponent(actual, wanted)
        case (.type(_, let actual), .type(_, let wanted)): try self.checkType(actual, wanted)
        default: throw self.invalid("expected \(wanted.name), found \(actual.name)")
        }
    }

    private func checkType(_ actual: TypeID, _ wanted: TypeID) throws(ComponentError) {
        if actual == wanted { return }
        switch (self.arena[actual].definition, self.arena[wanted].definition) {
        case (.resource(let actual), .resource(let wanted)):
            guard actual == wanted else { throw self.invalid("resource types are not the same") }
        case (.value(let actual), .value(let wanted)): try self.check(actual, wanted)
        case (.function, .function): try self.checkFunction(actual, wanted)
        case (.instance(let one), .instance(let other)):
            // Resource types that either binds are the same if they stand in the same place.
            _ = try self.open(other.exports, other.definedResources, with: one.exports, what: "export")
            _ = try self.open(one.exports, one.definedResources, with: other.exports, what: "export")
        case (.component, .component):
            try self.checkComponent(actual, wanted)
            try self.checkComponent(wanted, actual)
        case (let actual, let wanted): throw self.invalid("expected \(wanted.name), found \(actual.name)")
        }
    }

    // MARK: Instances and components

    private func checkInstance(_ actual: TypeID, _ wanted: TypeID) throws(ComponentError) {
        if actual == wanted { return }
        let supplied = try self.arena.instance(actual)
        let shape = try self.arena.instance(wanted)
        for (name, entity) in shape.exports.all {
            guard let export = supplied.exports[name] else { throw self.invalid("missing expected export `\(name)`") }
            try self.within("type mismatch in instance export `\(name)`") { () throws(ComponentError) in
                try self.check(export, entity)
            }
        }
    }

    private func checkComponent(_ actual: TypeID, _ wanted: TypeID) throws(ComponentError) {
        if actual == wanted { return }
        let supplied = try self.arena.component(actual)
        let shape = try self.arena.component(wanted)
        // What the wanted component is given must do for the supplied one …
        let imports = try self.open(
            supplied.imports, supplied.importedResources, with: shape.imports, what: "import")
        // … and what that exports then must do for the wanted one.
        var exports = supplied.exports
        _ = try self.arena.substitute(&exports, imports)
        _ = try self.open(shape.exports, shape.definedResources, with: exports, what: "export")
    }

    /// Checks that `supply` has all of `members`, whose resource types `resources` become those that it has in their
    /// places. Superfluous ones are ignored.
    ///
    /// - Returns: which resource types those are, and the names that the types of `members` go by outside.
    func open(_ members: Members, _ resources: [BoundResource], with supply: Members, what: String)
        throws(ComponentError) -> Substitution
    {
        let substitution = Substitution()
        for resource in resources {
            // What is not found, or no resource, is reported below.
            guard let found = try self.resource(at: resource.path, in: supply) else { continue }
            substitution.resources[resource.variable] = found
        }
        var renames: [TypeID: TypeID] = [:]
        for (name, entity) in members.all {
            try self.arena.spend()
            guard let supplied = supply[name] else { throw self.invalid("missing \(what) named `\(name)`") }
            let wanted = try self.arena.substitute(entity, substitution)
            try self.within("type mismatch for \(what) `\(name)`") { () throws(ComponentError) in
                try self.check(supplied, wanted)
            }
            try self.collectRenames(entity, supplied, &renames)
        }
        return Substitution(substitution.resources, renames: renames)
    }

    private func collectRenames(_ entity: Entity, _ supplied: Entity, _ renames: inout [TypeID: TypeID])
        throws(ComponentError)
    {
        switch (entity, supplied) {
        case (.type(let created, _), .type(let actual, _)): renames[created] = actual
        case (.instance(let id), .instance(let actual)):
            let exports = try self.arena.instance(actual).exports
            for (name, entity) in try self.arena.instance(id).exports.all {
                try self.arena.spend()
                guard let export = exports[name] else { continue }
                try self.collectRenames(entity, export, &renames)
            }
        default: break
        }
    }

    func resource(at path: [String], in members: Members) throws(ComponentError) -> ResourceVariable? {
        var members = members
        for (index, name) in path.enumerated() {
            guard let entity = members[name] else { return nil }
            switch entity {
            case .type(let created, _) where index == path.count - 1: return self.arena.resource(created)
            case .instance(let id): members = try self.arena.instance(id).exports
            default: return nil
            }
        }
        return nil
    }

    // MARK: Functions and values

    private func checkFunction(_ actual: TypeID, _ wanted: TypeID) throws(ComponentError) {
        if actual == wanted { return }
        let supplied = try self.arena.function(actual)
        let shape = try self.arena.function(wanted)
        guard supplied.isAsync == shape.isAsync else {
            func name(_ shape: FunctionShape) -> String { shape.isAsync ? "async" : "sync" }
            throw self.invalid("expected \(name(shape)) function, found \(name(supplied)) function")
        }
        guard supplied.parameters.count == shape.parameters.count else {
            throw self.invalid("expected \(shape.parameters.count) parameters, found \(supplied.parameters.count)")
        }
        for (parameter, wanted) in zip(supplied.parameters, shape.parameters) {
            guard parameter.name == wanted.name else {
                throw self.invalid("expected parameter named `\(wanted.name)`, found `\(parameter.name)`")
            }
            try self.within("type mismatch in function parameter `\(wanted.name)`") { () throws(ComponentError) in
                try self.check(parameter.type, wanted.type)
            }
        }
        switch (supplied.result, shape.result) {
        case (nil, nil): break
        case (let result?, let wanted?):
            try self.within("type mismatch with result type") { () throws(ComponentError) in
                try self.check(result, wanted)
            }
        // The phrases that tools have, and suites look for, tell it the other way round.
        case (_?, nil):
            throw self.invalid("expected a result, found none: the function supplied has a result, none is wanted")
        case (nil, _?):
            throw self.invalid("expected no result, found one: the function supplied has no result, one is wanted")
        }
    }

    private func check(_ actual: ValueReference, _ wanted: ValueReference) throws(ComponentError) {
        if actual == wanted { return }
        try self.arena.spend()
        let actual = self.normalized(actual)
        let wanted = self.normalized(wanted)
        switch (actual, wanted) {
        case (.primitive(let actual), .primitive(let wanted)): try self.checkPrimitive(actual, wanted)
        case (.type(let actual), .type(let wanted)): try self.checkType(actual, wanted)
        case (.primitive(let actual), .type(let wanted)):
            throw self.invalid("expected \(self.name(wanted)), found \(actual)")
        case (.type(let actual), .primitive(let wanted)):
            throw self.invalid("expected \(wanted), found \(self.name(actual))")
        }
    }

    /// A definition of a primitive type is that type.
    private func normalized(_ reference: ValueReference) -> ValueReference {
        guard case .type(let id) = reference, case .value(.primitive(let type)) = self.arena[id].definition else {
            return reference
        }
        return .primitive(type)
    }

    private func name(_ id: TypeID) -> String {
        guard case .value(let type) = self.arena[id].definition else { return self.arena[id].definition.name }
        return type.name
    }

    private func checkPrimitive(_ actual: ValueType, _ wanted: ValueType) throws(ComponentError) {
        guard actual == wanted else {
            throw self.invalid("expected primitive `\(wanted)` found primitive `\(actual)`")
        }
    }

    private func check(_ actual: DefinedValueType, _ wanted: DefinedValueType) throws(ComponentError) {
        func parts(_ actual: ValueReference, _ wanted: ValueReference, _ place: String) throws(ComponentError) {
            try self.within("type mismatch in \(place)") { () throws(ComponentError) in
                try self.check(actual, wanted)
            }
        }
        switch (actual, wanted) {
        case (.primitive(let actual), .primitive(let wanted)): try self.checkPrimitive(actual, wanted)
        case (.record(let actual), .record(let wanted)): try self.check(actual, wanted)
        case (.variant(let actual), .variant(let wanted)): try self.check(actual, wanted)
        case (.tuple(let actual), .tuple(let wanted)):
            guard actual.count == wanted.count else {
                throw self.invalid("expected \(wanted.count) types, found \(actual.count)")
            }
            for (index, pair) in zip(actual, wanted).enumerated() {
                try parts(pair.0, pair.1, "tuple field \(index)")
            }
        case (.flags(let actual), .flags(let wanted)):
            guard actual == wanted else { throw self.invalid("mismatch in flags elements") }
        case (.enumeration(let actual), .enumeration(let wanted)):
            guard actual == wanted else { throw self.invalid("mismatch in enum elements") }
        case (.list(let actual), .list(let wanted)): try parts(actual, wanted, "list")
        case (.option(let actual), .option(let wanted)): try parts(actual, wanted, "option")
        case (.fixedList(let actual, let count), .fixedList(let wanted, let wantedCount)):
            guard count == wantedCount else {
                throw self.invalid("expected fixed-length list of \(wantedCount), found one of \(count)")
            }
            try parts(actual, wanted, "fixed-length list")
        case (.map(let key, let value), .map(let wantedKey, let wantedValue)):
            try parts(key, wantedKey, "map key")
            try parts(value, wantedValue, "map value")
        case (.result(let ok, let error), .result(let wantedOK, let wantedError)):
            try self.checkOptional(ok, wantedOK, "ok")
            try self.checkOptional(error, wantedError, "err")
        case (.own(let actual), .own(let wanted)), (.borrow(let actual), .borrow(let wanted)):
            guard self.arena.resource(actual) == self.arena.resource(wanted) else {
                throw self.invalid("resource types are not the same")
            }
        case (.stream(let actual), .stream(let wanted)), (.future(let actual), .future(let wanted)):
            switch (actual, wanted) {
            case (nil, nil): break
            case (let actual?, let wanted?): try parts(actual, wanted, "element")
            case (nil, _?): throw self.invalid("expected element type, but found none")
            case (_?, nil): throw self.invalid("expected element type to not be present")
            }
        case (.primitive(let actual), _): throw self.invalid("expected \(wanted.name), found \(actual)")
        default: throw self.invalid("expected \(wanted.name), found \(actual.name)")
        }
    }

    private func checkOptional(_ actual: ValueReference?, _ wanted: ValueReference?, _ what: String)
        throws(ComponentError)
    {
        switch (actual, wanted) {
        case (nil, nil): break
        case (let actual?, let wanted?):
            try self.within("type mismatch in \(what) variant") { () throws(ComponentError) in
                try self.check(actual, wanted)
            }
        case (nil, _?): throw self.invalid("expected \(what) type, but found none")
        case (_?, nil): throw self.invalid("expected \(what) type to not be present")
        }
    }

    private func check(_ actual: [DefinedValueType.Field], _ wanted: [DefinedValueType.Field]) throws(ComponentError) {
        guard actual.count == wanted.count else {
            throw self.invalid("expected \(wanted.count) fields, found \(actual.count)")
        }
        for (field, wanted) in zip(actual, wanted) {
            guard field.name == wanted.name else {
                throw self.invalid("expected field name `\(wanted.name)`, found `\(field.name)`")
            }
            try self.within("type mismatch in record field `\(wanted.name)`") { () throws(ComponentError) in
                try self.check(field.type, wanted.type)
            }
        }
    }

    private func check(_ actual: [DefinedValueType.Case], _ wanted: [DefinedValueType.Case]) throws(ComponentError) {
        guard actual.count == wanted.count else {
            throw self.invalid("expected \(wanted.count) cases, found \(actual.count)")
        }
        for (`case`, wanted) in zip(actual, wanted) {
            guard `case`.name == wanted.name else {
                throw self.invalid("expected case named `\(wanted.name)`, found `\(`case`.name)`")
            }
            switch (`case`.type, wanted.type) {
            case (nil, nil): break
            case (let type?, let wantedType?):
                try self.within("type mismatch in variant case `\(wanted.name)`") { () throws(ComponentError) in
                    try self.check(type, wantedType)
                }
            case (nil, _?): throw self.invalid("expected case `\(wanted.name)` to have a type, found none")
            case (_?, nil): throw self.invalid("expected case `\(wanted.name)` to have no type")
            }
        }
    }

    // MARK: Core modules

    private func check(_ actual: ModuleID, _ wanted: ModuleID) throws(ComponentError) {
        if actual == wanted { return }
        let supplied = self.arena.module(actual)
        let shape = self.arena.module(wanted)
        try self.arena.spend(supplied.imports.count + shape.imports.count + shape.exports.names.count)
        var given: [String: [String: CoreEntityType]] = [:]
        for item in shape.imports { given[item.module, default: [:]][item.name] = item.type }
        for item in supplied.imports {
            guard let type = given[item.module]?[item.name] else {
                throw self.invalid("missing expected import `\(item.module)::\(item.name)`")
            }
            try self.within("type mismatch in import `\(item.module)::\(item.name)`") { () throws(ComponentError) in
                try self.check(type, item.type)
            }
        }
        for name in shape.exports.names {
            guard let wanted = shape.exports.type(of: name) else { continue }
            guard let type = supplied.exports.type(of: name) else {
                throw self.invalid("missing expected export `\(name)`")
            }
            try self.within("type mismatch in export `\(name)`") { () throws(ComponentError) in
                try self.check(type, wanted)
            }
        }
    }

    func check(_ actual: CoreEntityType, _ wanted: CoreEntityType) throws(ComponentError) {
        let store = self.arena.coreTypes
        switch (actual, wanted) {
        case (.function(let actual), .function(let wanted)):
            guard store.isSubtype(actual, of: wanted) else {
                throw self.invalid("expected: \(store.text(wanted)), found: \(store.text(actual))")
            }
        case (.tag(let actual), .tag(let wanted)):
            guard actual == wanted else {
                throw self.invalid("expected tag type \(store.text(wanted)), found \(store.text(actual))")
            }
        case (.global(let actual), .global(let wanted)):
            guard actual.isMutable == wanted.isMutable else {
                throw self.invalid("global types differ in mutability")
            }
            guard actual.isShared == wanted.isShared else {
                throw self.invalid("global types differ in the shared flag")
            }
            let isMatch =
                wanted.isMutable ? actual.value == wanted.value : store.isSubtype(actual.value, of: wanted.value)
            guard isMatch else {
                throw self.invalid("expected global type \(wanted.value), found \(actual.value)")
            }
        case (.table(let actual), .table(let wanted)):
            guard actual.element == wanted.element else {
                throw self.invalid("expected table element type \(wanted.element), found \(actual.element)")
            }
            guard actual.limits.isShared == wanted.limits.isShared else {
                throw self.invalid("mismatch in the shared flag for tables")
            }
            guard actual.limits.matches(wanted.limits) else { throw self.invalid("mismatch in table limits") }
        case (.memory(let actual), .memory(let wanted)):
            guard actual.limits.isShared == wanted.limits.isShared else {
                throw self.invalid("mismatch in the shared flag for memories")
            }
            guard actual.limits.is64 == wanted.limits.is64 else {
                throw self.invalid("mismatch in index type used for memories")
            }
            guard actual.pageSize == wanted.pageSize else {
                throw self.invalid("mismatch in the page size for memories")
            }
            guard actual.limits.matches(wanted.limits) else { throw self.invalid("mismatch in memory limits") }
        default: throw self.invalid("expected \(wanted.sort.name), found \(actual.sort.name)")
        }
    }
}
