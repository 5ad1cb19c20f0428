import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which content the versions of a package had when they were last asked for: what is used when the registry cannot be
/// reached, and what a changed version is noticed by.
struct PackageRecord {
    private let path: String
    private var digests: [String: String]

    init(directory: String, registry: String, package: String) {
        // Names that every file system takes; both were checked.
        let parts = [registry, package].map { text in String(text.map { ":[]".contains($0) ? "_" : $0 }) }
        self.path = Paths.join(directory, "packages/\(parts[0])/\(parts[1]).json")
        let data = FileManager.default.contents(atPath: self.path)
        self.digests = data.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
    }

    func digest(of version: SemanticVersion) -> ContentDigest? {
        self.digests[version.description].flatMap { ContentDigest($0) }
    }

    /// Versions that were seen, the newest first.
    func versions(matching requirement: VersionRequirement) -> [(version: SemanticVersion, digest: ContentDigest)] {
        self.digests.compactMap { text, digest in
            guard let version = SemanticVersion(text), requirement.matches(version),
                let digest = ContentDigest(digest)
            else { return nil }
            return (version, digest)
        }.sorted { $0.version > $1.version }
    }

    /// A failure costs nothing but the memory.
    mutating func note(_ version: SemanticVersion, _ digest: ContentDigest) {
        guard self.digest(of: version) != digest else { return }
        self.digests[version.description] = digest.description
        try? FileManager.default.createDirectory(atPath: Paths.parent(self.path), withIntermediateDirectories: true)
        try? JSONEncoder().encode(self.digests).write(to: URL(filePath: self.path), options: .atomic)
    }
}
