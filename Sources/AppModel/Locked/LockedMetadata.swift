/// The metadata of a locked application and its components: maps of any values, of which these are known.
private struct MetadataReader {
    /// A value of the wrong kind.
    struct WrongKind: Error, CustomStringConvertible {
        var key: String
        var description: String { "the metadata `\(self.key)` has a value of the wrong kind" }
    }

    var rest: [String: JSONValue]

    mutating func string(_ key: String) throws(WrongKind) -> String? {
        guard let value = self.rest.removeValue(forKey: key) else { return nil }
        guard let string = value.string else { throw WrongKind(key: key) }
        return string
    }

    mutating func strings(_ key: String) throws(WrongKind) -> [String]? {
        guard let value = self.rest.removeValue(forKey: key) else { return nil }
        guard case .array(let elements) = value else { throw WrongKind(key: key) }
        let strings = elements.compactMap(\.string)
        guard strings.count == elements.count else { throw WrongKind(key: key) }
        return strings
    }

    mutating func object(_ key: String) throws(WrongKind) -> [String: JSONValue]? {
        guard let value = self.rest.removeValue(forKey: key) else { return nil }
        guard let object = value.object else { throw WrongKind(key: key) }
        return object
    }
}

extension [String: JSONValue] {
    fileprivate mutating func add(_ key: String, _ text: String?) {
        if let text { self[key] = .string(text) }
    }

    fileprivate mutating func add(_ key: String, _ texts: [String]?) {
        if let texts, !texts.isEmpty { self[key] = .array(texts.map { .string($0) }) }
    }

    fileprivate mutating func add(_ key: String, _ object: [String: JSONValue]?) {
        if let object { self[key] = .object(object) }
    }
}

extension LockedApp.Metadata {
    init(_ values: [String: JSONValue]) throws {
        var reader = MetadataReader(rest: values)
        self.init(name: try reader.string("name") ?? "<unnamed>")
        self.version = try reader.string("version")
        self.description = try reader.string("description")
        self.authors = try reader.strings("authors")
        self.triggers = try reader.object("triggers")
        self.trigger = try reader.object("trigger")
        self.origin = try reader.string("origin")
        self.profile = try reader.string("profile")
        self.other = reader.rest
    }

    var values: [String: JSONValue] {
        var values = self.other
        values.add("name", self.name)
        values.add("version", self.version)
        values.add("description", self.description)
        values.add("authors", self.authors)
        values.add("triggers", self.triggers)
        values.add("trigger", self.trigger)
        values.add("origin", self.origin)
        values.add("profile", self.profile)
        return values
    }
}

extension LockedComponent.Metadata {
    private static let composingTriggerKey = "resolve-trigger-dependencies-using"

    init(_ values: [String: JSONValue]) throws {
        var reader = MetadataReader(rest: values)
        self.init(description: try reader.string("description"))
        self.allowedOutboundHosts = try reader.strings("allowed_outbound_hosts") ?? []
        self.keyValueStores = try reader.strings("key_value_stores") ?? []
        self.databases = try reader.strings("databases") ?? []
        self.aiModels = try reader.strings("ai_models") ?? []
        self.build = try reader.object("build").map { try BuildSettings($0) }
        self.composingTrigger = try reader.string(Self.composingTriggerKey)
        self.other = reader.rest
    }

    var values: [String: JSONValue] {
        var values = self.other
        values.add("description", self.description)
        values.add("allowed_outbound_hosts", self.allowedOutboundHosts)
        values.add("key_value_stores", self.keyValueStores)
        values.add("databases", self.databases)
        values.add("ai_models", self.aiModels)
        values.add("build", self.build?.values)
        values.add(Self.composingTriggerKey, self.composingTrigger)
        return values
    }
}

extension BuildSettings {
    fileprivate init(_ values: [String: JSONValue]) throws {
        var reader = MetadataReader(rest: values)
        let commands: [String]
        if let single = values["command"]?.string {
            commands = [single]
        } else {
            commands = try reader.strings("command") ?? []
        }
        self.init(commands: commands)
        self.workdir = try reader.string("workdir")
        self.watch = try reader.strings("watch") ?? []
    }

    fileprivate var values: [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        if self.commands.count == 1, let single = self.commands.first {
            values["command"] = .string(single)
        } else {
            values["command"] = .array(self.commands.map { .string($0) })
        }
        values.add("workdir", self.workdir)
        values.add("watch", self.watch)
        return values
    }
}
