import AppLoader
import AppModel
import ComponentModel

/// Checks that the components of an application can run in the environments that it is meant for (`targets`).
struct TargetChecker {
    let context: CommandContext
    let manifest: Manifest
    /// The manifest's name in messages.
    let file: String
    /// The folder of the manifest.
    let directory: String
    /// The components to check; all that triggers call when empty.
    let components: [String]
    let finder: ContentFinder
    let environments: EnvironmentFinder
    let catalogue: EnvironmentCatalogue

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
            for (index, target) in (use.component.targets ?? self.manifest.application.targets).enumerated() {
                let environment: Environment
                if let found = known[target] {
                    environment = found
                } else {
                    do {
                        environment = try await Environment(target, self)
                    } catch {
                        throw self.failure(error, index, of: use.component)
                    }
                    known[target] = environment
                }
                problems += try await self.problems(of: use, in: environment)
            }
        }
        return problems
    }

    /// What went wrong with an entry of `targets`, and where that stands.
    private func failure(_ error: any Error, _ index: Int, of component: Manifest.Component) -> Diagnostic {
        let isOwn = component.targets != nil
        let positions = isOwn ? component.fieldPositions : self.manifest.application.fieldPositions
        return Diagnostic(
            file: self.file, position: positions["targets"] ?? .unknown,
            field: "\(isOwn ? "component.\(component.id)" : "application").targets[\(index)]",
            message: (error as? CommandError)?.message ?? "\(error)")
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
            guard let problem = try content.problem(of: bytes, plugs) else {
                return problems
            }
            last =
                "component \(use.component.id) (\(use.component.source)) cannot run in the environment \(name)"
                + " (world \(world)):\n\(problem)"
        }
        return problems + [last ?? "the environment \(name) has no world for `\(use.trigger)` triggers"]
    }

    /// A dependency: what it is for, and what of the host it may use.
    struct Plug {
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
            let found = try await checker.environments.find(target, in: checker.catalogue)
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
}
