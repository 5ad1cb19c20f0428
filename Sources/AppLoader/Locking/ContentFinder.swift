package import AppModel

/// Where the bytes of components and dependencies are, as local files: downloaded when they are elsewhere.
package struct ContentFinder: Sendable {
    /// Why there is no file.
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package var message: String
        package var hint: String?

        package var description: String { self.hint.map { "\(self.message)\n  hint: \($0)" } ?? self.message }
    }

    private let manifest: Manifest
    /// The folder that paths are relative to.
    private let directory: String
    private let cache: ContentCache?
    private let packages: PackageRegistry?

    package init(_ manifest: Manifest, path: String, options: ApplicationLoader.Options) {
        self.manifest = manifest
        self.directory = Paths.parent(path)
        self.cache = options.contentCache
        self.packages = options.contentCache.flatMap { cache in
            options.registries.map { PackageRegistry($0, cache: cache) }
        }
    }

    package func content(of component: Manifest.Component) async throws(Failure) -> LockedContent {
        let hint =
            component.build == nil
            ? "build the component, or correct the path" : "run `swirl build`, or `swirl up --build`"
        switch component.source {
        case .local(let name): return try self.local(name, owner: component.id, hint: hint)
        case .remote(let url, let digest): return try await self.download(url, digest)
        case .registry(let package, let version, let registry):
            let requirement = SemanticVersion(version).map { VersionRequirement(exactly: $0) }
            return try await self.package(package, requirement, registry)
        }
    }

    package func content(of dependency: Dependency) async throws(Failure) -> LockedContent {
        switch dependency.source {
        case .local(let path):
            return try self.local(
                path, owner: dependency.name?.text ?? "dependency", hint: "build the dependency, or correct the path")
        case .remote(let url, let digest): return try await self.download(url, digest)
        case .component(let id):
            // Decoding has checked that it is there.
            guard let component = self.manifest.component(id) else {
                throw Failure(message: "the application has no component `\(id)`")
            }
            return try await self.content(of: component)
        case .registry(let requirement, let package, let registry):
            return try await self.package(
                package ?? dependency.name?.package ?? "", VersionRequirement(requirement), registry)
        }
    }

    private func local(_ name: String, owner: String, hint: String) throws(Failure) -> LockedContent {
        let path = Paths.absolute(name, in: self.directory)
        switch Paths.kind(path) {
        case .file: return LockedContent(path: path)
        case .none: throw Failure(message: "component `\(owner)` has no file at `\(path)`", hint: hint)
        case .directory: throw Failure(message: "component `\(owner)`: `\(path)` is a directory", hint: hint)
        case .other: throw Failure(message: "component `\(owner)`: `\(path)` is no regular file", hint: hint)
        }
    }

    private func download(_ url: String, _ text: String) async throws(Failure) -> LockedContent {
        guard let digest = ContentDigest(text) else { throw Failure(message: "`\(text)` is no digest") }
        guard let cache = self.cache else { throw Self.noCache }
        do {
            return LockedContent(path: try await cache.file(digest, from: url), digest: digest)
        } catch {
            throw Failure(message: "\(error)")
        }
    }

    private func package(
        _ name: String, _ requirement: VersionRequirement?, _ registry: String?
    ) async throws(Failure) -> LockedContent {
        guard let requirement else { throw Failure(message: "the version of `\(name)` is not understood") }
        guard let packages = self.packages else { throw Self.noCache }
        do {
            let found = try await packages.find(name, requirement, registry: registry)
            return LockedContent(path: found.path, digest: found.digest)
        } catch {
            throw Failure(message: "\(error)")
        }
    }

    private static let noCache = Failure(
        message: "there is no directory to keep downloads in",
        hint: "set HOME or XDG_CACHE_HOME, or pass --cache-dir")
}
