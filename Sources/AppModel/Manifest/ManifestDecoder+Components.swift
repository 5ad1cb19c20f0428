/// `[component.<id>]`, and what concerns several components at once.
extension ManifestDecoder {
    mutating func decodeComponent(_ entry: TOMLTable.Entry, templates: TemplateChecker) {
        let path = TableReader.join("component", entry.key)
        self.checkName(entry.key, .kebab, what: "component", field: path, at: entry.keyPosition)
        guard let table = entry.value.table else {
            self.collector.error(
                path, "expected a table, found \(entry.value.kindInWords)", at: entry.value.position)
            return
        }
        self.components.append(
            ComponentDecoder(templates: templates)
                .decode(table, id: entry.key, path: path, position: entry.value.position))
    }

    /// Gives inline components an id and a place among the others, as Spin does.
    mutating func liftInlineComponents(templates: TemplateChecker) {
        var taken = Set(self.components.map(\.id))
        var next = 1
        for index in self.triggers.indices {
            let pending = self.triggers[index]
            for inline in pending.inline {
                var id = "\(pending.trigger.id)-component"
                if pending.componentCount > 1 || taken.contains(id) || Identifier.kebab.problem(with: id) != nil {
                    id = Self.unusedName("inline-component", taken: taken, next: &next)
                }
                taken.insert(id)
                switch inline.place {
                case .main: self.triggers[index].trigger.componentID = id
                case .role(let role, let place): self.triggers[index].trigger.components[role]?[place] = id
                }
                self.components.append(
                    ComponentDecoder(templates: templates)
                        .decode(inline.table, id: id, path: inline.field, position: inline.position))
            }
        }
    }

    /// `stem1`, `stem2`, … whichever is not taken. `next` remembers where to go on.
    static func unusedName(_ stem: String, taken: Set<String>, next: inout Int) -> String {
        while taken.contains("\(stem)\(next)") { next += 1 }
        return "\(stem)\(next)"
    }

    func checkReferences() {
        let ids = Set(self.components.map(\.id))
        for pending in self.triggers {
            for reference in pending.references where !ids.contains(reference.id) {
                self.reportMissing(reference.id, field: reference.field, at: reference.position)
            }
        }
    }

    private func reportMissing(_ id: String, field: String, at position: SourcePosition) {
        let near = NearestName.find(id, in: self.components.map(\.id))
        self.collector.error(
            field, "there is no component `\(id)`", at: position,
            hint: near.map { "did you mean `\($0)`?" } ?? "add `[component.\(id)]` with a `source`")
    }

    // MARK: - Profiles

    /// Puts what the profile says in place of the components' own settings.
    mutating func applyProfile() {
        guard let name = self.profile else { return }
        guard self.components.contains(where: { $0.profiles[name] != nil }) else {
            let known = Set(self.components.flatMap(\.profiles.keys)).sorted()
            let near = NearestName.find(name, in: known)
            self.collector.error(
                "", "no component has the profile `\(name)`", at: .unknown,
                hint: near.map { "did you mean `\($0)`?" }
                    ?? (known.isEmpty
                        ? "add `[component.<id>.profile.\(name)]`, or leave `--profile` out"
                        : "there are: " + known.joined(separator: ", ")))
            return
        }
        for index in self.components.indices {
            guard let profile = self.components[index].profiles[name] else { continue }
            if let source = profile.source {
                self.components[index].source = source
                self.components[index].sourcePosition = profile.sourcePosition
            }
            self.components[index].environment.merge(profile.environment) { _, new in new }
            if let commands = profile.buildCommands {
                if self.components[index].build == nil {
                    self.components[index].build = BuildSettings(commands: commands)
                } else {
                    self.components[index].build?.commands = commands
                }
            }
            for dependency in profile.dependencies {
                self.components[index].dependencies.removeAll { $0.name == dependency.name }
                self.components[index].dependencies.append(dependency)
            }
        }
    }

    // MARK: - Dependencies

    /// What only shows when all components are known.
    func checkDependencies() {
        let byID = Dictionary(self.components.map { ($0.id, $0) }) { first, _ in first }
        for component in self.components {
            for (index, dependency) in component.dependencies.enumerated() {
                for other in component.dependencies[..<index] {
                    guard let name = dependency.name, let taken = other.name, !name.isDisjoint(from: taken) else {
                        continue
                    }
                    self.collector.error(
                        dependency.field, "`\(name)` and `\(taken)` may be satisfied by the same import",
                        at: dependency.position,
                        hint: "give both a version of different ranges, or different interfaces")
                }
                self.check(dependency, of: component.id, components: byID)
            }
        }
        self.checkCircles(byID)
        for pending in self.triggers {
            for dependency in pending.trigger.dependencies.values.flatMap({ $0 }) {
                self.check(dependency, of: pending.trigger.id, components: byID)
            }
        }
    }

    /// How deep dependencies of dependencies may nest.
    private static let dependencyDepth = 20

    /// A component cannot be part of itself, not by way of others either.
    private func checkCircles(_ components: [String: Manifest.Component]) {
        /// Components that lead into no circle.
        var isSound: Set<String> = []
        func visit(_ id: String, _ chain: [String]) -> Bool {
            guard !isSound.contains(id) else { return true }
            for dependency in components[id]?.dependencies ?? [] {
                guard case .component(let next) = dependency.source else { continue }
                let chain = chain + [next]
                if let start = chain.dropLast().firstIndex(of: next) {
                    self.collector.error(
                        dependency.field, "components depend on each other in a circle",
                        at: dependency.position, hint: chain[start...].joined(separator: " -> "))
                    return false
                }
                guard chain.count <= Self.dependencyDepth else {
                    self.collector.error(
                        dependency.field, "dependencies nest deeper than \(Self.dependencyDepth)",
                        at: dependency.position)
                    return false
                }
                guard visit(next, chain) else { return false }
            }
            isSound.insert(id)
            return true
        }
        for component in self.components where !visit(component.id, [component.id]) { return }
    }

    /// A component that another one is made of has none of its own permissions there: that would surprise.
    private func check(_ dependency: Dependency, of owner: String, components: [String: Manifest.Component]) {
        guard case .component(let id) = dependency.source else { return }
        guard let target = components[id] else {
            return self.reportMissing(id, field: dependency.field, at: dependency.position)
        }
        let surprises: [(String, Bool)] = [
            ("ai_models", target.aiModels.isEmpty), ("allowed_outbound_hosts", target.allowedOutboundHosts.isEmpty),
            ("environment", target.environment.isEmpty), ("files", target.files.isEmpty),
            ("key_value_stores", target.keyValueStores.isEmpty),
            ("sqlite_databases", target.sqliteDatabases.isEmpty), ("variables", target.variables.isEmpty),
        ]
        let fields = surprises.filter { !$0.1 }.map { "`\($0.0)`" }
        guard !fields.isEmpty else { return }
        self.collector.error(
            dependency.field,
            "`\(id)` cannot be a dependency of `\(owner)`: it has \(fields.joined(separator: ", ")) of its own",
            at: dependency.position, hint: "a dependency gets what `inherit_configuration` gives on, and nothing else")
    }
}
