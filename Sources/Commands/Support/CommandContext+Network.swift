import AppLoader
import Subprocess

/// What commands reach the network by.
extension CommandContext {
    var httpExchange: HTTPExchange {
        HTTPExchange(trustRootsFile: self.environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 })
    }

    /// Downloads, kept in a directory, and told as they begin.
    func contentCache(_ directory: String) -> ContentCache {
        ContentCache(directory: directory, fetcher: HTTPContentFetcher(self.httpExchange)) { progress in
            guard case .started(let name, let bytes) = progress else { return }
            self.terminal.note("Downloading \(name)" + (bytes.map { " (\(CacheDirectory.inWords($0)))" } ?? ""))
        }
    }

    func imageReference(_ text: String) throws(CommandError) -> ImageReference {
        do throws(ImageReference.ParseError) {
            return try ImageReference(text)
        } catch {
            throw CommandError(error.description, exitCode: 2)
        }
    }

    func registries() -> RegistryAccess {
        RegistryAccess(
            environment: self.environment, exchange: self.httpExchange,
            helper: { await CredentialHelper(name: $0, environment: self.environment).credentials(for: $1) },
            warn: { self.terminal.warning($0) })
    }
}
