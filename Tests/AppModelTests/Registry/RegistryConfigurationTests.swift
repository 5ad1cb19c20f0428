import AppLoader
import AppModel
import Foundation
import Testing

@Suite struct RegistryConfigurationTests {
    private static func decode(_ text: String) throws -> RegistryConfiguration {
        try RegistryConfigurationDecoder.decode(
            text, file: "config.toml", decodeBase64: { CredentialStore.decodeBase64($0) })
    }

    @Test func findsRegistries() throws {
        let configuration = try Self.decode(
            """
            default_registry = "example.com"
            [namespace_registries]
            acme = "registry.acme.dev"
            inner = { registry = "inner", metadata = { preferredProtocol = "oci", oci = { registry = "images.example", namespacePrefix = "x/" } } }
            [package_registry_overrides]
            "acme:special" = "localhost:5000"
            [registry."localhost:5000".oci]
            protocol = "http"
            auth = { username = "open", password = "sesame" }
            [registry."registry.acme.dev"]
            default = "oci"
            [registry."registry.acme.dev".oci]
            auth = "cGluZzpwb25n"
            [registry."folder"]
            type = "local"
            local = { root = "/packages" }
            """)
        func registry(_ package: String) -> String? { configuration.mapping(ofPackage: package)?.registry }
        #expect(registry("acme:special") == "localhost:5000")
        #expect(registry("acme:other") == "registry.acme.dev")
        #expect(registry("else:where") == "example.com")
        // A default counts for them as well.
        #expect(registry("wasi:http") == "example.com")
        #expect(RegistryConfiguration().mapping(ofPackage: "wasi:http")?.registry == "wasi.dev")
        #expect(RegistryConfiguration().mapping(ofPackage: "acme:x") == nil)
        let inner = configuration.mapping(ofPackage: "inner:x")?.metadata
        #expect(inner?.registry == "images.example")
        #expect(inner?.namespacePrefix == "x/")
        let local = try #require(configuration.registries["localhost:5000"])
        #expect(local.usesPlainHTTP)
        #expect(local.backend == .oci)
        #expect(local.credentials?.secret == .password(user: "open", password: "sesame"))
        // No message may hold them.
        #expect("\(local)".contains("sesame") == false)
        #expect(
            configuration.registries["registry.acme.dev"]?.credentials?.secret
                == .password(user: "ping", password: "pong"))
        #expect(configuration.registries["folder"]?.localRoot == "/packages")
    }

    @Test func tellsAllMistakes() throws {
        let error = #expect(throws: ManifestError.self) {
            try Self.decode(
                """
                default_registry = "https://example.com"
                [registry."a.b".oci]
                protocol = "gopher"
                auth = "c2VjcmV0"
                [registry."c.d"]
                type = "warg"
                [namespace_registries]
                x = 1
                [nonsense]
                """)
        }
        let text = error?.description ?? ""
        for part in [
            "config.toml:1:20: default_registry: `https://example.com` is no name of a registry",
            "config.toml:3:12: registry.\"a.b\".oci.protocol: `gopher` is neither `http` nor `https`",
            "config.toml:4:8: registry.\"a.b\".oci.auth: not Base64 of `user:password`",
            "registries of the kind `warg`", "config.toml:8:5: namespace_registries.x: expected",
            "unknown field `nonsense`",
        ] { #expect(text.contains(part), "\(text)") }
        #expect(!text.contains("c2VjcmV0"))
    }

    @Test(
        arguments: [
            ("{\"ociRegistry\":\"ghcr.io\",\"ociNamespacePrefix\":\"a/\"}", "ghcr.io", "a/", nil),
            ("{\"oci\":{\"registry\":\"ghcr.io\",\"namespacePrefix\":\"a/\"}}", "ghcr.io", "a/", "oci"),
            ("{\"preferredProtocol\":\"warg\",\"oci\":{}}", nil, nil, "warg"), ("[]", nil, nil, nil),
        ] as [(String, String?, String?, String?)])
    func readsWhatRegistriesSay(json: String, registry: String?, prefix: String?, kind: String?) throws {
        let metadata = RegistryMetadata(try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)))
        #expect(metadata.registry == registry)
        #expect(metadata.namespacePrefix == prefix)
        #expect(metadata.preferredProtocol == kind)
    }

    @Test(arguments: [
        ("example.com", true), ("localhost:5000", true), ("[::1]:5000", true), ("127.0.0.1", true),
        ("https://example.com", false), ("example.com/x", false), ("", false), ("a:b", false), ("a..b", false),
        ("user@host", false), ("a b", false), ("host:99999", false),
    ])
    func namesOfRegistries(name: String, isValid: Bool) {
        #expect(RegistryName.isValid(name) == isValid)
    }

    @Test(arguments: [
        ("registry.example/app:1", "registry.example", "app", "1"),
        ("localhost:5000/a/b_c", "localhost:5000", "a/b_c", "latest"),
        ("me/app:v1", "docker.io", "me/app", "v1"), ("app:v1", "docker.io", "library/app", "v1"),
    ])
    func readsReferences(text: String, registry: String, repository: String, tag: String) throws {
        let reference = try ImageReference(text)
        #expect(reference.registry == registry)
        #expect(reference.repository == repository)
        #expect(reference.tag == tag)
    }

    @Test func readsDigests() throws {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let reference = try ImageReference("ghcr.io/a/b@\(digest)")
        #expect(reference.tag == nil)
        #expect(reference.manifest == digest)
        #expect(reference.description == "ghcr.io/a/b@\(digest)")
    }

    @Test(arguments: [
        "", "ghcr.io/", "ghcr.io/A", "ghcr.io/a:b:c/", "ghcr.io/../a", "ghcr.io/a@sha256:1", "ghcr.io/a:.x",
        "ghcr.io:x/a", "ghcr.io/a?b", "ghcr.io/-a",
    ])
    func refusesReferences(text: String) {
        #expect(throws: ImageReference.ParseError.self) { try ImageReference(text) }
    }
}
