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
        try HostRequirements.check(container.decodeIfPresent([String: String].self, forKey: .hostRequirements))
        self.metadata = try container.decodeIfPresent(Metadata.self, forKey: .metadata) ?? Metadata(name: "<unnamed>")
        self.variables = try container.decodeIfPresent([String: LockedVariable].self, forKey: .variables) ?? [:]
        self.triggers = try container.decode([LockedTrigger].self, forKey: .triggers)
        self.components = try container.decode([LockedComponent].self, forKey: .components)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        // Version 1 means that there are host requirements.
        try container.encode(0, forKey: .version)
        try container.encode(self.metadata, forKey: .metadata)
        if !self.variables.isEmpty { try container.encode(self.variables, forKey: .variables) }
        try container.encode(self.triggers, forKey: .triggers)
        try container.encode(self.components, forKey: .components)
    }
}

/// What an application needs of its host: this version offers none of it.
private enum HostRequirements {
    struct Unmet: Error, CustomStringConvertible {
        var names: [String]
        var description: String {
            "this version of Swirl does not provide what the application requires: "
                + self.names.joined(separator: ", ")
        }
    }

    static func check(_ requirements: [String: String]?) throws {
        let unmet = (requirements ?? [:]).filter { $0.value != "optional" }.keys.sorted()
        guard unmet.isEmpty else { throw Unmet(names: unmet) }
    }
}

extension LockedVariable: Codable {
    private enum CodingKeys: String, CodingKey {
        case description
        case `default`
        case secret
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.description = try container.decodeIfPresent(String.self, forKey: .description)
        self.default = try container.decodeIfPresent(String.self, forKey: .default)
        self.secret = try container.decodeIfPresent(Bool.self, forKey: .secret) ?? false
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(self.description, forKey: .description)
        try container.encodeIfPresent(self.default, forKey: .default)
        if self.secret { try container.encode(true, forKey: .secret) }
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
        case hostRequirements = "host_requirements"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try HostRequirements.check(container.decodeIfPresent([String: String].self, forKey: .hostRequirements))
        self.id = try container.decode(String.self, forKey: .id)
        self.metadata = try container.decodeIfPresent(Metadata.self, forKey: .metadata) ?? Metadata()
        self.source = try container.decode(LockedContent.self, forKey: .source)
        self.environment = try container.decodeIfPresent([String: String].self, forKey: .environment) ?? [:]
        self.files = try container.decodeIfPresent([LockedMount].self, forKey: .files) ?? []
        self.config = try container.decodeIfPresent([String: String].self, forKey: .config) ?? [:]
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.id, forKey: .id)
        if !self.metadata.isEmpty { try container.encode(self.metadata, forKey: .metadata) }
        try container.encode(self.source, forKey: .source)
        if !self.environment.isEmpty { try container.encode(self.environment, forKey: .environment) }
        if !self.files.isEmpty { try container.encode(self.files, forKey: .files) }
        if !self.config.isEmpty { try container.encode(self.config, forKey: .config) }
    }
}
