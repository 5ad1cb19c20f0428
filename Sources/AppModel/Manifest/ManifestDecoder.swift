/// Turns a TOML tree into a ``Manifest``.
struct ManifestDecoder {
    private let document: TOMLDocument
    private let collector: DiagnosticCollector
    private var components: [Manifest.Component] = []
    private var triggers: [PendingTrigger] = []

    /// A trigger whose id and component may not be settled yet.
    private struct PendingTrigger {
        var trigger: Manifest.Trigger
        var path: String
        /// The place of the reference, when the component is one.
        var reference: SourcePosition?
        var inline: (table: TOMLTable, position: SourcePosition)?
    }

    init(document: TOMLDocument, file: String) {
        self.document = document
        self.collector = DiagnosticCollector(file: file)
    }

    mutating func decode() throws(ManifestError) -> Manifest {
        var root = TableReader(
            self.document.root, path: "", position: SourcePosition(line: 1, column: 1), collector: self.collector)
        // In another version everything else would be wrong as well: stop here.
        guard self.decodeVersion(&root) else { throw ManifestError(self.collector.errors) }

        let application = self.decodeApplication(&root)
        let variables = self.decodeVariables(&root)
        let names = variables.map(\.name)
        if let (table, _) = root.subtable("component") {
            for entry in table.entries { self.decodeComponent(entry, variables: names) }
        }
        self.decodeTriggers(&root)
        root.finish()
        self.assignTriggerIDs()
        self.liftInlineComponents(variables: names)
        self.checkReferences()

        guard self.collector.errors.isEmpty, let application else {
            throw ManifestError(self.collector.errors.sorted { $0.position < $1.position })
        }
        var manifest = Manifest(application: application)
        manifest.variables = variables
        manifest.components = self.components
        manifest.triggers = self.triggers.map(\.trigger)
        manifest.warnings = self.collector.warnings
        return manifest
    }

    // MARK: - Top level

    private func decodeVersion(_ root: inout TableReader) -> Bool {
        let key = root.table.entry("spin_version") == nil ? "spin_manifest_version" : "spin_version"
        guard let value = root.value(key) else {
            self.collector.error(
                key, "the required field `\(key)` is missing", at: root.position,
                hint: "add `spin_manifest_version = 2` as the first line")
            return false
        }
        switch value.content {
        case .integer(2): return true
        case .integer(1), .string("1"):
            self.collector.notProvided(
                key, "manifests of version 1", at: value.position,
                hint: "rewrite it as version 2 (`spin doctor` does it for you)")
        default:
            self.collector.error(key, "invalid manifest version", at: value.position, hint: "only `2` is known")
        }
        return false
    }

    private func decodeApplication(_ root: inout TableReader) -> Manifest.Application? {
        guard root.table.entry("application") != nil else {
            root.missing("application", hint: "add `[application]` with a `name`")
            return nil
        }
        guard let (table, position) = root.subtable("application") else { return nil }
        var reader = TableReader(table, path: "application", position: position, collector: self.collector)
        let name = reader.requiredString("name")
        var application = Manifest.Application(name: name ?? "")
        application.version = reader.string("version") ?? ""
        application.description = reader.string("description") ?? ""
        application.authors = (reader.strings("authors") ?? []).map(\.text)
        reader.refuse("targets", "target environments (`targets`)")
        if let (settings, _) = reader.subtable("trigger") {
            for entry in settings.entries { self.decodeTriggerSettings(entry, into: &application) }
        }
        // For third-party tools: Spin reads none of it either.
        _ = reader.subtable("tool")
        reader.finish()
        return name == nil ? nil : application
    }

    private func decodeTriggerSettings(_ entry: TOMLTable.Entry, into application: inout Manifest.Application) {
        let path = TableReader.join("application.trigger", entry.key)
        guard entry.key == "http" else {
            self.collector.notProvided(path, "`\(entry.key)` triggers", at: entry.keyPosition)
            return
        }
        guard let table = entry.value.table else {
            self.collector.error(
                path, "expected a table, found \(entry.value.kindInWords)", at: entry.value.position)
            return
        }
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
            var variable = Manifest.Variable(name: entry.key)
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

    private func checkName(
        _ name: String, _ rule: Identifier, what: String, field: String, at position: SourcePosition
    ) {
        guard let problem = rule.problem(with: name) else { return }
        self.collector.error(
            field, "`\(name)` is no valid \(what) name: \(problem)", at: position,
            hint: rule.corrected(name).map { "for instance `\($0)`" })
    }
}

// MARK: - Components

extension ManifestDecoder {
    private mutating func decodeComponent(_ entry: TOMLTable.Entry, variables: [String]) {
        let path = TableReader.join("component", entry.key)
        self.checkName(entry.key, .kebab, what: "component", field: path, at: entry.keyPosition)
        guard let table = entry.value.table else {
            self.collector.error(
                path, "expected a table, found \(entry.value.kindInWords)", at: entry.value.position)
            return
        }
        self.components.append(
            ComponentDecoder(document: self.document, collector: self.collector, variables: variables)
                .decode(table, id: entry.key, path: path, position: entry.value.position))
    }

    /// Gives inline components an id and a place among the others, as Spin does.
    private mutating func liftInlineComponents(variables: [String]) {
        var taken = Set(self.components.map(\.id))
        for index in self.triggers.indices {
            guard let (table, position) = self.triggers[index].inline else { continue }
            var id = "\(self.triggers[index].trigger.id)-component"
            if taken.contains(id) || Identifier.kebab.problem(with: id) != nil {
                id = Self.unusedName("inline-component", taken: taken)
            }
            taken.insert(id)
            self.triggers[index].trigger.componentID = id
            self.components.append(
                ComponentDecoder(document: self.document, collector: self.collector, variables: variables)
                    .decode(table, id: id, path: "\(self.triggers[index].path).component", position: position))
        }
    }

    private static func unusedName(_ stem: String, taken: Set<String>) -> String {
        var counter = 1
        while taken.contains("\(stem)\(counter)") { counter += 1 }
        return "\(stem)\(counter)"
    }

    private func checkReferences() {
        let ids = self.components.map(\.id)
        for pending in self.triggers {
            guard let position = pending.reference, !ids.contains(pending.trigger.componentID) else { continue }
            let id = pending.trigger.componentID
            let near = NearestName.find(id, in: ids)
            self.collector.error(
                "\(pending.path).component", "there is no component `\(id)`", at: position,
                hint: near.map { "did you mean `\($0)`?" } ?? "add `[component.\(id)]` with a `source`")
        }
    }
}

// MARK: - Triggers

extension ManifestDecoder {
    private mutating func decodeTriggers(_ root: inout TableReader) {
        guard let (types, _) = root.subtable("trigger") else { return }
        for type in types.entries {
            let path = TableReader.join("trigger", type.key)
            guard type.key == "http" else {
                self.collector.notProvided(path, "`\(type.key)` triggers", at: type.keyPosition)
                continue
            }
            guard let elements = type.value.array else {
                self.collector.error(
                    path, "expected an array of tables, found \(type.value.kindInWords)", at: type.value.position,
                    hint: "write `[[\(path)]]` with two brackets")
                continue
            }
            for (index, element) in elements.enumerated() {
                self.decodeHTTPTrigger(element, path: "\(path)[\(index)]")
            }
        }
    }

    private mutating func decodeHTTPTrigger(_ element: TOMLValue, path: String) {
        guard let table = element.table else {
            self.collector.error(
                path, "expected a table, found \(element.kindInWords)", at: element.position)
            return
        }
        var reader = TableReader(table, path: path, position: element.position, collector: self.collector)
        var pending = PendingTrigger(
            trigger: Manifest.Trigger(
                id: reader.string("id") ?? "", type: "http", componentID: "", route: "", settings: [:],
                position: element.position),
            path: path)
        for entry in table.entries where entry.key != "id" && entry.key != "component" {
            pending.trigger.settings[entry.key] = JSONValue(entry.value)
        }
        pending.trigger.route = self.decodeRoute(&reader)
        reader.refuse("static_response", "static responses (`static_response`)")
        reader.refuse("components", "several components in one trigger (`components`)")
        reader.refuse("dependencies", "middleware (`dependencies`)")
        self.decodeExecutor(&reader)
        self.decodeTarget(&reader, into: &pending)
        reader.finish()
        self.triggers.append(pending)
    }

    private func decodeTarget(_ reader: inout TableReader, into pending: inout PendingTrigger) {
        guard let value = reader.value("component") else {
            if reader.table.entry("static_response") == nil {
                reader.missing("component", hint: "name a component: `component = \"…\"`")
            }
            return
        }
        let field = reader.field("component")
        switch value.content {
        case .string(let id):
            pending.trigger.componentID = id
            if let problem = Identifier.kebab.problem(with: id) {
                self.collector.error(
                    field, "`\(id)` is no valid component name: \(problem)", at: value.position,
                    hint: Identifier.kebab.corrected(id).map { "for instance `\($0)`" })
            } else {
                pending.reference = value.position
            }
        case .table(let table): pending.inline = (table, value.position)
        default: reader.wrongKind(field, value, expected: "a component name or a table")
        }
    }

    private func decodeRoute(_ reader: inout TableReader) -> String {
        guard let value = reader.value("route") else {
            reader.missing("route", hint: "add a route such as `route = \"/...\"`")
            return ""
        }
        let field = reader.field("route")
        switch value.content {
        case .string(let route):
            if route.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F }) {
                self.collector.error(field, "a route must not hold white space", at: value.position)
            } else {
                do {
                    _ = try RoutePattern(route)
                } catch {
                    self.collector.error(field, error.description, at: value.position)
                }
            }
            return route
        case .table(let table):
            guard table.entries.allSatisfy({ $0.key == "private" }), let isPrivate = table["private"]?.boolean else {
                fallthrough
            }
            if isPrivate {
                self.collector.notProvided(field, "private routes", at: value.position)
            } else {
                self.collector.error(
                    field, "`private = false` says nothing", at: value.position,
                    hint: "write a route, or `{ private = true }`")
            }
        default: reader.wrongKind(field, value, expected: "a string or `{ private = true }`")
        }
        return ""
    }

    private func decodeExecutor(_ reader: inout TableReader) {
        guard let (table, position) = reader.subtable("executor") else { return }
        var executor = TableReader(
            table, path: reader.field("executor"), position: position, collector: self.collector)
        guard let type = executor.requiredString("type") else { return }
        switch type {
        case "http", "spin": executor.finish()
        case "wagi":
            self.collector.notProvided(executor.field("type"), "the `wagi` executor", at: position)
        case "wasip3-unstable":
            self.collector.error(
                executor.field("type"), "`wasip3-unstable` is gone", at: position,
                hint: "remove `executor`: the version of WASI is found out from the component")
        default:
            self.collector.error(
                executor.field("type"), "unknown executor `\(type)`", at: position, hint: "use `http`, or remove it")
        }
    }

    /// Names the triggers that have no id, as Spin does: logs and errors use the names.
    private mutating func assignTriggerIDs() {
        var taken = Set(self.triggers.map(\.trigger.id))
        for index in self.triggers.indices where self.triggers[index].trigger.id.isEmpty {
            let trigger = self.triggers[index].trigger
            var id = "\(trigger.componentID)-\(trigger.type)-trigger"
            if self.triggers[index].inline != nil || trigger.componentID.isEmpty || taken.contains(id) {
                id = Self.unusedName("\(trigger.type)-trigger", taken: taken)
            }
            taken.insert(id)
            self.triggers[index].trigger.id = id
        }
    }
}
