import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The parts of an application's image, put together from its local files (spinframework/spin, crates/oci,
/// `assemble_layers`).
struct ImageAssembly {
    /// How the files of components become parts.
    enum FileLayers {
        /// Each file is one; small ones lie in the description itself.
        case each
        /// Each folder is one, packed; the packed files are made in a directory.
        case archives(in: String)
    }

    struct Part {
        var descriptor: ImageManifest.Descriptor
        var content: RegistryClient.PartContent
    }

    /// Files up to this size, in bytes, are in the description: some registries take no very small parts.
    private static let inlineLimit = 128

    private let layers: FileLayers
    private let push: ApplicationPush
    private(set) var parts: [Part] = []

    init(_ layers: FileLayers, of push: ApplicationPush) {
        self.layers = layers
        self.push = push
    }

    /// Adds what a component consists of, and describes it by digests.
    mutating func replace(_ component: inout LockedComponent) throws {
        if let binary = try self.push.binary(component) {
            component.source.source = nil
            component.source.digest = self.add(binary, MediaType.wasmLayer).digest
        } else {
            component.source = try self.content(component.source, of: component.id)
        }
        if self.push.isComposing {
            component.dependencies = [:]
            component.triggerDependencies = [:]
        } else {
            try self.replaceDependencies(&component)
        }
        component.files = try component.files.flatMap { try self.files($0, of: component.id) }
    }

    private mutating func replaceDependencies(_ component: inout LockedComponent) throws {
        guard component.triggerDependencies.isEmpty else {
            throw FetchError("component `\(component.id)` has middleware, which must be composed\n  hint: --compose")
        }
        for key in component.dependencies.keys {
            guard var dependency = component.dependencies[key] else { continue }
            guard dependency.dependencies.isEmpty else {
                throw FetchError(
                    "the dependency `\(key)` of `\(component.id)` has dependencies itself, which other hosts do not know"
                        + "\n  hint: --compose")
            }
            dependency.source = try self.content(dependency.source, of: key)
            dependency.place = nil
            component.dependencies[key] = dependency
        }
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
        let names = try Self.files(below: directory)
        if case .archives(let working) = self.layers, !names.isEmpty {
            try self.archive(names, of: directory, in: working)
        }
        return try names.map { name in
            try self.file(Paths.join(directory, name), place: prefix.isEmpty ? name : "\(prefix)/\(name)")
        }
    }

    private mutating func file(_ path: String, place: String) throws -> LockedMount {
        guard let size = Self.size(path), let digest = ContentCache.digest(ofFile: path) else {
            throw Self.unreadable(path)
        }
        var inline: String?
        if size <= Self.inlineLimit {
            guard let data = FileManager.default.contents(atPath: path) else { throw Self.unreadable(path) }
            // Spin's Base64 has no padding.
            inline = String(data.base64EncodedString().prefix { $0 != "=" })
        } else if case .each = self.layers {
            _ = try self.add(path, MediaType.data)
        }
        return LockedMount(digest: digest.description, inline: inline, path: place)
    }

    private mutating func archive(_ names: [String], of directory: String, in working: String) throws {
        let path = Paths.join(working, "layer-\(self.parts.count).tar.gz")
        let archive = try ArchiveWriter(path)
        for name in names {
            let file = Paths.join(directory, name)
            guard let size = Self.size(file) else { throw Self.unreadable(file) }
            try archive.add(name, file: file, size: size)
        }
        try archive.finish()
        _ = try self.add(path, MediaType.archive)
    }

    private static func unreadable(_ path: String) -> FetchError {
        FetchError("cannot read `\(path)`: \(Paths.lastError)")
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
            throw Self.unreadable(path)
        }
        return self.add(ImageManifest.Descriptor(mediaType: type, digest: digest, size: size), .file(path))
    }

    mutating func add(_ bytes: [UInt8], _ type: String) -> ImageManifest.Descriptor {
        let digest = bytes.withUnsafeBytes { ContentCache.digest(of: $0) }
        return self.add(
            ImageManifest.Descriptor(mediaType: type, digest: digest, size: bytes.count), .bytes(bytes))
    }

    private mutating func add(
        _ descriptor: ImageManifest.Descriptor, _ content: RegistryClient.PartContent
    ) -> ImageManifest.Descriptor {
        if !self.parts.contains(where: { $0.descriptor.digest == descriptor.digest }) {
            self.parts.append(Part(descriptor: descriptor, content: content))
        }
        return descriptor
    }
}
