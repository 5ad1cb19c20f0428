/// What this version can do for an application. What is not here is refused by name before anything runs.
package struct HostFeatures: Sendable, Hashable {
    /// Types of triggers.
    package var triggerTypes: Set<String>
    /// Fields of components by which they ask for something of the host.
    package var capabilities: Set<String>
    /// Names of `host_requirements`.
    package var requirements: Set<String>

    /// Labels that the runtime configuration gives a meaning, by the field that names them; nil does not check.
    package var labels: [String: Set<String>]?

    package init(triggerTypes: Set<String>, capabilities: Set<String>, requirements: Set<String>) {
        self.triggerTypes = triggerTypes
        self.capabilities = capabilities
        self.requirements = requirements
    }

    /// Those of this version. Whoever adds a capability names it here.
    package static let current = HostFeatures(
        triggerTypes: ["http", "redis"],
        // Language models are not there: a component that names one is told so, and runs as far as it uses none.
        capabilities: [
            "allowed_outbound_hosts", "dependencies", "key_value_stores", "sqlite_databases", "ai_models",
        ],
        requirements: [HostRequirement.serviceChaining, HostRequirement.middleware])

    /// Something that an application needs and that is not there.
    package struct Missing: Sendable, Hashable {
        /// The component, or the trigger, that needs it.
        package var owner: String
        package var isTrigger: Bool
        /// The field of the manifest.
        package var field: String
        /// In words.
        package var what: String
        /// A label that nobody gave a meaning.
        package var label: String?
        /// What is there, and may be meant.
        package var near: String?

        package init(
            owner: String, isTrigger: Bool, field: String, what: String, label: String? = nil, near: String? = nil
        ) {
            self.owner = owner
            self.isTrigger = isTrigger
            self.field = field
            self.what = what
            self.label = label
            self.near = near
        }

        package var message: String {
            guard let label = self.label else { return "this version of Swirl does not provide \(self.what) yet" }
            return "unknown \(self.field) label \"\(label)\""
        }

        package var hint: String? {
            guard let label = self.label else { return self.near.map { "did you mean `\($0)`?" } }
            let section = self.field == "sqlite_databases" ? "sqlite_database" : "key_value_store"
            return "say what it is by `[\(section).\(label)]` in a file given by --runtime-config-file"
        }
    }

    /// What is missing for the triggers of an application and the components that they call.
    package func missing(for app: LockedApp) -> [Missing] {
        var missing: [Missing] = []
        for trigger in app.triggers {
            if !self.triggerTypes.contains(trigger.triggerType) {
                missing.append(
                    Missing(
                        owner: trigger.id, isTrigger: true, field: "trigger.\(trigger.triggerType)",
                        what: "`\(trigger.triggerType)` triggers",
                        near: NearestName.find(trigger.triggerType, in: self.triggerTypes)))
            } else if !trigger.dependencies.isEmpty, !self.requirements.contains(HostRequirement.middleware) {
                missing.append(
                    Missing(owner: trigger.id, isTrigger: true, field: "dependencies", what: "middleware"))
            }
        }
        for component in app.reachableComponents {
            for (field, what, isUsed) in Self.uses(of: component)
            where isUsed && !self.capabilities.contains(field) {
                missing.append(
                    Missing(owner: component.id, isTrigger: false, field: field, what: "\(what) (`\(field)`)"))
            }
            missing += self.unknownLabels(of: component)
            let requirements = Set(component.hostRequirements.keys).union(app.hostRequirements.keys)
            for name in requirements.sorted() where !self.requirements.contains(name) {
                missing.append(
                    Missing(
                        owner: component.id, isTrigger: false, field: Self.field(ofRequirement: name),
                        what: Self.words(ofRequirement: name)))
            }
        }
        return missing
    }

    private func unknownLabels(of component: LockedComponent) -> [Missing] {
        guard let labels = self.labels else { return [] }
        return [
            ("key_value_stores", component.metadata.keyValueStores), ("sqlite_databases", component.metadata.databases),
        ].flatMap { field, used in
            used.filter { labels[field]?.contains($0) == false }.map {
                Missing(owner: component.id, isTrigger: false, field: field, what: "", label: $0)
            }
        }
    }

    private static func uses(of component: LockedComponent) -> [(field: String, what: String, isUsed: Bool)] {
        [
            (
                "allowed_outbound_hosts", "outbound network access",
                !component.metadata.allowedOutboundHosts.isEmpty
            ),
            ("key_value_stores", "key-value stores", !component.metadata.keyValueStores.isEmpty),
            ("sqlite_databases", "SQLite databases", !component.metadata.databases.isEmpty),
            ("ai_models", "language models", !component.metadata.aiModels.isEmpty),
            ("dependencies", "component dependencies", !component.dependencies.isEmpty),
        ]
    }

    private static func field(ofRequirement name: String) -> String {
        name == HostRequirement.serviceChaining ? "allowed_outbound_hosts" : "dependencies"
    }

    private static func words(ofRequirement name: String) -> String {
        switch name {
        case HostRequirement.serviceChaining: "requests to other components of the application (`*.spin.internal`)"
        case HostRequirement.middleware: "middleware"
        default: "`\(name)`"
        }
    }
}
