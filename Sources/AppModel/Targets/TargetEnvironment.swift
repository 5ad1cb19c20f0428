/// An environment that applications are meant for: which worlds it has for components of each type of trigger, and what
/// it can do besides (spinframework/spin, crates/environments, `EnvironmentDefinition`).
package struct TargetEnvironment: Sendable, Hashable {
    package struct Trigger: Sendable, Hashable {
        /// A component must fit one of them.
        package var worlds: [WorldReference] = []
        /// Host requirements that it fulfils.
        package var capabilities: [String] = []
    }

    package var name: String
    package var triggers: [String: Trigger] = [:]
    /// For types that are not named; nil refuses them.
    package var otherTriggers: Trigger?

    package func trigger(_ type: String) -> Trigger? { self.triggers[type] ?? self.otherTriggers }

    /// Reads a definition. Throws ``ManifestError``.
    ///
    /// - Parameters:
    ///   - name: what messages call the environment.
    ///   - file: what they call the definition.
    package init(text: String, name: String, file: String) throws(ManifestError) {
        self.name = name
        (self.triggers, self.otherTriggers) = try TableReader.read(text, file: file) { reader in
            var triggers: [String: Trigger] = [:]
            if let (table, _) = reader.subtable("triggers") {
                for entry in table.entries {
                    triggers[entry.key] = Self.trigger(
                        entry.value, field: TableReader.join("triggers", entry.key), reader.collector)
                }
            } else if reader.table.entry("triggers") == nil {
                reader.missing("triggers")
            }
            // For templates and plugins.
            _ = reader.value("metadata")
            return (triggers, reader.value("default").map { Self.trigger($0, field: "default", reader.collector) })
        }
    }

    private static func trigger(_ value: TOMLValue, field: String, _ collector: DiagnosticCollector) -> Trigger {
        guard let table = value.table else {
            collector.error(field, "expected a table, found \(value.kindInWords)", at: value.position)
            return Trigger()
        }
        var reader = TableReader(table, path: field, position: value.position, collector: collector)
        var trigger = Trigger()
        if let worlds = reader.value("worlds") {
            for (index, element) in (worlds.array ?? []).enumerated() {
                let world = WorldReference(element, field: "\(field).worlds[\(index)]", collector)
                if let world { trigger.worlds.append(world) }
            }
            if worlds.array == nil { reader.wrongKind(reader.field("worlds"), worlds, expected: "an array") }
        } else {
            reader.missing("worlds")
        }
        trigger.capabilities = (reader.strings("capabilities") ?? []).map(\.text)
        reader.finish()
        return trigger
    }
}

/// A world, and where its package is.
package struct WorldReference: Sendable, Hashable, CustomStringConvertible {
    package enum Place: Sendable, Hashable {
        /// A registry of packages.
        case registry(String)
        /// An image, as `host/name:tag`.
        case image(String)
        /// A folder of WIT files, relative to the definition.
        case folder(String)
    }

    /// Where packages of worlds are unless something else is said.
    private static let defaultRegistry = "spinframework.dev"

    /// `namespace:package/world@version`.
    package let name: DependencyName
    package let place: Place

    package var description: String { self.name.text }

    init?(_ value: TOMLValue, field: String, _ collector: DiagnosticCollector) {
        var text = value.string
        var place = Place.registry(Self.defaultRegistry)
        if let table = value.table {
            var reader = TableReader(table, path: field, position: value.position, collector: collector)
            text = reader.requiredString("world")
            let places = [
                reader.string("registry").map { Place.registry($0) }, reader.string("reference").map { .image($0) },
                reader.string("path").map { .folder($0) },
            ].compactMap { $0 }
            reader.finish()
            guard places.count == 1 else {
                collector.error(
                    field, "does not say in which one place the world is", at: value.position,
                    hint: "write one of `path`, `registry` or `reference`")
                return nil
            }
            place = places[0]
        } else if text == nil {
            collector.error(field, "expected a world, found \(value.kindInWords)", at: value.position)
        }
        guard let text else { return nil }
        do throws(DependencyName.ParseError) {
            self.name = try DependencyName(text)
        } catch {
            collector.error(field, "`\(text)` names no world: \(error)", at: value.position)
            return nil
        }
        guard self.name.package != nil, self.name.interface != nil else {
            collector.error(
                field, "`\(text)` names no world", at: value.position,
                hint: "write `namespace:package/world@1.2.3`")
            return nil
        }
        self.place = place
    }
}

extension TargetReference: CustomStringConvertible {
    package var description: String {
        switch self {
        case .catalogue(let name): name
        case .remote(let url): url
        case .local(let path): path
        }
    }
}
