package import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes an image of a loaded application, as `spin registry push --compose=false` does: a part for each component,
/// dependency and file, small files in the description itself.
package struct ApplicationPush {
    private static let inlineLimit = 128
    /// The most parts that registries take.
    private static let partLimit = 499

    private let client: RegistryClient
    private let reference: ImageReference
    private var parts: [(descriptor: ImageManifest.Descriptor, content: RegistryClient.PartContent)] = []

    package init(_ client: RegistryClient, to reference: ImageReference) {
        self.client = client
        self.reference = reference
    }

    /// Gives the digest of the image.
    ///
    /// - Parameter annotations: those of the image, besides what the application says of itself.
    package mutating func push(_ loaded: LockedApp, annotations: [String: String]) async throws -> ContentDigest {
        var app = loaded
        app.metadata.origin = nil
        let reachable = Set(app.reachableComponents.map(\.id))
        app.components.removeAll { !reachable.contains($0.id) }
        for index in app.components.indices { try self.replace(&app.components[index]) }
        app.forgetPlaces()

        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let description = self.add(Array(try encoder.encode(app)), MediaType.application)
        guard self.parts.count <= Self.partLimit else {
            throw FetchError(
                "the application has more than \(Self.partLimit) components and files, which registries refuse")
        }
        let config = Array(
            """
            {"architecture":"wasm","config":{"Labels":{"com.fermyon.spin.lockedAppDigest":"\(description.digest)"}},\
            "os":"Wasip1","rootfs":{"diff_ids":[],"type":"layers"}}
            """.utf8)
        let layers = self.parts.map(\.descriptor)
        let configuration = self.add(config, MediaType.imageConfig)
        for part in self.parts {
            try await self.client.push(part.descriptor, part.content, to: self.reference.repository)
        }
        let all = Self.annotations(of: app).merging(annotations) { _, given in given }
        return try await self.client.push(
            ImageManifest(config: configuration, layers: layers, annotations: all), to: self.reference)
    }

    private static func annotations(of app: LockedApp) -> [String: String] {
        var found = ["title": app.name, "created": Date().formatted(.iso8601)]
        found["version"] = app.metadata.version
        found["description"] = app.metadata.description
        found["authors"] = app.metadata.authors?.joined(separator: ", ")
        return Dictionary(uniqueKeysWithValues: found.map { ("org.opencontainers.image.\($0.key)", $0.value) })
    }

    // MARK: - Parts

    private mutating func replace(_ component: inout LockedComponent) throws {
        guard component.triggerDependencies.isEmpty else {
            throw FetchError(
                "component `\(component.id)` has middleware, which would have to be composed first; this version does not"
            )
        }
        component.source = try self.content(component.source, of: component.id)
        for key in component.dependencies.keys {
            guard var dependency = component.dependencies[key] else { continue }
            guard dependency.dependencies.isEmpty else {
                throw FetchError(
                    "the dependency `\(key)` of `\(component.id)` has dependencies itself, which other hosts do not know"
                )
            }
            dependency.source = try self.content(dependency.source, of: key)
            component.dependencies[key] = dependency
        }
        component.files = try component.files.flatMap { try self.files($0, of: component.id) }
    }

    private mutating func content(_ content: LockedContent, of owner: String) throws -> LockedContent {
        guard let path = content.path else { throw FetchError("`\(owner)` is no local file") }
        guard !path.hasSuffix(".wat") else {
            throw FetchError("`\(owner)` is a text (`\(path)`): assemble it first")
        }
        var content = content
        content.source = nil
        content.digest = try self.add(path, MediaType.wasmLayer).digest
        return content
    }

    private mutating func files(_ mount: LockedMount, of owner: String) throws -> [LockedMount] {
        guard let directory = mount.directory else { throw FetchError("the files of `\(owner)` are no folder") }
        let prefix = mount.path.split(separator: "/").joined(separator: "/")
        return try Self.files(below: directory).map { name in
            let path = Paths.join(directory, name)
            guard let size = Self.size(path) else { throw FetchError("cannot read `\(path)`: \(Paths.lastError)") }
            let place = prefix.isEmpty ? name : "\(prefix)/\(name)"
            guard size <= Self.inlineLimit else {
                return LockedMount(digest: try self.add(path, MediaType.data).digest, inline: nil, path: place)
            }
            guard let data = FileManager.default.contents(atPath: path), let digest = ContentCache.digest(ofFile: path)
            else { throw FetchError("cannot read `\(path)`: \(Paths.lastError)") }
            // Spin's Base64 has no padding.
            let text = String(data.base64EncodedString().prefix { $0 != "=" })
            return LockedMount(digest: digest.description, inline: text, path: place)
        }
    }

    private static func files(below directory: String, prefix: String = "", depth: Int = 0) throws -> [String] {
        guard depth < 64 else { throw FetchError("`\(directory)` nests deeper than 64 folders") }
        return try (Paths.names(in: directory) ?? []).flatMap { name -> [String] in
            let path = Paths.join(directory, name)
            switch Paths.kind(path) {
            case .directory: return try Self.files(below: path, prefix: "\(prefix)\(name)/", depth: depth + 1)
            case .file: return ["\(prefix)\(name)"]
            case .none, .other: return []
            }
        }
    }

    private static func size(_ path: String) -> Int? {
        guard case .other(let size) = Paths.entry(Paths.real(path) ?? path) else { return nil }
        return size
    }

    private mutating func add(_ path: String, _ type: String) throws -> ImageManifest.Descriptor {
        guard let size = Self.size(path), let digest = ContentCache.digest(ofFile: path) else {
            throw FetchError("cannot read `\(path)`: \(Paths.lastError)")
        }
        return self.add(ImageManifest.Descriptor(mediaType: type, digest: digest, size: size), .file(path))
    }

    private mutating func add(_ bytes: [UInt8], _ type: String) -> ImageManifest.Descriptor {
        let digest = bytes.withUnsafeBytes { ContentCache.digest(of: $0) }
        return self.add(
            ImageManifest.Descriptor(mediaType: type, digest: digest, size: bytes.count), .bytes(bytes))
    }

    private mutating func add(
        _ descriptor: ImageManifest.Descriptor, _ content: RegistryClient.PartContent
    ) -> ImageManifest.Descriptor {
        if !self.parts.contains(where: { $0.descriptor.digest == descriptor.digest }) {
            self.parts.append((descriptor, content))
        }
        return descriptor
    }
}

extension LockedApp {
    /// Places in a manifest that whoever pulls the application does not have.
    fileprivate mutating func forgetPlaces() {
        for name in Array(self.variables.keys) { self.variables[name]?.place = nil }
        for index in self.triggers.indices { self.triggers[index].place = nil }
        for index in self.components.indices {
            self.components[index].place = nil
            for name in Array(self.components[index].dependencies.keys) {
                self.components[index].dependencies[name]?.place = nil
            }
        }
    }
}
