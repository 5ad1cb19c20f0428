package import AppModel

/// What an image is made of (OCI image specification, `manifest.md`).
package struct ImageManifest: Sendable, Hashable, Codable {
    package struct Descriptor: Sendable, Hashable, Codable {
        package var mediaType: String
        package var digest: String
        package var size: Int
        package var annotations: [String: String]?

        package init(mediaType: String, digest: ContentDigest, size: Int) {
            self.mediaType = mediaType
            self.digest = digest.description
            self.size = size
        }
    }

    package var schemaVersion: Int
    package var mediaType: String?
    package var config: Descriptor
    package var layers: [Descriptor]
    package var annotations: [String: String]?

    package init(config: Descriptor, layers: [Descriptor], annotations: [String: String]? = nil) {
        self.schemaVersion = 2
        self.mediaType = MediaType.manifest
        self.config = config
        self.layers = layers
        self.annotations = annotations
    }

    /// Whether the image is an application of Spin's.
    package var isApplication: Bool {
        self.config.mediaType == MediaType.application
            || self.layers.contains { $0.mediaType == MediaType.application }
    }
}

/// The kinds of content that images of components and applications have.
package enum MediaType {
    package static let manifest = "application/vnd.oci.image.manifest.v1+json"
    package static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    package static let index = "application/vnd.oci.image.index.v1+json"
    package static let dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json"
    package static let imageConfig = "application/vnd.oci.image.config.v1+json"

    /// One component, as `wkg` writes it.
    package static let wasm = "application/wasm"

    // Spin's (spinframework/spin, crates/oci/src/client.rs).
    package static let application = "application/vnd.fermyon.spin.application.v1+config"
    package static let wasmLayer = "application/vnd.wasm.content.layer.v1+wasm"
    package static let data = "application/vnd.wasm.content.layer.v1+data"
    package static let archive = "application/vnd.wasm.content.bundle.v1.tar+gzip"
}
