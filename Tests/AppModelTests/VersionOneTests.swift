import AppModel
import Testing

@Suite struct VersionOneTests {
    private static func manifest(_ lines: String) -> String {
        """
        spin_manifest_version = "1"
        name = "old"
        trigger = { type = "http" }
        [[component]]
        id = "hello"
        source = "hello.wasm"
        trigger = { route = "/..." }

        """ + lines
    }

    @Test func meansTheSameAsVersionTwo() throws {
        let manifest = try Manifest(
            text: """
                spin_version = "1"
                name = "old"
                version = "1.2.3"
                description = "Old"
                authors = ["a"]
                trigger = { type = "http", base = "/" }
                [variables]
                token = { required = true }
                [[component]]
                id = "Hello_World"
                source = "hello.wasm"
                config = { token = "{{ token }}" }
                environment = { A = "b" }
                allowed_http_hosts = ["example.com", "https://Example.org:8080/", "self", "[::1]:9"]
                [component.trigger]
                route = "/hello"
                [component.build]
                command = "make"
                [[component]]
                id = "b"
                source = "b.wasm"
                allowed_outbound_hosts = ["https://x.example"]
                allowed_http_hosts = ["insecure:allow-all"]
                trigger = { route = "/b", executor = { type = "spin" } }
                """, file: "spin.toml")
        #expect(manifest.application.name == "old")
        #expect(manifest.application.version == "1.2.3")
        #expect(manifest.application.authors == ["a"])
        #expect(manifest.triggers.map(\.id) == ["trigger-hello-world", "trigger-b"])
        #expect(manifest.triggers.map(\.componentID) == ["hello-world", "b"])
        #expect(manifest.triggers.map(\.route) == ["/hello", "/b"])
        #expect(manifest.components.map(\.id) == ["hello-world", "b"])
        let hello = manifest.components[0]
        #expect(hello.variables.map(\.name) == ["token"])
        #expect(hello.environment == ["A": "b"])
        #expect(hello.build == BuildSettings(commands: ["make"]))
        #expect(
            hello.allowedOutboundHosts == [
                "redis://*:*", "mysql://*:*", "postgres://*:*", "http://example.com", "https://example.com",
                "http://example.org:8080", "https://example.org:8080", "http://self", "http://[::1]:9",
                "https://[::1]:9",
            ])
        #expect(
            manifest.components[1].allowedOutboundHosts == [
                "https://x.example", "http://*:*", "https://*:*", "http://self",
            ])
        #expect(
            manifest.warnings.map(\.description) == [
                "spin.toml:6:28: application.trigger.http.base: `base` is deprecated and does nothing"
            ])
    }

    @Test func theLaterOfTwoComponentsCounts() throws {
        let manifest = try Manifest(
            text: Self.manifest(
                "[[component]]\nid = \"hello\"\nsource = \"later.wasm\"\ntrigger = { route = \"/x\" }\n"), file: "m")
        #expect(manifest.components.map(\.source) == [.local("later.wasm")])
        #expect(manifest.triggers.map(\.route) == ["/...", "/x"])
    }

    @Test(arguments: [
        ("nonsense = 1", "m:8:1: component[0].nonsense: unknown field `nonsense`"),
        ("tool = {}", "m:8:1: component[0].tool: unknown field `tool`"),
        (
            "files = [1]",
            "m:8:10: component.hello.files[0]: expected a path, a glob or `{ source, destination }`, found an integer"
        ),
        (
            "allowed_http_hosts = [\"a/b\"]",
            "m:8:23: component[0].allowed_http_hosts[0]: `a/b` is no host\n  hint: write a name or an address, with `:port` where it is not the usual one, and no path"
        ),
        (
            "allowed_http_hosts = [\"ftp://a\"]",
            "m:8:23: component[0].allowed_http_hosts[0]: `ftp://a` is no host\n  hint: write a name or an address, with `:port` where it is not the usual one, and no path"
        ),
        (
            "[[component]]\nid = \"b\"",
            "m:8:1: component[1].trigger: the required field `trigger` is missing\n  hint: such as `trigger = { route = \"/...\" }`"
        ),
        ("[component2]", "m:8:2: component2: unknown field `component2`\n  hint: did you mean `component`?"),
    ])
    func mistakes(lines: String, expected: String) {
        let error = #expect(throws: ManifestError.self) { try Manifest(text: Self.manifest(lines), file: "m") }
        #expect(error?.description == expected)
    }
}
