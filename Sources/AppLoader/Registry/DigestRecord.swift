import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which content the versions of something in a registry had when they were last asked for: what is used when the
/// registry cannot be reached, and what a changed version is noticed by.
struct DigestRecord {
    private let path: String
    private var digests: [String: String]

    /// - Parameter kind: the folder: `packages`, `images`.
    init(directory: String, kind: String, registry: String, name: String) {
        let parts = [registry, name].map(Self.fileName)
        self.path = Paths.join(directory, "\(kind)/\(parts[0])/\(parts[1]).json")
        let data = FileManager.default.contents(atPath: self.path)
        self.digests = data.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
    }

    /// A name that every file system takes, another one for each text: what is known of one repository must not be taken
    /// for another's.
    private static func fileName(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                UInt8(ascii: "-"):
                String(UnicodeScalar(byte))
            default: "_" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }
        }.joined()
    }

    subscript(version: String) -> ContentDigest? { self.digests[version].flatMap { ContentDigest($0) } }

    /// Versions that were seen, the newest first.
    func versions(matching requirement: VersionRequirement) -> [SemanticVersion] {
        self.digests.keys.compactMap { SemanticVersion($0) }.filter { requirement.matches($0) }.sorted(by: >)
    }

    /// A failure costs nothing but the memory.
    mutating func note(_ version: String, _ digest: ContentDigest) {
        guard self[version] != digest else { return }
        self.digests[version] = digest.description
        try? FileManager.default.createDirectory(atPath: Paths.parent(self.path), withIntermediateDirectories: true)
        try? JSONEncoder().encode(self.digests).write(to: URL(filePath: self.path), options: .atomic)
    }
}
