/// Makes a manifest of version 1 into the version 2 it stands for, by Spin's rules (`spin-parity.md` 1.15). The places
/// of all values stay those of the file.
struct VersionOneConverter {
    let collector: DiagnosticCollector

    func convert(_ root: TOMLTable) -> TOMLTable {
        var reader = TableReader(root: root, collector: self.collector)
        _ = reader.value("spin_manifest_version")
        _ = reader.value("spin_version")
        _ = reader.requiredString("name")
        var application = TOMLTable()
        for key in ["name", "version", "description", "authors"] { application.add(reader.entry(key)) }

        var result = TOMLTable()
        result.add("spin_manifest_version", TOMLValue(.integer(2)))
        guard let (type, settings) = self.convertTrigger(&reader) else { return result }
        var triggers = TOMLTable()
        triggers.add(type, TOMLValue(.table(settings), at: root["trigger"]?.position ?? .unknown))
        application.add("trigger", TOMLValue(.table(triggers)))
        result.add("application", TOMLValue(.table(application), at: SourcePosition(line: 1, column: 1)))
        result.add(reader.entry("variables"))
        self.convertComponents(&reader, type: type, into: &result)
        reader.finish()
        return result
    }

    private func convertTrigger(_ reader: inout TableReader) -> (type: String, settings: TOMLTable)? {
        guard let (table, position) = reader.subtable("trigger") else {
            if reader.table.entry("trigger") == nil {
                reader.missing("trigger", hint: "add `trigger = { type = \"http\" }`")
            }
            return nil
        }
        var trigger = TableReader(table, path: "trigger", position: position, collector: self.collector)
        guard let type = trigger.requiredString("type", hint: "such as `type = \"http\"`") else { return nil }
        return (type, TOMLTable(entries: table.entries.filter { $0.key != "type" }))
    }

    private func convertComponents(_ reader: inout TableReader, type: String, into result: inout TOMLTable) {
        guard let value = reader.value("component") else { return }
        guard let elements = value.array else {
            self.collector.error(
                "component", "expected an array of tables, found \(value.kindInWords)", at: value.position,
                hint: "write `[[component]]` with two brackets, or `spin_manifest_version = 2`")
            return
        }
        var components = TOMLTable()
        var triggers: [TOMLValue] = []
        for (index, element) in elements.enumerated() {
            let path = "component[\(index)]"
            guard let table = element.table else {
                self.collector.error(path, "expected a table, found \(element.kindInWords)", at: element.position)
                continue
            }
            guard let converted = self.convertComponent(table, path: path, at: element.position) else { continue }
            // Of two components with one id, the later takes the place of the earlier.
            if let known = components.entries.firstIndex(where: { $0.key == converted.id }) {
                components.entries[known] = TOMLTable.Entry(
                    key: converted.id, keyPosition: element.position, value: converted.component)
            } else {
                components.add(converted.id, converted.component)
            }
            triggers.append(converted.trigger)
        }
        result.add("component", TOMLValue(.table(components), at: value.position))
        if !triggers.isEmpty {
            var types = TOMLTable()
            types.add(type, TOMLValue(.array(triggers), at: value.position))
            result.add("trigger", TOMLValue(.table(types), at: value.position))
        }
    }

    private func convertComponent(
        _ table: TOMLTable, path: String, at position: SourcePosition
    ) -> (id: String, component: TOMLValue, trigger: TOMLValue)? {
        var reader = TableReader(table, path: path, position: position, collector: self.collector)
        let givenID = reader.requiredString("id")
        let trigger = reader.subtable("trigger")
        if table.entry("trigger") == nil { reader.missing("trigger", hint: "such as `trigger = { route = \"/...\" }`") }
        var component = TOMLTable()
        for key in [
            "source", "description", "environment", "files", "exclude_files", "key_value_stores", "sqlite_databases",
            "ai_models", "build",
        ] {
            component.add(reader.entry(key))
        }
        if let config = reader.entry("config") {
            component.entries.append(
                TOMLTable.Entry(key: "variables", keyPosition: config.keyPosition, value: config.value))
        }
        self.convertHosts(&reader, into: &component)
        reader.finish()
        guard let givenID, let trigger else { return nil }
        let id = Self.componentID(givenID)

        var entries = TOMLTable()
        entries.add("id", TOMLValue(.string("trigger-\(id)"), at: trigger.position))
        entries.add("component", TOMLValue(.string(id), at: table["id"]?.position ?? position))
        entries.entries += trigger.table.entries
        return (
            id, TOMLValue(.table(component), at: position), TOMLValue(.table(entries), at: trigger.position)
        )
    }

    /// Before `allowed_outbound_hosts` there was, every database could be reached.
    private func convertHosts(_ reader: inout TableReader, into component: inout TOMLTable) {
        let position = reader.table.entry("allowed_http_hosts")?.keyPosition ?? reader.position
        var hosts: [TOMLValue]
        if let entry = reader.entry("allowed_outbound_hosts") {
            guard let elements = entry.value.array else {
                component.entries.append(entry)
                return
            }
            hosts = elements
        } else {
            hosts = ["redis://*:*", "mysql://*:*", "postgres://*:*"].map { TOMLValue(.string($0), at: position) }
        }
        let http = reader.strings("allowed_http_hosts") ?? []
        hosts += AllowedHTTPHosts.convert(http, field: reader.field("allowed_http_hosts"), collector: self.collector)
            .map { TOMLValue(.string($0), at: http.first?.position ?? position) }
        component.add("allowed_outbound_hosts", TOMLValue(.array(hosts), at: position))
    }

    /// The usual mistakes are mended: capitals and `_`.
    static func componentID(_ id: String) -> String {
        guard Identifier.kebab.problem(with: id) != nil else { return id }
        return String(id.map { $0 == "_" ? "-" : $0 }).lowercased()
    }
}

extension TOMLTable {
    fileprivate mutating func add(_ entry: Entry?) {
        if let entry { self.entries.append(entry) }
    }

    fileprivate mutating func add(_ key: String, _ value: TOMLValue) {
        self.entries.append(Entry(key: key, keyPosition: value.position, value: value))
    }
}
