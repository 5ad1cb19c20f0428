import AppModel
import Testing

/// What a component may use, and what it is made of.
@Suite struct CapabilityTests {
    private static func component(_ lines: String) throws -> Manifest.Component {
        let manifest = try Manifest(text: ManifestTests.minimal + lines, file: "m")
        return try #require(manifest.component("hello"))
    }

    private static func message(_ lines: String) -> String? {
        do {
            _ = try Manifest(text: ManifestTests.minimal + lines, file: "m")
            return nil
        } catch {
            return error.description
        }
    }

    @Test func readsCapabilities() throws {
        let component = try Self.component(
            """
            allowed_outbound_hosts = ["https://{{ host }}", "redis://{{ none }}:{{ port }}", "*://*:*"]
            key_value_stores = ["default", "my-store", "my_store"]
            sqlite_databases = ["default"]
            ai_models = ["llama2-chat"]
            targets = ["spin-up:3.2", { url = "https://x/t.toml" }, { path = "t.toml" }]
            [variables]
            host = { default = "example.com" }
            port = { default = "6379" }
            none = { required = true }
            """)
        #expect(component.allowedOutboundHosts.count == 3)
        #expect(component.keyValueStores == ["default", "my-store", "my_store"])
        #expect(component.sqliteDatabases == ["default"])
        #expect(component.aiModels == ["llama2-chat"])
        #expect(
            component.targets == [
                .catalogue("spin-up:3.2"), .remote(url: "https://x/t.toml"), .local(path: "t.toml"),
            ])
    }

    @Test func saysWhatReplacesDeprecatedFields() throws {
        let manifest = try Manifest(
            text: ManifestTests.minimal + "allowed_outbound_hosts = [\"https://a\"]\nallowed_http_hosts = [\"b:81\"]",
            file: "m")
        #expect(manifest.components[0].allowedOutboundHosts == ["https://a", "http://b:81", "https://b:81"])
        #expect(
            manifest.warnings.map(\.description) == [
                "m:13:1: component.hello.allowed_http_hosts: `allowed_http_hosts` is deprecated\n  hint: write `allowed_outbound_hosts = [\"http://b:81\", \"https://b:81\"]`"
            ])
    }

    @Test func readsSources() throws {
        let digest = "sha256:" + String(repeating: "0a", count: 32)
        let component = try Self.component(
            "[component.remote]\nsource = { url = \"https://example.com/a.wasm\", digest = \"\(digest)\" }\n"
                + "[component.package]\nsource = { package = \"a:b\", version = \"1.0.0-rc.1\", registry = \"r.example\" }"
        )
        #expect(component.source == .local("hello.wasm"))
        let manifest = try Manifest(
            text: ManifestTests.minimal
                + "[component.remote]\nsource = { url = \"https://e/a\", digest = \"\(digest)\" }",
            file: "m")
        #expect(manifest.component("remote")?.source == .remote(url: "https://e/a", digest: digest))
        #expect(ContentDigest(digest.uppercased()) == nil)
        #expect(ContentDigest("sha256:" + String(repeating: "0A", count: 32))?.description == digest)
    }

    @Test(arguments: [
        (
            "allowed_outbound_hosts = [\"example.com\"]",
            "m:12:27: component.hello.allowed_outbound_hosts[0]: `example.com` has no scheme\n  hint: write `http://example.com`, or `*://example.com` for any scheme"
        ),
        (
            "allowed_outbound_hosts = [\"https://{{ x }}\"]",
            "m:12:39: component.hello.allowed_outbound_hosts[0]: the application has no variable `x`\n  hint: declare it under `[variables]`"
        ),
        (
            "allowed_outbound_hosts = [\"{{ x }}\"]\n[variables]\nx = { default = \"host\" }",
            "m:12:27: component.hello.allowed_outbound_hosts[0]: with the defaults of its variables this is `host`: `host` has no scheme\n  hint: write `http://host`, or `*://host` for any scheme"
        ),
        (
            "allowed_outbound_hosts = [\"{{ x }}\"]\n[variables]\nx = { default = \"pass\", secret = true }",
            "m:12:27: component.hello.allowed_outbound_hosts[0]: with the defaults of its variables this is no valid entry"
        ),
        (
            "key_value_stores = [\"a b\"]",
            "m:12:21: component.hello.key_value_stores[0]: `a b` is no valid label: only ASCII letters, digits and `-` are allowed, not ` `\n  hint: for instance `a-b`"
        ),
        (
            "targets = [1]",
            "m:12:12: component.hello.targets[0]: expected a name, `{ url }` or `{ path }`, found an integer"
        ),
        (
            "[component.r]\nsource = { url = \"https://x\" }",
            "m:13:10: component.r.source.digest: the required field `digest` is missing\n  hint: `sha256:` and what `sha256sum` prints: only this very file is accepted"
        ),
        (
            "[component.r]\nsource = { url = \"ftp://x\", digest = \"sha256:0\" }",
            "m:13:18: component.r.source.url: `ftp://x` is no http or https URL\nm:13:38: component.r.source.digest: `sha256:0` is no digest\n  hint: write `sha256:` and 64 hexadecimal digits, as `sha256sum` prints them"
        ),
        (
            "[component.r]\nsource = { package = \"ab\", version = \"^1\" }",
            "m:13:22: component.r.source.package: `ab` is no package name\n  hint: write `namespace:package`\nm:13:38: component.r.source.version: `^1` is no exact version\n  hint: write all three numbers, such as `1.2.3`"
        ),
        (
            "[component.r]\nsource = {}",
            "m:13:10: component.r.source: a source is a path, `{ url, digest }` or `{ package, version }`"
        ),
        (
            "[[trigger.redis]]\ncomponent = \"hello\"",
            "m:12:1: trigger.redis[0].channel: the required field `channel` is missing\n  hint: name the channel that messages come from"
        ),
        (
            "[application.trigger.redis]\naddress = \"redis://{{ h }}\"",
            "m:13:23: application.trigger.redis.address: the application has no variable `h`\n  hint: declare it under `[variables]`"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"hello\"\ncomponents.x = \"hello\"",
            "m:15:12: trigger.http[1].components.x: HTTP triggers have no `x` here\n  hint: use `component`"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"hello\"\ndependencies.mw = []",
            "m:15:14: trigger.http[1].dependencies.mw: HTTP triggers have no `mw` here\n  hint: `middleware` is the only role"
        ),
    ])
    func mistakes(lines: String, expected: String) {
        #expect(Self.message(lines) == expected)
    }

    @Test func knowsOtherTriggers() throws {
        let manifest = try Manifest(
            text: ManifestTests.minimal + """
                [[trigger.redis]]
                channel = "{{ c }}"
                address = "redis://x"
                component = "hello"
                [[trigger.timer]]
                interval = 5
                components.main = "hello"
                components.more = ["hello", { source = "inline.wasm" }]
                dependencies.any = [{ component = "other" }]
                [variables]
                c = { default = "x" }
                [component.other]
                source = "other.wasm"
                """, file: "m")
        #expect(manifest.triggers.map(\.type) == ["http", "redis", "timer"])
        #expect(manifest.triggers.map(\.id) == ["hello-http-trigger", "hello-redis-trigger", "timer-trigger1"])
        #expect(manifest.triggers[1].settings["channel"] == .string("{{ c }}"))
        #expect(manifest.triggers[2].settings == ["interval": .integer(5)])
        #expect(manifest.triggers[2].components == ["main": ["hello"], "more": ["hello", "inline-component1"]])
        #expect(manifest.triggers[2].dependencies["any"]?.map(\.source) == [.component("other")])
    }

    // MARK: - Profiles

    private static let profiled = """
        environment = { A = "base", B = "base" }
        build = { command = "make", workdir = "w" }
        [component.hello.profile.debug]
        source = "debug.wasm"
        environment = { B = "debug", C = "debug" }
        build.command = ["make debug", "strip"]
        [component.hello.profile.debug.dependencies]
        "a:b" = "2"
        [component.hello.dependencies]
        "a:b" = "1"
        "c:d/e@1.0.0" = { path = "c.wasm", inherit_configuration = ["environment"] }
        [component.other]
        source = "other.wasm"
        """

    @Test func appliesAProfile() throws {
        let manifest = try Manifest(text: ManifestTests.minimal + Self.profiled, file: "m", profile: "debug")
        let hello = manifest.components[0]
        #expect(manifest.profile == "debug")
        #expect(hello.source == .local("debug.wasm"))
        #expect(hello.environment == ["A": "base", "B": "debug", "C": "debug"])
        #expect(hello.build == BuildSettings(commands: ["make debug", "strip"], workdir: "w"))
        #expect(
            hello.dependencies.map(\.source) == [
                .local(path: "c.wasm"), .registry(requirement: "2", package: nil, registry: nil),
            ])
        #expect(hello.dependencies[0].inherit == .some(["environment"]))
        #expect(manifest.components[1].source == .local("other.wasm"))
        #expect(try Self.component(Self.profiled).source == .local("hello.wasm"))
    }

    @Test func refusesAnUnknownProfile() {
        let error = #expect(throws: ManifestError.self) {
            try Manifest(text: ManifestTests.minimal + Self.profiled, file: "m", profile: "debg")
        }
        #expect(error?.description == "m: no component has the profile `debg`\n  hint: did you mean `debug`?")
    }

    // MARK: - Dependencies

    @Test(
        arguments: [
            ("plain-name", nil, nil, nil), ("a:b", "a:b", nil, nil), ("a:b@1.2.3", "a:b", nil, "1.2.3"),
            ("a:b/c", "a:b", "c", nil), ("a:b/c-d@0.1.0-rc.1", "a:b", "c-d", "0.1.0-rc.1"),
        ] as [(String, String?, String?, String?)])
    func dependencyNames(text: String, package: String?, interface: String?, version: String?) throws {
        let name = try DependencyName(text)
        #expect(name.package == package)
        #expect(name.interface == interface)
        #expect(name.version?.description == version)
    }

    @Test(arguments: ["", "a_b", "a:b@1", "a:b/", "a:", ":b", "a:b:c", "a/b", "a:b/c/d", "a:B_c", "a@1.0.0"])
    func otherDependencyNames(text: String) {
        #expect(throws: DependencyName.ParseError.self) { try DependencyName(text) }
    }

    @Test(arguments: [
        ("1", true), ("^1.2", true), (">=0.1.0, <0.3", true), ("=1.2.3-rc.1", true), ("1.*", true), ("*", true),
        ("~1.2.3+b", true), ("1.x.x", true), ("", false), ("a", false), ("1.2.3.4", false), ("01", false),
        ("1.*.3", false), (">", false), ("1,", false), ("*, 1", false), ("1.2-rc", false), ("1.2.3-", false),
    ])
    func requirements(text: String, isValid: Bool) {
        #expect((VersionRequirement(text) != nil) == isValid)
    }

    @Test(arguments: [
        ("\"a:b\" = { path = \"x\", export = \"e\" }", "`export` can stand for an interface"),
        ("plain = \"1\"", "does not say which package"), ("plain = { version = \"1\" }", "does not say which package"),
        ("plain = { version = \"1\", package = \"ab\" }", "`ab` is no package name"),
        ("\"a:b\" = \"y\"", "`y` is no requirement of a version"), ("\"a:b\" = 1", "expected a version or a table"),
        ("\"a:b\" = {}", "does not say where the dependency is"),
        ("\"a:b\" = { path = \"x\", component = \"y\" }", "says more than one place: `path`, `component`"),
        ("\"a:b\" = { path = \"x\", pth = 1 }", "unknown field `pth`"),
        ("\"a:b\" = { component = \"none\" }", "there is no component `none`"),
        ("\"a:b\" = { component = \"rich\" }", "it has `environment`, `files` of its own"),
        ("\"a:b\" = { url = \"https://x\" }", "the required field `digest` is missing"),
        ("\"a:b\" = \"1\"\n\"a:b/c\" = \"1\"", "may be satisfied by the same import"),
        ("\"a:b@1.0.0\" = \"1\"\n\"a:b@1.2.0\" = \"1\"", "may be satisfied by the same import"),
        ("\"a_b\" = \"1\"", "`a_b` names no import"),
        ("\"a:b\" = { path = \"x\", inherit_configuration = 1 }", "expected a boolean or an array of strings"),
    ])
    func wrongDependencies(lines: String, message: String) {
        let text =
            "[component.rich]\nsource = \"r\"\nenvironment = { A = \"\" }\nfiles = [\"x\"]\n[component.hello.dependencies]\n"
        #expect(Self.message(text + lines)?.contains(message) == true, "\(Self.message(text + lines) ?? "")")
    }

    @Test(arguments: [
        "\"a:b/c\" = \"1\"\n\"a:b/d\" = \"1\"", "\"a:b@1.0.0\" = \"1\"\n\"a:b@2.0.0\" = \"1\"",
        "\"a:b@0.1.0\" = \"1\"\n\"a:b@0.2.0\" = \"1\"", "\"a:b/c\" = { path = \"x\", export = \"d\" }",
        "plain = { version = \"1\", package = \"a:b\", registry = \"r\" }", "plain = { path = \"x\" }",
    ])
    func rightDependencies(lines: String) {
        #expect(Self.message("[component.hello.dependencies]\n" + lines) == nil)
    }

    @Test func inheritance() throws {
        let lines =
            "[component.hello.dependencies]\nx = { path = \"x\", inherit_configuration = true }\n"
            + "y = { path = \"y\", inherit_configuration = false }\nz = { path = \"z\" }"
        #expect(try Self.component(lines).dependencies.map(\.inherit) == [.all, .some([]), nil])
        #expect(
            Self.message("dependencies_inherit_configuration = true\n" + lines)?
                .contains("a dependency has its own `inherit_configuration`") == true)
        let all = "dependencies_inherit_configuration = true\n[component.hello.dependencies]\nx = { path = \"x\" }"
        #expect(try Self.component(all).dependencies.map(\.inherit) == [.all])
        let manifest = try Manifest(
            text: ManifestTests.minimal
                + "[component.hello.dependencies]\nx = { path = \"x\", inherit_configuration = [\"file\"] }", file: "m")
        #expect(manifest.warnings.first?.hint == "did you mean `files`?")
    }
}
