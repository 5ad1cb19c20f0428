package import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Brings the catalogue of environments up to date.
package protocol CatalogueUpdater {
    func update() async throws
    /// As ``update()``, if it was not done lately; what goes wrong is no error.
    func refresh() async
}

/// Finds the definitions of environments, and the packages of their worlds.
package struct EnvironmentFinder: Sendable {
    package struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        package var description: String
    }

    /// A definition, and the folder that its paths are relative to.
    package struct Found: Sendable {
        package var environment: TargetEnvironment
        package var directory: String?
    }

    /// Where a world is on this machine.
    package enum WorldFile: Sendable, Hashable {
        /// The binary of a WIT package.
        case package(String)
        /// A folder of WIT files.
        case folder(String)
    }

    private static let sizeLimit = 1 << 20
    /// What messages call a definition.
    private static let kind = "definition of the environment"

    /// The folder of the manifest.
    private let directory: String
    /// Folders with copies of the catalogue (`envs/NAME/NAME@VERSION.toml`), the first one counts.
    private let catalogues: [String]
    private let exchange: HTTPExchange
    private let cache: ContentCache?
    private let registries: RegistryAccess?

    package init(
        directory: String, catalogues: [String], exchange: HTTPExchange, cache: ContentCache?,
        registries: RegistryAccess?
    ) {
        self.directory = directory
        self.catalogues = catalogues
        self.exchange = exchange
        self.cache = cache
        self.registries = registries
    }

    // MARK: - Definitions

    /// - Parameter updater: gets the catalogue anew: when it does not have the environment, and when it is old and the
    ///   environment has no version, so that its definition may have changed.
    package func find(_ target: TargetReference, in updater: some CatalogueUpdater) async throws -> Found {
        switch target {
        case .local(let path):
            let file = Paths.absolute(path, in: self.directory)
            let text = try ApplicationFiles(currentDirectory: self.directory).readText(file, kind: Self.kind)
            return Found(
                environment: try TargetEnvironment(text: text, name: Self.stem(file), file: path),
                directory: Paths.parent(file))
        case .remote(let url):
            let text = try await self.download(url)
            return Found(
                environment: try TargetEnvironment(text: text, name: Self.stem(url), file: url), directory: nil)
        case .catalogue(let name):
            let id = String(name.map { $0 == ":" ? "@" : $0 })
            guard !id.hasPrefix("."), !id.hasPrefix("@"),
                id.utf8.allSatisfy({ $0.isNameByte }), id.split(separator: "@").count <= 2
            else { throw Failure(description: "`\(name)` is no name of an environment, such as `spin-up:4.0`") }
            if !id.contains("@") { await updater.refresh() }
            if let found = try self.look(for: id) { return found }
            try await updater.update()
            if let found = try self.look(for: id) { return found }
            let known = self.known
            let near = NearestName.find(id, in: known).map { "did you mean `\($0)`?" }
            throw Failure(
                description: "there is no target environment `\(name)`\n  hint: "
                    + (near ?? (known.isEmpty ? "none is known" : "there are " + known.joined(separator: ", "))))
        }
    }

    private func look(for id: String) throws -> Found? {
        let stem = id.prefix { $0 != "@" }
        for catalogue in self.catalogues {
            let file = Paths.join(catalogue, "envs/\(stem)/\(id).toml")
            guard Paths.kind(file) == .file else { continue }
            let text = try ApplicationFiles(currentDirectory: "").readText(file, kind: Self.kind)
            return Found(environment: try TargetEnvironment(text: text, name: id, file: file), directory: nil)
        }
        return nil
    }

    private var known: [String] {
        let names = self.catalogues.flatMap { catalogue in
            let root = Paths.join(catalogue, "envs")
            return (Paths.names(in: root) ?? []).flatMap { Paths.names(in: Paths.join(root, $0)) ?? [] }
        }
        return Set(names.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }).sorted()
    }

    private static func stem(_ path: String) -> String {
        let name = Paths.lastComponent(path)
        return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }

    private func download(_ url: String) async throws -> String {
        var body: [UInt8] = []
        try await HTTPContentFetcher(self.exchange).fetch(
            url, onStart: { _ in },
            onChunk: { bytes in
                guard body.count + bytes.count <= Self.sizeLimit else {
                    throw FetchError("`\(url)` has more than 1 MiB")
                }
                body += bytes
            })
        guard let text = String(validating: body, as: UTF8.self) else { throw FetchError("`\(url)` is not UTF-8 text") }
        return text
    }

    // MARK: - Worlds

    package func find(_ world: WorldReference, relativeTo directory: String?) async throws -> WorldFile {
        switch world.place {
        case .folder(let path):
            guard let directory else {
                throw Failure(description: "the world `\(world)` is in a folder beside a definition that is elsewhere")
            }
            return .folder(Paths.absolute(path, in: directory))
        case .registry(let registry):
            guard let cache = self.cache, let registries = self.registries else { throw Self.noCache }
            let requirement =
                world.name.version.map { VersionRequirement(exactly: $0) } ?? VersionRequirement("*")
            guard let requirement else { throw Self.noCache }
            return .package(
                try await PackageRegistry(registries, cache: cache)
                    .find(world.name.package ?? "", requirement, registry: registry).path)
        case .image(let text):
            guard let cache = self.cache, let registries = self.registries else { throw Self.noCache }
            let reference = try ImageReference(text)
            let client = try await registries.client(reference, usesPlainHTTP: false)
            let image = ApplicationImage(reference, client: client, cache: cache, warn: registries.warn)
            guard case .component(let path) = try await image.pull() else {
                throw Failure(description: "`\(text)` is an application, no package of worlds")
            }
            return .package(path)
        }
    }

    private static let noCache = Failure(
        description: "there is no directory to keep downloads in\n  hint: set HOME or XDG_CACHE_HOME")
}

extension UInt8 {
    fileprivate var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "@.-_".utf8.contains(self)
        }
    }
}
