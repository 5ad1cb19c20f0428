import AppModel

/// Where the bytes of components are, as local files.
extension ManifestLocker {
    mutating func content(of dependency: Dependency) async -> LockedContent? {
        let source: ComponentSource
        var isExact = true
        switch dependency.source {
        case .local(let path): source = .local(path)
        case .remote(let url, let digest): source = .remote(url: url, digest: digest)
        case .component(let id):
            guard let component = self.manifest.component(id) else { return nil }
            source = component.source
        case .registry(let requirement, let package, let registry):
            isExact = false
            source = .registry(
                package: package ?? dependency.name?.package ?? "", version: requirement, registry: registry)
        }
        return await self.content(
            of: source, owner: dependency.name?.text ?? "dependency", field: dependency.field, at: dependency.position,
            isExact: isExact, hint: "build the dependency, or correct the path")
    }

    mutating func content(
        of source: ComponentSource, owner: String, field: String, at position: SourcePosition,
        isExact: Bool = true, hint: String
    ) async -> LockedContent? {
        switch source {
        case .local(let name):
            let path = Paths.absolute(name, in: self.directory)
            let problem: String? =
                switch Paths.kind(path) {
                case .file: nil
                case .none: "component `\(owner)` has no file at `\(path)`"
                case .directory: "component `\(owner)`: `\(path)` is a directory"
                case .other: "component `\(owner)`: `\(path)` is no regular file"
                }
            if let problem { self.report(field, at: position, problem, hint: hint) }
            return LockedContent(path: path)
        case .remote(let url, let text):
            guard let digest = ContentDigest(text) else { return nil }
            guard let cache = self.options.contentCache else {
                self.reportNoCache(field, at: position)
                return nil
            }
            do {
                return LockedContent(path: try await cache.file(digest, from: url), digest: digest)
            } catch {
                self.report(field, at: position, "\(error)")
                return nil
            }
        case .registry(let package, let version, let registry):
            guard let requirement = Self.requirement(version, isExact: isExact) else { return nil }
            guard let packages = self.packages else {
                self.reportNoCache(field, at: position)
                return nil
            }
            do {
                let found = try await packages.find(package, requirement, registry: registry)
                return LockedContent(path: found.path, digest: found.digest)
            } catch {
                self.report(field, at: position, "\(error)")
                return nil
            }
        }
    }

    private static func requirement(_ text: String, isExact: Bool) -> VersionRequirement? {
        isExact ? SemanticVersion(text).map { VersionRequirement(exactly: $0) } : VersionRequirement(text)
    }

    private mutating func reportNoCache(_ field: String, at position: SourcePosition) {
        self.report(
            field, at: position, "there is no directory to keep downloads in",
            hint: "set HOME or XDG_CACHE_HOME, or pass --cache-dir")
    }
}
