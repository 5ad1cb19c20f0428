import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How registries are reached: their configuration, credentials, and the network.
package struct RegistryAccess: Sendable {
    /// The file of `wkg`'s; nil has none.
    private let configurationFile: String?
    package let credentials: CredentialStore
    package let exchange: HTTPExchange
    package let warn: @Sendable (String) -> Void

    package init(
        environment: [String: String], exchange: HTTPExchange, helper: CredentialStore.Helper? = nil,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.configurationFile = CredentialStore.configurationDirectory(environment: environment)
            .map { Paths.join($0, "wasm-pkg/config.toml") }
        self.credentials = CredentialStore(environment: environment, helper: helper, warn: warn)
        self.exchange = exchange
        self.warn = warn
    }

    /// What the user has configured. Throws ``ManifestError``.
    func configuration() throws(ManifestError) -> RegistryConfiguration {
        guard let path = self.configurationFile, Paths.kind(path) == .file else { return RegistryConfiguration() }
        let text = try ApplicationFiles(currentDirectory: "").readText(path, kind: "configuration of registries")
        return try RegistryConfigurationDecoder.decode(
            text, file: path, decodeBase64: { CredentialStore.decodeBase64($0) })
    }

    /// A client for the registry of an image.
    package func client(_ reference: ImageReference, usesPlainHTTP: Bool) async throws -> RegistryClient {
        var settings = try self.configuration().registries[reference.registry] ?? RegistryConfiguration.Registry()
        settings.usesPlainHTTP = usesPlainHTTP || settings.usesPlainHTTP
        return await self.client(reference.registry, settings)
    }

    /// A client for the host that serves a registry's images.
    func client(_ host: String, _ settings: RegistryConfiguration.Registry) async -> RegistryClient {
        var exchange = self.exchange
        exchange.acceptsInvalidCertificates = settings.acceptsInvalidCertificates
        let credentials =
            if let given = settings.credentials { given } else { await self.credentials.credentials(for: host) }
        return RegistryClient(
            RegistryClient.Endpoint(
                registry: host, usesPlainHTTP: settings.usesPlainHTTP, credentials: credentials),
            exchange: exchange)
    }
}
