/// Reads the configuration of registries: everything that is wrong at once, each with its place.
package struct RegistryConfigurationDecoder {
    private let collector: DiagnosticCollector
    private let decodeBase64: (String) -> String?

    /// Reads the text of the file that the user calls `file`. Throws ``ManifestError``.
    ///
    /// - Parameter decodeBase64: gives the text that Base64 stands for.
    package static func decode(
        _ text: String, file: String, decodeBase64: @escaping (String) -> String?
    ) throws(ManifestError) -> RegistryConfiguration {
        try TableReader.read(text, file: file) { reader in
            Self(collector: reader.collector, decodeBase64: decodeBase64).decode(&reader)
        }
    }

    private func decode(_ reader: inout TableReader) -> RegistryConfiguration {
        var configuration = RegistryConfiguration()
        if let name = reader.string("default_registry"), let value = reader.table["default_registry"] {
            self.check(name, "default_registry", at: value.position)
            configuration.defaultRegistry = name
        }
        configuration.namespaces = self.mappings("namespace_registries", &reader)
        configuration.packages = self.mappings("package_registry_overrides", &reader)
        if let (table, _) = reader.subtable("registry") {
            for entry in table.entries {
                let field = TableReader.join("registry", entry.key)
                self.check(entry.key, field, at: entry.keyPosition)
                guard let inner = entry.value.table else {
                    reader.wrongKind(field, entry.value, expected: "a table")
                    continue
                }
                configuration.registries[entry.key] = self.registry(
                    TableReader(inner, path: field, position: entry.keyPosition, collector: self.collector))
            }
        }
        return configuration
    }

    private func mappings(_ key: String, _ reader: inout TableReader) -> [String: RegistryConfiguration.Mapping] {
        var found: [String: RegistryConfiguration.Mapping] = [:]
        for entry in reader.subtable(key)?.table.entries ?? [] {
            let field = TableReader.join(key, entry.key)
            switch entry.value.content {
            case .string(let name):
                self.check(name, field, at: entry.value.position)
                found[entry.key] = RegistryConfiguration.Mapping(registry: name)
            case .table(let table):
                var mapping = TableReader(
                    table, path: field, position: entry.value.position, collector: self.collector)
                let name = mapping.requiredString("registry")
                let metadata = mapping.value("metadata")
                if metadata == nil { mapping.missing("metadata") }
                mapping.finish()
                guard let name, let metadata else { continue }
                self.check(name, mapping.field("registry"), at: table["registry"]?.position ?? mapping.position)
                found[entry.key] = RegistryConfiguration.Mapping(
                    registry: name, metadata: RegistryMetadata(JSONValue(metadata)))
            default: reader.wrongKind(field, entry.value, expected: "the name of a registry or a table")
            }
        }
        return found
    }

    private func check(_ name: String, _ field: String, at position: SourcePosition) {
        guard !RegistryName.isValid(name) else { return }
        self.collector.error(
            field, "`\(name)` is no name of a registry", at: position,
            hint: "write its host, such as `registry.example.com` or `localhost:5000`")
    }

    private func registry(_ table: TableReader) -> RegistryConfiguration.Registry {
        var reader = table
        var registry = RegistryConfiguration.Registry()
        let (named, old) = (reader.string("default"), reader.string("type"))
        let oci = reader.subtable("oci")
        let local = reader.subtable("local")
        switch named ?? old {
        case nil:
            // As long as there is one kind, it is meant.
            let kinds = reader.table.entries.filter { $0.value.table != nil }.map(\.key)
            if kinds.count == 1 {
                registry.backend = kinds.first.flatMap { RegistryConfiguration.Backend(rawValue: $0) }
            }
        case let name?:
            registry.backend = RegistryConfiguration.Backend(rawValue: name)
            if registry.backend == nil {
                self.collector.notProvided(
                    reader.path, "registries of the kind `\(name)`", at: reader.position,
                    hint: "there are `oci` and `local`")
            }
        }
        // Settings of other kinds are theirs.
        if let (table, position) = oci {
            self.readOCI(
                TableReader(table, path: reader.field("oci"), position: position, collector: self.collector),
                into: &registry)
        }
        if let (table, position) = local {
            var settings = TableReader(
                table, path: reader.field("local"), position: position, collector: self.collector)
            registry.localRoot = settings.requiredString("root")
        }
        return registry
    }

    private func readOCI(_ table: TableReader, into registry: inout RegistryConfiguration.Registry) {
        var reader = table
        if let name = reader.string("protocol") {
            registry.usesPlainHTTP = name == "http"
            if !["http", "https"].contains(name) {
                self.collector.error(
                    reader.field("protocol"), "`\(name)` is neither `http` nor `https`",
                    at: reader.table["protocol"]?.position ?? reader.position)
            }
        }
        registry.acceptsInvalidCertificates = reader.boolean("accept_invalid_certificates") ?? false
        reader.refuse("extra_root_certificates", "`extra_root_certificates`: name a file by SSL_CERT_FILE instead")
        guard let auth = reader.value("auth") else { return }
        let field = reader.field("auth")
        let origin = "\(self.collector.file):\(auth.position.line)"
        switch auth.content {
        case .string(let text):
            registry.credentials = self.decodeBase64(text).flatMap {
                RegistryCredentials(userAndPassword: $0, origin: origin)
            }
            // What it says is not told: it is a secret.
            if registry.credentials == nil {
                self.collector.error(field, "not Base64 of `user:password`", at: auth.position)
            }
        case .table(let inner):
            var settings = TableReader(inner, path: field, position: auth.position, collector: self.collector)
            let user = settings.requiredString("username")
            let password = settings.requiredString("password")
            settings.finish()
            guard let user, let password else { return }
            registry.credentials = RegistryCredentials(.password(user: user, password: password), origin: origin)
        default: reader.wrongKind(field, auth, expected: "Base64, or `{ username, password }`")
        }
    }
}
