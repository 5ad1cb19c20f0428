import AppLoader
import AppModel
import Foundation
import NIOCore
import Synchronization

/// Loads applications from registries, in a folder of its own.
final class RegistryRun {
    let app: TemporaryApplication
    private let log = Log()
    private let environment: [String: String]

    private final class Log: Sendable {
        let warnings = Mutex<[String]>([])
    }

    var warnings: [String] { self.log.warnings.withLock { $0 } }

    /// - Parameter plainHTTP: registries that have no TLS.
    init(plainHTTP: [String], _ configuration: String = "", environment: [String: String] = [:]) throws {
        self.app = try TemporaryApplication()
        self.environment = ["HOME": self.app.directory].merging(environment) { _, new in new }
        try self.app.write(
            ".config/wasm-pkg/config.toml",
            configuration + plainHTTP.map { "[registry.\"\($0)\".oci]\nprotocol = \"http\"\n" }.joined())
    }

    func load(_ source: AppSource, silence: TimeAmount = .minutes(1), plainHTTP: Bool = false) async throws
        -> LockedApp
    {
        var exchange = HTTPExchange()
        exchange.silenceLimit = silence
        let log = self.log
        var options = ApplicationLoader.Options()
        options.contentCache = ContentCache(directory: self.app.path("cache"), fetcher: HTTPContentFetcher(exchange))
        options.registries = RegistryAccess(
            environment: self.environment, exchange: exchange,
            warn: { text in log.warnings.withLock { $0.append(text) } })
        options.usesPlainHTTP = plainHTTP
        return try await ApplicationLoader(
            workingDirectory: WorkingDirectory(below: self.app.directory), currentDirectory: self.app.directory,
            options: options
        ).load(source).app
    }

    /// Loads an application whose component has this source, and further lines.
    func load(
        source: String, _ more: String = "", silence: TimeAmount = .minutes(1)
    ) async throws -> LockedApp {
        try self.app.write(
            "spin.toml", ManifestTests.minimal.replacingOccurrences(of: "\"hello.wasm\"", with: source) + more)
        return try await self.load(.manifest(self.app.path("spin.toml")), silence: silence)
    }

    /// What loading tells, with the name of the registry as `HOST`.
    func failure(source: String, _ more: String = "", host: String, silence: TimeAmount = .minutes(1)) async -> String {
        do {
            _ = try await self.load(source: source, more, silence: silence)
            return ""
        } catch {
            return "\(error)".replacingOccurrences(of: host, with: "HOST")
        }
    }
}
