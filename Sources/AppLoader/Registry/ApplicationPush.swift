package import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Makes an image of a loaded application, as `spin registry push` does: a part for each component and file, small files
/// in the description itself.
package struct ApplicationPush {
    /// The most parts that registries take, besides the description.
    private static let partLimit = 499

    private let client: RegistryClient
    private let reference: ImageReference
    /// Whether dependencies are parts of their components, rather than parts of the image.
    let isComposing: Bool
    /// The component as one binary, where it is another one than that of its file.
    let binary: (LockedComponent) throws -> [UInt8]?
    private let report: (Progress) -> Void

    /// A part that is uploaded now.
    package struct Progress: Sendable, Hashable {
        /// From 1.
        package let part: Int
        package let count: Int
        package let bytes: Int
    }

    package init(
        _ client: RegistryClient, to reference: ImageReference, isComposing: Bool,
        binary: @escaping (LockedComponent) throws -> [UInt8]?, report: @escaping (Progress) -> Void = { _ in }
    ) {
        self.client = client
        self.reference = reference
        self.isComposing = isComposing
        self.binary = binary
        self.report = report
    }

    /// Gives the digest of the image.
    ///
    /// - Parameters:
    ///   - annotations: those of the image, besides what the application says of itself.
    ///   - prefersArchives: packs the files of each folder into one part, as is done where they are too many otherwise.
    ///   - working: a directory for packed files.
    package func push(
        _ loaded: LockedApp, annotations: [String: String], prefersArchives: Bool = false, working: String
    ) async throws -> ContentDigest {
        var app = loaded
        app.metadata.origin = nil
        let reachable = Set(app.reachableComponents.map(\.id))
        app.components.removeAll { !reachable.contains($0.id) }
        app.forgetPlaces()
        var (described, assembly) = try self.assemble(app, prefersArchives ? .archives(in: working) : .each)
        if assembly.parts.count > Self.partLimit {
            (described, assembly) = try self.assemble(app, .archives(in: working))
        }
        guard assembly.parts.count <= Self.partLimit else {
            throw FetchError("the application has more than \(Self.partLimit) components, which registries refuse")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let description = assembly.add(Array(try encoder.encode(described)), MediaType.application)
        let layers = assembly.parts.map(\.descriptor)
        let configuration = assembly.add(Self.configuration(description.digest), MediaType.imageConfig)
        for (index, part) in assembly.parts.enumerated() {
            let progress = Progress(part: index + 1, count: assembly.parts.count, bytes: part.descriptor.size)
            try await self.client.push(part.descriptor, part.content, to: self.reference.repository) {
                self.report(progress)
            }
        }
        let all = Self.annotations(of: app).merging(annotations) { _, given in given }
        return try await self.client.push(
            ImageManifest(config: configuration, layers: layers, annotations: all), to: self.reference)
    }

    private func assemble(
        _ app: LockedApp, _ layers: ImageAssembly.FileLayers
    ) throws -> (LockedApp, ImageAssembly) {
        var app = app
        var assembly = ImageAssembly(layers, of: self)
        for index in app.components.indices { try assembly.replace(&app.components[index]) }
        return (app, assembly)
    }

    private static func configuration(_ description: String) -> [UInt8] {
        Array(
            """
            {"architecture":"wasm","config":{"Labels":{"com.fermyon.spin.lockedAppDigest":"\(description)"}},\
            "os":"Wasip1","rootfs":{"diff_ids":[],"type":"layers"}}
            """.utf8)
    }

    private static func annotations(of app: LockedApp) -> [String: String] {
        var found = ["title": app.name, "created": Date().formatted(.iso8601)]
        found["version"] = app.metadata.version
        found["description"] = app.metadata.description
        found["authors"] = app.metadata.authors?.joined(separator: ", ")
        return Dictionary(uniqueKeysWithValues: found.map { ("org.opencontainers.image.\($0.key)", $0.value) })
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
