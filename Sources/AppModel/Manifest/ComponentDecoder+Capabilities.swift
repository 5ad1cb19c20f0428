/// What a component may use: hosts, stores, databases, models.
extension ComponentDecoder {
    func decodeCapabilities(_ reader: inout TableReader, into component: inout Manifest.Component) {
        component.allowedOutboundHosts = self.decodeHosts(&reader)
        component.allowedOutboundHosts += self.decodeHTTPHosts(&reader)
        component.keyValueStores = self.decodeLabels("key_value_stores", &reader)
        component.sqliteDatabases = self.decodeLabels("sqlite_databases", &reader)
        component.aiModels = (reader.strings("ai_models") ?? []).map(\.text)
    }

    /// Names of stores and databases: words joined by `-` or by `_`.
    private func decodeLabels(_ key: String, _ reader: inout TableReader) -> [String] {
        (reader.strings(key) ?? []).enumerated().map { index, label in
            if let problem = Identifier.kebab.problem(with: label.text),
                Identifier.snake.problem(with: label.text) != nil
            {
                self.templates.collector.error(
                    "\(reader.field(key))[\(index)]", "`\(label.text)` is no valid label: \(problem)",
                    at: label.position,
                    hint: Identifier.kebab.corrected(label.text).map { "for instance `\($0)`" })
            }
            return label.text
        }
    }

    private func decodeHosts(_ reader: inout TableReader) -> [String] {
        let hosts = reader.strings("allowed_outbound_hosts") ?? []
        for (index, host) in hosts.enumerated() {
            let field = "\(reader.field("allowed_outbound_hosts"))[\(index)]"
            let value = TOMLValue(.string(host.text), at: host.position)
            guard let template = self.templates.check(value, field: field),
                let text = self.templates.resolvedWithDefaults(template)
            else { continue }
            if !template.isLiteral, AllowedHostTemplate.isSwitchedOff(text) { continue }
            do {
                _ = try AllowedHost(text)
            } catch {
                let message =
                    if template.isLiteral {
                        error.message
                    } else if self.templates.isSecret(template) {
                        "with the defaults of its variables this is no valid entry"
                    } else {
                        "with the defaults of its variables this is `\(text)`: \(error.message)"
                    }
                self.templates.collector.error(
                    field, message, at: host.position, hint: self.templates.isSecret(template) ? nil : error.hint)
            }
        }
        return hosts.map(\.text)
    }

    /// The deprecated `allowed_http_hosts`, as entries of its successor.
    private func decodeHTTPHosts(_ reader: inout TableReader) -> [String] {
        guard let hosts = reader.strings("allowed_http_hosts"), !hosts.isEmpty else { return [] }
        let field = reader.field("allowed_http_hosts")
        let converted = AllowedHTTPHosts.convert(hosts, field: field, collector: self.templates.collector)
        self.templates.collector.warning(
            field, "`allowed_http_hosts` is deprecated",
            at: reader.table.entry("allowed_http_hosts")?.keyPosition ?? reader.position,
            hint: "write `allowed_outbound_hosts = [\(converted.map { "\"\($0)\"" }.joined(separator: ", "))]`")
        return converted
    }
}

/// `allowed_http_hosts` of old manifests: hosts without scheme, or with `http` or `https`, which mean the same.
enum AllowedHTTPHosts {
    /// The entries of `allowed_outbound_hosts` that mean the same.
    static func convert(
        _ hosts: [(text: String, position: SourcePosition)], field: String, collector: DiagnosticCollector
    ) -> [String] {
        if hosts.contains(where: { $0.text == "insecure:allow-all" }) {
            return ["http://*:*", "https://*:*", "http://self"]
        }
        return hosts.enumerated().flatMap { index, host -> [String] in
            guard let (name, port) = Self.parse(host.text) else {
                collector.error(
                    "\(field)[\(index)]", "`\(host.text)` is no host", at: host.position,
                    hint: "write a name or an address, with `:port` where it is not the usual one, and no path")
                return []
            }
            if name == "self" { return ["http://self"] }
            let suffix = port.map { ":\($0)" } ?? ""
            return ["http://\(name)\(suffix)", "https://\(name)\(suffix)"]
        }
    }

    private static func parse(_ text: String) -> (host: String, port: Int?)? {
        var rest = text[...]
        if text.contains("//") {
            guard let scheme = ["http://", "https://"].first(where: { text.hasPrefix($0) }) else { return nil }
            rest = rest.dropFirst(scheme.count)
        }
        if rest.hasSuffix("/") { rest.removeLast() }
        guard !rest.contains(where: { "/?#@".contains($0) }),
            let url = OutboundURL("http://\(rest)", defaultScheme: "http")
        else { return nil }
        return (url.host.description, url.port)
    }
}
