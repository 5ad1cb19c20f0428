import AppModel
import Testing

@Suite struct RuntimeConfigTests {
    private static func decode(_ text: String) throws -> RuntimeConfig {
        try RuntimeConfigDecoder.decode(
            text, file: "rc.toml",
            paths: RuntimeConfigDecoder.Paths(
                fileDirectory: "/config", currentDirectory: "/here",
                absolute: { $0.hasPrefix("/") ? $0 : "\($1)/\($0)" }))
    }

    @Test func readsEverySection() throws {
        let config = try Self.decode(
            """
            state_dir = "state"
            log_dir = ""
            max_instance_memory = 1000000

            [[variables_provider]]
            type = "static"
            values = { a = "1" }
            [[config_provider]]
            type = "env"
            prefix = "APP"
            dotenv_path = "other.env"
            [[config_provider]]
            type = "env"

            [key_value_store.default]
            type = "spin"
            [key_value_store.files]
            type = "spin"
            path = "kv.db"
            [key_value_store.fast]
            type = "redis"
            url = "redis://localhost"

            [sqlite_database.other]
            type = "spin"
            path = "other.db"
            allow_attach_file = true

            [outbound_redis]
            max_connections = 5
            """)
        #expect(config.stateDirectory == "/here/state")
        #expect(config.logDirectory == "")
        #expect(config.maxInstanceMemory == 1_000_000)
        #expect(
            config.variableProviders == [
                .values(["a": "1"]), .environment(prefix: "APP", dotEnvPath: "/here/other.env"),
                .environment(prefix: "SPIN_VARIABLE", dotEnvPath: nil),
            ])
        #expect(
            config.keyValueStores == [
                "default": .sqlite(path: nil), "files": .sqlite(path: "/config/kv.db"),
                "fast": .redis(url: "redis://localhost"),
            ])
        #expect(config.sqliteDatabases == ["other": .local(path: "/here/other.db", allowsAttachedFiles: true)])
        #expect(config.outboundRedis.maxConnections == 5)
        #expect(
            config.summary == [
                "[key_value_store.default: spin]", "[key_value_store.files: spin]", "[key_value_store.fast: redis]",
                "[sqlite_database.other: spin]", "[outbound_redis: max_connections=5]",
            ])
        #expect(config.sqliteLabels == ["default", "other"])
    }

    @Test func saysNothingWhenEmpty() throws {
        var empty = RuntimeConfig()
        empty.file = "rc.toml"
        #expect(try Self.decode("") == empty)
    }

    static let mistakes: [(text: String, message: String)] = [
        (
            "statedir = \"x\"",
            "rc.toml:1:1: statedir: unknown field `statedir`\n  hint: did you mean `state_dir`?"
        ),
        (
            "[key_value_store.a]\ntype = \"spin\"\npth = \"x\"",
            "rc.toml:3:1: key_value_store.a.pth: unknown field `pth`\n  hint: did you mean `path`?"
        ),
        (
            "[key_value_store.a]\ntype = \"spim\"",
            "rc.toml:2:8: key_value_store.a.type: unknown type `spim`\n  hint: did you mean `spin`?"
        ),
        (
            "[key_value_store.a]\ntype = \"redis\"",
            "rc.toml:1:1: key_value_store.a.url: the required field `url` is missing"
        ),
        (
            "[key_value_store.a]\ntype = \"aws_dynamo\"\nregion = \"x\"",
            "rc.toml:2:8: key_value_store.a.type: this version of Swirl does not provide key-value stores of the type "
                + "`aws_dynamo` yet"
        ),
        (
            "[sqlite_database.a]\ntype = \"libsql\"",
            "rc.toml:2:8: sqlite_database.a.type: this version of Swirl does not provide SQLite databases of the type "
                + "`libsql` yet"
        ),
        (
            "\n[llm_compute]\ntype = \"spin\"",
            "rc.toml:2:2: llm_compute: this version of Swirl does not provide language models yet"
        ),
        (
            "[[variables_provider]]\ntype = \"vault\"\nurl = \"x\"",
            "rc.toml:2:8: variables_provider[0].type: this version of Swirl does not provide variables from `vault` yet"
        ),
        ("max_instance_memory = -1", "rc.toml:1:23: max_instance_memory: expected a number above 0"),
        ("state_dir = 1", "rc.toml:1:13: state_dir: expected a string, found an integer"),
        ("[variables_provider]\ntype = \"env\"", "expected an array of tables (`[[variables_provider]]`)"),
        ("key_value_store = [", "not valid TOML"),
        ("[key_value_store]\na = 1", "rc.toml:2:5: key_value_store.a: expected a table, found an integer"),
    ]

    @Test(arguments: Self.mistakes) func tellsWhereAMistakeIs(text: String, message: String) {
        let error = #expect(throws: ManifestError.self) { try Self.decode(text) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }

    @Test func tellsAllMistakesAtOnce() {
        let error = #expect(throws: ManifestError.self) {
            try Self.decode("a = 1\nb = 2\n[key_value_store.x]\ntype = 1\n[client_tls]\nhosts = []")
        }
        #expect(error?.diagnostics.map(\.position.line) == [1, 2, 4, 5])
    }

    @Test func providersComeBetweenCommandLineAndEnvironment() throws {
        let names = ["given", "first", "second", "env", "manifest"]
        var variables: [String: LockedVariable] = [:]
        for name in names { variables[name] = LockedVariable(default: "manifest") }
        let resolver = VariableResolver(
            variables: variables, given: ["given": "given"],
            providers: [
                .values(["given": "1", "first": "1"]),
                .environment(prefix: "APP", ["APP_FIRST": "2", "APP_SECOND": "2", "APP_GIVEN": "2"]),
            ], environment: ["SPIN_VARIABLE_SECOND": "3", "SPIN_VARIABLE_ENV": "3"])
        #expect(try names.map { try resolver.value($0) } == ["given", "1", "2", "3", "manifest"])
    }
}
