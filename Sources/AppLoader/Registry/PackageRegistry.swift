package import AppModel
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds components in registries by name and version, as Spin does by `wasm-pkg-client`.
package actor PackageRegistry {
    /// A version of a package, in a local file.
    package struct Package: Sendable, Hashable {
        package var version: SemanticVersion
        package var digest: ContentDigest
        package var path: String
    }

    private struct Key: Hashable {
        var package: String
        var requirement: VersionRequirement
        var registry: String?
    }

    private let access: RegistryAccess
    private let cache: ContentCache
    private var known: [Key: Package] = [:]
    private var metadata: [String: RegistryMetadata] = [:]

    package init(_ access: RegistryAccess, cache: ContentCache) {
        self.access = access
        self.cache = cache
    }

    /// The newest version of `namespace:package` that will do. Throws ``FetchError``, and ``ManifestError`` for what is
    /// wrong in the configuration of registries.
    package func find(
        _ package: String, _ requirement: VersionRequirement, registry: String?
    ) async throws -> Package {
        let key = Key(package: package, requirement: requirement, registry: registry)
        if let found = self.known[key] { return found }
        let configuration = try self.access.configuration()
        let mapping = try Self.mapping(of: package, registry, configuration)
        var record = DigestRecord(
            directory: self.cache.root, kind: "packages", registry: mapping.registry, name: package)
        let found: Package
        do {
            found = try await self.fetch(package, requirement, mapping, configuration)
        } catch let error as FetchError where error.isUnreachable {
            guard let cached = self.cached(record, requirement) else { throw error }
            self.access.warn(
                "\(error.description)\n  \(package) \(cached.version) is used as it was last downloaded")
            self.known[key] = cached
            return cached
        }
        if let old = record[found.version.description], old != found.digest {
            self.access.warn(
                "\(package) \(found.version) of \(mapping.registry) is not what it was: its digest is \(found.digest),"
                    + " it was \(old)")
        }
        record.note(found.version.description, found.digest)
        self.known[key] = found
        return found
    }

    private static func mapping(
        of package: String, _ registry: String?, _ configuration: RegistryConfiguration
    ) throws(FetchError) -> RegistryConfiguration.Mapping {
        let configured = configuration.mapping(ofPackage: package)
        if let registry {
            return configured?.registry == registry
                ? configured ?? RegistryConfiguration.Mapping(registry: registry)
                : RegistryConfiguration.Mapping(registry: registry)
        }
        guard let configured else {
            throw FetchError(
                "nothing says which registry has `\(package)`\n"
                    + "  hint: write `registry = \"…\"`, or a `default_registry` in ~/.config/wasm-pkg/config.toml")
        }
        return configured
    }

    private func cached(_ record: DigestRecord, _ requirement: VersionRequirement) -> Package? {
        for version in record.versions(matching: requirement) {
            if let digest = record[version.description], let path = self.cache.file(digest) {
                return Package(version: version, digest: digest, path: path)
            }
        }
        return nil
    }

    // MARK: - Kinds of registries

    private func fetch(
        _ package: String, _ requirement: VersionRequirement, _ mapping: RegistryConfiguration.Mapping,
        _ configuration: RegistryConfiguration
    ) async throws -> Package {
        let settings = configuration.registries[mapping.registry] ?? RegistryConfiguration.Registry()
        if settings.backend == .local {
            return try Self.findLocally(package, requirement, mapping.registry, settings)
        }
        let metadata =
            if let metadata = mapping.metadata { metadata } else { await self.metadata(of: mapping.registry) }
        if settings.backend == nil, let name = metadata.preferredProtocol, name != "oci" {
            throw FetchError("\(mapping.registry) has its packages by `\(RegistryClient.clean(name))`, not by OCI")
        }
        let host = metadata.registry ?? mapping.registry
        guard RegistryName.isValid(host) else {
            throw FetchError(
                "\(mapping.registry) says that its images are at `\(RegistryClient.clean(host))`, which is no host")
        }
        let repository =
            (metadata.namespacePrefix ?? "") + package.split(separator: ":").joined(separator: "/").lowercased()
        guard ImageReference.isRepository(repository) else {
            throw FetchError("`\(RegistryClient.clean(repository))` is no name of a repository")
        }
        let client = await self.access.client(host, settings)
        do {
            return try await PackageImage(client: client, repository: repository, package: package, cache: self.cache)
                .find(requirement)
        } catch var error as FetchError where error.isTLSRefused {
            error.description +=
                "\n  hint: if it has none, write in ~/.config/wasm-pkg/config.toml:"
                + "\n    [registry.\"\(mapping.registry)\".oci]\n    protocol = \"http\""
            throw error
        }
    }

    private func metadata(of registry: String) async -> RegistryMetadata {
        if let metadata = self.metadata[registry] { return metadata }
        let isLocal = ["localhost", "127.0.0.1"].contains(RegistryName.host(registry))
        let url = "\(isLocal ? "http" : "https")://\(registry)\(RegistryMetadata.path)"
        var exchange = self.access.exchange
        exchange.timeLimit = .seconds(30)
        var body: [UInt8] = []
        var found = RegistryMetadata()
        do {
            try await HTTPContentFetcher(exchange).fetch(
                url, onStart: { _ in },
                onChunk: { bytes in
                    guard body.count + bytes.count <= 1 << 16 else { throw FetchError("`\(url)` has more than 64 KiB") }
                    body += bytes
                })
            found = RegistryMetadata(try JSONDecoder().decode(JSONValue.self, from: Data(body)))
        } catch {
            // Most have none: then the registry's own name is good, and it tells itself when it is not there.
        }
        self.metadata[registry] = found
        return found
    }

    /// A folder with `namespace/package/1.2.3.wasm`.
    private static func findLocally(
        _ package: String, _ requirement: VersionRequirement, _ name: String, _ settings: RegistryConfiguration.Registry
    ) throws(FetchError) -> Package {
        guard let root = settings.localRoot else {
            throw FetchError("[registry.\"\(name)\".local] does not say which folder (`root`)")
        }
        let directory = Paths.join(root, package.split(separator: ":").joined(separator: "/"))
        let versions = (Paths.names(in: directory) ?? []).compactMap { name in
            name.hasSuffix(".wasm") ? SemanticVersion(String(name.dropLast(5))) : nil
        }
        let version = try PackageImage.choose(requirement, of: versions, package: package, at: directory)
        let path = Paths.join(directory, "\(version).wasm")
        guard let digest = ContentCache.digest(ofFile: path) else {
            throw FetchError("cannot read `\(path)`: \(Paths.lastError)")
        }
        return Package(version: version, digest: digest, path: path)
    }
}
