/// Reads one component, whether it has a table of its own or stands in a trigger.
struct ComponentDecoder {
    let document: TOMLDocument
    let collector: DiagnosticCollector
    /// The variables of the application.
    let variables: Set<String>

    func decode(_ table: TOMLTable, id: String, path: String, position: SourcePosition) -> Manifest.Component {
        var reader = TableReader(table, path: path, position: position, collector: self.collector)
        var component = Manifest.Component(id: id, source: "", sourcePosition: position, position: position)
        self.decodeSource(&reader, into: &component)
        component.description = reader.string("description") ?? ""
        component.variables = self.decodeVariables(&reader)
        for (entry, text) in reader.stringTable("environment") {
            let isName = !entry.key.isEmpty && !entry.key.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "=") }
            if !isName || text.utf8.contains(0) {
                self.collector.error(
                    TableReader.join(reader.field("environment"), entry.key),
                    "no environment variable can have this name or value", at: entry.keyPosition)
            }
            component.environment[entry.key] = text
        }
        component.files = self.decodeFiles(&reader)
        component.excludedFiles = (reader.strings("exclude_files") ?? []).map(\.text)
        component.allowedOutboundHosts = (reader.strings("allowed_outbound_hosts") ?? []).map(\.text)
        component.build = Self.decodeBuild(&reader)
        // For third-party tools: Spin reads none of it either.
        _ = reader.subtable("tool")
        Self.refuseWhatIsMissing(&reader)
        reader.finish()
        return component
    }

    private func decodeSource(_ reader: inout TableReader, into component: inout Manifest.Component) {
        guard let value = reader.value("source") else {
            reader.missing("source", hint: "the path of a `.wasm` file, relative to the manifest")
            return
        }
        let field = reader.field("source")
        switch value.content {
        case .string(let path):
            if path.isEmpty || path.utf8.contains(0) {
                self.collector.error(field, "must be the path of a `.wasm` file", at: value.position)
            }
            component.source = path
            component.sourcePosition = value.position
        case .table(let table) where table.entry("url") != nil:
            self.collector.notProvided(
                field, "components from a URL", at: value.position, hint: "download it and name the file")
        case .table(let table) where table.entry("package") != nil:
            self.collector.notProvided(
                field, "components from a registry", at: value.position, hint: "download it and name the file")
        default: reader.wrongKind(field, value, expected: "the path of a `.wasm` file")
        }
    }

    private func decodeVariables(
        _ reader: inout TableReader
    ) -> [(name: String, text: String, template: Template)] {
        let path = reader.field("variables")
        return reader.stringTable("variables").compactMap { entry, text in
            let field = TableReader.join(path, entry.key)
            if let problem = Identifier.lowerSnake.problem(with: entry.key) {
                self.collector.error(
                    field, "`\(entry.key)` is no valid variable name: \(problem)", at: entry.keyPosition,
                    hint: Identifier.lowerSnake.corrected(entry.key).map { "for instance `\($0)`" })
            }
            let template: Template
            do throws(Template.ParseError) {
                template = try Template(text)
            } catch {
                guard case .unclosed(let occurrence) = error else { return nil }
                var place = self.document.position(of: "{{", occurrence: occurrence, in: entry.value)
                // The place found is behind the braces.
                if place != entry.value.position { place.column -= 2 }
                self.collector.error(field, "`{{` has no `}}`", at: place)
                return nil
            }
            for (occurrence, name) in template.variables.enumerated() where !self.variables.contains(name) {
                let place = self.document.position(of: "{{", occurrence: occurrence, in: entry.value) {
                    $0.properties.isWhitespace
                }
                let near = NearestName.find(name, in: self.variables.sorted())
                self.collector.error(
                    field, "the application has no variable `\(name)`", at: place,
                    hint: near.map { "did you mean `\($0)`?" } ?? "declare it under `[variables]`")
            }
            return (entry.key, text, template)
        }
    }

    private func decodeFiles(_ reader: inout TableReader) -> [Manifest.FileMount] {
        guard let value = reader.value("files") else { return [] }
        let path = reader.field("files")
        guard let elements = value.array else {
            reader.wrongKind(path, value, expected: "an array")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            let field = "\(path)[\(index)]"
            switch element.content {
            case .string(let pattern):
                if let problem = Self.problem(withPattern: pattern) {
                    self.collector.error(
                        field, problem, at: element.position,
                        hint:
                            "to include a directory use `{ source = \"…\", destination = \"/\" }` or a glob such as `dir/**/*`"
                    )
                } else if pattern == "*" || pattern == "**/*" {
                    self.collector.warning(
                        field, "the component gets every file of the application", at: element.position,
                        hint: "write `./\(pattern)` if that is what you want")
                }
                return Manifest.FileMount(kind: .pattern(pattern), field: field, position: element.position)
            case .table(let table):
                var mount = TableReader(table, path: field, position: element.position, collector: self.collector)
                let source = mount.requiredString("source")
                let destination = mount.requiredString("destination")
                mount.finish()
                guard let source, let destination else { return nil }
                if destination.split(separator: "/").contains("..") {
                    self.collector.error(
                        "\(field).destination", "must not leave the file system of the component (`..`)",
                        at: element.position)
                }
                return Manifest.FileMount(
                    kind: .placement(source: source, destination: destination), field: field,
                    position: element.position)
            default:
                reader.wrongKind(field, element, expected: "a path, a glob or `{ source, destination }`")
                return nil
            }
        }
    }

    private static func problem(withPattern pattern: String) -> String? {
        if pattern.isEmpty { return "must not be empty" }
        if pattern == ".." || pattern.hasSuffix("/..") {
            return "a pattern must not end in the parent directory (`..`)"
        }
        if pattern == "." || pattern.hasSuffix("/.") { return "a pattern must not end in the current directory (`.`)" }
        return nil
    }

    /// Reads `build`; also used where the rest of a manifest could not be read.
    static func decodeBuild(_ reader: inout TableReader) -> BuildSettings? {
        guard let (table, position) = reader.subtable("build") else { return nil }
        var build = TableReader(
            table, path: reader.field("build"), position: position, collector: reader.collector)
        let commands = build.stringOrStrings("command")
        if build.table.entry("command") == nil { build.missing("command") }
        let workdir = build.entry("workdir")
        if let workdir, workdir.value.string == nil {
            build.wrongKind(build.field("workdir"), workdir.value, expected: "a string")
        }
        if let path = workdir?.value.string, path.hasPrefix("/") {
            reader.collector.error(
                build.field("workdir"), "must be relative to the manifest", at: workdir?.value.position ?? position)
        }
        let watch = (build.strings("watch") ?? []).map(\.text)
        build.finish()
        return commands.map { BuildSettings(commands: $0, workdir: workdir?.value.string, watch: watch) }
    }

    private static func refuseWhatIsMissing(_ reader: inout TableReader) {
        reader.refuse("allowed_http_hosts", "outbound network access (`allowed_http_hosts`)")
        reader.refuse("key_value_stores", "key-value stores (`key_value_stores`)")
        reader.refuse("sqlite_databases", "SQLite databases (`sqlite_databases`)")
        reader.refuse("ai_models", "language models (`ai_models`)")
        reader.refuse("targets", "target environments (`targets`)")
        reader.refuse("dependencies", "component dependencies (`dependencies`)")
        reader.refuse(
            "dependencies_inherit_configuration", "component dependencies (`dependencies_inherit_configuration`)")
        reader.refuse("profile", "build profiles (`profile`)")
    }
}
