import AppLoader
import AppModel
import ComponentModel
import WIT

/// A world that components are compared with.
enum WorldContent {
    /// The binary of a WIT package.
    case package([UInt8], world: String)
    case text(ResolvedModel, ResolvedWorld)

    init(_ world: WorldReference, in file: EnvironmentFinder.WorldFile) throws {
        switch file {
        case .package(let path): self = .package(try ComponentBytes.read(path), world: world.name.interface ?? "")
        case .folder(let path):
            let model = try Resolver.resolve(SourceLoader.parse(folder: path))
            let found = model.worlds.first { candidate in
                let package = model[candidate.package].name
                return candidate.name == world.name.interface && package.unversioned == world.name.package
                    && (world.name.version == nil || package.version?.description == world.name.version?.description)
            }
            guard let found else { throw CommandError("`\(path)` has no world `\(world)`") }
            self = .text(model, found)
        }
    }

    /// What keeps a component with its dependencies from this world; nil when nothing does.
    func problem(of bytes: [UInt8], _ plugs: [TargetChecker.Plug]) throws -> String? {
        var findings = try self.findings(of: bytes) { name in plugs.contains { $0.pattern.matches(name) } }
        for plug in plugs {
            let inner = try self.findings(of: plug.bytes) { plug.isDenied($0) }
            // What it exports is not the component's.
            findings.missingImports += inner.missingImports.filter { !findings.missingImports.contains($0) }
        }
        guard !findings.isEmpty else { return nil }
        func list(_ items: [String]) -> String { items.map { "\n  - \($0)" }.joined() }
        var lines: [String] = []
        if !findings.missingImports.isEmpty {
            lines.append("  it imports what the environment does not have:" + list(findings.missingImports))
        }
        if !findings.missingExports.isEmpty {
            lines.append("  it does not export what the environment asks for:" + list(findings.missingExports))
        }
        if !findings.mismatches.isEmpty {
            lines.append("  its types are others:" + list(findings.mismatches.map(\.description)))
        }
        return lines.joined(separator: "\n")
    }

    private func findings(of bytes: [UInt8], isPlugged: (ExternName) -> Bool) throws -> WorldCheck.Findings {
        try bytes.withUnsafeBytes { component in
            switch self {
            case .text(let model, let world):
                try WorldCheck.findings(
                    of: component, in: .types(WorldTypesBuilder.types(of: world, in: model)), isPlugged: isPlugged)
            case .package(let package, let world):
                try package.withUnsafeBytes {
                    try WorldCheck.findings(of: component, in: .package($0, world: world), isPlugged: isPlugged)
                }
            }
        }
    }
}
