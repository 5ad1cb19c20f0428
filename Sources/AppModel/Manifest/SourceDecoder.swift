/// Sources that are not local files: `{ url, digest }` and `{ package, version, registry }`.
struct SourceDecoder {
    let collector: DiagnosticCollector

    func decode(_ table: TOMLTable, field: String, position: SourcePosition) -> ComponentSource? {
        var reader = TableReader(table, path: field, position: position, collector: self.collector)
        if table.entry("url") != nil || table.entry("digest") != nil {
            guard let (url, digest) = self.decodeRemote(&reader) else { return nil }
            reader.finish()
            return .remote(url: url, digest: digest)
        }
        guard table.entry("package") != nil else {
            self.collector.error(
                field, "a source is a path, `{ url, digest }` or `{ package, version }`", at: position)
            return nil
        }
        let package = reader.requiredString("package")
        let version = reader.requiredString("version", hint: "an exact version, such as `version = \"1.2.3\"`")
        let registry = reader.string("registry")
        reader.finish()
        guard let package, let version else { return nil }
        self.checkPackage(package, reader)
        if let registry { self.checkRegistry(registry, reader) }
        if SemanticVersion(version) == nil {
            self.collector.error(
                reader.field("version"), "`\(version)` is no exact version", at: table["version"]?.position ?? position,
                hint: "write all three numbers, such as `1.2.3`")
        }
        return .registry(package: package, version: version, registry: registry)
    }

    /// Reads `url` and `digest`.
    func decodeRemote(_ reader: inout TableReader) -> (url: String, digest: String)? {
        let url = reader.requiredString("url")
        let digest = reader.requiredString(
            "digest", hint: "`sha256:` and what `sha256sum` prints: only this very file is accepted")
        guard let url, let digest else { return nil }
        if OutboundURL(url, defaultScheme: "").map({ ["http", "https"].contains($0.scheme) }) != true {
            self.collector.error(
                reader.field("url"), "`\(url)` is no http or https URL",
                at: reader.table["url"]?.position ?? reader.position)
        }
        if ContentDigest(digest) == nil {
            self.collector.error(
                reader.field("digest"), "`\(digest)` is no digest",
                at: reader.table["digest"]?.position ?? reader.position,
                hint: "write `sha256:` and 64 hexadecimal digits, as `sha256sum` prints them")
        }
        return (url, digest)
    }

    func checkPackage(_ package: String, _ reader: TableReader) {
        guard !DependencyName.isPackage(package) else { return }
        self.collector.error(
            reader.field("package"), "`\(package)` is no package name",
            at: reader.table["package"]?.position ?? reader.position, hint: "write `namespace:package`")
    }

    func checkRegistry(_ registry: String, _ reader: TableReader) {
        guard !RegistryName.isValid(registry) else { return }
        self.collector.error(
            reader.field("registry"), "`\(registry)` is no name of a registry",
            at: reader.table["registry"]?.position ?? reader.position,
            hint: "write its host, such as `registry.example.com` or `localhost:5000`, without `https://` and path")
    }
}

/// `targets`: environments that the application is meant for.
enum TargetDecoder {
    static func decode(_ reader: inout TableReader) -> [TargetReference]? {
        guard let value = reader.value("targets") else { return nil }
        let field = reader.field("targets")
        guard let elements = value.array else {
            reader.wrongKind(field, value, expected: "an array")
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            let field = "\(field)[\(index)]"
            switch element.content {
            case .string(let name): return .catalogue(name)
            case .table(let table):
                var target = TableReader(
                    table, path: field, position: element.position, collector: reader.collector)
                let url = target.string("url")
                let path = target.string("path")
                target.finish()
                switch (url, path) {
                case (let url?, nil): return .remote(url: url)
                case (nil, let path?): return .local(path: path)
                default:
                    reader.collector.error(
                        field, "a target is a name, `{ url }` or `{ path }`", at: element.position)
                    return nil
                }
            default:
                reader.wrongKind(field, element, expected: "a name, `{ url }` or `{ path }`")
                return nil
            }
        }
    }
}
