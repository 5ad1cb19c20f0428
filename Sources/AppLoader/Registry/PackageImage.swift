import AppModel

/// One package in a registry of images: its versions are tags, each an image with one layer.
struct PackageImage {
    let client: RegistryClient
    let repository: String
    let package: String
    let cache: ContentCache

    func find(_ requirement: VersionRequirement) async throws -> PackageRegistry.Package {
        let tags = try await self.client.tags(of: self.repository)
        let name = "\(self.client.name)/\(self.repository)"
        let version = try Self.choose(
            requirement, of: tags.compactMap { SemanticVersion($0) }, package: self.package, at: name)
        let reference = ImageReference(
            registry: self.client.name, repository: self.repository, tag: version.description)
        let layer = try Self.layer(of: try await self.client.manifest(reference).manifest, reference)
        guard let digest = ContentDigest(layer.digest) else {
            throw FetchError("`\(reference)` has a layer whose digest is no `sha256:` one")
        }
        let path = try await self.cache.file(digest, layer, of: reference, by: self.client)
        return PackageRegistry.Package(version: version, digest: digest, path: path)
    }

    /// The newest version that will do.
    static func choose(
        _ requirement: VersionRequirement, of versions: [SemanticVersion], package: String, at place: String
    ) throws(FetchError) -> SemanticVersion {
        if let version = versions.filter({ requirement.matches($0) }).max() { return version }
        let there = versions.sorted(by: >).prefix(10).map(\.description).joined(separator: ", ")
        throw FetchError(
            "no version of `\(package)` fits `\(requirement)`: \(place) has "
                + (there.isEmpty ? "none" : there + (versions.count > 10 ? ", …" : "")))
    }

    /// The layer that is the component (CNCF, `wasm-oci-artifact`).
    static func layer(
        of manifest: ImageManifest, _ reference: ImageReference
    ) throws(FetchError) -> ImageManifest.Descriptor {
        guard !manifest.isApplication else {
            throw FetchError(
                "`\(reference)` is an application, not a component\n  hint: it runs by `swirl up -f \(reference)`")
        }
        guard manifest.layers.count == 1, let layer = manifest.layers.first else {
            throw FetchError(
                "`\(reference)` is no component: its image has \(manifest.layers.count) layers rather than one")
        }
        guard [MediaType.wasm, MediaType.wasmLayer].contains(layer.mediaType) else {
            throw FetchError(
                "`\(reference)` is no component: its layer is of the type `\(RegistryClient.clean(layer.mediaType))`,"
                    + " not `\(MediaType.wasm)`")
        }
        return layer
    }
}

extension ContentCache {
    /// The file with the content of a part of an image.
    func file(
        _ digest: ContentDigest, _ part: ImageManifest.Descriptor, of reference: ImageReference,
        by client: RegistryClient
    ) async throws -> String {
        guard part.size >= 0, part.size <= Self.sizeLimit else {
            throw FetchError("a part of `\(reference)` has more than \(Self.sizeLimit >> 20) MiB")
        }
        let mismatch = ("than its manifest says", "the registry is damaged, or somebody has changed what it sends")
        return try await self.file(digest, called: "\(reference)", mismatch: mismatch) { onStart, onChunk in
            var received = 0
            try await client.blob(
                digest, of: reference.repository,
                onStart: { total in
                    guard total ?? part.size == part.size else {
                        throw FetchError(
                            "a part of `\(reference)` has \(total ?? 0) bytes rather than the \(part.size) of its manifest"
                        )
                    }
                    try onStart(part.size)
                },
                onChunk: { bytes in
                    received += bytes.count
                    guard received <= part.size else {
                        throw FetchError(
                            "a part of `\(reference)` has more than the \(part.size) bytes of its manifest")
                    }
                    try onChunk(bytes)
                })
            guard received == part.size else {
                throw FetchError(
                    "a part of `\(reference)` ended after \(received) of \(part.size) bytes", isUnreachable: true)
            }
        }
    }
}
