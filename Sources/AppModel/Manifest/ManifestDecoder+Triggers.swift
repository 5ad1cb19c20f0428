/// `[[trigger.<type>]]`: this version knows `http`.
extension ManifestDecoder {
    mutating func decodeTriggers(_ root: inout TableReader) {
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
        self.decodeStaticResponse(&reader)
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
            if route.unicodeScalars.contains(where: {
                $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F
            }) {
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
            if !isPrivate {
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
    mutating func assignTriggerIDs() {
        var taken = Set(self.triggers.map(\.trigger.id))
        var next: [String: Int] = [:]
        for index in self.triggers.indices where self.triggers[index].trigger.id.isEmpty {
            let trigger = self.triggers[index].trigger
            var id = "\(trigger.componentID)-\(trigger.type)-trigger"
            if self.triggers[index].inline != nil || trigger.componentID.isEmpty || taken.contains(id) {
                id = Self.unusedName(
                    "\(trigger.type)-trigger", taken: taken, next: &next[trigger.type, default: 1])
            }
            taken.insert(id)
            self.triggers[index].trigger.id = id
        }
    }
}
