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
                "fast": .redis(url: "redis://localhost", place: "rc.toml:22:7"),
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

    @Test func readsTheNetwork() throws {
        let config = try Self.decode(
            """
            [outbound_http]
            connection_pooling = false
            max_connections = 0
            [outbound_networking]
            block_networks = ["private", "8.8.8.8/16", "2001:db8::/32"]
            max_socket_connections = 10
            max_total_connections = 20
            [[client_tls]]
            component_ids = ["a", "b"]
            hosts = ["Example.com", "[::1]", "127.0.0.1"]
            ca_roots_file = "roots.pem"
            client_cert_file = "/abs/client.pem"
            client_private_key_file = "client.key"
            [[client_tls]]
            component_ids = ["a"]
            hosts = ["x.test"]
            ca_use_webpki_roots = true
            ca_roots_file = "roots.pem"
            [[client_tls]]
            component_ids = ["a"]
            hosts = ["y.test"]
            """)
        #expect(!config.outboundHTTP.poolsConnections)
        #expect(config.outboundHTTP.maxConnections == 0)
        #expect(config.network.blocked.blocksPrivate)
        #expect(config.network.blocked.networks.map(\.description) == ["8.8.0.0/16", "2001:db8::/32"])
        #expect(config.network.maxSocketConnections == 10)
        #expect(config.network.maxTotalConnections == 20)
        #expect(
            config.summary == ["[outbound_http: max_connections=0]", "[outbound_networking: max_total_connections=20]"])
        #expect(config.clientTLS.map(\.componentIDs) == [["a", "b"], ["a"], ["a"]])
        #expect(config.clientTLS.map(\.hosts) == [["example.com", "::1", "127.0.0.1"], ["x.test"], ["y.test"]])
        // The system's authorities, unless a file is named or a key says otherwise.
        #expect(config.clientTLS.map(\.trustsSystemRoots) == [false, true, true])
        let first = try #require(config.clientTLS.first)
        #expect(first.rootsFile?.path == "/config/roots.pem")
        #expect(first.certificateFile?.path == "/abs/client.pem")
        #expect(first.privateKeyFile?.path == "/config/client.key")
        #expect(first.privateKeyFile?.field == "client_tls[0].client_private_key_file")
        #expect(first.privateKeyFile?.position.line == 13)
    }

    @Test func takesTheKeyThatIsDeprecated() throws {
        let config = try Self.decode("[outbound_http]\nmax_concurrent_requests = 3")
        #expect(config.outboundHTTP.maxConnections == 4)
        #expect(config.outboundHTTP.poolsConnections)
        #expect(config.warnings.map(\.position.line) == [2])
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
        (
            "[outbound_http]\nmax_connections = 1\nmax_concurrent_requests = 1",
            "rc.toml:3:1: outbound_http.max_concurrent_requests: `max_connections` says the same"
        ),
        (
            "[outbound_http]\nconnection_poling = true",
            "rc.toml:2:1: outbound_http.connection_poling: unknown field `connection_poling`\n"
                + "  hint: did you mean `connection_pooling`?"
        ),
        (
            "[outbound_networking]\nblock_networks = [\"private\", \"10.0.0.0/33\"]",
            "rc.toml:2:30: outbound_networking.block_networks: `10.0.0.0/33` is no network"
        ),
        (
            "[outbound_networking]\nmax_total_connections = -1",
            "rc.toml:2:25: outbound_networking.max_total_connections: expected a number, 0 or above"
        ),
        (
            "[[client_tls]]\ncomponent_ids = []\nhosts = [\"a\"]",
            "rc.toml:2:17: client_tls[0].component_ids: the list is empty"
        ),
        (
            "[[client_tls]]\ncomponent_ids = [\"a\"]",
            "rc.toml:1:1: client_tls[0].hosts: the required field `hosts` is missing"
        ),
        (
            "[[client_tls]]\ncomponent_ids = [\"a\"]\nhosts = [\"a:80\"]",
            "rc.toml:3:10: client_tls[0].hosts: `a:80` is no host"
        ),
        (
            "[[client_tls]]\ncomponent_ids = [\"a\"]\nhosts = [\"a\"]\nca_use_platform_roots = false",
            "rc.toml:1:1: client_tls[0]: no certificate authority is trusted"
        ),
        (
            "[[client_tls]]\ncomponent_ids = [\"a\"]\nhosts = [\"a\"]\nclient_cert_file = \"x\"",
            "rc.toml:4:20: client_tls[0].client_cert_file: `client_cert_file` needs `client_private_key_file`"
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
