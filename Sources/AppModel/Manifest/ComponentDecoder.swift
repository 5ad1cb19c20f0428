/// Reads one component, whether it has a table of its own or stands in a trigger.
struct ComponentDecoder {
    let templates: TemplateChecker

    private var collector: DiagnosticCollector { self.templates.collector }

    func decode(_ table: TOMLTable, id: String, path: String, position: SourcePosition) -> Manifest.Component {
        var reader = TableReader(table, path: path, position: position, collector: self.collector)
        var component = Manifest.Component(
            id: id, source: .local(""), sourcePosition: position, position: position)
        for entry in table.entries { component.fieldPositions[entry.key] = entry.keyPosition }
        if let (source, position) = self.decodeSource(&reader, isRequired: true) {
            component.source = source
            component.sourcePosition = position
        }
        component.description = reader.string("description") ?? ""
        component.variables = self.decodeVariables(&reader)
        component.environment = self.decodeEnvironment(&reader)
        component.files = self.decodeFiles(&reader)
        component.excludedFiles = (reader.strings("exclude_files") ?? []).map(\.text)
        component.build = Self.decodeBuild(&reader)
        self.decodeCapabilities(&reader, into: &component)
        component.targets = TargetDecoder.decode(&reader)
        let dependencies = DependencyDecoder(collector: self.collector)
        component.dependencies = dependencies.decode(&reader)
        let profiles = reader.subtable("profile")
        for entry in profiles?.table.entries ?? [] {
            component.profiles[entry.key] = self.decodeProfile(
                entry, path: TableReader.join(reader.field("profile"), entry.key))
        }
        dependencies.decodeInheritance(&reader, into: &component)
        // For third-party tools: Spin reads none of it either.
        _ = reader.subtable("tool")
        reader.finish()
        return component
    }

    private func decodeEnvironment(_ reader: inout TableReader) -> [String: String] {
        var environment: [String: String] = [:]
        for (entry, text) in reader.stringTable("environment") {
            let isName = !entry.key.isEmpty && !entry.key.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "=") }
            if !isName || text.utf8.contains(0) {
                self.collector.error(
                    TableReader.join(reader.field("environment"), entry.key),
                    "no environment variable can have this name or value", at: entry.keyPosition)
            }
            environment[entry.key] = text
        }
        return environment
    }

    private func decodeProfile(_ entry: TOMLTable.Entry, path: String) -> Manifest.Profile? {
        guard let table = entry.value.table else {
            self.collector.error(
                path, "expected a table, found \(entry.value.kindInWords)", at: entry.value.position)
            return nil
        }
        var reader = TableReader(table, path: path, position: entry.value.position, collector: self.collector)
        var profile = Manifest.Profile(sourcePosition: entry.value.position)
        if let (source, position) = self.decodeSource(&reader, isRequired: false) {
            profile.source = source
            profile.sourcePosition = position
        }
        profile.environment = self.decodeEnvironment(&reader)
        profile.dependencies = DependencyDecoder(collector: self.collector).decode(&reader)
        if let (table, position) = reader.subtable("build") {
            var build = TableReader(
                table, path: reader.field("build"), position: position, collector: self.collector)
            profile.buildCommands = build.stringOrStrings("command")
            if table.entry("command") == nil { build.missing("command") }
            build.finish()
        }
        reader.finish()
        return profile
    }

    private func decodeSource(
        _ reader: inout TableReader, isRequired: Bool
    ) -> (source: ComponentSource, position: SourcePosition)? {
        guard let value = reader.value("source") else {
            if isRequired { reader.missing("source", hint: "the path of a `.wasm` file, relative to the manifest") }
            return nil
        }
        let field = reader.field("source")
        switch value.content {
        case .string(let path):
            if path.isEmpty || path.utf8.contains(0) {
                self.collector.error(field, "must be the path of a `.wasm` file", at: value.position)
            }
            return (.local(path), value.position)
        case .table(let table):
            return SourceDecoder(collector: self.collector).decode(table, field: field, position: value.position)
                .map { ($0, value.position) }
        default:
            reader.wrongKind(field, value, expected: "the path of a `.wasm` file or a table")
            return nil
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
            return self.templates.check(entry.value, field: field).map { (entry.key, text, $0) }
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
}
