/// Resource types and values put in the place of others: what an instantiation supplies, what each instance has anew.
final class Substitution {
    var variables: [Variable: Variable]
    /// Types that others stand for, and what was worked out already.
    fileprivate var types: [TypeID: TypeID]
    private let hasRenames: Bool

    init(_ variables: [Variable: Variable] = [:], renames: [TypeID: TypeID] = [:]) {
        self.variables = variables
        self.types = renames
        self.hasRenames = !renames.isEmpty
    }

    fileprivate func mayChange(_ entry: TypeArena.Entry) -> Bool {
        self.hasRenames || (entry.mentionsVariable && !self.variables.isEmpty)
    }
}

extension TypeArena {
    func substitute(_ id: TypeID, _ substitution: Substitution) throws(ComponentError) -> TypeID {
        guard substitution.mayChange(self[id]) else { return id }
        if let known = substitution.types[id] { return known }
        try self.checkDepth(id)
        try self.spend()
        let result = try self.substituted(id, substitution)
        substitution.types[id] = result
        return result
    }

    private func substituted(_ id: TypeID, _ substitution: Substitution) throws(ComponentError) -> TypeID {
        switch self[id].definition {
        case .resource(let variable):
            guard let new = substitution.variables[variable] else { return id }
            return try self.add(.resource(new))
        case .value(let type):
            let new = try self.substitute(type, substitution)
            return new == type ? id : try self.add(.value(new))
        case .function(let shape):
            var parameters: [FunctionShape.Parameter] = []
            for parameter in shape.parameters {
                parameters.append(.init(name: parameter.name, type: try self.substitute(parameter.type, substitution)))
            }
            let result = try self.substitute(optional: shape.result, substitution)
            let new = FunctionShape(parameters: parameters, result: result, isAsync: shape.isAsync)
            return new == shape ? id : try self.add(.function(new))
        case .instance(var shape):
            guard try self.substitute(&shape.exports, substitution) else { return id }
            return try self.add(.instance(shape))
        case .component(var shape):
            let imports = try self.substitute(&shape.imports, substitution)
            let exports = try self.substitute(&shape.exports, substitution)
            guard imports || exports else { return id }
            return try self.add(.component(shape))
        }
    }

    /// Whether anything changed.
    func substitute(_ members: inout Members, _ substitution: Substitution) throws(ComponentError) -> Bool {
        try self.spend(members.count)
        return try members.replace { (entity) throws(ComponentError) in try self.substitute(entity, substitution) }
    }

    func substitute(_ entity: Entity, _ substitution: Substitution) throws(ComponentError) -> Entity {
        switch entity {
        case .module: entity
        case .function(let id): .function(try self.substitute(id, substitution))
        case .instance(let id): .instance(try self.substitute(id, substitution))
        case .component(let id): .component(try self.substitute(id, substitution))
        case .type(let created, let referenced):
            .type(
                created: try self.substitute(created, substitution),
                referenced: try self.substitute(referenced, substitution))
        case .value(let type, let variable):
            .value(try self.substitute(type, substitution), substitution.variables[variable] ?? variable)
        }
    }

    private func substitute(_ reference: ValueReference, _ substitution: Substitution)
        throws(ComponentError) -> ValueReference
    {
        guard case .type(let id) = reference else { return reference }
        return .type(try self.substitute(id, substitution))
    }

    private func substitute(optional reference: ValueReference?, _ substitution: Substitution)
        throws(ComponentError) -> ValueReference?
    {
        guard let reference else { return nil }
        return try self.substitute(reference, substitution)
    }

    private func substitute(_ type: DefinedValueType, _ substitution: Substitution)
        throws(ComponentError) -> DefinedValueType
    {
        switch type {
        case .primitive, .flags, .enumeration: return type
        case .record(let fields):
            var new: [DefinedValueType.Field] = []
            for field in fields {
                new.append(.init(name: field.name, type: try self.substitute(field.type, substitution)))
            }
            return .record(new)
        case .variant(let cases):
            var new: [DefinedValueType.Case] = []
            for `case` in cases {
                new.append(.init(name: `case`.name, type: try self.substitute(optional: `case`.type, substitution)))
            }
            return .variant(new)
        case .tuple(let types):
            var new: [ValueReference] = []
            for type in types { new.append(try self.substitute(type, substitution)) }
            return .tuple(new)
        case .list(let type): return .list(try self.substitute(type, substitution))
        case .fixedList(let type, let count): return .fixedList(try self.substitute(type, substitution), count)
        case .map(let key, let value):
            return .map(key: try self.substitute(key, substitution), value: try self.substitute(value, substitution))
        case .option(let type): return .option(try self.substitute(type, substitution))
        case .result(let ok, let error):
            return .result(
                ok: try self.substitute(optional: ok, substitution),
                error: try self.substitute(optional: error, substitution))
        case .own(let id): return .own(try self.substitute(id, substitution))
        case .borrow(let id): return .borrow(try self.substitute(id, substitution))
        case .stream(let type): return .stream(try self.substitute(optional: type, substitution))
        case .future(let type): return .future(try self.substitute(optional: type, substitution))
        }
    }

    // MARK: Free variables

    /// The resource types and values that types mention and do not bind themselves.
    struct FreeVariables {
        fileprivate(set) var variables: Set<Variable> = []
        fileprivate var visited: Set<TypeID> = []
    }

    func collectFree(_ entity: Entity, _ free: inout FreeVariables) throws(ComponentError) {
        switch entity {
        case .module: break
        case .function(let id), .instance(let id), .component(let id): try self.collectFree(id, &free)
        case .type(let created, _): try self.collectFree(created, &free)
        case .value(let type, let variable):
            free.variables.insert(variable)
            if case .type(let id) = type { try self.collectFree(id, &free) }
        }
    }

    func collectFree(_ id: TypeID, _ free: inout FreeVariables) throws(ComponentError) {
        guard self[id].mentionsVariable, free.visited.insert(id).inserted else { return }
        try self.checkDepth(id)
        try self.spend()
        switch self[id].definition {
        case .resource(let variable): free.variables.insert(variable)
        case .value(.own(let resource)), .value(.borrow(let resource)): try self.collectFree(resource, &free)
        case .value(let type):
            for case .type(let part) in type.parts { try self.collectFree(part, &free) }
        case .function(let shape):
            for case .type(let part) in shape.parameters.map(\.type) { try self.collectFree(part, &free) }
            if case .type(let part) = shape.result { try self.collectFree(part, &free) }
        case .instance(let shape):
            try self.spend(shape.exports.count)
            for (_, entity) in shape.exports.all { try self.collectFree(entity, &free) }
            for bound in shape.definedVariables { free.variables.remove(bound.variable) }
        case .component(let shape):
            try self.spend(shape.imports.count + shape.exports.count)
            for (_, entity) in shape.imports.all { try self.collectFree(entity, &free) }
            for (_, entity) in shape.exports.all { try self.collectFree(entity, &free) }
            for bound in shape.importedVariables { free.variables.remove(bound.variable) }
            for bound in shape.definedVariables { free.variables.remove(bound.variable) }
        }
    }

    // MARK: Bound variables

    /// Those of `variables` that `exports` have, with the names that lead to them.
    func bind(_ variables: [Variable], in exports: Members) throws(ComponentError) -> [BoundVariable] {
        var search = Search(missing: Set(variables))
        try self.find(&search, in: exports)
        return variables.compactMap { variable in
            search.paths[variable].map { BoundVariable(variable: variable, path: $0) }
        }
    }

    private struct Search {
        var missing: Set<Variable>
        var paths: [Variable: [String]] = [:]
        /// The names that lead to where the search is.
        var path: [String] = []
        /// What has been searched: its variables have their paths.
        var visited: Set<TypeID> = []
    }

    /// The last that is exported counts.
    private func find(_ search: inout Search, in exports: Members) throws(ComponentError) {
        for (name, entity) in exports.all.reversed() {
            guard !search.missing.isEmpty else { return }
            try self.spend()
            let found: Variable?
            switch entity {
            case .type(let created, _): found = self.resource(created)
            case .value(_, let variable): found = variable
            case .instance(let id):
                guard self[id].mentionsVariable, search.visited.insert(id).inserted else { continue }
                search.path.append(name)
                try self.find(&search, in: try self.instance(id).exports)
                search.path.removeLast()
                continue
            case .module, .function, .component: continue
            }
            guard let found, search.missing.remove(found) != nil else { continue }
            try self.spend(Limits.workOfVariable + search.path.count)
            search.paths[found] = search.path + [name]
        }
    }
}
