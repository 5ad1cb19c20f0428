/// Reads `runtime-config.toml`: everything that is wrong at once, each with its place.
package struct RuntimeConfigDecoder {
    /// Makes paths absolute: those of key-value stores are relative to the file, all others to where the command runs.
    package struct Paths {
        package var fileDirectory: String
        package var currentDirectory: String
        package var absolute: (_ path: String, _ directory: String) -> String

        package init(
            fileDirectory: String, currentDirectory: String,
            absolute: @escaping (_ path: String, _ directory: String) -> String
        ) {
            self.fileDirectory = fileDirectory
            self.currentDirectory = currentDirectory
            self.absolute = absolute
        }
    }

    let paths: Paths
    let collector: DiagnosticCollector

    /// Reads the text of the file that the user calls `file`. Throws ``ManifestError``.
    package static func decode(_ text: String, file: String, paths: Paths) throws(ManifestError) -> RuntimeConfig {
        try TableReader.read(text, file: file) { reader in
            Self(paths: paths, collector: reader.collector).decode(&reader, file: file)
        }
    }

    private func decode(_ reader: inout TableReader, file: String) -> RuntimeConfig {
        var config = RuntimeConfig()
        config.file = file
        config.stateDirectory = reader.string("state_dir").map { self.directory($0) }
        config.logDirectory = reader.string("log_dir").map { self.directory($0) }
        config.maxInstanceMemory = self.count("max_instance_memory", &reader)
        for key in ["variables_provider", "config_provider"] {
            for table in self.tables(key, &reader) {
                if let provider = self.variableProvider(table) { config.variableProviders.append(provider) }
            }
        }
        for table in self.labelledTables("key_value_store", &reader) {
            let (type, backend) = self.keyValueBackend(table.reader)
            config.keyValueStores[table.label] = backend
            config.summary.append("[key_value_store.\(table.label): \(type)]")
        }
        for table in self.labelledTables("sqlite_database", &reader) {
            let (type, backend) = self.sqliteBackend(table.reader)
            config.sqliteDatabases[table.label] = backend
            config.summary.append("[sqlite_database.\(table.label): \(type)]")
        }
        if let limit = self.connectionLimit("outbound_redis", &reader) {
            config.outboundRedis = limit
            if let count = limit.maxConnections { config.summary.append("[outbound_redis: max_connections=\(count)]") }
        }
        self.readNetwork(&reader, into: &config)
        self.refuseSections(&reader)
        config.warnings = self.collector.warnings
        return config
    }

    /// Sections of Spin's whose capabilities are not there yet.
    private func refuseSections(_ reader: inout TableReader) {
        reader.refuse("llm_compute", "language models")
        reader.refuse("outbound_pg", "Postgres")
        reader.refuse("outbound_mysql", "MySQL")
        reader.refuse("outbound_mqtt", "MQTT")
    }

    // MARK: Sections

    private func variableProvider(_ table: (reader: TableReader, position: SourcePosition)) -> VariableProviderConfig? {
        var reader = table.reader
        guard let type = reader.requiredString("type", hint: "`static` or `env`") else { return nil }
        var provider: VariableProviderConfig?
        switch type {
        case "static":
            var values: [String: String] = [:]
            for entry in reader.stringTable("values") { values[entry.key.key] = entry.text }
            if reader.table.entry("values") == nil { reader.missing("values") }
            provider = .values(values)
        case "env":
            provider = .environment(
                prefix: reader.string("prefix") ?? "SPIN_VARIABLE",
                dotEnvPath: reader.string("dotenv_path").map {
                    self.paths.absolute($0, self.paths.currentDirectory)
                })
        case "vault", "azure_key_vault":
            self.collector.notProvided(
                reader.field("type"), "variables from `\(type)`", at: reader.table["type"]?.position ?? table.position)
            return nil
        default:
            self.unknownType(type, of: reader, among: ["static", "env", "vault", "azure_key_vault"])
            return nil
        }
        reader.finish()
        return provider
    }

    private func keyValueBackend(_ table: TableReader) -> (type: String, KeyValueBackend?) {
        var reader = table
        guard let type = reader.requiredString("type", hint: "`spin` or `redis`") else { return ("", nil) }
        var backend: KeyValueBackend?
        switch type {
        case "spin":
            backend = .sqlite(
                path: reader.string("path").map { self.paths.absolute($0, self.paths.fileDirectory) })
        case "redis":
            let position = reader.table["url"]?.position ?? reader.position
            backend = reader.requiredString("url").map {
                .redis(url: $0, place: "\(self.collector.file):\(position.line):\(position.column)")
            }
        case "azure_cosmos", "aws_dynamo":
            self.notProvided("key-value stores of the type `\(type)`", reader)
            return (type, nil)
        default:
            self.unknownType(type, of: reader, among: ["spin", "redis", "azure_cosmos", "aws_dynamo"])
            return (type, nil)
        }
        reader.finish()
        return (type, backend)
    }

    private func sqliteBackend(_ table: TableReader) -> (type: String, SQLiteBackend?) {
        var reader = table
        guard let type = reader.requiredString("type", hint: "`spin`") else { return ("", nil) }
        switch type {
        case "spin":
            let path = reader.string("path").map { self.paths.absolute($0, self.paths.currentDirectory) }
            let allows = reader.boolean("allow_attach_file") ?? false
            reader.finish()
            return (type, .local(path: path, allowsAttachedFiles: allows))
        case "libsql":
            self.notProvided("SQLite databases of the type `libsql`", reader)
        default:
            self.unknownType(type, of: reader, among: ["spin", "libsql"])
        }
        return (type, nil)
    }

    private func connectionLimit(_ key: String, _ reader: inout TableReader) -> ConnectionLimit? {
        guard let (table, position) = reader.subtable(key) else { return nil }
        var section = TableReader(table, path: key, position: position, collector: self.collector)
        let limit = ConnectionLimit(maxConnections: self.count("max_connections", &section))
        section.finish()
        return limit
    }

    // MARK: Values

    /// `""` says that there is none.
    private func directory(_ path: String) -> String {
        path.isEmpty ? "" : self.paths.absolute(path, self.paths.currentDirectory)
    }

    private func count(_ key: String, _ reader: inout TableReader) -> Int? {
        guard let value = reader.value(key) else { return nil }
        guard case .integer(let number) = value.content, number > 0, let count = Int(exactly: number) else {
            self.collector.error(reader.field(key), "expected a number above 0", at: value.position)
            return nil
        }
        return count
    }

    /// `[[key]]`.
    func tables(_ key: String, _ reader: inout TableReader) -> [(reader: TableReader, position: SourcePosition)] {
        guard let value = reader.value(key) else { return [] }
        guard let elements = value.array else {
            reader.wrongKind(key, value, expected: "an array of tables (`[[\(key)]]`)")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            let path = "\(key)[\(index)]"
            guard let table = element.table else {
                reader.wrongKind(path, element, expected: "a table")
                return nil
            }
            return (
                TableReader(table, path: path, position: element.position, collector: self.collector), element.position
            )
        }
    }

    /// `[key.<label>]`.
    private func labelledTables(_ key: String, _ reader: inout TableReader) -> [(label: String, reader: TableReader)] {
        guard let (table, _) = reader.subtable(key) else { return [] }
        return table.entries.compactMap { entry in
            let path = TableReader.join(key, entry.key)
            guard let inner = entry.value.table else {
                reader.wrongKind(path, entry.value, expected: "a table")
                return nil
            }
            return (
                entry.key,
                TableReader(inner, path: path, position: entry.value.position, collector: self.collector)
            )
        }
    }

    private func notProvided(_ what: String, _ reader: TableReader) {
        self.collector.notProvided(
            reader.field("type"), what, at: reader.table["type"]?.position ?? reader.position)
    }

    private func unknownType(_ type: String, of reader: TableReader, among names: [String]) {
        let near = NearestName.find(type, in: names)
        self.collector.error(
            reader.field("type"), "unknown type `\(type)`", at: reader.table["type"]?.position ?? reader.position,
            hint: near.map { "did you mean `\($0)`?" }
                ?? "it may be \(names.map { "`\($0)`" }.joined(separator: ", "))")
    }
}
