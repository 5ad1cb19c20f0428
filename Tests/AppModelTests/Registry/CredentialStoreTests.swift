import AppLoader
import AppModel
import Foundation
import Synchronization
import Testing

@Suite struct CredentialStoreTests {
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private static func find(
        _ app: TemporaryApplication, _ registry: String, _ environment: [String: String] = [:],
        helper: CredentialStore.Helper? = nil, warn: @escaping @Sendable (String) -> Void = { _ in }
    ) async -> RegistryCredentials.Secret? {
        let store = CredentialStore(
            environment: ["HOME": app.directory].merging(environment) { _, new in new }, helper: helper, warn: warn)
        return await store.credentials(for: registry)?.secret
    }

    @Test func readsFilesInTheirOrder() async throws {
        let app = try TemporaryApplication()
        #expect(await Self.find(app, "ghcr.io") == nil)
        try app.write(
            ".config/containers/auth.json", "{\"auths\":{\"ghcr.io\":{\"auth\":\"\(Self.base64("podman:p"))\"}}}")
        #expect(await Self.find(app, "ghcr.io") == .password(user: "podman", password: "p"))
        try app.write(
            ".docker/config.json",
            "{\"auths\":{\"https://ghcr.io\":{\"auth\":\"\(Self.base64("docker:a:b"))\"},\"https://index.docker.io/v1/\":{\"identitytoken\":\"id\"}}}"
        )
        #expect(await Self.find(app, "ghcr.io") == .password(user: "docker", password: "a:b"))
        #expect(await Self.find(app, "docker.io") == .identity("id"))
        try app.write(".config/fermyon/registry-auth.json", "{\"auths\":{\"ghcr.io\":\"\(Self.base64("spin:s"))\"}}")
        #expect(await Self.find(app, "ghcr.io") == .password(user: "spin", password: "s"))
        let bearer = await Self.find(app, "ghcr.io", ["WKG_REGISTRY_GHCR_IO_AUTH_BEARER": "t"])
        #expect(bearer == .bearer("t"))
        #expect(await Self.find(app, "other.io") == nil)
        let other = await Self.find(app, "ghcr.io", ["XDG_CONFIG_HOME": "/nowhere", "DOCKER_CONFIG": "/nowhere"])
        #expect(other == nil)
    }

    @Test func asksHelpers() async throws {
        let app = try TemporaryApplication()
        try app.write(
            ".docker/config.json", "{\"credHelpers\":{\"ghcr.io\":\"store\"},\"credsStore\":\"all\",\"auths\":{}}")
        let asked = Mutex<[String]>([])
        let helper: CredentialStore.Helper = { name, server in
            asked.withLock { $0.append("\(name) \(server)") }
            return name == "store" ? ("<token>", "t") : ("u", "p")
        }
        #expect(await Self.find(app, "ghcr.io", helper: helper) == .identity("t"))
        #expect(await Self.find(app, "docker.io", helper: helper) == .password(user: "u", password: "p"))
        #expect(asked.withLock { $0 } == ["store ghcr.io", "all https://index.docker.io/v1/"])
        // Not a path to any program.
        try app.write(".docker/config.json", "{\"credsStore\":\"../evil\"}")
        #expect(await Self.find(app, "ghcr.io", helper: helper) == nil)
    }

    @Test(arguments: ["{", "[]", "{\"auths\":1}", "\u{0}"])
    func warnsOfDamagedFiles(text: String) async throws {
        let app = try TemporaryApplication()
        try app.write(".docker/config.json", text)
        let warnings = Mutex<[String]>([])
        #expect(await Self.find(app, "a.b", warn: { text in warnings.withLock { $0.append(text) } }) == nil)
        #expect(
            warnings.withLock { $0 } == ["\(app.path(".docker/config.json")): not read: it is no JSON with `auths`"])
    }

    @Test(arguments: [("dTpw", "u:p"), ("dTpwcA==", "u:pp"), ("dTpwcA", "u:pp"), ("dTpwAAA=", "u:p"), ("*", nil)])
    func decodesBase64(text: String, expected: String?) {
        #expect(CredentialStore.decodeBase64(text) == expected)
    }
}
