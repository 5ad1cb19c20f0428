extension LockedApp: Codable {
    private enum CodingKeys: String, CodingKey {
        case version = "spin_lock_version"
        case mustUnderstand = "must_understand"
        case hostRequirements = "host_requirements"
        case metadata
        case variables
        case triggers
        case components
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let version = try container.decode(Int.self, forKey: .version)
        guard (0...1).contains(version) else {
            throw DecodingError.dataCorruptedError(
                forKey: .version, in: container,
                debugDescription: "this version of Swirl reads lock versions 0 and 1, not \(version)")
        }
        let mustUnderstand = try container.decodeIfPresent([String].self, forKey: .mustUnderstand) ?? []
        if let unknown = mustUnderstand.first(where: {
            !["host_requirements", "component_host_requirements"].contains($0)
        }) {
            throw DecodingError.dataCorruptedError(
                forKey: .mustUnderstand, in: container,
                debugDescription: "this version of Swirl does not understand `\(unknown)`")
        }
        self.hostRequirements = try HostRequirement.decode(from: container, forKey: .hostRequirements)
        let metadata = try container.decodeIfPresent([String: JSONValue].self, forKey: .metadata)
        self.metadata = try Metadata(metadata ?? [:])
        self.variables = try container.decodeIfPresent([String: LockedVariable].self, forKey: .variables) ?? [:]
        self.triggers = try container.decode([LockedTrigger].self, forKey: .triggers)
        self.components = try container.decode([LockedComponent].self, forKey: .components)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        var mustUnderstand: [String] = []
        if !self.hostRequirements.isEmpty { mustUnderstand.append("host_requirements") }
        if self.components.contains(where: { !$0.hostRequirements.isEmpty }) {
            mustUnderstand.append("component_host_requirements")
        }
        // What needs nothing new can be read by readers of version 0.
        try container.encode(mustUnderstand.isEmpty ? 0 : 1, forKey: .version)
        if !mustUnderstand.isEmpty { try container.encode(mustUnderstand, forKey: .mustUnderstand) }
        try container.encode(self.metadata.values, forKey: .metadata)
        if !self.hostRequirements.isEmpty { try container.encode(self.hostRequirements, forKey: .hostRequirements) }
        if !self.variables.isEmpty { try container.encode(self.variables, forKey: .variables) }
        try container.encode(self.triggers, forKey: .triggers)
        try container.encode(self.components, forKey: .components)
    }
}

/// What an application may require of its host.
package enum HostRequirement {
    package static let serviceChaining = "local_service_chaining"
    package static let middleware = "middleware"
    package static let required = JSONValue.string("required")

    struct Unknown: Error, CustomStringConvertible {
        var names: [String]
        var description: String {
            "this version of Swirl does not provide what the application requires: "
                + self.names.joined(separator: ", ")
        }
    }

    /// Reads requirements: optional ones are left out, unknown ones are an error.
    static func decode<Key>(
        from container: KeyedDecodingContainer<Key>, forKey key: Key
    ) throws -> [String: JSONValue] {
        let all = try container.decodeIfPresent([String: JSONValue].self, forKey: key) ?? [:]
        let needed = all.filter { $0.value != .string("optional") }
        let unknown = needed.keys.filter { $0 != Self.serviceChaining && $0 != Self.middleware }.sorted()
        guard unknown.isEmpty else { throw Unknown(names: unknown) }
        return needed
    }
}

extension LockedVariable: Codable {
    private enum CodingKeys: String, CodingKey {
        case description
        case `default`
        case secret
        case place
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.description = try container.decodeIfPresent(String.self, forKey: .description)
        self.default = try container.decodeIfPresent(String.self, forKey: .default)
        self.secret = try container.decodeIfPresent(Bool.self, forKey: .secret) ?? false
        self.place = try container.decodeIfPresent(String.self, forKey: .place)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(self.description, forKey: .description)
        try container.encodeIfPresent(self.default, forKey: .default)
        if self.secret { try container.encode(true, forKey: .secret) }
        try container.encodeIfPresent(self.place, forKey: .place)
    }
}

extension LockedTrigger: Codable {
    private enum CodingKeys: String, CodingKey {
        case id
        case triggerType = "trigger_type"
        case triggerConfig = "trigger_config"
        case dependencies = "trigger_dependencies"
        case place
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try container.decode(String.self, forKey: .id)
        self.triggerType = try container.decode(String.self, forKey: .triggerType)
        self.triggerConfig = try container.decode([String: JSONValue].self, forKey: .triggerConfig)
        self.dependencies =
            try container.decodeIfPresent([String: [LockedDependency]].self, forKey: .dependencies) ?? [:]
        self.place = try container.decodeIfPresent(String.self, forKey: .place)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.id, forKey: .id)
        try container.encode(self.triggerType, forKey: .triggerType)
        try container.encode(self.triggerConfig, forKey: .triggerConfig)
        if !self.dependencies.isEmpty { try container.encode(self.dependencies, forKey: .dependencies) }
        try container.encodeIfPresent(self.place, forKey: .place)
    }
}

extension LockedDependency: Codable {
    private enum CodingKeys: String, CodingKey {
        case source
        case export
        case inherit
        case dependencies
        case place
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.source = try container.decode(LockedContent.self, forKey: .source)
        self.export = try container.decodeIfPresent(String.self, forKey: .export)
        self.inherit = try container.decodeIfPresent(Inheritance.self, forKey: .inherit) ?? .some([])
        self.dependencies =
            try container.decodeIfPresent([String: LockedDependency].self, forKey: .dependencies) ?? [:]
        self.place = try container.decodeIfPresent(String.self, forKey: .place)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.source, forKey: .source)
        // Spin writes the null.
        try container.encode(self.export, forKey: .export)
        if self.inherit != .some([]) { try container.encode(self.inherit, forKey: .inherit) }
        if !self.dependencies.isEmpty { try container.encode(self.dependencies, forKey: .dependencies) }
        try container.encodeIfPresent(self.place, forKey: .place)
    }
}

/// `"All"` or `{ "Some": […] }`.
extension Inheritance: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let names = try? container.decode([String: [String]].self), names.count == 1, let some = names["Some"] {
            self = .some(some)
        } else if try container.decode(String.self) == "All" {
            self = .all
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "expected `\"All\"` or `{ \"Some\": […] }`")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .all: try container.encode("All")
        case .some(let names): try container.encode(["Some": names])
        }
    }
}

extension LockedComponent: Codable {
    private enum CodingKeys: String, CodingKey {
        case id
        case metadata
        case source
        case environment = "env"
        case files
        case config
        case dependencies
        case triggerDependencies = "trigger_dependencies"
        case place
        case hostRequirements = "host_requirements"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.hostRequirements = try HostRequirement.decode(from: container, forKey: .hostRequirements)
        self.id = try container.decode(String.self, forKey: .id)
        let metadata = try container.decodeIfPresent([String: JSONValue].self, forKey: .metadata)
        self.metadata = try Metadata(metadata ?? [:])
        self.source = try container.decode(LockedContent.self, forKey: .source)
        self.environment = try container.decodeIfPresent([String: String].self, forKey: .environment) ?? [:]
        self.files = try container.decodeIfPresent([LockedMount].self, forKey: .files) ?? []
        self.config = try container.decodeIfPresent([String: String].self, forKey: .config) ?? [:]
        self.dependencies =
            try container.decodeIfPresent([String: LockedDependency].self, forKey: .dependencies) ?? [:]
        self.triggerDependencies =
            try container.decodeIfPresent([String: [LockedDependency]].self, forKey: .triggerDependencies) ?? [:]
        self.place = try container.decodeIfPresent(String.self, forKey: .place)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.id, forKey: .id)
        let metadata = self.metadata.values
        if !metadata.isEmpty { try container.encode(metadata, forKey: .metadata) }
        try container.encode(self.source, forKey: .source)
        if !self.environment.isEmpty { try container.encode(self.environment, forKey: .environment) }
        if !self.files.isEmpty { try container.encode(self.files, forKey: .files) }
        if !self.config.isEmpty { try container.encode(self.config, forKey: .config) }
        if !self.dependencies.isEmpty { try container.encode(self.dependencies, forKey: .dependencies) }
        if !self.triggerDependencies.isEmpty {
            try container.encode(self.triggerDependencies, forKey: .triggerDependencies)
        }
        if !self.hostRequirements.isEmpty { try container.encode(self.hostRequirements, forKey: .hostRequirements) }
        try container.encodeIfPresent(self.place, forKey: .place)
    }
}
