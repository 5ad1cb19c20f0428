/// What `swirl build` runs: the build sections of a manifest, in its order.
package struct BuildPlan: Sendable {
    package struct Step: Sendable, Hashable {
        package var component: String
        package var build: BuildSettings
    }

    package var steps: [Step]
    /// What is wrong with the rest of the manifest: building goes on, serving would not.
    package var manifestError: ManifestError?

    /// Reads a manifest. Throws when not even the build sections can be read.
    package init(text: String, file: String) throws(ManifestError) {
        let document: TOMLDocument
        do {
            document = try TOMLDocument(text)
        } catch {
            // Tells the same as a full reading.
            _ = try Manifest(text: text, file: file)
            self.steps = []
            return
        }
        do {
            let manifest = try Manifest(document, file: file)
            self.steps = manifest.components.compactMap { component in
                component.build.map { Step(component: component.id, build: $0) }
            }
        } catch {
            guard let steps = Self.sections(of: document, file: file) else { throw error }
            self.steps = steps
            self.manifestError = error
        }
    }

    /// The build sections alone; nil when one of them is wrong, or the components have no tables.
    private static func sections(of document: TOMLDocument, file: String) -> [Step]? {
        let collector = DiagnosticCollector(file: file)
        guard case .integer(2) = document.root["spin_manifest_version"]?.content,
            let components = document.root["component"]?.table
        else { return nil }
        var steps: [Step] = []
        for entry in components.entries {
            guard let table = entry.value.table else { return nil }
            var reader = TableReader(
                table, path: TableReader.join("component", entry.key), position: entry.value.position,
                collector: collector)
            if let build = ComponentDecoder.decodeBuild(&reader) {
                steps.append(Step(component: entry.key, build: build))
            }
        }
        return collector.errors.isEmpty ? steps : nil
    }
}
