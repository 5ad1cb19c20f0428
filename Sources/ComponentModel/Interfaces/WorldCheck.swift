/// Whether a component fits a world: the world has all that it imports, and it exports all that the world wants.
package struct WorldCheck {
    /// A world that components are checked against.
    package enum World {
        /// The binary of a WIT package, and the name of a world in it.
        case package(UnsafeRawBufferPointer, world: String)
        /// Names alone: types are not compared.
        case names(imports: [String], exports: [String])
    }

    /// What the component lacks, and what the world lacks.
    package struct Findings: Sendable, Hashable {
        package var missingImports: [String] = []
        package var missingExports: [String] = []
        /// Where types differ.
        package var mismatches: [String] = []

        package var isEmpty: Bool {
            self.missingImports.isEmpty && self.missingExports.isEmpty && self.mismatches.isEmpty
        }
    }

    /// - Parameter isPlugged: whether an import is satisfied by something else than the world.
    package static func findings(
        of component: UnsafeRawBufferPointer, in world: World, isPlugged: (ExternName) -> Bool
    ) throws -> Findings {
        switch world {
        case .names(let imports, let exports):
            let found = try ComponentInterfaces(component)
            var findings = Findings()
            findings.missingImports = found.importNames.filter { name in
                ExternName(name).map(isPlugged) != true && Self.match(name, in: imports) == nil
            }
            findings.missingExports = exports.filter { Self.match($0, in: found.exportNames) == nil }
            return findings
        case .package(let bytes, let name):
            let package = try ComponentInterfaces(bytes)
            return try Self.findings(
                of: try ComponentInterfaces(component, arena: package.arena),
                in: try Self.world(name, of: package), isPlugged: isPlugged)
        }
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
        of component: ComponentInterfaces, in world: ComponentShape, isPlugged: (ExternName) -> Bool
    ) throws -> Findings {
        var findings = Findings()
        let arena = component.arena
        let subtyping = Subtyping(arena: arena)
        // The world's imports by the names that the component has for them.
        var supply = Members()
        var wanted = Members()
        for (name, entity) in component.shape.imports.all where ExternName(name).map(isPlugged) != true {
            if let other = Self.match(name, in: world.imports.names), let supplied = world.imports[other] {
                supply.add(name, supplied)
                wanted.add(name, entity)
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
            findings.mismatches.append(error.message)
        }

        var offered = Members()
        var demanded = Members()
        for (name, entity) in world.exports.all {
            guard let other = Self.match(name, in: component.shape.exports.names),
                let found = component.shape.exports[other]
            else {
                findings.missingExports.append(name)
                continue
            }
            offered.add(name, try arena.substitute(found, substitution))
            demanded.add(name, entity)
        }
        guard findings.mismatches.isEmpty else { return findings }
        do throws(ComponentError) {
            let resources = world.definedVariables.filter { $0.path.first.map { demanded[$0] != nil } == true }
            _ = try subtyping.open(demanded, resources, with: offered, what: "export")
        } catch {
            findings.mismatches.append(error.message)
        }
        return findings
    }
}
