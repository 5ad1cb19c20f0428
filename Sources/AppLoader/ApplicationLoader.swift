package import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes a manifest or a bare component into an application that can run: sources are absolute, files are copied.
package struct ApplicationLoader: Sendable {
    /// A loaded application, and what its operator should know.
    package struct Loaded: Sendable {
        package var app: LockedApp
        package var warnings: [Diagnostic]
    }

    private let workingDirectory: WorkingDirectory
    private let files: ApplicationFiles

    package init(
        workingDirectory: WorkingDirectory, currentDirectory: String = FileManager.default.currentDirectoryPath
    ) {
        self.workingDirectory = workingDirectory
        self.files = ApplicationFiles(currentDirectory: currentDirectory)
    }

    /// Throws ``ManifestError`` with all that is wrong.
    package func load(_ source: AppSource) throws(ManifestError) -> Loaded {
        switch source {
        case .manifest(let path): try self.loadManifest(path)
        case .bareWasm(let path): Loaded(app: Self.bareApplication(path), warnings: [])
        }
    }

    private func loadManifest(_ path: String) throws(ManifestError) -> Loaded {
        let file = self.files.displayName(path)
        let manifest = try Manifest(text: try self.files.readText(path), file: file)
        let directory = Paths.parent(path)

        var app = LockedApp(metadata: Self.metadata(of: manifest, at: path))
        for variable in manifest.variables {
            app.variables[variable.name] = LockedVariable(
                description: variable.description, default: variable.default, secret: variable.isSecret)
        }
        app.triggers = manifest.triggers.map { trigger in
            var config = trigger.settings
            if !trigger.componentID.isEmpty { config["component"] = .string(trigger.componentID) }
            return LockedTrigger(id: trigger.id, triggerType: trigger.type, triggerConfig: config)
        }
        let reachable = Set(manifest.triggers.map(\.componentID))
        var problems: [Diagnostic] = []
        for component in manifest.components {
            let isUsed = reachable.contains(component.id)
            app.components.append(
                self.lock(component, file: file, directory: directory, isUsed: isUsed, problems: &problems))
        }
        guard problems.isEmpty else {
            throw ManifestError(problems.sorted { $0.position < $1.position })
        }
        return Loaded(app: app, warnings: manifest.warnings)
    }

    private static func metadata(of manifest: Manifest, at path: String) -> LockedApp.Metadata {
        let application = manifest.application
        var metadata = LockedApp.Metadata(name: application.name)
        if !application.version.isEmpty { metadata.version = application.version }
        if !application.description.isEmpty { metadata.description = application.description }
        if !application.authors.isEmpty { metadata.authors = application.authors }
        metadata.triggers = application.triggerSettings
        metadata.origin = FileURL.string(path: path)
        let types = Set(manifest.triggers.map(\.type))
        if types.count == 1, let type = types.first {
            var settings = application.triggerSettings[type]?.object ?? [:]
            settings["type"] = .string(type)
            metadata.trigger = settings
        }
        return metadata
    }

    private func lock(
        _ component: Manifest.Component, file: String, directory: String, isUsed: Bool, problems: inout [Diagnostic]
    ) -> LockedComponent {
        let source = Paths.absolute(component.source, in: directory)
        var locked = LockedComponent(id: component.id, source: LockedContent(path: source))
        locked.metadata = LockedComponent.Metadata(
            description: component.description.isEmpty ? nil : component.description, build: component.build)
        locked.metadata.allowedOutboundHosts = component.allowedOutboundHosts
        locked.environment = component.environment
        for variable in component.variables { locked.config[variable.name] = variable.text }
        // A component without trigger never runs: what it lacks does no harm.
        guard isUsed else { return locked }

        if let problem = Self.problem(withSource: source, of: component) {
            problems.append(
                Diagnostic(
                    file: file, position: component.sourcePosition, field: "component.\(component.id).source",
                    message: problem,
                    hint: component.build == nil
                        ? "build the component, or correct the path" : "run `swirl build`, or `swirl up --build`"))
        }
        if !component.files.isEmpty {
            self.mountFiles(of: component, file: file, directory: directory, problems: &problems)
            locked.files = [
                LockedMount(directory: self.workingDirectory.assets(of: component.id), guestPath: "/")
            ]
        }
        return locked
    }

    private static func problem(withSource path: String, of component: Manifest.Component) -> String? {
        switch Paths.kind(path) {
        case .file: nil
        case .none: "component `\(component.id)` has no file at `\(path)`"
        case .directory: "component `\(component.id)`: `\(path)` is a directory"
        case .other: "component `\(component.id)`: `\(path)` is no regular file"
        }
    }

    private func mountFiles(
        of component: Manifest.Component, file: String, directory: String, problems: inout [Diagnostic]
    ) {
        func report(_ failure: FileMounter.Failure, field: String, at position: SourcePosition) {
            problems.append(
                Diagnostic(file: file, position: position, field: field, message: failure.message, hint: failure.hint))
        }
        var excluded: [Glob] = []
        for pattern in component.excludedFiles {
            do throws(Glob.ParseError) {
                excluded.append(try Glob(pattern))
            } catch {
                report(
                    FileMounter.Failure(message: "`\(pattern)`: \(error.description)"),
                    field: "component.\(component.id).exclude_files", at: component.position)
            }
        }
        do throws(FileMounter.Failure) {
            let mounter = try FileMounter(
                root: directory, destination: self.workingDirectory.assets(of: component.id), excluded: excluded)
            for mount in component.files {
                do throws(FileMounter.Failure) {
                    try mounter.copy(mount.kind)
                } catch {
                    report(error, field: mount.field, at: mount.position)
                }
            }
        } catch {
            report(error, field: "component.\(component.id).files", at: component.position)
        }
    }

    /// An application around one file, which answers every path.
    private static func bareApplication(_ path: String) -> LockedApp {
        let file = Paths.lastComponent(path)
        let name = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
        // As long as the name can be an id, messages and logs use it.
        let id = Identifier.kebab.corrected(name) ?? "component"
        var metadata = LockedApp.Metadata(name: name)
        metadata.triggers = [:]
        metadata.trigger = ["type": .string("http")]
        var app = LockedApp(metadata: metadata)
        let type = path.hasSuffix(".wat") ? "text/wat" : "application/wasm"
        app.components = [LockedComponent(id: id, source: LockedContent(path: path, contentType: type))]
        app.triggers = [
            LockedTrigger(
                id: "http-trigger1", triggerType: "http",
                triggerConfig: ["component": .string(id), "route": .string("/...")])
        ]
        return app
    }
}
