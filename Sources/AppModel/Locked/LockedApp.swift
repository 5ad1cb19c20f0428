/// A loaded application: the boundary between what reads manifests and what runs components.
///
/// Its JSON is Spin's `spin.lock` (`spin-parity.md` 7). Unknown fields are ignored, unless `must_understand` names them.
package struct LockedApp: Sendable, Hashable {
    package struct Metadata: Sendable, Hashable, Codable {
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

        package init(name: String) { self.name = name }
    }

    package var metadata: Metadata
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
        let ids = Set(self.triggers.compactMap { $0.triggerConfig["component"]?.string })
        return self.components.filter { ids.contains($0.id) }
    }
}

package struct LockedVariable: Sendable, Hashable {
    package var description: String?
    /// Nil: a value must be given.
    package var `default`: String?
    package var secret: Bool

    package init(description: String? = nil, default: String? = nil, secret: Bool = false) {
        self.description = description
        self.default = `default`
        self.secret = secret
    }
}

package struct LockedTrigger: Sendable, Hashable, Codable {
    package var id: String
    package var triggerType: String
    package var triggerConfig: [String: JSONValue]

    package init(id: String, triggerType: String, triggerConfig: [String: JSONValue]) {
        self.id = id
        self.triggerType = triggerType
        self.triggerConfig = triggerConfig
    }

    private enum CodingKeys: String, CodingKey {
        case id
        case triggerType = "trigger_type"
        case triggerConfig = "trigger_config"
    }
}

package struct LockedComponent: Sendable, Hashable {
    package struct Metadata: Sendable, Hashable, Codable {
        package var description: String?
        package var build: BuildSettings?
        private var hosts: [String]?

        package var allowedOutboundHosts: [String] {
            get { self.hosts ?? [] }
            set { self.hosts = newValue.isEmpty ? nil : newValue }
        }

        package init(description: String? = nil, build: BuildSettings? = nil) {
            self.description = description
            self.build = build
        }

        private enum CodingKeys: String, CodingKey {
            case description
            case build
            case hosts = "allowed_outbound_hosts"
        }

        var isEmpty: Bool { self.description == nil && self.build == nil && self.hosts == nil }
    }

    package var id: String
    package var metadata = Metadata()
    package var source: LockedContent
    package var environment: [String: String] = [:]
    package var files: [LockedMount] = []
    /// Templates of the values of `component.variables`.
    package var config: [String: String] = [:]

    package init(id: String, source: LockedContent) {
        self.id = id
        self.source = source
    }
}

/// Where the bytes of a component are.
package struct LockedContent: Sendable, Hashable, Codable {
    package var contentType: String
    /// A `file:` URL.
    package var source: String

    /// A local file; `path` must be absolute.
    package init(path: String, contentType: String = "application/wasm") {
        self.contentType = contentType
        self.source = FileURL.string(path: path)
    }

    /// The absolute path of the file, or nil when the source is not local.
    package var path: String? { FileURL.path(self.source) }

    private enum CodingKeys: String, CodingKey {
        case contentType = "content_type"
        case source
    }
}

/// A host directory that a component sees, read-only.
package struct LockedMount: Sendable, Hashable, Codable {
    /// A `file:` URL.
    package var source: String
    /// The directory in the guest.
    package var path: String

    package init(directory: String, guestPath: String) {
        self.source = FileURL.string(path: directory)
        self.path = guestPath
    }

    /// The absolute path of the host directory, or nil when the source is not local.
    package var directory: String? { FileURL.path(self.source) }
}
