/// Turns a TOML tree into a ``Manifest``.
struct ManifestDecoder {
    let document: TOMLDocument
    let collector: DiagnosticCollector
    let profile: String?
    /// The types of triggers that there are; nil where that does not matter.
    let triggerTypes: Set<String>?
    var components: [Manifest.Component] = []
    var triggers: [PendingTrigger] = []

    /// A trigger whose id and components may not be settled yet.
    struct PendingTrigger {
        var trigger: Manifest.Trigger
        var path: String
        /// The places of references to components.
        var references: [(id: String, field: String, position: SourcePosition)] = []
        /// Components that stand in the trigger itself, by their places in it.
        var inline: [(place: ComponentPlace, table: TOMLTable, field: String, position: SourcePosition)] = []

        enum ComponentPlace {
            case main
            case role(String, index: Int)
        }

        var componentCount: Int { self.references.count + self.inline.count }
    }

    init(document: TOMLDocument, file: String, profile: String?, triggerTypes: Set<String>? = nil) {
        self.document = document
        self.collector = DiagnosticCollector(file: file)
        self.profile = profile
        self.triggerTypes = triggerTypes
    }

    mutating func decode() throws(ManifestError) -> Manifest {
        // In another version everything else would be wrong as well: stop there.
        guard let table = self.versionTwo() else { throw self.failure() }
        var root = TableReader(root: table, collector: self.collector)
        _ = root.value("spin_manifest_version")
        _ = root.value("spin_version")

        let variables = self.decodeVariables(&root)
        let templates = TemplateChecker(document: self.document, collector: self.collector, variables: variables)
        let application = self.decodeApplication(&root, templates: templates)
        if let (table, _) = root.subtable("component") {
            for entry in table.entries { self.decodeComponent(entry, templates: templates) }
        }
        self.decodeTriggers(&root, templates: templates)
        root.finish()
        self.assignTriggerIDs()
        self.liftInlineComponents(templates: templates)
        self.checkReferences()
        self.applyProfile()
        self.checkDependencies()

        guard self.collector.errors.isEmpty, let application else { throw self.failure() }
        var manifest = Manifest(application: application)
        manifest.variables = variables
        manifest.components = self.components
        manifest.triggers = self.triggers.map(\.trigger)
        manifest.profile = self.profile
        manifest.warnings = self.collector.warnings
        return manifest
    }

    private func failure() -> ManifestError {
        // Who uses a trigger that is not there has to know before correcting anything else.
        let unprovided = self.triggerTypes.map { known in
            self.triggers.filter { !known.contains($0.trigger.type) }
        }
        for pending in unprovided ?? [] {
            let near = NearestName.find(pending.trigger.type, in: self.triggerTypes ?? [])
            self.collector.notProvided(
                "trigger.\(pending.trigger.type)", "`\(pending.trigger.type)` triggers", at: pending.trigger.position,
                hint: near.map { "did you mean `\($0)`?" })
        }
        return self.collector.failure
    }

    // MARK: - Top level

    /// The manifest in the form of version 2; nil when it cannot be told, or not be converted.
    private func versionTwo() -> TOMLTable? {
        let root = self.document.root
        let key =
            root.entry("spin_manifest_version") == nil && root.entry("spin_version") != nil
            ? "spin_version" : "spin_manifest_version"
        guard let value = root[key] else {
            self.collector.error(
                key, "the required field `\(key)` is missing", at: SourcePosition(line: 1, column: 1),
                hint: "add `spin_manifest_version = 2` as the first line")
            return nil
        }
        switch value.content {
        case .integer(2) where root.entry("application") == nil && root["component"]?.array != nil:
            self.collector.error(
                key, "the manifest is written as one of version 1: it has no `[application]`, but `[[component]]`",
                at: value.position, hint: "write `\(key) = \"1\"`")
        case .integer(2): return root
        case .string("1") where root["application"]?.table != nil:
            self.collector.error(
                key, "the manifest is written as one of version 2: it has `[application]`", at: value.position,
                hint: "write `\(key) = 2`")
        case .string("1"):
            let converted = VersionOneConverter(collector: self.collector).convert(root)
            return self.collector.errors.isEmpty ? converted : nil
        case .integer(1):
            self.collector.error(
                key, "version 1 is written as text", at: value.position, hint: "write `\(key) = \"1\"`")
        case .string("2"):
            self.collector.error(
                key, "version 2 is written as a number", at: value.position, hint: "write `\(key) = 2`")
        default:
            self.collector.error(key, "invalid manifest version", at: value.position, hint: "`2` is the current one")
        }
        return nil
    }

    private func decodeApplication(
        _ root: inout TableReader, templates: TemplateChecker
    ) -> Manifest.Application? {
        guard root.table.entry("application") != nil else {
            root.missing("application", hint: "add `[application]` with a `name`")
            return nil
        }
        guard let (table, position) = root.subtable("application") else { return nil }
        var reader = TableReader(table, path: "application", position: position, collector: self.collector)
        let name = reader.requiredString("name")
        var application = Manifest.Application(name: name ?? "")
        for entry in table.entries { application.fieldPositions[entry.key] = entry.keyPosition }
        application.version = reader.string("version") ?? ""
        application.description = reader.string("description") ?? ""
        application.authors = (reader.strings("authors") ?? []).map(\.text)
        application.targets = TargetDecoder.decode(&reader) ?? []
        if let (settings, _) = reader.subtable("trigger") {
            for entry in settings.entries {
                self.decodeTriggerSettings(entry, into: &application, templates: templates)
            }
        }
        // For third-party tools: Spin reads none of it either.
        _ = reader.subtable("tool")
        reader.finish()
        return name == nil ? nil : application
    }

    private func decodeTriggerSettings(
        _ entry: TOMLTable.Entry, into application: inout Manifest.Application, templates: TemplateChecker
    ) {
        let path = TableReader.join("application.trigger", entry.key)
        guard let table = entry.value.table else {
            self.collector.error(
                path, "expected a table, found \(entry.value.kindInWords)", at: entry.value.position)
            return
        }
        switch entry.key {
        case "http":
            for setting in table.entries where setting.key == "base" {
                let field = TableReader.join(path, "base")
                guard setting.value.string == "/" else {
                    self.collector.error(
                        field, "an application has no base path any more", at: setting.value.position,
                        hint: "remove it, and put the prefix into each `route`")
                    return
                }
                self.collector.warning(field, "`base` is deprecated and does nothing", at: setting.keyPosition)
            }
        case "redis":
            var reader = TableReader(
                table, path: path, position: entry.value.position, collector: self.collector)
            if reader.string("address") != nil, let address = table["address"] {
                templates.check(address, field: reader.field("address"))
            }
            reader.finish()
        default: break
        }
        application.triggerSettings[entry.key] = JSONValue(entry.value)
    }

    private func decodeVariables(_ root: inout TableReader) -> [Manifest.Variable] {
        guard let (table, _) = root.subtable("variables") else { return [] }
        return table.entries.compactMap { entry in
            let path = TableReader.join("variables", entry.key)
            self.checkName(entry.key, .lowerSnake, what: "variable", field: path, at: entry.keyPosition)
            guard let body = entry.value.table else {
                self.collector.error(
                    path, "expected a table, found \(entry.value.kindInWords)", at: entry.value.position,
                    hint: "write `\(entry.key) = { default = \"…\" }` or `\(entry.key) = { required = true }`")
                return nil
            }
            var reader = TableReader(body, path: path, position: entry.keyPosition, collector: self.collector)
            var variable = Manifest.Variable(name: entry.key, position: entry.keyPosition)
            variable.description = reader.string("description")
            let isRequired = reader.boolean("required") ?? false
            let hasDefault = body.entry("default") != nil
            variable.default = reader.string("default")
            variable.isSecret = reader.boolean("secret") ?? false
            reader.finish()
            if isRequired == hasDefault {
                self.collector.error(
                    path,
                    hasDefault
                        ? "a variable is either required or has a default, not both"
                        : "a variable needs either `required = true` or a `default`", at: entry.keyPosition)
            }
            return variable
        }
    }

    func checkName(
        _ name: String, _ rule: Identifier, what: String, field: String, at position: SourcePosition
    ) {
        guard let problem = rule.problem(with: name) else { return }
        self.collector.error(
            field, "`\(name)` is no valid \(what) name: \(problem)", at: position,
            hint: rule.corrected(name).map { "for instance `\($0)`" })
    }
}
