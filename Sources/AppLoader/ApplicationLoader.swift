package import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes a manifest, a locked application or a bare component into an application that can run: sources are files,
/// files are copied.
package struct ApplicationLoader: Sendable {
    /// How to load.
    package struct Options: Sendable {
        /// The build profile; nil for none.
        package var profile: String?
        /// The components to load; all when empty.
        package var components: [String] = []
        /// Mounts directories as they are, rather than copies.
        package var mountsDirectly = false
        /// Where downloads are kept; nil refuses them.
        package var contentCache: ContentCache?
        /// How registries are reached; nil refuses what is in one.
        package var registries: RegistryAccess?
        /// Speaks to the application's registry without TLS.
        package var usesPlainHTTP = false
        package var features = HostFeatures.current

        package init() {}
    }

    /// A loaded application, and what its operator should know.
    package struct Loaded: Sendable {
        package var app: LockedApp
        package var warnings: [Diagnostic]
    }

    private let workingDirectory: WorkingDirectory
    private let files: ApplicationFiles
    private let options: Options

    package init(
        workingDirectory: WorkingDirectory, currentDirectory: String = FileManager.default.currentDirectoryPath,
        options: Options = Options()
    ) {
        self.workingDirectory = workingDirectory
        self.files = ApplicationFiles(currentDirectory: currentDirectory)
        self.options = options
    }

    /// Throws ``ManifestError`` with all that is wrong with a manifest, ``LockedApp/SelectionError`` for components that
    /// cannot be run without others.
    package func load(_ source: AppSource) async throws -> Loaded {
        switch source {
        case .manifest(let path):
            let file = self.files.displayName(path)
            let manifest = try Manifest(
                text: try self.files.readText(path), file: file, profile: self.options.profile,
                triggerTypes: self.options.features.triggerTypes)
            var locker = ManifestLocker(
                manifest, path: path, file: file, options: self.options, workingDirectory: self.workingDirectory)
            return Loaded(app: try await locker.lock(), warnings: manifest.warnings)
        case .locked(let path):
            let reader = LockedAppReader(options: self.options, workingDirectory: self.workingDirectory)
            let name = self.files.displayName(path)
            return Loaded(app: try reader.read(reader.contents(of: path, called: name), called: name), warnings: [])
        case .bareWasm(let path):
            return Loaded(app: try self.bareApplication(path), warnings: [])
        case .registry(let reference): return Loaded(app: try await self.load(reference), warnings: [])
        }
    }

    private func load(_ reference: ImageReference) async throws -> LockedApp {
        guard let cache = self.options.contentCache, let registries = self.options.registries else {
            throw FetchError(
                "there is no directory to keep downloads in\n  hint: set HOME or XDG_CACHE_HOME, or pass --cache-dir")
        }
        let client = try await registries.client(reference, usesPlainHTTP: self.options.usesPlainHTTP)
        let image = ApplicationImage(reference, client: client, cache: cache, warn: registries.warn)
        switch try await image.pull() {
        case .application(let data):
            let reader = LockedAppReader(options: self.options, workingDirectory: self.workingDirectory)
            var app = try reader.read(data, called: reference.description, isForeign: true)
            app.metadata.origin = "vnd.fermyon.origin-oci:\(reference)"
            return app
        case .component(let path):
            return try self.bareApplication(path, name: Paths.lastComponent(reference.repository))
        }
    }

    /// An application around one file, which answers every path.
    private func bareApplication(_ path: String, name: String? = nil) throws -> LockedApp {
        let file = name ?? Paths.lastComponent(path)
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
        if !self.options.components.isEmpty { try app.select(components: self.options.components) }
        return app
    }
}
