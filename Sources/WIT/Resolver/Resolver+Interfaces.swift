extension Resolver {
    /// Resolves an interface once; `location` is who needs it, for the message about a cycle.
    mutating func resolveInterface(_ id: InterfaceID, neededAt location: SourceLocation?) throws(WITError) {
        switch self.interfaceStates[id.index] {
        case .done:
            return
        case .active:
            let start = self.activeInterfaces.firstIndex(of: id) ?? 0
            let names = (self.activeInterfaces[start...] + [id]).map { self.model[$0].name ?? "(inline)" }
            throw WITError(
                .cycle, location ?? self.model[id].location,
                "interfaces use each other in a cycle: \(names.joined(separator: " → "))")
        case .waiting:
            break
        }
        self.interfaceStates[id.index] = .active
        self.activeInterfaces.append(id)
        let syntax = self.interfaceSyntax[id.index]
        let package = self.model[id].package
        let owner = TypeDefinition.Owner.interface(id)
        var scope = Scope()
        for case .use(let use) in syntax.items where try self.isEnabled(use.attributes, in: package) {
            for used in try self.resolveUse(use, in: package, into: &scope) {
                self.model.interfaces[id.index].uses.append(used)
            }
        }
        var declarations: [TypeDeclaration] = []
        for case .type(let declaration) in syntax.items where try self.isEnabled(declaration.attributes, in: package) {
            declarations.append(declaration)
        }
        let types = try self.declareTypes(declarations, owner: owner, into: &scope)
        self.model.interfaces[id.index].types = types
        for type in types { try self.resolveType(type, in: scope) }

        var functions: [ResolvedFunction] = []
        var names: [String: SourceLocation] = scope.locations
        for item in syntax.items {
            switch item {
            case .use:
                continue
            case .type(let declaration):
                guard case .resource(let members) = declaration.kind, let resource = scope.types[declaration.name.text],
                    try self.isEnabled(declaration.attributes, in: package)
                else { continue }
                functions += try self.resolveMembers(members, of: resource, in: scope, package)
            case .function(let function):
                guard try self.isEnabled(function.attributes, in: package) else { continue }
                try Self.claim(function.name, in: &names, of: "interface `\(syntax.name.text)`")
                functions.append(try self.resolveFunction(function, resource: nil, in: scope))
            }
        }
        self.model.interfaces[id.index].functions = functions
        self.interfaceScopes[id.index] = scope
        self.interfaceStates[id.index] = .done
        self.activeInterfaces.removeLast()
    }

    /// Brings the names of a `use` into `scope`.
    mutating func resolveUse(
        _ use: UseSyntax, in package: PackageID, into scope: inout Scope
    ) throws(WITError) -> [ResolvedInterface.Use] {
        let interface = try self.findInterface(use.path, in: package)
        try self.resolveInterface(interface, neededAt: use.path.location)
        var uses: [ResolvedInterface.Use] = []
        for entry in use.entries {
            guard let type = self.interfaceScopes[interface.index].types[entry.name.text] else {
                let known = self.interfaceScopes[interface.index].types.keys.sorted().map { "`\($0)`" }
                throw WITError(
                    .unresolved, entry.name.location,
                    "interface `\(use.path.name.text)` has no type `\(entry.name.text)`",
                    expected: known.isEmpty ? nil : "one of \(known.joined(separator: ", "))")
            }
            let name = entry.alias ?? entry.name
            try Self.claim(name, in: &scope.locations, of: "this scope")
            scope.types[name.text] = type
            uses.append(ResolvedInterface.Use(interface: interface, type: type, name: name.text))
        }
        return uses
    }

    /// Gives each declaration an identifier, so that types may refer to later ones.
    mutating func declareTypes(
        _ declarations: [TypeDeclaration], owner: TypeDefinition.Owner, into scope: inout Scope
    ) throws(WITError) -> [TypeID] {
        var ids: [TypeID] = []
        for declaration in declarations {
            try Self.claim(declaration.name, in: &scope.locations, of: "this scope")
            let id = TypeID(index: self.model.types.count)
            self.model.types.append(
                TypeDefinition(
                    name: declaration.name.text, owner: owner, location: declaration.name.location,
                    attributes: declaration.attributes, kind: .resource))
            scope.types[declaration.name.text] = id
            scope.declarations[id] = declaration
            ids.append(id)
        }
        return ids
    }

    private mutating func resolveMembers(
        _ members: [FunctionSyntax], of resource: TypeID, in scope: Scope, _ package: PackageID
    ) throws(WITError) -> [ResolvedFunction] {
        var functions: [ResolvedFunction] = []
        var names: [String: SourceLocation] = [:]
        for member in members where try self.isEnabled(member.attributes, in: package) {
            try Self.claim(member.name, in: &names, of: "resource `\(self.model[resource].name)`")
            functions.append(try self.resolveFunction(member, resource: resource, in: scope))
        }
        return functions
    }

    mutating func resolveFunction(
        _ syntax: FunctionSyntax, resource: TypeID?, in scope: Scope
    ) throws(WITError) -> ResolvedFunction {
        var parameters: [ResolvedFunction.Parameter] = []
        var names: [String: SourceLocation] = [:]
        var kind = ResolvedFunction.Kind.free
        var name = syntax.name.text
        if let resource {
            let resourceName = self.model[resource].name
            switch syntax.kind {
            case .free, .method:
                kind = .method(resource)
                name = "[method]\(resourceName).\(name)"
                parameters.append(ResolvedFunction.Parameter(name: "self", type: .borrow(resource)))
                names["self"] = syntax.name.location
            case .static:
                kind = .static(resource)
                name = "[static]\(resourceName).\(name)"
            case .constructor:
                kind = .constructor(resource)
                name = "[constructor]\(resourceName)"
            }
        }
        for parameter in syntax.parameters {
            try Self.claim(parameter.name, in: &names, of: "the parameters of `\(syntax.name.text)`")
            parameters.append(
                ResolvedFunction.Parameter(
                    name: parameter.name.text, type: try self.resolve(parameter.type, in: scope)))
        }
        var result: WITType?
        if let type = syntax.result {
            let resolved = try self.resolve(type, in: scope)
            guard !self.containsBorrow(resolved) else {
                throw WITError(
                    .type, type.location, "a result contains `borrow`",
                    expected: "an owned handle: `\(self.ownHint(type))`")
            }
            result = resolved
        }
        if case .constructor(let resource) = kind {
            result = try self.constructorResult(result, of: resource, syntax)
        }
        return ResolvedFunction(
            name: name, shortName: syntax.name.text, kind: kind, isAsync: syntax.isAsync, parameters: parameters,
            result: result, location: syntax.name.location, attributes: syntax.attributes)
    }

    private func ownHint(_ type: TypeSyntax) -> String {
        if case .borrow(let name) = type.kind { return name.text }
        return "the resource's name"
    }

    /// A constructor returns its resource, or a `result` of it where that is written.
    private func constructorResult(
        _ result: WITType?, of resource: TypeID, _ syntax: FunctionSyntax
    ) throws(WITError) -> WITType {
        guard let result, let written = syntax.result else { return .own(resource) }
        if case .result(.own(let success)?, _) = self.model.expanded(result),
            self.model.definition(behind: success) == resource
        {
            return result
        }
        let name = self.model[resource].name
        throw WITError(
            .type, written.location, "a constructor returns something else than its resource",
            expected: "no result, or `result<\(name)>` or `result<\(name), …>`")
    }
}
