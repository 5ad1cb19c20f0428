/// `[[trigger.<type>]]`: what all types have in common.
extension ManifestDecoder {
    /// The keys that do not belong to the type.
    static let commonTriggerKeys: Set<String> = ["id", "component", "components", "dependencies"]

    mutating func decodeTriggers(_ root: inout TableReader, templates: TemplateChecker) {
        guard let (types, _) = root.subtable("trigger") else { return }
        for type in types.entries {
            let path = TableReader.join("trigger", type.key)
            guard let elements = type.value.array else {
                self.collector.error(
                    path, "expected an array of tables, found \(type.value.kindInWords)", at: type.value.position,
                    hint: "write `[[\(path)]]` with two brackets")
                continue
            }
            for (index, element) in elements.enumerated() {
                let path = "\(path)[\(index)]"
                if type.key == "http" {
                    self.decodeHTTPTrigger(element, path: path)
                } else {
                    self.decodeTrigger(element, type: type.key, path: path, templates: templates)
                }
            }
        }
    }

    /// A trigger of a type whose settings nobody here knows, or `redis`.
    private mutating func decodeTrigger(
        _ element: TOMLValue, type: String, path: String, templates: TemplateChecker
    ) {
        guard let table = element.table else {
            self.collector.error(path, "expected a table, found \(element.kindInWords)", at: element.position)
            return
        }
        var reader = TableReader(table, path: path, position: element.position, collector: self.collector)
        var pending = PendingTrigger(
            trigger: Manifest.Trigger(
                id: reader.string("id") ?? "", type: type, componentID: "", route: "", settings: [:],
                position: element.position),
            path: path)
        for entry in table.entries where !Self.commonTriggerKeys.contains(entry.key) {
            pending.trigger.settings[entry.key] = JSONValue(entry.value)
        }
        self.decodeTarget(&reader, into: &pending, isRequired: false)
        if type == "redis" {
            if reader.requiredString("channel", hint: "name the channel that messages come from") != nil,
                let channel = table["channel"]
            {
                templates.check(channel, field: reader.field("channel"))
            }
            if reader.string("address") != nil, let address = table["address"] {
                templates.check(address, field: reader.field("address"))
            }
            reader.finish()
        }
        self.triggers.append(pending)
    }

    /// Reads `component`, `components` and `dependencies`.
    func decodeTarget(_ reader: inout TableReader, into pending: inout PendingTrigger, isRequired: Bool) {
        if let value = reader.value("component") {
            let field = reader.field("component")
            if let id = self.decodeReference(value, at: .main, field: field, reader: reader, into: &pending) {
                pending.trigger.componentID = id
            }
        } else if isRequired {
            reader.missing("component", hint: "name a component: `component = \"…\"`")
        }
        for role in reader.subtable("components")?.table.entries ?? [] {
            let field = TableReader.join(reader.field("components"), role.key)
            let values = role.value.array ?? [role.value]
            pending.trigger.components[role.key] = Array(repeating: "", count: values.count)
            for (index, value) in values.enumerated() {
                let field = role.value.array == nil ? field : "\(field)[\(index)]"
                if let id = self.decodeReference(
                    value, at: .role(role.key, index: index), field: field, reader: reader, into: &pending)
                {
                    pending.trigger.components[role.key]?[index] = id
                }
            }
        }
        for role in reader.subtable("dependencies")?.table.entries ?? [] {
            let field = TableReader.join(reader.field("dependencies"), role.key)
            guard let values = role.value.array else {
                reader.wrongKind(field, role.value, expected: "an array of dependencies")
                continue
            }
            pending.trigger.dependencies[role.key] = values.enumerated().compactMap { index, value in
                DependencyDecoder(collector: self.collector)
                    .decodeTriggerDependency(value, field: "\(field)[\(index)]")
            }
        }
    }

    /// The id that a value names; nil for a component of its own, and for what is neither.
    private func decodeReference(
        _ value: TOMLValue, at place: PendingTrigger.ComponentPlace, field: String, reader: TableReader,
        into pending: inout PendingTrigger
    ) -> String? {
        switch value.content {
        case .string(let id):
            if let problem = Identifier.kebab.problem(with: id) {
                self.collector.error(
                    field, "`\(id)` is no valid component name: \(problem)", at: value.position,
                    hint: Identifier.kebab.corrected(id).map { "for instance `\($0)`" })
            } else {
                pending.references.append((id, field, value.position))
            }
            return id
        case .table(let table): pending.inline.append((place, table, field, value.position))
        default: reader.wrongKind(field, value, expected: "a component name or a table")
        }
        return nil
    }

    /// An HTTP trigger calls one component, with middleware around it.
    func checkHTTPRoles(_ table: TOMLTable, path: String) {
        for key in ["components", "dependencies"] {
            for role in table[key]?.table?.entries ?? [] where key == "components" || role.key != "middleware" {
                self.collector.error(
                    TableReader.join("\(path).\(key)", role.key), "HTTP triggers have no `\(role.key)` here",
                    at: role.keyPosition,
                    hint: key == "components" ? "use `component`" : "`middleware` is the only role")
            }
        }
    }

    /// Names the triggers that have no id, as Spin does: logs and errors use the names.
    mutating func assignTriggerIDs() {
        var taken = Set(self.triggers.map(\.trigger.id))
        var next: [String: Int] = [:]
        for index in self.triggers.indices where self.triggers[index].trigger.id.isEmpty {
            let trigger = self.triggers[index].trigger
            var id = "\(trigger.componentID)-\(trigger.type)-trigger"
            if trigger.componentID.isEmpty || taken.contains(id) {
                id = Self.unusedName(
                    "\(trigger.type)-trigger", taken: taken, next: &next[trigger.type, default: 1])
            }
            taken.insert(id)
            self.triggers[index].trigger.id = id
        }
    }
}
