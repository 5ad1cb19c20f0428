extension Resolver {
    /// More flags than this have no representation since 2024.
    private static let maximumFlags = 32

    /// Resolves one definition of `scope`, and first those that it needs.
    mutating func resolveType(_ id: TypeID, in scope: Scope) throws(WITError) {
        guard let declaration = scope.declarations[id] else { return }
        switch self.typeStates[id] ?? .waiting {
        case .done:
            return
        case .active:
            throw WITError(
                .cycle, declaration.name.location, "type `\(declaration.name.text)` contains itself",
                expected: "a type without recursion")
        case .waiting:
            break
        }
        self.typeStates[id] = .active
        let name = declaration.name
        let kind: TypeDefinition.Kind
        switch declaration.kind {
        case .alias(let type): kind = .alias(try self.resolve(type, in: scope))
        case .record(let members): kind = .record(try self.resolveMembers(members, of: name, "fields", in: scope))
        case .variant(let members): kind = .variant(try self.resolveMembers(members, of: name, "cases", in: scope))
        case .enumeration(let members):
            kind = .enumeration(try self.resolveMembers(members, of: name, "cases", in: scope))
        case .flags(let members):
            let flags = try self.resolveMembers(members, of: name, "flags", in: scope)
            guard flags.count <= Self.maximumFlags else {
                throw WITError(
                    .type, name.location, "`\(name.text)` has \(flags.count) flags",
                    expected: "at most \(Self.maximumFlags)")
            }
            kind = .flags(flags)
        case .resource: kind = .resource
        }
        self.model.types[id.index].kind = kind
        self.typeStates[id] = .done
    }

    private mutating func resolveMembers(
        _ members: [TypeDeclaration.Member], of name: Name, _ what: String, in scope: Scope
    ) throws(WITError) -> [TypeDefinition.Member] {
        guard !members.isEmpty else {
            throw WITError(.type, name.location, "`\(name.text)` has no \(what)", expected: "at least one")
        }
        var names: [String: SourceLocation] = [:]
        var resolved: [TypeDefinition.Member] = []
        for member in members {
            try Self.claim(member.name, in: &names, of: "`\(name.text)`")
            var type: WITType?
            if let syntax = member.type { type = try self.resolve(syntax, in: scope) }
            resolved.append(
                TypeDefinition.Member(name: member.name.text, type: type, documentation: member.documentation))
        }
        return resolved
    }

    mutating func resolve(_ syntax: TypeSyntax, in scope: Scope) throws(WITError) -> WITType {
        switch syntax.kind {
        case .primitive(let primitive): return .primitive(primitive)
        case .named(let name):
            let id = try self.lookUp(name, syntax.location, in: scope)
            return self.isResource(id) ? .own(id) : .named(id)
        case .own(let name): return .own(try self.lookUpResource(name, in: scope))
        case .borrow(let name): return .borrow(try self.lookUpResource(name, in: scope))
        case .list(let element): return .list(try self.resolve(element, in: scope))
        case .fixedList(let element, let length): return .fixedList(try self.resolve(element, in: scope), length)
        case .map(let key, let value):
            let keyType = try self.resolve(key, in: scope)
            guard case .primitive(let primitive) = self.model.expanded(keyType),
                ![.f32, .f64, .errorContext].contains(primitive)
            else {
                throw WITError(
                    .type, key.location, "a map's key has this type", expected: "an integer, `bool`, `char` or `string`"
                )
            }
            return .map(keyType, try self.resolve(value, in: scope))
        case .option(let wrapped): return .option(try self.resolve(wrapped, in: scope))
        case .result(let success, let failure):
            return .result(
                try self.resolve(optional: success, in: scope), try self.resolve(optional: failure, in: scope))
        case .tuple(let elements):
            var types: [WITType] = []
            for element in elements { types.append(try self.resolve(element, in: scope)) }
            return .tuple(types)
        case .future(let payload): return .future(try self.resolve(optional: payload, in: scope))
        case .stream(let payload): return .stream(try self.resolve(optional: payload, in: scope))
        }
    }

    private mutating func resolve(optional syntax: TypeSyntax?, in scope: Scope) throws(WITError) -> WITType? {
        guard let syntax else { return nil }
        return try self.resolve(syntax, in: scope)
    }

    private mutating func lookUp(
        _ name: String, _ location: SourceLocation, in scope: Scope
    ) throws(WITError) -> TypeID {
        guard let id = scope.types[name] else {
            throw WITError(
                .unresolved, location, "there is no type `\(name)` here",
                expected: "a type defined in this scope or brought in by `use`")
        }
        if self.typeStates[id] == .active {
            throw WITError(
                .cycle, location, "type `\(name)` contains itself", expected: "a type without recursion")
        }
        try self.resolveType(id, in: scope)
        return id
    }

    private mutating func lookUpResource(_ name: Name, in scope: Scope) throws(WITError) -> TypeID {
        let id = try self.lookUp(name.text, name.location, in: scope)
        guard self.isResource(id) else {
            throw WITError(.type, name.location, "`\(name.text)` is no resource", expected: "the name of a resource")
        }
        return id
    }

    private func isResource(_ id: TypeID) -> Bool {
        if case .resource = self.model[self.model.definition(behind: id)].kind { return true }
        return false
    }

    /// Whether a borrowed handle is anywhere in the type.
    func containsBorrow(_ type: WITType) -> Bool {
        switch type {
        case .borrow: return true
        case .primitive, .own: return false
        case .list(let element), .fixedList(let element, _), .option(let element): return self.containsBorrow(element)
        case .map(let key, let value): return self.containsBorrow(key) || self.containsBorrow(value)
        case .result(let success, let failure):
            return [success, failure].compactMap { $0 }.contains { self.containsBorrow($0) }
        case .tuple(let elements): return elements.contains { self.containsBorrow($0) }
        case .future(let payload), .stream(let payload): return payload.map { self.containsBorrow($0) } ?? false
        case .named(let id):
            switch self.model[id].kind {
            case .alias(let target): return self.containsBorrow(target)
            case .record(let members), .variant(let members):
                return members.compactMap(\.type).contains { self.containsBorrow($0) }
            case .enumeration, .flags, .resource: return false
            }
        }
    }
}
