/// What `swirl build` runs: the build sections of a manifest, dependencies before what depends on them, else in the
/// order of the manifest.
package struct BuildPlan: Sendable {
    package struct Step: Sendable, Hashable {
        package var component: String
        package var build: BuildSettings
    }

    package var steps: [Step]
    /// All components, also those that need no building.
    package var componentIDs: [String]
    /// Components that depend on each other in a circle: their order is that of the manifest.
    package var cycle: [String] = []
    /// What is wrong with the rest of the manifest: building goes on, serving would not.
    package var manifestError: ManifestError?
    /// The manifest, when all of it could be read.
    package var manifest: Manifest?

    /// One component, as far as the order needs it.
    fileprivate struct Part {
        var id: String
        var source: String?
        var build: BuildSettings?
        /// Ids of other components, and paths of sources.
        var dependencyIDs: [String] = []
        var dependencyPaths: [String] = []
    }

    /// Reads a manifest. Throws when not even the build sections can be read, or none has the profile.
    package init(text: String, file: String, profile: String? = nil) throws(ManifestError) {
        let document = try TOMLDocument(text, file: file)
        let parts: [Part]
        do {
            let manifest = try Manifest(document, file: file, profile: profile)
            parts = manifest.components.map { Part($0) }
            self.manifest = manifest
        } catch {
            guard profile == nil, let found = Self.parts(of: document, file: file) else { throw error }
            parts = found
            self.manifestError = error
        }
        let (order, cycle) = Self.sorted(parts)
        self.componentIDs = parts.map(\.id)
        self.cycle = cycle.map { parts[$0].id }
        self.steps = order.compactMap { index in
            parts[index].build.map { Step(component: parts[index].id, build: $0) }
        }
    }

    /// The build sections alone; nil when one of them is wrong, or the components have no tables.
    private static func parts(of document: TOMLDocument, file: String) -> [Part]? {
        let collector = DiagnosticCollector(file: file)
        let version = document.root["spin_manifest_version"] ?? document.root["spin_version"]
        var tables: [(id: String, table: TOMLTable, position: SourcePosition)] = []
        switch (version?.content, document.root["component"]?.content) {
        case (.integer(2), .table(let components)):
            for entry in components.entries {
                guard let table = entry.value.table else { return nil }
                tables.append((entry.key, table, entry.value.position))
            }
        case (.string("1"), .array(let components)):
            for element in components {
                guard let table = element.table, let id = table["id"]?.string else { return nil }
                tables.append((VersionOneConverter.componentID(id), table, element.position))
            }
        default: return nil
        }
        let parts = tables.map { id, table, position in
            var reader = TableReader(
                table, path: TableReader.join("component", id), position: position, collector: collector)
            var part = Part(id: id, source: table["source"]?.string, build: ComponentDecoder.decodeBuild(&reader))
            for dependency in table["dependencies"]?.table?.entries ?? [] {
                if let id = dependency.value.table?["component"]?.string { part.dependencyIDs.append(id) }
                if let path = dependency.value.table?["path"]?.string { part.dependencyPaths.append(path) }
            }
            return part
        }
        return collector.errors.isEmpty ? parts : nil
    }

    /// An order in which dependencies come first, and the parts that are in no such order.
    private static func sorted(_ parts: [Part]) -> (order: [Int], cycle: [Int]) {
        let byID = Dictionary(parts.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let bySource = Dictionary(grouping: parts.indices.filter { parts[$0].source != nil }) {
            parts[$0].source ?? ""
        }
        let needs = parts.map { part in
            Set(
                part.dependencyIDs.compactMap { byID[$0] } + part.dependencyPaths.flatMap { bySource[$0] ?? [] })
        }
        var order: [Int] = []
        var done = Set<Int>()
        var left = Array(parts.indices)
        while let index = left.firstIndex(where: { needs[$0].isSubset(of: done) }) {
            let part = left.remove(at: index)
            done.insert(part)
            order.append(part)
        }
        return left.isEmpty ? (order, []) : (Array(parts.indices), left)
    }
}

extension BuildPlan.Part {
    fileprivate init(_ component: Manifest.Component) {
        self.id = component.id
        self.source = component.source.localPath
        self.build = component.build
        for dependency in component.dependencies {
            switch dependency.source {
            case .component(let id): self.dependencyIDs.append(id)
            case .local(let path): self.dependencyPaths.append(path)
            case .remote, .registry: break
            }
        }
    }
}
