import AppLoader
import AppModel
import ComponentModel
import Subprocess
import WIT

/// Checks that the components of an application can run in the environments that it is meant for (`targets`).
struct TargetChecker {
    let context: CommandContext
    let manifest: Manifest
    /// The folder of the manifest.
    let directory: String
    /// The components to check; all that triggers call when empty.
    let components: [String]
    let finder: ContentFinder
    let environments: EnvironmentFinder
    /// Where the catalogue of environments is kept; nil keeps none.
    let catalogue: String?

    /// Whether anything says what the application is meant for.
    static func isNeeded(_ manifest: Manifest) -> Bool {
        !manifest.application.targets.isEmpty || manifest.components.contains { $0.targets?.isEmpty == false }
    }

    /// A component as a trigger calls it.
    private struct Use {
        var component: Manifest.Component
        var trigger: String
        var requirements: Set<String> = []
    }

    /// Gives what does not fit. Throws when it cannot be told.
    func problems() async throws -> [String] {
        var problems: [String] = []
        var known: [TargetReference: Environment] = [:]
        for use in self.uses {
            for target in use.component.targets ?? self.manifest.application.targets {
                let environment: Environment
                if let found = known[target] {
                    environment = found
                } else {
                    environment = try await Environment(target, self)
                    known[target] = environment
                }
                problems += try await self.problems(of: use, in: environment)
            }
        }
        return problems
    }

    private var uses: [Use] {
        var uses: [Use] = []
        for trigger in self.manifest.triggers {
            for id in trigger.componentIDs where self.components.isEmpty || self.components.contains(id) {
                guard let component = self.manifest.component(id) else { continue }
                var use = Use(component: component, trigger: trigger.type)
                if component.allowedOutboundHosts.contains(where: {
                    (try? AllowedHost($0))?.isForServiceChaining == true
                }) {
                    use.requirements.insert(HostRequirement.serviceChaining)
                }
                if trigger.dependencies.contains(where: { !$0.value.isEmpty }) {
                    use.requirements.insert(HostRequirement.middleware)
                }
                if let index = uses.firstIndex(where: { $0.component.id == id && $0.trigger == trigger.type }) {
                    uses[index].requirements.formUnion(use.requirements)
                } else {
                    uses.append(use)
                }
            }
        }
        return uses
    }

    private func problems(of use: Use, in environment: Environment) async throws -> [String] {
        let name = environment.definition.name
        guard let trigger = environment.definition.trigger(use.trigger) else {
            return [
                "the environment \(name) has no triggers of the type `\(use.trigger)`, which `\(use.component.id)` needs"
            ]
        }
        var problems: [String] = []
        for requirement in use.requirements.subtracting(trigger.capabilities).sorted() {
            problems.append(
                "component \(use.component.id) needs `\(requirement)`, which the environment \(name) does not have")
        }
        guard let path = try await self.finder.content(of: use.component).path else { return problems }
        let bytes = try ComponentBytes.read(path)
        var plugs: [Plug] = []
        for dependency in use.component.dependencies {
            guard let key = dependency.name, let path = try await self.finder.content(of: dependency).path else {
                continue
            }
            plugs.append(Plug(dependency, key, bytes: try ComponentBytes.read(path)))
        }
        var last: String?
        for world in trigger.worlds {
            let content = try await environment.content(of: world, self)
            guard let problem = try content.problem(of: bytes, plugs, component: use.component.id) else {
                return problems
            }
            last =
                "component \(use.component.id) (\(use.component.source)) cannot run in the environment \(name)"
                + " (world \(world)):\n\(problem)"
        }
        return problems + [last ?? "the environment \(name) has no world for `\(use.trigger)` triggers"]
    }

    /// A dependency: what it is for, and what of the host it may use.
    fileprivate struct Plug {
        let pattern: ImportPattern
        let inherit: Inheritance
        let bytes: [UInt8]

        init(_ dependency: Dependency, _ name: DependencyName, bytes: [UInt8]) {
            self.pattern = ImportPattern(
                name.text, package: name.package, interface: name.interface, version: name.version?.description)
            self.inherit = dependency.inherit ?? .some([])
            self.bytes = bytes
        }

        /// Whether the host's interface is denied to it: then it is not imported.
        func isDenied(_ name: ExternName) -> Bool {
            name.interface.flatMap { InheritedCapability.name(ofInterface: $0.unversioned) }
                .map { !self.inherit.includes($0) } ?? false
        }
    }

    /// A definition, and its worlds as far as they were needed.
    private final class Environment {
        let definition: TargetEnvironment
        private let directory: String?
        private var worlds: [WorldReference: WorldContent] = [:]

        init(_ target: TargetReference, _ checker: TargetChecker) async throws {
            let found = try await checker.environments.find(target, update: { try await checker.updateCatalogue() })
            self.definition = found.environment
            self.directory = found.directory
        }

        func content(of world: WorldReference, _ checker: TargetChecker) async throws -> WorldContent {
            if let content = self.worlds[world] { return content }
            let content = try WorldContent(
                world, in: try await checker.environments.find(world, relativeTo: self.directory))
            self.worlds[world] = content
            return content
        }
    }

    // MARK: - Catalogue

    private static let repository = "https://github.com/spinframework/spin-environments"

    /// Gets the catalogue, as Spin does, by `git`.
    private func updateCatalogue() async throws {
        guard let catalogue = self.catalogue else {
            throw CommandError("there is no directory to keep the catalogue of environments in: set HOME")
        }
        self.context.terminal.note("Getting the catalogue of target environments")
        let isThere = Paths.kind(Paths.join(catalogue, ".git")) == .directory
        let arguments =
            isThere
            ? ["-C", catalogue, "pull", "--quiet", "--ff-only"]
            : ["clone", "--quiet", "--depth", "1", Self.repository, catalogue]
        let environment = self.context.childEnvironment(["GIT_TERMINAL_PROMPT": "0"])
        let result = try? await Subprocess.run(
            .name("git"), arguments: Arguments(arguments), environment: environment, input: .none, output: .discarded,
            error: .string(limit: 1 << 16))
        guard let result else {
            throw CommandError("`git` is needed to get the catalogue of target environments, and is not there")
        }
        guard case .exited(0) = result.terminationStatus else {
            let reason = result.standardError.split(separator: "\n").last.map(String.init) ?? "it failed"
            throw CommandError("the catalogue of target environments cannot be got: \(reason)")
        }
    }
}

/// A world that components are compared with.
private enum WorldContent {
    case package([UInt8], world: String)
    case names(imports: [String], exports: [String])

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
            func names(_ items: [ResolvedWorld.Item]) -> [String] {
                items.compactMap { item in
                    switch item.kind {
                    case .interface(let id):
                        if let name = item.name { return name }
                        let package = model[model[id].package].name
                        let version = package.version.map { "@\($0)" } ?? ""
                        return model[id].name.map { "\(package.unversioned)/\($0)\(version)" }
                    case .function(let function): return function.name
                    case .type: return nil
                    }
                }
            }
            self = .names(
                imports: names(found.imports + Self.implied(by: found, model)), exports: names(found.exports))
        }
    }

    /// Interfaces whose types the imports and exports use are imported as well.
    private static func implied(by world: ResolvedWorld, _ model: ResolvedModel) -> [ResolvedWorld.Item] {
        var waiting = (world.imports + world.exports).compactMap { item -> InterfaceID? in
            guard case .interface(let id) = item.kind else { return nil }
            return id
        }
        var seen = Set<InterfaceID>()
        var found: [ResolvedWorld.Item] = []
        while let id = waiting.popLast() {
            for use in model[id].uses where seen.insert(use.interface).inserted {
                found.append(.init(name: nil, kind: .interface(use.interface), location: world.location))
                waiting.append(use.interface)
            }
        }
        return found
    }

    /// What keeps a component with its dependencies from this world; nil when nothing does.
    func problem(of bytes: [UInt8], _ plugs: [TargetChecker.Plug], component: String) throws -> String? {
        var findings = try self.findings(of: bytes) { name in plugs.contains { $0.pattern.matches(name) } }
        for plug in plugs {
            let inner = try self.findings(of: plug.bytes) { plug.isDenied($0) }
            // What it exports is not the component's.
            findings.missingImports += inner.missingImports.filter { !findings.missingImports.contains($0) }
        }
        guard !findings.isEmpty else { return nil }
        func list(_ names: [String]) -> String { names.map { "\n  - \($0)" }.joined() }
        var lines: [String] = []
        if !findings.missingImports.isEmpty {
            lines.append("  it imports what the environment does not have:" + list(findings.missingImports))
        }
        if !findings.missingExports.isEmpty {
            lines.append("  it does not export what the environment asks for:" + list(findings.missingExports))
        }
        lines += findings.mismatches.map { "  its types are others: \($0)" }
        return lines.joined(separator: "\n")
    }

    private func findings(of bytes: [UInt8], isPlugged: (ExternName) -> Bool) throws -> WorldCheck.Findings {
        try bytes.withUnsafeBytes { component in
            switch self {
            case .names(let imports, let exports):
                try WorldCheck.findings(
                    of: component, in: .names(imports: imports, exports: exports), isPlugged: isPlugged)
            case .package(let package, let world):
                try package.withUnsafeBytes {
                    try WorldCheck.findings(of: component, in: .package($0, world: world), isPlugged: isPlugged)
                }
            }
        }
    }
}
