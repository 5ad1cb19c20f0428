/// `dependencies` of components and triggers.
struct DependencyDecoder {
    let collector: DiagnosticCollector

    func decode(_ reader: inout TableReader) -> [Dependency] {
        let path = reader.field("dependencies")
        return (reader.subtable("dependencies")?.table.entries ?? []).compactMap { entry in
            let field = TableReader.join(path, entry.key)
            let name: DependencyName
            do throws(DependencyName.ParseError) {
                name = try DependencyName(entry.key)
            } catch {
                self.collector.error(
                    field, "`\(entry.key)` names no import: \(error)", at: entry.keyPosition,
                    hint: "write `namespace:package/interface@1.2.3`, where interface and version may be left out")
                return nil
            }
            return self.decode(entry.value, name: name, field: field)
        }
    }

    func decodeTriggerDependency(_ value: TOMLValue, field: String) -> Dependency? {
        guard value.table != nil else {
            self.collector.error(
                field, "expected a table, found \(value.kindInWords)", at: value.position,
                hint: "write `{ component = \"…\" }` or `{ path = \"…\" }`")
            return nil
        }
        return self.decode(value, name: nil, field: field)
    }

    private func decode(_ value: TOMLValue, name: DependencyName?, field: String) -> Dependency? {
        if let requirement = value.string {
            self.checkRequirement(requirement, field: field, at: value.position)
            let source = Dependency.Source.registry(requirement: requirement, package: nil, registry: nil)
            let dependency = Dependency(name: name, source: source, field: field, position: value.position)
            self.check(dependency)
            return dependency
        }
        guard let table = value.table else {
            self.collector.error(
                field, "expected a version or a table, found \(value.kindInWords)", at: value.position)
            return nil
        }
        var reader = TableReader(table, path: field, position: value.position, collector: self.collector)
        guard let source = self.decodeSource(&reader) else { return nil }
        var dependency = Dependency(name: name, source: source, field: field, position: value.position)
        if name != nil { dependency.export = reader.string("export") }
        dependency.inherit = Self.decodeInheritance("inherit_configuration", &reader)
        reader.finish()
        self.check(dependency)
        return dependency
    }

    private func decodeSource(_ reader: inout TableReader) -> Dependency.Source? {
        let table = reader.table
        let kinds = ["path", "url", "component", "version"].filter { table.entry($0) != nil }
        guard kinds.count == 1, let kind = kinds.first else {
            self.collector.error(
                reader.path,
                kinds.isEmpty
                    ? "does not say where the dependency is"
                    : "says more than one place: " + kinds.map { "`\($0)`" }.joined(separator: ", "),
                at: reader.position, hint: "write one of `path`, `component`, `url` with `digest`, or `version`")
            return nil
        }
        switch kind {
        case "path": return reader.string("path").map { .local(path: $0) }
        case "component": return reader.string("component").map { .component($0) }
        case "url":
            return SourceDecoder(collector: self.collector).decodeRemote(&reader)
                .map { .remote(url: $0.url, digest: $0.digest) }
        default:
            guard let requirement = reader.string("version") else { return nil }
            self.checkRequirement(
                requirement, field: reader.field("version"), at: table["version"]?.position ?? reader.position)
            let package = reader.string("package")
            if let package { SourceDecoder(collector: self.collector).checkPackage(package, reader) }
            let registry = reader.string("registry")
            if let registry { SourceDecoder(collector: self.collector).checkRegistry(registry, reader) }
            return .registry(requirement: requirement, package: package, registry: registry)
        }
    }

    private func checkRequirement(_ text: String, field: String, at position: SourcePosition) {
        guard VersionRequirement(text) == nil else { return }
        self.collector.error(
            field, "`\(text)` is no requirement of a version", at: position,
            hint: "write a version such as `1.2.3`, `^1.2`, `=1.2.3` or `>=0.1.0, <0.3`")
    }

    private func check(_ dependency: Dependency) {
        if case .registry(_, nil, _) = dependency.source, dependency.name?.package == nil {
            self.collector.error(
                dependency.field, "does not say which package", at: dependency.position,
                hint: "add `package = \"namespace:package\"`")
        }
        guard let name = dependency.name, name.package != nil, name.interface == nil, dependency.export != nil else {
            return
        }
        switch dependency.source {
        case .local, .registry:
            self.collector.error(
                dependency.field, "`export` can stand for an interface, not for the whole package `\(name)`",
                at: dependency.position, hint: "name the interface: `\"\(name)/interface\"`, or remove `export`")
        case .remote, .component: break
        }
    }

    // MARK: - Inheritance

    private static func decodeInheritance(_ key: String, _ reader: inout TableReader) -> Inheritance? {
        guard let value = reader.value(key) else { return nil }
        switch value.content {
        case .boolean(let all): return all ? .all : .some([])
        case .array:
            let names = reader.strings(key) ?? []
            for (index, name) in names.enumerated() where !Inheritance.capabilities.contains(name.text) {
                let near = NearestName.find(name.text, in: Inheritance.capabilities)
                reader.collector.warning(
                    "\(reader.field(key))[\(index)]", "`\(name.text)` is nothing that can be inherited",
                    at: name.position,
                    hint: near.map { "did you mean `\($0)`?" }
                        ?? "there are: " + Inheritance.capabilities.joined(separator: ", "))
            }
            return .some(names.map(\.text))
        default:
            reader.wrongKind(reader.field(key), value, expected: "a boolean or an array of strings")
            return nil
        }
    }

    /// `dependencies_inherit_configuration`: for all dependencies at once.
    func decodeInheritance(_ reader: inout TableReader, into component: inout Manifest.Component) {
        let key = "dependencies_inherit_configuration"
        guard let all = reader.boolean(key) else { return }
        let dependencies = component.dependencies + component.profiles.values.flatMap(\.dependencies)
        guard dependencies.allSatisfy({ $0.inherit == nil }) else {
            self.collector.error(
                reader.field(key), "a dependency has its own `inherit_configuration`",
                at: reader.table.entry(key)?.keyPosition ?? reader.position,
                hint: "use one or the other")
            return
        }
        guard all else { return }
        for index in component.dependencies.indices { component.dependencies[index].inherit = .all }
        for name in component.profiles.keys {
            for index in component.profiles[name]?.dependencies.indices ?? 0..<0 {
                component.profiles[name]?.dependencies[index].inherit = .all
            }
        }
    }
}
