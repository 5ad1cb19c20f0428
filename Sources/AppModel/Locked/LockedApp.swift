/// A loaded application: the boundary between what reads manifests and what runs components.
///
/// Its JSON is Spin's `spin.lock` (`spin-parity.md` 7). Unknown fields are ignored, unless `must_understand` names them.
package struct LockedApp: Sendable, Hashable {
    package struct Metadata: Sendable, Hashable {
        package var name: String
        package var version: String?
        package var description: String?
        package var authors: [String]?
        /// `[application.trigger.<type>]`.
        package var triggers: [String: JSONValue]?
        /// The settings of the only trigger type, with its name as `type`: what older readers look at.
        package var trigger: [String: JSONValue]?
        /// The URL of the manifest.
        package var origin: String?
        package var profile: String?
        /// What nobody here knows; it is kept.
        package var other: [String: JSONValue] = [:]

        package init(name: String) { self.name = name }
    }

    package var metadata: Metadata
    /// What the host must offer, by name.
    package var hostRequirements: [String: JSONValue] = [:]
    package var variables: [String: LockedVariable] = [:]
    package var triggers: [LockedTrigger] = []
    package var components: [LockedComponent] = []

    package init(metadata: Metadata) {
        self.metadata = metadata
    }

    package var name: String { self.metadata.name }

    package func component(_ id: String) -> LockedComponent? {
        self.components.first { $0.id == id }
    }

    /// The HTTP triggers, in the order of the manifest.
    package var httpTriggers: [LockedHTTPTrigger] {
        self.triggers.compactMap { LockedHTTPTrigger($0) }
    }

    /// The components that some trigger calls; no other one is compiled or run.
    package var reachableComponents: [LockedComponent] {
        let ids = Set(self.triggers.flatMap(\.componentIDs))
        return self.components.filter { ids.contains($0.id) }
    }
}

package struct LockedVariable: Sendable, Hashable {
    package var description: String?
    /// Nil: a value must be given.
    package var `default`: String?
    package var secret: Bool
    /// Where the manifest declares it, as `spin.toml:12:1`.
    package var place: String?

    package init(description: String? = nil, default: String? = nil, secret: Bool = false, place: String? = nil) {
        self.description = description
        self.default = `default`
        self.secret = secret
        self.place = place
    }
}

package struct LockedTrigger: Sendable, Hashable {
    package var id: String
    package var triggerType: String
    package var triggerConfig: [String: JSONValue]
    /// What is composed around the component, by roles.
    package var dependencies: [String: [LockedDependency]] = [:]
    /// Where it stands in the manifest, as `spin.toml:12:1`.
    package var place: String?

    package init(id: String, triggerType: String, triggerConfig: [String: JSONValue]) {
        self.id = id
        self.triggerType = triggerType
        self.triggerConfig = triggerConfig
    }

    /// All components that the trigger names.
    package var componentIDs: [String] {
        var ids: [String] = []
        if let id = self.triggerConfig["component"]?.string { ids.append(id) }
        for value in self.triggerConfig["components"]?.object?.values ?? [:].values {
            switch value {
            case .string(let id): ids.append(id)
            case .array(let list): ids += list.compactMap(\.string)
            default: break
            }
        }
        return ids
    }
}

package struct LockedComponent: Sendable, Hashable {
    package struct Metadata: Sendable, Hashable {
        package var description: String?
        /// With `{{ variable }}` places.
        package var allowedOutboundHosts: [String] = []
        package var keyValueStores: [String] = []
        package var databases: [String] = []
        package var aiModels: [String] = []
        package var build: BuildSettings?
        /// The type of trigger that composes what is around the component.
        package var composingTrigger: String?
        /// What nobody here knows; it is kept.
        package var other: [String: JSONValue] = [:]

        package init(description: String? = nil, build: BuildSettings? = nil) {
            self.description = description
            self.build = build
        }
    }

    package var id: String
    package var metadata = Metadata()
    package var source: LockedContent
    package var environment: [String: String] = [:]
    package var files: [LockedMount] = []
    /// Templates of the values of `component.variables`.
    package var config: [String: String] = [:]
    /// What is composed into the component, by the name of the import.
    package var dependencies: [String: LockedDependency] = [:]
    /// What is composed around the component, by roles such as `middleware`.
    package var triggerDependencies: [String: [LockedDependency]] = [:]
    /// What the host must offer, by name.
    package var hostRequirements: [String: JSONValue] = [:]
    /// Where it stands in the manifest, as `spin.toml:12:1`.
    package var place: String?

    package init(id: String, source: LockedContent) {
        self.id = id
        self.source = source
    }

    /// The hosts that the component may connect to.
    ///
    /// - Parameter value: gives the value of a variable of the application.
    package func allowedHosts(in app: LockedApp, value: (String) throws -> String) throws -> AllowedHosts {
        try AllowedHosts(self.metadata.allowedOutboundHosts, componentIDs: app.components.map(\.id), value: value)
    }
}

/// A component that is part of another one.
package struct LockedDependency: Sendable, Hashable {
    package var source: LockedContent
    package var export: String?
    package var inherit: Inheritance
    /// What is composed into the dependency itself. Spin has no such thing, and does not read it.
    package var dependencies: [String: LockedDependency] = [:]
    /// Where the manifest says so, as `spin.toml:12:1`; for messages.
    package var place: String?

    package init(
        source: LockedContent, export: String? = nil, inherit: Inheritance = .some([]), place: String? = nil
    ) {
        self.source = source
        self.export = export
        self.inherit = inherit
        self.place = place
    }
}

/// Where the bytes of a component are: one of a URL, the bytes themselves, or what they hash to.
package struct LockedContent: Sendable, Hashable, Codable {
    package var contentType: String
    /// A `file:` URL.
    package var source: String?
    /// Base64.
    package var inline: String?
    /// `sha256:…`.
    package var digest: String?

    /// A local file; `path` must be absolute.
    package init(path: String, contentType: String = "application/wasm", digest: ContentDigest? = nil) {
        self.contentType = contentType
        self.source = FileURL.string(path: path)
        self.digest = digest?.description
    }

    /// The absolute path of the file, or nil when the source is not local.
    package var path: String? { self.source.flatMap { FileURL.path($0) } }

    private enum CodingKeys: String, CodingKey {
        case contentType = "content_type"
        case source
        case inline
        case digest
    }
}

/// A host directory that a component sees, read-only unless the operator says otherwise; or a single file of an
/// application from a registry.
package struct LockedMount: Sendable, Hashable, Codable {
    /// A `file:` URL.
    package var source: String?
    /// Base64.
    package var inline: String?
    /// `sha256:…`.
    package var digest: String?
    /// The directory in the guest.
    package var path: String

    package init(directory: String, guestPath: String) {
        self.source = FileURL.string(path: directory)
        self.path = guestPath
    }

    /// A single file.
    package init(digest: String, inline: String?, path: String) {
        self.digest = digest
        self.inline = inline
        self.path = path
    }

    /// The absolute path of the host directory, or nil when the source is not local.
    package var directory: String? { self.source.flatMap { FileURL.path($0) } }
}
