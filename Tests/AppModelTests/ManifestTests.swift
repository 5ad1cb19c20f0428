import AppModel
import Testing

@Suite struct ManifestTests {
    static let minimal = """
        spin_manifest_version = 2

        [application]
        name = "app"

        [[trigger.http]]
        route = "/..."
        component = "hello"

        [component.hello]
        source = "hello.wasm"

        """

    @Test func readsAMinimalManifest() throws {
        let manifest = try Manifest(text: Self.minimal, file: "spin.toml")
        #expect(manifest.application.name == "app")
        #expect(manifest.triggers.count == 1)
        #expect(manifest.triggers[0].id == "hello-http-trigger")
        #expect(manifest.triggers[0].componentID == "hello")
        #expect(manifest.triggers[0].route == "/...")
        #expect(manifest.components[0].source == .local("hello.wasm"))
        #expect(manifest.components[0].sourcePosition == SourcePosition(line: 11, column: 10))
        #expect(manifest.warnings.isEmpty)
    }

    @Test func readsEverything() throws {
        let manifest = try Manifest(
            text: """
                spin_manifest_version = 2
                variables.token = { required = true, secret = true, description = "A token" }
                variables.host = { default = "example.com" }

                [application]
                name = "full"
                version = "1.2.3"
                description = "All of it"
                authors = ["A <a@example.com>", "B"]
                targets = []
                tool.lint = { level = 3 }

                [application.trigger.http]
                base = "/"

                [[trigger.http]]
                id = "named"
                route = "/named/:id"
                component = "one"
                executor = { type = "spin" }

                [[trigger.http]]
                route = "/one"
                component = "one"

                [[trigger.http]]
                route = "/again"
                component = "one"

                [[trigger.http]]
                route = "/inline"
                component = { source = "inline.wasm" }

                [component.one]
                source = "target/one.wasm"
                description = "First"
                variables = { url = "https://{{ host }}/{{token}}", plain = "x" }
                environment = { A = "1", B = "{{ not a template }}" }
                files = ["static/*", { source = "data", destination = "/var" }]
                exclude_files = ["static/*.map"]
                allowed_outbound_hosts = []
                allowed_http_hosts = []
                key_value_stores = []
                sqlite_databases = []
                ai_models = []
                targets = []
                dependencies = {}
                [component.one.build]
                command = ["make a", "make b"]
                workdir = "src"
                watch = ["src/**/*.rs"]
                [component.one.tool.any]
                x = [1]

                [component.two]
                source = "two.wasm"
                build.command = "make two"
                """, file: "spin.toml")
        #expect(manifest.application.authors == ["A <a@example.com>", "B"])
        #expect(manifest.variables.map(\.name) == ["token", "host"])
        #expect(manifest.variables[0].isSecret)
        #expect(manifest.variables[0].default == nil)
        #expect(manifest.variables[1].default == "example.com")
        #expect(
            manifest.triggers.map(\.id) == ["named", "one-http-trigger", "http-trigger1", "http-trigger2"])
        #expect(manifest.triggers[3].componentID == "http-trigger2-component")
        #expect(manifest.triggers[0].settings["executor"] == .object(["type": .string("spin")]))
        #expect(manifest.components.map(\.id) == ["one", "two", "http-trigger2-component"])
        let one = manifest.components[0]
        #expect(one.variables.map(\.name) == ["url", "plain"])
        #expect(one.variables[0].template.variables == ["host", "token"])
        #expect(one.environment == ["A": "1", "B": "{{ not a template }}"])
        #expect(
            one.files.map(\.kind) == [.pattern("static/*"), .placement(source: "data", destination: "/var")])
        #expect(one.excludedFiles == ["static/*.map"])
        #expect(
            one.build == BuildSettings(commands: ["make a", "make b"], workdir: "src", watch: ["src/**/*.rs"]))
        #expect(manifest.components[1].build == BuildSettings(commands: ["make two"]))
        #expect(
            manifest.warnings.map(\.description) == [
                "spin.toml:14:1: application.trigger.http.base: `base` is deprecated and does nothing"
            ])
    }

    @Test func anApplicationMayHaveNoTriggers() throws {
        let manifest = try Manifest(
            text: "spin_manifest_version = 2\napplication.name = \"x\"\n", file: "spin.toml")
        #expect(manifest.triggers.isEmpty)
        #expect(manifest.components.isEmpty)
    }

    /// What is wrong with a whole manifest, exactly as a user sees it.
    @Test(arguments: [
        (
            "",
            "m:1:1: spin_manifest_version: the required field `spin_manifest_version` is missing\n  hint: add `spin_manifest_version = 2` as the first line"
        ),
        (
            "spin_manifest_version = \"1\"\nname = 3",
            "m:1:1: trigger: the required field `trigger` is missing\n  hint: add `trigger = { type = \"http\" }`\nm:2:8: name: expected a string, found an integer"
        ),
        (
            "spin_version = 1",
            "m:1:16: spin_version: version 1 is written as text\n  hint: write `spin_version = \"1\"`"
        ),
        (
            "spin_manifest_version = \"2\"",
            "m:1:25: spin_manifest_version: version 2 is written as a number\n  hint: write `spin_manifest_version = 2`"
        ),
        (
            "spin_manifest_version = 3",
            "m:1:25: spin_manifest_version: invalid manifest version\n  hint: `2` is the current one"
        ),
        (
            "spin_manifest_version = 2",
            "m:1:1: application: the required field `application` is missing\n  hint: add `[application]` with a `name`"
        ),
        (
            "spin_manifest_version = 2\n[aplication]\nname = \"x\"",
            "m:1:1: application: the required field `application` is missing\n  hint: add `[application]` with a `name`\nm:2:2: aplication: unknown field `aplication`\n  hint: did you mean `application`?"
        ),
        (
            "spin_manifest_version = 2\nname = \"x\"\n[[component]]\nid = \"a\"",
            "m:1:25: spin_manifest_version: the manifest is written as one of version 1: it has no `[application]`, but `[[component]]`\n  hint: write `spin_manifest_version = \"1\"`"
        ),
        (
            "spin_manifest_version = \"1\"\n[application]\nname = \"x\"",
            "m:1:25: spin_manifest_version: the manifest is written as one of version 2: it has `[application]`\n  hint: write `spin_manifest_version = 2`"
        ),
        (
            "spin_manifest_version = 2\n[application]\nversion = 1",
            "m:2:1: application.name: the required field `name` is missing\nm:3:11: application.version: expected a string, found an integer"
        ),
        (
            "spin_manifest_version = 2\n[application]\nname = \"x\"\nnmae = 1\n[componnet.a]",
            "m:4:1: application.nmae: unknown field `nmae`\n  hint: did you mean `name`?\nm:5:2: componnet: unknown field `componnet`\n  hint: did you mean `component`?"
        ),
        (
            "spin_manifest_version = 2\n[application\nname = 1",
            "m:2:13: not valid TOML: table header: encountered unexpected character '\\n' (expecting ']')"
        ),
    ])
    func wrongDocuments(text: String, expected: String) {
        let error = #expect(throws: ManifestError.self) { try Manifest(text: text, file: "m") }
        let message = error?.description ?? ""
        if expected.contains("not valid TOML") {
            #expect(message.hasPrefix("m:2:") && message.contains("not valid TOML: "), "\(message)")
        } else {
            #expect(message == expected)
        }
    }

    /// Lines put behind the component of the minimal manifest, which start on line 12.
    @Test(arguments: [
        ("sorce = \"x\"", "12:1: component.hello.sorce: unknown field `sorce`\n  hint: did you mean `source`?"),
        ("whatever = 1", "12:1: component.hello.whatever: unknown field `whatever`"),
        ("description = 1", "12:15: component.hello.description: expected a string, found an integer"),
        ("environment = { A = 1 }", "12:21: component.hello.environment.A: expected a string, found an integer"),
        ("environment = [\"A=1\"]", "12:15: component.hello.environment: expected a table, found an array"),
        (
            "environment = { \"A=B\" = \"1\" }",
            "12:17: component.hello.environment.\"A=B\": no environment variable can have this name or value"
        ),
        (
            "files = [1]",
            "12:10: component.hello.files[0]: expected a path, a glob or `{ source, destination }`, found an integer"
        ),
        (
            "files = [\"a\", \"assets/..\"]",
            "12:15: component.hello.files[1]: a pattern must not end in the parent directory (`..`)\n  hint: to include a directory use `{ source = \"…\", destination = \"/\" }` or a glob such as `dir/**/*`"
        ),
        (
            "files = [\".\"]",
            "12:10: component.hello.files[0]: a pattern must not end in the current directory (`.`)\n  hint: to include a directory use `{ source = \"…\", destination = \"/\" }` or a glob such as `dir/**/*`"
        ),
        (
            "files = [{ source = \"a\" }]",
            "12:10: component.hello.files[0].destination: the required field `destination` is missing"
        ),
        (
            "files = [{ source = \"a\", destination = \"/../x\" }]",
            "12:10: component.hello.files[0].destination: must not leave the file system of the component (`..`)"
        ),
        ("build = { command = 1 }", "12:21: component.hello.build.command: expected a string, found an integer"),
        (
            "build = { commnd = \"make\" }",
            "12:9: component.hello.build.command: the required field `command` is missing\nspin.toml:12:11: component.hello.build.commnd: unknown field `commnd`\n  hint: did you mean `command`?"
        ),
        (
            "build = { command = \"make\", workdir = \"/x\" }",
            "12:39: component.hello.build.workdir: must be relative to the manifest"
        ),
        (
            "variables = { A-B = \"x\" }",
            "12:15: component.hello.variables.A-B: `A-B` is no valid variable name: words must be separated with `_`, not `-`\n  hint: for instance `a_b`"
        ),
        (
            "variables = { a = \"{{ tokn }}\" }\n[variables]\ntoken = { default = \"\" }",
            "12:23: component.hello.variables.a: the application has no variable `tokn`\n  hint: did you mean `token`?"
        ),
        ("variables = { a = \"x {{ y\" }", "12:22: component.hello.variables.a: `{{` has no `}}`"),
        (
            "[component.hello_world]\nsource = \"x\"",
            "12:12: component.hello_world: `hello_world` is no valid component name: words must be separated with `-`, not `_`\n  hint: for instance `hello-world`"
        ),
        (
            "[component.empty]",
            "12:1: component.empty.source: the required field `source` is missing\n  hint: the path of a `.wasm` file, relative to the manifest"
        ),
        (
            "[component.remote]\nsource = 7",
            "13:10: component.remote.source: expected the path of a `.wasm` file or a table, found an integer"
        ),
        (
            "[application.trigger.http]\nbase = \"/api\"",
            "13:8: application.trigger.http.base: an application has no base path any more\n  hint: remove it, and put the prefix into each `route`"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"",
            "12:1: trigger.http[1].component: the required field `component` is missing\n  hint: name a component: `component = \"…\"`"
        ),
        (
            "[[trigger.http]]\ncomponent = \"hello\"",
            "12:1: trigger.http[1].route: the required field `route` is missing\n  hint: add a route such as `route = \"/...\"`"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"helo\"",
            "14:13: trigger.http[1].component: there is no component `helo`\n  hint: did you mean `hello`?"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"other\"",
            "14:13: trigger.http[1].component: there is no component `other`\n  hint: add `[component.other]` with a `source`"
        ),
        (
            "[[trigger.http]]\nroute = \"/a/.../b\"\ncomponent = \"hello\"",
            "13:9: trigger.http[1].route: `...` may only stand at the end of a route"
        ),
        (
            "[[trigger.http]]\nroute = \"/a b\"\ncomponent = \"hello\"",
            "13:9: trigger.http[1].route: a route must not hold white space"
        ),
        (
            "[[trigger.http]]\nroute = 1\ncomponent = \"hello\"",
            "13:9: trigger.http[1].route: expected a string or `{ private = true }`, found an integer"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\nstatic_response = { status_code = 99 }",
            "14:35: trigger.http[1].static_response.status_code: 99 is no status of a response"
        ),
        (
            "[[trigger.http]]\nroute = { private = false }\ncomponent = \"hello\"",
            "13:9: trigger.http[1].route: `private = false` says nothing\n  hint: write a route, or `{ private = true }`"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"hello\"\nstatic_response = { body = \"x\" }",
            "15:1: trigger.http[1].static_response: a trigger has either a component or a static response\n"
                + "  hint: remove one of the two"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\nstatic_response = { headers = { \"a b\" = \"c\" } }",
            "14:33: trigger.http[1].static_response.headers.\"a b\": `a b` is no header name"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"hello\"\nexecutor = { type = \"wagi\", entrypoint = \"main\" }",
            "15:42: trigger.http[1].executor.entrypoint: only `_start` can be the entry point\n  hint: remove `entrypoint`"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"hello\"\nexecutor = { type = \"wasip3-unstable\" }",
            "15:12: trigger.http[1].executor.type: `wasip3-unstable` is gone\n  hint: remove `executor`: the version of WASI is found out from the component"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = \"hello\"\nmethod = \"GET\"",
            "15:1: trigger.http[1].method: unknown field `method`"
        ),
        (
            "[[trigger.http]]\nroute = \"/x\"\ncomponent = { surce = \"x\" }",
            "14:13: trigger.http[1].component.source: the required field `source` is missing\n  hint: the path of a `.wasm` file, relative to the manifest\nspin.toml:14:15: trigger.http[1].component.surce: unknown field `surce`\n  hint: did you mean `source`?"
        ),
        (
            "[variables]\na = { required = true, default = \"x\" }",
            "13:1: variables.a: a variable is either required or has a default, not both"
        ),
        ("[variables]\na = {}", "13:1: variables.a: a variable needs either `required = true` or a `default`"),
        (
            "[variables]\na = \"x\"",
            "13:5: variables.a: expected a table, found a string\n  hint: write `a = { default = \"…\" }` or `a = { required = true }`"
        ),
        (
            "[variables]\nA = { default = \"x\" }",
            "13:1: variables.A: `A` is no valid variable name: must be lower-case\n  hint: for instance `a`"
        ),
        (
            "[variables]\na = { default = \"x\", secrt = true }",
            "13:22: variables.a.secrt: unknown field `secrt`\n  hint: did you mean `secret`?"
        ),
    ])
    func wrongFields(lines: String, expected: String) {
        let error = #expect(throws: ManifestError.self) {
            try Manifest(text: Self.minimal.trimmingSuffixNewline + lines, file: "spin.toml")
        }
        #expect(error?.description == "spin.toml:" + expected)
    }

    @Test func tellsEverythingAtOnce() {
        let error = #expect(throws: ManifestError.self) {
            try Manifest(
                text: """
                    spin_manifest_version = 2
                    [application]
                    [[trigger.http]]
                    route = 1
                    component = "a"
                    [component.b]
                    source = 1
                    """, file: "spin.toml")
        }
        #expect(error?.diagnostics.map(\.position.line) == [2, 4, 5, 7])
    }

    @Test(
        arguments: [
            ("a", nil), ("a-b", nil), ("A-b1", nil), ("", "must not be empty"),
            ("a_b", "words must be separated with `-`, not `_`"),
            ("a--b", "must not begin or end with `-`, nor hold two in a row"),
            ("-a", "must not begin or end with `-`, nor hold two in a row"),
            ("1a", "each word must start with an ASCII letter, `1a` starts with `1`"),
            ("aB", "each word must be all lower-case or all upper-case, `aB` mixes them"),
            ("a b", "only ASCII letters, digits and `-` are allowed, not ` `"),
            ("ä", "each word must start with an ASCII letter, `ä` starts with `ä`"),
        ] as [(String, String?)])
    func kebabNames(name: String, problem: String?) {
        #expect(Identifier.kebab.problem(with: name) == problem)
    }
}

extension String {
    /// The fixture ends in a line break and an empty line would shift the lines behind it.
    fileprivate var trimmingSuffixNewline: String {
        self.hasSuffix("\n\n") ? String(self.dropLast()) : self
    }
}
