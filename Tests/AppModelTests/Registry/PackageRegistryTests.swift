import AppLoader
import AppModel
import Foundation
import RegistryTestSupport
import Testing

/// Components of a real registry.
@Suite(.enabled(if: RegistryServer.isInstalled)) struct PackageRegistryTests {
    /// The user `me` with the password `s3cret`.
    private static let passwords = "me:$2b$04$OwclWYPGQm5dZwjfd0lrMOT92Ze3b8IFgzSZwcTbiK/1vTxY3.PFe"

    @Test func getsComponentsAndDependencies() async throws {
        let server = try RegistryServer()
        defer { server.end() }
        let pusher = ImagePusher(registry: server.name)
        for tag in ["1.2.0", "1.10.0", "1.2.3", "2.0.0-rc.1", "latest", "sha256-1"] {
            try await pusher.pushComponent(Array("hello \(tag)".utf8), "acme/hello", tag: tag)
            try await pusher.pushComponent(Array("prices \(tag)".utf8), "shop/prices", tag: tag)
        }
        let run = try RegistryRun(
            plainHTTP: [server.name], "default_registry = \"\(server.name)\"\n")
        let app = try await run.load(
            source: "{ package = \"acme:hello\", version = \"1.2.3\", registry = \"\(server.name)\" }",
            """
            [component.hello.dependencies]
            "shop:prices/lookup" = "1"
            "shop:prices/other@1.0.0" = { version = "~1.2", registry = "\(server.name)" }
            "plain" = { version = "=1.2.0", package = "shop:prices", export = "a:b/c" }

            """)
        let component = try #require(app.components.first)
        #expect(try run.app.read(#require(component.source.path)) == "hello 1.2.3")
        #expect(component.source.digest?.hasPrefix("sha256:") == true)
        func content(_ name: String) -> String? {
            component.dependencies[name]?.source.path.flatMap { run.app.read($0) }
        }
        #expect(content("shop:prices/lookup") == "prices 1.10.0")
        #expect(content("shop:prices/other@1.0.0") == "prices 1.2.3")
        #expect(content("plain") == "prices 1.2.0")
        #expect(component.dependencies["plain"]?.export == "a:b/c")

        let error = await run.failure(
            source: "{ package = \"acme:hello\", version = \"9.0.0\" }", host: server.name)
        #expect(
            error == "spin.toml:11:10: component.hello.source: no version of `acme:hello` fits `9.0.0`: "
                + "HOST/acme/hello has 2.0.0-rc.1, 1.10.0, 1.2.3, 1.2.0")
        let none = await run.failure(source: "{ package = \"acme:none\", version = \"9.0.0\" }", host: server.name)
        #expect(
            none.hasPrefix("spin.toml:11:10: component.hello.source: there is no `HOST/acme/none`: 404 NAME_UNKNOWN"))
    }

    @Test func worksWithoutANetworkAndTellsChanges() async throws {
        let server = try RegistryServer()
        defer { server.end() }
        let pusher = ImagePusher(registry: server.name)
        try await pusher.pushComponent(Array("one".utf8), "acme/hello", tag: "1.0.0")
        let run = try RegistryRun(plainHTTP: [server.name], "default_registry = \"\(server.name)\"\n")
        let source = "{ package = \"acme:hello\", version = \"1.0.0\" }"
        _ = try await run.load(source: source)
        #expect(run.warnings.isEmpty)
        try await pusher.pushComponent(Array("two".utf8), "acme/hello", tag: "1.0.0")
        _ = try await run.load(source: source)
        #expect(run.warnings.count == 1)
        #expect(run.warnings.last?.contains("acme:hello 1.0.0 of \(server.name) is not what it was") == true)

        server.end()
        let app = try await run.load(source: source)
        #expect(try run.app.read(#require(app.components.first?.source.path)) == "two")
        #expect(run.warnings.count == 2)
        #expect(run.warnings.last?.contains("acme:hello 1.0.0 is used as it was last downloaded") == true)
        // What is not there is not made up.
        let error = await run.failure(source: "{ package = \"acme:hello\", version = \"1.0.1\" }", host: server.name)
        #expect(error.contains("cannot connect to HOST for "), "\(error)")
        #expect(error.contains("Connection refused"), "\(error)")
    }

    @Test func logsIn() async throws {
        let server = try RegistryServer(passwords: Self.passwords)
        defer { server.end() }
        try await ImagePusher(registry: server.name, user: "me:s3cret")
            .pushComponent(Array("mine".utf8), "acme/hello", tag: "1.0.0")
        let source = "{ package = \"acme:hello\", version = \"1.0.0\", registry = \"\(server.name)\" }"
        let run = try RegistryRun(plainHTTP: [server.name])
        let error = await run.failure(source: source, host: server.name)
        #expect(error.hasPrefix("spin.toml:11:10: component.hello.source: HOST gives no access to "), "\(error)")
        #expect(error.contains("without a login: 401 UNAUTHORIZED"), "\(error)")
        #expect(error.contains("hint: log in: `swirl registry login HOST`"), "\(error)")

        func logIn(_ user: String) throws {
            try run.app.write(
                ".docker/config.json",
                "{\"auths\":{\"\(server.name)\":{\"auth\":\"\(Data(user.utf8).base64EncodedString())\"}}}")
        }
        try logIn("me:wr0ng")
        let wrong = await run.failure(source: source, host: server.name)
        #expect(wrong.contains("with the credentials in \(run.app.path(".docker/config.json")): 401"), "\(wrong)")
        #expect(!wrong.contains("wr0ng") && !wrong.contains(Data("me:wr0ng".utf8).base64EncodedString()))
        try logIn("me:s3cret")
        let app = try await run.load(source: source)
        #expect(try run.app.read(#require(app.components.first?.source.path)) == "mine")
        #expect(run.warnings.isEmpty)
    }

    @Test func getsComponentsFromAFolder() async throws {
        let run = try RegistryRun(plainHTTP: [])
        try run.app.write(
            ".config/wasm-pkg/config.toml",
            "[registry.folder]\ntype = \"local\"\nlocal = { root = \"\(run.app.path("packages"))\" }")
        for version in ["1.0.0", "1.1.0", "nonsense"] { try run.app.write("packages/a/b/\(version).wasm", version) }
        let app = try await run.load(
            source: "{ package = \"a:b\", version = \"1.0.0\", registry = \"folder\" }",
            "[component.hello.dependencies]\n\"a:b/c\" = { version = \"1\", registry = \"folder\" }\n")
        let component = try #require(app.components.first)
        #expect(try run.app.read(#require(component.source.path)) == "1.0.0")
        #expect(try run.app.read(#require(component.dependencies["a:b/c"]?.source.path)) == "1.1.0")
    }

    @Test func asksForAConfiguration() async throws {
        let run = try RegistryRun(plainHTTP: [])
        let error = await run.failure(source: "{ package = \"acme:hello\", version = \"1.0.0\" }", host: "-")
        #expect(error.contains("nothing says which registry has `acme:hello`\n  hint: write `registry = \"…\"`"))
        try run.app.write(".config/wasm-pkg/config.toml", "default = 1")
        let broken = await run.failure(source: "{ package = \"acme:hello\", version = \"1.0.0\" }", host: "-")
        #expect(broken.contains("config.toml:1:1: default: unknown field `default`"), "\(broken)")
    }
}
