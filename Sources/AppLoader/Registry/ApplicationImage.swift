import AppModel

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// An application in a registry, as `spin registry push` writes it, or a single component of `wkg`'s.
package struct ApplicationImage: Sendable {
    package enum Content: Sendable {
        /// The JSON of a locked application whose content is in the cache.
        case application(Data)
        /// A component's file.
        case component(path: String)
    }

    private static let layerLimit = 5000
    private static let applicationLimit = 64 << 20
    private static let concurrency = 8

    private let reference: ImageReference
    private let client: RegistryClient
    private let cache: ContentCache
    private let warn: @Sendable (String) -> Void

    package init(
        _ reference: ImageReference, client: RegistryClient, cache: ContentCache,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.reference = reference
        self.client = client
        self.cache = cache
        self.warn = warn
    }

    /// Gets what is not in the cache yet. Throws ``FetchError``.
    package func pull() async throws -> Content {
        let manifest = try await self.manifest()
        guard manifest.layers.count <= Self.layerLimit else {
            throw FetchError("`\(self.reference)` has more than \(Self.layerLimit) parts")
        }
        guard manifest.isApplication else {
            let layer = try PackageImage.layer(of: manifest, self.reference)
            return .component(path: try await self.file(layer))
        }
        // Older versions of Spin have the application as the configuration of the image.
        let descriptions = manifest.layers.filter { $0.mediaType == MediaType.application }
        let description = descriptions.first ?? manifest.config
        guard descriptions.count <= 1 else {
            throw FetchError("`\(self.reference)` has \(descriptions.count) descriptions of its application")
        }
        guard description.size <= Self.applicationLimit else {
            throw FetchError("the description of the application `\(self.reference)` has more than 64 MiB")
        }
        let path = try await self.file(description)
        try await self.pull(manifest.layers.filter { $0 != description })
        guard let data = FileManager.default.contents(atPath: path) else {
            throw FetchError("cannot read `\(path)`: \(Paths.lastError)")
        }
        return .application(data)
    }

    /// The manifest, from the cache when the registry cannot be reached.
    private func manifest() async throws -> ImageManifest {
        var record = DigestRecord(
            directory: self.cache.root, kind: "images", registry: self.reference.registry,
            name: self.reference.repository)
        do {
            let found = try await self.client.manifest(self.reference)
            _ = try await found.bytes.withBytes { try await self.cache.store($0) }
            record.note(self.reference.manifest, found.digest)
            return found.manifest
        } catch let error as FetchError where error.isUnreachable {
            guard let digest = self.reference.digest ?? record[self.reference.manifest],
                let data = self.cache.file(digest).flatMap({ FileManager.default.contents(atPath: $0) }),
                let manifest = try? JSONDecoder().decode(ImageManifest.self, from: data)
            else { throw error }
            self.warn("\(error.description)\n  \(self.reference) is used as it was last downloaded")
            return manifest
        }
    }

    private func pull(_ layers: [ImageManifest.Descriptor]) async throws {
        var rest = Array(Set(layers))[...]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.concurrency {
                guard let layer = rest.popFirst() else { break }
                group.addTask { try await self.pull(layer) }
            }
            while try await group.next() != nil {
                if let layer = rest.popFirst() { group.addTask { try await self.pull(layer) } }
            }
        }
    }

    private func pull(_ layer: ImageManifest.Descriptor) async throws {
        let path = try await self.file(layer)
        guard layer.mediaType == MediaType.archive else { return }
        do {
            try await LayerArchive(path: path).unpack(into: self.cache)
        } catch let error as LayerArchive.Failure {
            throw FetchError("an archive of `\(self.reference)` is not understood: \(error)")
        }
    }

    private func file(_ part: ImageManifest.Descriptor) async throws -> String {
        guard let digest = ContentDigest(part.digest) else {
            throw FetchError("`\(self.reference)` has a part whose digest is no `sha256:` one")
        }
        return try await self.cache.file(digest, part, of: self.reference, by: self.client)
    }
}
