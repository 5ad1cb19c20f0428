/// Whether one type may stand where another is wanted (Explainer.md, "Type Checking"). Value and function types must be
/// equal; instances may have more exports, components import less and export more.
struct Subtyping {
    let arena: TypeArena

    func invalid(_ message: String) -> ComponentError { self.arena.invalid(message) }

    /// Says where the mismatch was found.
    func within(_ place: @autoclosure () -> String, _ body: () throws(ComponentError) -> Void)
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
        case (.value(let type, let actual), .value(let wantedType, let wanted)):
            try self.check(type, wantedType)
            guard actual == wanted else { throw self.invalid("expected the value that it is bound to, found another") }
        default: throw self.invalid("expected \(wanted.name), found \(actual.name)")
        }
    }

    func checkType(_ actual: TypeID, _ wanted: TypeID) throws(ComponentError) {
        if actual == wanted { return }
        switch (self.arena[actual].definition, self.arena[wanted].definition) {
        case (.resource(let actual), .resource(let wanted)):
            guard actual == wanted else { throw self.invalid("resource types are not the same") }
        case (.value(let actual), .value(let wanted)): try self.check(actual, wanted)
        case (.function, .function): try self.checkFunction(actual, wanted)
        case (.instance(let one), .instance(let other)):
            // Resource types that either binds are the same if they stand in the same place.
            _ = try self.open(other.exports, other.definedVariables, with: one.exports, what: "export")
            _ = try self.open(one.exports, one.definedVariables, with: other.exports, what: "export")
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
            supplied.imports, supplied.importedVariables, with: shape.imports, what: "import")
        // … and what that exports then must do for the wanted one.
        var exports = supplied.exports
        _ = try self.arena.substitute(&exports, imports)
        _ = try self.open(shape.exports, shape.definedVariables, with: exports, what: "export")
    }

    /// Checks that `supply` has all of `members`, whose resource types and values `variables` become those that it has in
    /// their places. Superfluous ones are ignored.
    ///
    /// - Returns: which ones those are, and the names that the types of `members` go by outside.
    func open(_ members: Members, _ variables: [BoundVariable], with supply: Members, what: String)
        throws(ComponentError) -> Substitution
    {
        let substitution = Substitution()
        for bound in variables {
            try self.arena.spend(bound.path.count)
            // What is not found, or of another sort, is reported below.
            guard let found = try self.variable(at: bound.path, in: supply) else { continue }
            substitution.variables[bound.variable] = found
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
        return Substitution(substitution.variables, renames: renames)
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

    private func variable(at path: [String], in members: Members) throws(ComponentError) -> Variable? {
        var members = members
        for (index, name) in path.enumerated() {
            guard let entity = members[name] else { return nil }
            switch entity {
            case .type(let created, _) where index == path.count - 1: return self.arena.resource(created)
            case .value(_, let variable) where index == path.count - 1: return variable
            case .instance(let id): members = try self.arena.instance(id).exports
            default: return nil
            }
        }
        return nil
    }
}
