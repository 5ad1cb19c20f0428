/// Which registry has which packages, and how it is spoken to: what the file of `wkg` says,
/// `$XDG_CONFIG_HOME/wasm-pkg/config.toml` (github.com/bytecodealliance/wasm-pkg-tools).
package struct RegistryConfiguration: Sendable, Hashable {
    /// Where packages are.
    package struct Mapping: Sendable, Hashable {
        package var registry: String
        /// What the registry would say about itself; nil asks it.
        package var metadata: RegistryMetadata?

        package init(registry: String, metadata: RegistryMetadata? = nil) {
            self.registry = registry
            self.metadata = metadata
        }
    }

    /// How one registry is spoken to.
    package struct Registry: Sendable, Hashable {
        package var backend: Backend?
        package var usesPlainHTTP = false
        package var acceptsInvalidCertificates = false
        package var credentials: RegistryCredentials?
        /// The folder of a `local` registry.
        package var localRoot: String?

        package init() {}
    }

    package enum Backend: String, Sendable, Hashable {
        case oci
        case local
    }

    package var defaultRegistry: String?
    package var namespaces: [String: Mapping] = [:]
    /// By `namespace:package`.
    package var packages: [String: Mapping] = [:]
    package var registries: [String: Registry] = [:]

    /// Namespaces that have a place even if nobody says so.
    private static let fallbacks = ["wasi": "wasi.dev", "ba": "bytecodealliance.org"]

    package init() {}

    /// Where a package is; nil when nothing says so.
    package func mapping(ofPackage package: String) -> Mapping? {
        let namespace = String(package.prefix { $0 != ":" })
        return self.packages[package] ?? self.namespaces[namespace]
            ?? (self.defaultRegistry ?? Self.fallbacks[namespace]).map { Mapping(registry: $0) }
    }
}

/// What a registry is shown for access. Its description tells nothing.
package struct RegistryCredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    package enum Secret: Sendable, Hashable {
        case password(user: String, password: String)
        /// A token that is sent as it is.
        case bearer(String)
        /// A token that the registry's token service gives others for.
        case identity(String)
    }

    package let secret: Secret
    /// Where they were found, for a message.
    package let origin: String

    package init(_ secret: Secret, origin: String) {
        self.secret = secret
        self.origin = origin
    }

    /// Reads `user:password`.
    package init?(userAndPassword text: String, origin: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        self.init(
            .password(user: String(text[..<colon]), password: String(text[text.index(after: colon)...])),
            origin: origin)
    }

    package var description: String { "<credentials of \(self.origin)>" }
    package var debugDescription: String { self.description }
}

/// What a registry says about itself at `/.well-known/wasm-pkg/registry.json`.
package struct RegistryMetadata: Sendable, Hashable {
    package static let path = "/.well-known/wasm-pkg/registry.json"

    /// `oci`, usually; nil when nothing is said.
    package var preferredProtocol: String?
    /// The host that serves the images, where it is another one.
    package var registry: String?
    /// What stands before the namespace in the names of images.
    package var namespacePrefix: String?

    package init() {}

    package init(_ value: JSONValue) {
        let object = value.object ?? [:]
        let oci = object["oci"]?.object
        self.preferredProtocol = object["preferredProtocol"]?.string
        self.registry = object["ociRegistry"]?.string ?? oci?["registry"]?.string
        self.namespacePrefix = object["ociNamespacePrefix"]?.string ?? oci?["namespacePrefix"]?.string
        if self.preferredProtocol == nil {
            let settings = object.filter { $0.value.object != nil }.keys
            if settings.count == 1 { self.preferredProtocol = settings.first }
        }
    }
}
