/// `[[trigger.http]]`.
extension ManifestDecoder {
    mutating func decodeHTTPTrigger(_ element: TOMLValue, path: String) {
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
        for entry in table.entries where !Self.commonTriggerKeys.contains(entry.key) {
            pending.trigger.settings[entry.key] = JSONValue(entry.value)
        }
        pending.trigger.route = self.decodeRoute(&reader)
        self.decodeStaticResponse(&reader)
        self.decodeExecutor(&reader)
        self.decodeTarget(&reader, into: &pending, isRequired: reader.table.entry("static_response") == nil)
        self.checkHTTPRoles(table, path: path)
        reader.finish()
        self.triggers.append(pending)
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
            self.collector.warning(
                executor.field("type"), "the `wagi` executor is deprecated, here as in Spin", at: position,
                hint: "new programs are components that export wasi:http/incoming-handler")
            if let entrypoint = executor.value("entrypoint"), entrypoint.string != "_start" {
                self.collector.error(
                    executor.field("entrypoint"), "only `_start` can be the entry point", at: entrypoint.position,
                    hint: "remove `entrypoint`")
            }
            _ = executor.string("argv")
            executor.finish()
        case "wasip3-unstable":
            self.collector.error(
                executor.field("type"), "`wasip3-unstable` is gone", at: position,
                hint: "remove `executor`: the version of WASI is found out from the component")
        default:
            self.collector.error(
                executor.field("type"), "unknown executor `\(type)`", at: position, hint: "use `http`, or remove it")
        }
    }
}
