/// Checks the text of fields that may hold `{{ variable }}`.
struct TemplateChecker {
    let document: TOMLDocument
    let collector: DiagnosticCollector
    /// The defaults of the application's variables; nil for required ones.
    let defaults: [String: String?]
    private let secrets: Set<String>

    init(document: TOMLDocument, collector: DiagnosticCollector, variables: [Manifest.Variable]) {
        self.document = document
        self.collector = collector
        self.defaults = Dictionary(variables.map { ($0.name, $0.default) }) { first, _ in first }
        self.secrets = Set(variables.filter(\.isSecret).map(\.name))
    }

    /// Whether a message must not show what the template stands for.
    func isSecret(_ template: Template) -> Bool {
        template.variables.contains { self.secrets.contains($0) }
    }

    /// Reports what is wrong with the template in a string; nil when it is none.
    @discardableResult
    func check(_ value: TOMLValue, field: String) -> Template? {
        guard let text = value.string else { return nil }
        let template: Template
        do throws(Template.ParseError) {
            template = try Template(text)
        } catch {
            guard case .unclosed(let occurrence) = error else { return nil }
            var place = self.document.position(of: "{{", occurrence: occurrence, in: value)
            // The place found is behind the braces.
            if place != value.position { place.column -= 2 }
            self.collector.error(field, "`{{` has no `}}`", at: place)
            return nil
        }
        for (occurrence, name) in template.variables.enumerated() where self.defaults[name] == nil {
            let place = self.document.position(of: "{{", occurrence: occurrence, in: value) {
                $0.properties.isWhitespace
            }
            let near = NearestName.find(name, in: self.defaults.keys.sorted())
            self.collector.error(
                field, "the application has no variable `\(name)`", at: place,
                hint: near.map { "did you mean `\($0)`?" } ?? "declare it under `[variables]`")
        }
        return template
    }

    /// The text with the defaults of its variables; nil when one has none.
    func resolvedWithDefaults(_ template: Template) -> String? {
        struct NoDefault: Error {}
        return try? template.resolved { name throws(NoDefault) in
            guard let value = self.defaults[name] ?? nil else { throw NoDefault() }
            return value
        }
    }
}
