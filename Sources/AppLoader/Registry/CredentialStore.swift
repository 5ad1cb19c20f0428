package import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds what `spin registry login`, `docker login` and `podman login` have left.
package struct CredentialStore: Sendable {
    /// Asks a helper of Docker's (`docker-credential-NAME get`), and gives the user and the secret.
    package typealias Helper = @Sendable (_ name: String, _ server: String) async -> (user: String, secret: String)?

    private let environment: [String: String]
    private let helper: Helper?
    private let warn: @Sendable (String) -> Void

    package init(
        environment: [String: String], helper: Helper? = nil, warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.environment = environment
        self.helper = helper
        self.warn = warn
    }

    /// The folder of configuration files; nil when there is no home.
    package static func configurationDirectory(environment: [String: String]) -> String? {
        if let path = environment["XDG_CONFIG_HOME"], path.hasPrefix("/") { return path }
        return environment["HOME"].flatMap { $0.hasPrefix("/") ? Paths.join($0, ".config") : nil }
    }

    /// The file of `spin registry login`, which ours is as well.
    package static func spinFile(environment: [String: String]) -> String? {
        Self.configurationDirectory(environment: environment).map { Paths.join($0, "fermyon/registry-auth.json") }
    }

    /// What a registry is shown; nil when nobody has logged in.
    package func credentials(for registry: String) async -> RegistryCredentials? {
        let variable = "WKG_REGISTRY_\(Self.variablePart(registry))_AUTH_BEARER"
        if let token = self.environment[variable], !token.isEmpty {
            return RegistryCredentials(.bearer(token), origin: variable)
        }
        let names = Self.names(of: registry)
        if let found = self.readSpinFile(names) { return found }
        for path in self.dockerFiles {
            if let found = await self.readDockerFile(path, names) { return found }
        }
        return nil
    }

    /// How the registry may be called in the files.
    static func names(of registry: String) -> [String] {
        ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(registry)
            ? ["index.docker.io", "docker.io", "registry-1.docker.io"] : [registry]
    }

    private static func variablePart(_ registry: String) -> String {
        String(registry.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    // MARK: - Files

    /// Files in Docker's format, in the order that they count.
    private var dockerFiles: [String] {
        let home = self.environment["HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let docker = self.environment["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 } ?? home.map { $0 + "/.docker" }
        let runtime = self.environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        return [
            self.environment["REGISTRY_AUTH_FILE"].flatMap { $0.isEmpty ? nil : $0 },
            docker.map { $0 + "/config.json" },
            runtime.map { $0 + "/containers/auth.json" },
            Self.configurationDirectory(environment: self.environment).map { $0 + "/containers/auth.json" },
        ].compactMap { $0 }
    }

    private func readSpinFile(_ names: [String]) -> RegistryCredentials? {
        struct File: Decodable { var auths: [String: String] }
        guard let path = Self.spinFile(environment: self.environment), let file: File = self.read(path) else {
            return nil
        }
        guard let encoded = names.lazy.compactMap({ file.auths[$0] }).first else { return nil }
        guard let found = Self.decoded(encoded, path) else {
            self.warn("\(path): what it has for \(names[0]) is not Base64 of `user:password`")
            return nil
        }
        return found
    }

    private func readDockerFile(_ path: String, _ names: [String]) async -> RegistryCredentials? {
        struct File: Decodable {
            struct Entry: Decodable {
                var auth: String?
                var username: String?
                var password: String?
                var identitytoken: String?
                var registrytoken: String?
            }
            var auths: [String: Entry]?
            var credHelpers: [String: String]?
            var credsStore: String?
        }
        guard let file: File = self.read(path) else { return nil }
        let key = file.auths?.keys.first { names.contains(Self.host(ofKey: $0)) }
        let helper = names.lazy.compactMap { file.credHelpers?[$0] }.first ?? file.credsStore
        if let helper, !helper.isEmpty,
            helper.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
        {
            let server = key ?? (names[0] == "index.docker.io" ? "https://index.docker.io/v1/" : names[0])
            if let (user, secret) = await self.helper?(helper, server) {
                let origin = "docker-credential-\(helper)"
                return user == "<token>"
                    ? RegistryCredentials(.identity(secret), origin: origin)
                    : RegistryCredentials(.password(user: user, password: secret), origin: origin)
            }
        }
        guard let entry = key.flatMap({ file.auths?[$0] }) else { return nil }
        if let token = entry.registrytoken, !token.isEmpty { return RegistryCredentials(.bearer(token), origin: path) }
        if let token = entry.identitytoken, !token.isEmpty {
            return RegistryCredentials(.identity(token), origin: path)
        }
        if let user = entry.username, let password = entry.password {
            return RegistryCredentials(.password(user: user, password: password), origin: path)
        }
        return entry.auth.flatMap { Self.decoded($0, path) }
    }

    private func read<File: Decodable>(_ path: String) -> File? {
        guard Paths.kind(path) == .file, let data = FileManager.default.contents(atPath: path), data.count <= 1 << 20
        else { return nil }
        do {
            return try JSONDecoder().decode(File.self, from: data)
        } catch {
            self.warn("\(path): not read: it is no JSON with `auths`")
            return nil
        }
    }

    /// `https://index.docker.io/v1/` and `ghcr.io` alike.
    private static func host(ofKey key: String) -> String {
        var rest = key[...]
        for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        return String(rest.prefix { $0 != "/" })
    }

    private static func decoded(_ text: String, _ path: String) -> RegistryCredentials? {
        self.decodeBase64(text).flatMap { RegistryCredentials(userAndPassword: $0, origin: path) }
    }

    /// The text that Base64 stands for, with or without padding.
    package static func decodeBase64(_ text: String) -> String? {
        let bare = text.prefix { $0 != "=" }
        let padded = bare + String(repeating: "=", count: (4 - bare.utf8.count % 4) % 4)
        // Docker's own files may have a zero at the end.
        return Data(base64Encoded: String(padded)).flatMap { String(validating: $0, as: UTF8.self) }
            .map { String($0.prefix { $0 != "\0" }) }
    }
}
