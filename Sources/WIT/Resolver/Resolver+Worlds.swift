extension Resolver {
    mutating func resolveWorld(_ id: WorldID, neededAt location: SourceLocation?) throws(WITError) {
        switch self.worldStates[id.index] {
        case .done:
            return
        case .active:
            throw WITError(
                .cycle, location ?? self.model[id].location,
                "world `\(self.model[id].name)` includes itself")
        case .waiting:
            break
        }
        self.worldStates[id.index] = .active
        let syntax = self.worldSyntax[id.index]
        let package = self.model[id].package
        var scope = Scope()
        var declarations: [TypeDeclaration] = []
        for item in syntax.items {
            switch item {
            case .use(let use):
                guard try self.isEnabled(use.attributes, in: package) else { continue }
                for used in try self.resolveUse(use, in: package, into: &scope) {
                    let item = ResolvedWorld.Item(
                        name: nil, kind: .interface(used.interface), location: syntax.name.location)
                    self.addImplicit(item, to: id)
                }
            case .type(let declaration):
                if try self.isEnabled(declaration.attributes, in: package) { declarations.append(declaration) }
            case .include, .extern:
                continue
            }
        }
        for type in try self.declareTypes(declarations, owner: .world(id), into: &scope) {
            try self.resolveType(type, in: scope)
            let definition = self.model[type]
            try self.add(
                ResolvedWorld.Item(name: definition.name, kind: .type(type), location: definition.location),
                to: id, isImport: true)
        }
        for item in syntax.items {
            switch item {
            case .extern(let extern):
                guard try self.isEnabled(extern.attributes, in: package) else { continue }
                let item = try self.resolveExtern(extern, in: scope, package)
                try self.add(item, to: id, isImport: extern.isImport)
            case .include(let path, let renames, let attributes):
                guard try self.isEnabled(attributes, in: package) else { continue }
                try self.include(path, renames, in: id)
            case .use, .type:
                continue
            }
        }
        self.worldStates[id.index] = .done
    }

    private mutating func resolveExtern(
        _ extern: ExternSyntax, in scope: Scope, _ package: PackageID
    ) throws(WITError) -> ResolvedWorld.Item {
        switch extern.kind {
        case .function(let syntax):
            let function = try self.resolveFunction(syntax, resource: nil, in: scope)
            return ResolvedWorld.Item(name: syntax.name.text, kind: .function(function), location: extern.location)
        case .inlineInterface(let syntax):
            let interface = self.declareInterface(syntax, name: nil, in: package)
            try self.resolveInterface(interface, neededAt: extern.location)
            return ResolvedWorld.Item(name: syntax.name.text, kind: .interface(interface), location: extern.location)
        case .path(let path):
            let interface = try self.findInterface(path, in: package)
            return ResolvedWorld.Item(name: nil, kind: .interface(interface), location: path.location)
        case .namedPath(let name, let path):
            let interface = try self.findInterface(path, in: package)
            return ResolvedWorld.Item(name: name.text, kind: .interface(interface), location: extern.location)
        }
    }

    /// The union with another world, its plain names changed as `with` says.
    private mutating func include(
        _ path: UsePath, _ renames: [WorldItemSyntax.Rename], in id: WorldID
    ) throws(WITError) {
        let other = try self.findWorld(path, in: self.model[id].package)
        try self.resolveWorld(other, neededAt: path.location)
        var names: [String: String] = [:]
        for rename in renames {
            let items = self.model[other].imports + self.model[other].exports
            guard items.contains(where: { $0.name == rename.from.text }) else {
                throw WITError(
                    .unresolved, rename.from.location,
                    "world `\(path.name.text)` has no import or export `\(rename.from.text)`",
                    expected: "a plain name of that world")
            }
            guard names.updateValue(rename.to.text, forKey: rename.from.text) == nil else {
                throw WITError(.duplicate, rename.from.location, "`\(rename.from.text)` is renamed twice")
            }
        }
        for isImport in [true, false] {
            for item in isImport ? self.model[other].imports : self.model[other].exports {
                let renamed = ResolvedWorld.Item(
                    name: item.name.map { names[$0] ?? $0 }, kind: item.kind, location: path.location)
                try self.add(renamed, to: id, isImport: isImport)
            }
        }
    }

    private mutating func addImplicit(_ item: ResolvedWorld.Item, to id: WorldID) {
        let isKnown = self.model[id].imports.contains { self.isSame($0, item) }
        if !isKnown { self.model.worlds[id.index].imports.append(item) }
    }

    private func isSame(_ left: ResolvedWorld.Item, _ right: ResolvedWorld.Item) -> Bool {
        guard case .interface(let a) = left.kind, case .interface(let b) = right.kind else { return false }
        return left.name == nil && right.name == nil && a == b
    }

    private mutating func add(
        _ item: ResolvedWorld.Item, to id: WorldID, isImport: Bool
    ) throws(WITError) {
        let items = isImport ? self.model[id].imports : self.model[id].exports
        // The union of worlds keeps one of two equal interfaces.
        if items.contains(where: { self.isSame($0, item) }) { return }
        if let name = item.name, let first = items.first(where: { $0.name?.lowercased() == name.lowercased() }) {
            throw WITError(
                .duplicate, item.location,
                "`\(name)` is already \(isImport ? "imported" : "exported") by world `\(self.model[id].name)`, at \(first.location)",
                expected: "another name, or `include … with { \(name) as … }`")
        }
        if isImport {
            self.model.worlds[id.index].imports.append(item)
        } else {
            self.model.worlds[id.index].exports.append(item)
        }
    }
}
