/// Whether a component fits a world: the world has all that it imports, and it exports all that the world wants.
package struct WorldCheck {
    /// A world that components are checked against.
    package enum World {
        /// The binary of a WIT package, and the name of a world in it.
        case package(UnsafeRawBufferPointer, world: String)
        case types(WorldTypes)
    }

    /// What the component lacks, and what the world lacks.
    package struct Findings: Sendable, Hashable {
        package var missingImports: [String] = []
        package var missingExports: [String] = []
        /// Where types differ.
        package var mismatches: [WorldMismatch] = []

        package var isEmpty: Bool {
            self.missingImports.isEmpty && self.missingExports.isEmpty && self.mismatches.isEmpty
        }
    }

    /// - Parameter isPlugged: whether an import is satisfied by something else than the world.
    package static func findings(
        of component: UnsafeRawBufferPointer, in world: World, isPlugged: (ExternName) -> Bool
    ) throws -> Findings {
        let interfaces: ComponentInterfaces
        switch world {
        case .types(let types): interfaces = ComponentInterfaces(types.shape, arena: types.arena)
        case .package(let bytes, let name):
            let package = try ComponentInterfaces(bytes)
            interfaces = ComponentInterfaces(try Self.world(name, of: package), arena: package.arena)
        }
        return try Self.findings(
            of: try ComponentInterfaces(component, arena: interfaces.arena), in: interfaces, isPlugged: isPlugged)
    }

    /// The name, or else one of a compatible version.
    private static func match(_ name: String, in names: [String]) -> String? {
        if names.contains(name) { return name }
        guard let wanted = InterfaceName(name), let version = wanted.version else { return nil }
        return names.first { other in
            guard let found = InterfaceName(other), let offered = found.version else { return false }
            return found.unversioned == wanted.unversioned
                && VersionText.compatibility(offered) == VersionText.compatibility(version)
        }
    }

    /// A package exports each world as a component type, in which one component is exported: the world itself.
    private static func world(_ name: String, of package: ComponentInterfaces) throws -> ComponentShape {
        guard case .type(let created, _) = package.shape.exports[name],
            case .component(let outer) = package.arena[created].definition,
            case .component(let id)? = outer.exports.all.first?.entity
        else {
            let worlds = package.exportNames.map { "`\($0)`" }.joined(separator: ", ")
            throw ComponentInterfaces.Problem("the package has no world `\(name)`: it has \(worlds)")
        }
        return try package.arena.component(id)
    }

    private static func findings(
        of component: ComponentInterfaces, in interfaces: ComponentInterfaces, isPlugged: (ExternName) -> Bool
    ) throws -> Findings {
        let world = interfaces.shape
        var findings = Findings()
        let arena = component.arena
        let subtyping = Subtyping(arena: arena)
        // The world's imports by the names that the component has for them.
        var supply = Members()
        var wanted = Members()
        var pairs: [WorldMismatch.Pair] = []
        for (name, entity) in component.shape.imports.all where ExternName(name).map(isPlugged) != true {
            if let other = Self.match(name, in: world.imports.names), let supplied = world.imports[other] {
                supply.add(name, supplied)
                wanted.add(name, entity)
                pairs.append(.init(component: (name, entity), world: (other, supplied)))
            } else if case .type = entity {
                // Types by themselves come with what they are used in.
            } else {
                findings.missingImports.append(name)
            }
        }
        let resources = component.shape.importedVariables.filter { $0.path.first.map { wanted[$0] != nil } == true }
        var substitution = Substitution()
        do throws(ComponentError) {
            substitution = try subtyping.open(wanted, resources, with: supply, what: "import")
        } catch {
            findings.mismatches = WorldMismatch.find(
                pairs, component, interfaces, wantsAllOf: .component, reason: error.message)
        }

        var offered = Members()
        var demanded = Members()
        pairs = []
        for (name, entity) in world.exports.all {
            guard let other = Self.match(name, in: component.shape.exports.names),
                let found = component.shape.exports[other]
            else {
                findings.missingExports.append(name)
                continue
            }
            offered.add(name, try arena.substitute(found, substitution))
            demanded.add(name, entity)
            pairs.append(.init(component: (other, found), world: (name, entity)))
        }
        guard findings.mismatches.isEmpty else { return findings }
        do throws(ComponentError) {
            let resources = world.definedVariables.filter { $0.path.first.map { demanded[$0] != nil } == true }
            _ = try subtyping.open(demanded, resources, with: offered, what: "export")
        } catch {
            findings.mismatches = WorldMismatch.find(
                pairs, component, interfaces, wantsAllOf: .world, reason: error.message)
        }
        return findings
    }
}
