/// Which gated items become part of the model.
package enum FeatureSelection: Sendable {
    /// Every `@unstable` item: what a host offers.
    case all
    /// Only items of these features.
    case only(Set<String>)

    func contains(_ feature: String) -> Bool {
        switch self {
        case .all: true
        case .only(let features): features.contains(feature)
        }
    }
}

/// Looks up every name of a set of parsed files.
///
/// Interfaces are resolved when first needed, so that order does not matter and cycles are found.
package struct Resolver {
    enum State {
        case waiting
        case active
        case done
    }

    /// What a name means inside an interface or world.
    struct Scope {
        var types: [String: TypeID] = [:]
        var locations: [String: SourceLocation] = [:]
        /// Declarations of the scope's own types, for resolving on demand.
        var declarations: [TypeID: TypeDeclaration] = [:]
    }

    /// A `use … as …;` at the top of a file, by file and name.
    struct FileName: Hashable {
        let file: String
        let name: String
    }

    var model = ResolvedModel()
    let features: FeatureSelection
    var interfaceSyntax: [InterfaceSyntax] = []
    var interfaceStates: [State] = []
    var interfaceScopes: [Scope] = []
    var worldSyntax: [WorldSyntax] = []
    var worldStates: [State] = []
    var typeStates: [TypeID: State] = [:]
    /// Interfaces and worlds of each package, by name.
    var interfaceNames: [PackageID: [String: InterfaceID]] = [:]
    var worldNames: [PackageID: [String: WorldID]] = [:]
    var fileUses: [FileName: UsePath] = [:]
    /// Interfaces being resolved, for the message about a cycle.
    var activeInterfaces: [InterfaceID] = []

    /// Resolves `groups`, each the files of one folder: files without a package declaration belong to the folder's.
    package static func resolve(
        _ groups: [[SyntaxFile]], features: FeatureSelection = .all
    ) throws(WITError) -> ResolvedModel {
        var resolver = Resolver(features: features)
        for content in try PackageContent.collect(groups) { try resolver.declare(content) }
        for index in resolver.model.interfaces.indices {
            try resolver.resolveInterface(InterfaceID(index: index), neededAt: nil)
        }
        // Worlds may add interfaces of their own, which they resolve themselves.
        for index in resolver.model.worlds.indices {
            try resolver.resolveWorld(WorldID(index: index), neededAt: nil)
        }
        return resolver.model
    }

    private init(features: FeatureSelection) {
        self.features = features
    }

    // MARK: Declarations

    private mutating func declare(_ content: PackageContent) throws(WITError) {
        let id = PackageID(index: self.model.packages.count)
        self.model.packages.append(
            ResolvedPackage(name: content.name, files: content.files, documentation: content.documentation))
        var taken: [String: SourceLocation] = [:]
        for item in content.items {
            switch item {
            case .use(let path, let alias):
                let name = alias ?? path.name
                let key = FileName(file: name.location.file, name: name.text)
                if self.fileUses[key] != nil {
                    throw WITError(.duplicate, name.location, "`\(name.text)` is brought in twice by `use`")
                }
                self.fileUses[key] = path
            case .interface(let syntax):
                guard try self.isEnabled(syntax.attributes, in: id) else { continue }
                try Self.claim(syntax.name, in: &taken, of: "package \(content.name)")
                let interface = self.declareInterface(syntax, name: syntax.name.text, in: id)
                self.model.packages[id.index].interfaces.append(interface)
                self.interfaceNames[id, default: [:]][syntax.name.text] = interface
            case .world(let syntax):
                guard try self.isEnabled(syntax.attributes, in: id) else { continue }
                try Self.claim(syntax.name, in: &taken, of: "package \(content.name)")
                let world = WorldID(index: self.model.worlds.count)
                self.model.worlds.append(
                    ResolvedWorld(
                        name: syntax.name.text, package: id, location: syntax.name.location,
                        attributes: syntax.attributes))
                self.worldSyntax.append(syntax)
                self.worldStates.append(.waiting)
                self.model.packages[id.index].worlds.append(world)
                self.worldNames[id, default: [:]][syntax.name.text] = world
            }
        }
    }

    mutating func declareInterface(_ syntax: InterfaceSyntax, name: String?, in package: PackageID) -> InterfaceID {
        let id = InterfaceID(index: self.model.interfaces.count)
        self.model.interfaces.append(
            ResolvedInterface(
                name: name, package: package, location: syntax.name.location, attributes: syntax.attributes))
        self.interfaceSyntax.append(syntax)
        self.interfaceStates.append(.waiting)
        self.interfaceScopes.append(Scope())
        return id
    }

    static func claim(
        _ name: Name, in taken: inout [String: SourceLocation], of place: String
    ) throws(WITError) {
        // Names that differ only in case would clash in most languages; the Component Model forbids them.
        let key = name.text.lowercased()
        if let first = taken[key] {
            throw WITError(
                .duplicate, name.location, "`\(name.text)` is already defined in \(place), at \(first)",
                expected: "another name")
        }
        taken[key] = name.location
    }

    // MARK: Gates

    /// Whether the gates let the item in. Refuses gates that contradict each other or the package.
    func isEnabled(_ attributes: Attributes, in package: PackageID) throws(WITError) -> Bool {
        guard let location = attributes.gateLocation else { return true }
        guard let version = self.model[package].name.version else {
            throw WITError(
                .gate, location, "package \(self.model[package].name) has gates but no version",
                expected: "`package \(self.model[package].name)@x.y.z;`")
        }
        if attributes.since != nil, attributes.unstable != nil {
            throw WITError(.gate, location, "the item is both `@since` and `@unstable`", expected: "one of them")
        }
        if attributes.deprecated != nil, attributes.since == nil, attributes.unstable == nil {
            throw WITError(
                .gate, location, "`@deprecated` stands alone", expected: "`@since` or `@unstable` beside it")
        }
        if let since = attributes.since, version < since {
            throw WITError(
                .gate, location, "the item is from version \(since), but the package is version \(version)",
                expected: "a version up to \(version)")
        }
        return attributes.unstable.map(self.features.contains) ?? true
    }

    // MARK: Paths

    /// The package that a path in `package` names.
    func findPackage(_ name: PackageName, at location: SourceLocation) throws(WITError) -> PackageID {
        if let id = self.model.package(named: name) { return id }
        let versions = self.model.packages.filter { $0.name.unversioned == name.unversioned }.map(\.name)
        guard versions.isEmpty else {
            let list = versions.map { "`\($0)`" }.sorted().joined(separator: ", ")
            let problem = name.version == nil ? "there are several versions of" : "there is no"
            throw WITError(.unresolved, location, "\(problem) package `\(name)`", expected: "one of \(list)")
        }
        throw WITError(
            .unresolved, location, "there is no package `\(name)` among the files read",
            expected: "its files in a folder below")
    }

    /// What a path means: the package, and the name in it, after `use` at the top of the file.
    func target(
        of path: UsePath, in package: PackageID, depth: Int = 0
    ) throws(WITError) -> (package: PackageID, name: Name) {
        if let name = path.package { return (try self.findPackage(name, at: path.location), path.name) }
        let key = FileName(file: path.location.file, name: path.name.text)
        if let used = self.fileUses[key], used.location != path.location {
            guard depth < 16 else {
                throw WITError(.cycle, path.location, "`use` statements lead back to `\(path.name.text)`")
            }
            return try self.target(of: used, in: package, depth: depth + 1)
        }
        return (package, path.name)
    }

    func findInterface(_ path: UsePath, in package: PackageID) throws(WITError) -> InterfaceID {
        let (target, name) = try self.target(of: path, in: package)
        if let id = self.interfaceNames[target]?[name.text] { return id }
        if self.worldNames[target]?[name.text] != nil {
            throw WITError(
                .unresolved, path.location, "`\(name.text)` is a world", expected: "the name of an interface")
        }
        throw self.missing("interface", name, path, in: target, Array((self.interfaceNames[target] ?? [:]).keys))
    }

    func findWorld(_ path: UsePath, in package: PackageID) throws(WITError) -> WorldID {
        let (target, name) = try self.target(of: path, in: package)
        if let id = self.worldNames[target]?[name.text] { return id }
        throw self.missing("world", name, path, in: target, Array((self.worldNames[target] ?? [:]).keys))
    }

    private func missing(
        _ what: String, _ name: Name, _ path: UsePath, in package: PackageID, _ known: [String]
    ) -> WITError {
        let list = known.sorted().map { "`\($0)`" }.joined(separator: ", ")
        return WITError(
            .unresolved, path.package == nil ? path.location : name.location,
            "package `\(self.model[package].name)` has no \(what) `\(name.text)`",
            expected: known.isEmpty ? nil : "one of \(list)")
    }
}
