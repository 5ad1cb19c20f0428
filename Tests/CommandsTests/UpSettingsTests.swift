import AppLoader
import AppModel
import ArgumentParser
import Commands
import Synchronization
import TestSupport
import Testing

@Suite struct UpSettingsTests {
    @Test func defaults() throws {
        let directory = try UpSettingsRig.application()
        let settings = try UpSettingsRig.settings([], in: directory, environment: ["HOME": "/home/me"])
        #expect(settings.source == .manifest("\(directory.path)/spin.toml"))
        #expect(!settings.build)
        #expect(settings.listen == ListenAddress(host: "127.0.0.1", port: 3000))
        #expect(settings.stateDirectory == "\(directory.path)/.swirl")
        #expect(settings.logDirectory == "\(directory.path)/.swirl/logs")
        #expect(settings.cacheDirectory == "/home/me/.cache/swirl")
        #expect(settings.requestTimeout == nil)
        #expect(settings.maxInstanceMemory == nil)
    }

    @Test func stateOfSpinIsKept() throws {
        let directory = try UpSettingsRig.application()
        try directory.write(".spin/x")
        #expect(try UpSettingsRig.settings([], in: directory).logDirectory == "\(directory.path)/.spin/logs")
    }

    @Test func aBareComponentHasNoState() throws {
        let directory = try UpSettingsRig.application()
        let settings = try UpSettingsRig.settings(["-f", "hello.wasm"], in: directory)
        #expect(settings.stateDirectory == nil)
        #expect(settings.logDirectory == nil)
        #expect(settings.source == .bareWasm("\(directory.path)/hello.wasm"))
    }

    @Test(
        arguments: [
            (["--state-dir", "s"], [:], "s", "s/logs"),
            (["--state-dir", ""], [:], nil, nil),
            (["--log-dir", "l"], [:], ".swirl", "l"),
            (["-L", "l", "--state-dir", ""], [:], nil, "l"),
            (["--log-dir", ""], [:], ".swirl", nil),
            ([], ["SPIN_LOG_DIR": "e"], ".swirl", "e"),
            ([], ["SPIN_LOG_DIR": ""], ".swirl", nil),
            (["--log-dir", "l"], ["SPIN_LOG_DIR": "e"], ".swirl", "l"),
            (["--log-dir", "l"], ["SPIN_LOG_DIR": ""], ".swirl", "l"),
        ] as [([String], [String: String], String?, String?)])
    func directories(arguments: [String], environment: [String: String], state: String?, logs: String?) throws {
        let directory = try UpSettingsRig.application()
        let settings = try UpSettingsRig.settings(arguments, in: directory, environment: environment)
        #expect(settings.stateDirectory == state.map { "\(directory.path)/\($0)" })
        #expect(settings.logDirectory == logs.map { "\(directory.path)/\($0)" })
    }

    @Test(
        arguments: [
            ([], ["SPIN_HTTP_LISTEN_ADDR": "0.0.0.0:8080"], "0.0.0.0:8080"),
            (["--listen", "[::1]:0"], ["SPIN_HTTP_LISTEN_ADDR": "nonsense"], nil),
            (["--listen", "[::1]:0"], ["SPIN_HTTP_LISTEN_ADDR": "0.0.0.0:8080"], "[::1]:0"),
            (["--listen=localhost:1"], [:], "localhost:1"),
        ] as [([String], [String: String], String?)])
    func listen(arguments: [String], environment: [String: String], expected: String?) throws {
        let directory = try UpSettingsRig.application()
        let settings = try? UpSettingsRig.settings(arguments, in: directory, environment: environment)
        #expect(settings?.listen.description == expected)
    }

    @Test(arguments: [
        ("true", true), ("1", true), ("YES", true), ("on", true), ("false", false), ("0", false), ("No", false),
        ("off", false),
    ])
    func switchesInTheEnvironment(text: String, isOn: Bool) throws {
        let directory = try UpSettingsRig.application()
        let settings = try UpSettingsRig.settings(
            [], in: directory,
            environment: ["SPIN_ALWAYS_BUILD": text, "DISABLE_WASMTIME_CACHE": text, "XDG_CACHE_HOME": "/c"])
        #expect(settings.build == isOn)
        #expect(settings.cacheDirectory == (isOn ? nil : "/c/swirl"))
        let flags = try UpSettingsRig.settings(
            ["--build", "--disable-cache"], in: directory,
            environment: ["SPIN_ALWAYS_BUILD": text, "DISABLE_WASMTIME_CACHE": text])
        #expect(flags.build)
        #expect(flags.cacheDirectory == nil)
    }

    @Test(arguments: [
        (
            ["SPIN_ALWAYS_BUILD": "maybe"],
            "the environment variable SPIN_ALWAYS_BUILD must be `true` or `false`, not `maybe`"
        ),
        (
            ["SPIN_HTTP_LISTEN_ADDR": "3000"],
            "the environment variable SPIN_HTTP_LISTEN_ADDR has a value that is not understood: `3000`\n  hint: it should look like 127.0.0.1:3000"
        ),
        (
            ["SPIN_MAX_INSTANCE_MEMORY": "1G"],
            "the environment variable SPIN_MAX_INSTANCE_MEMORY has a value that is not understood: `1G`\n  hint: it should look like 134217728"
        ),
        (["SPIN_TLS_CERT": "x"], "--tls-cert needs --tls-key: HTTPS takes a certificate and its key"),
        (["SPIN_TLS_KEY": "x"], "--tls-key needs --tls-cert: HTTPS takes a certificate and its key"),
        (
            ["SPIN_HTTP1_MAX_BUF_SIZE": "8191"],
            "the environment variable SPIN_HTTP1_MAX_BUF_SIZE has a value that is not understood: `8191`\n"
                + "  hint: it must be a number of bytes, at least 8192"
        ),
        (
            ["SPIN_WASMTIME_TOTAL_MEMORIES": "many"],
            "the environment variable SPIN_WASMTIME_TOTAL_MEMORIES has a value that is not understood: `many`\n"
                + "  hint: it must be a number, 0 or more"
        ),
        (
            ["SPIN_MAX_INSTANCE_COUNT": "-1"],
            "the environment variable SPIN_MAX_INSTANCE_COUNT has a value that is not understood: `-1`\n"
                + "  hint: it must be a number, 0 or more"
        ),
    ])
    func refusesTheEnvironment(environment: [String: String], message: String) throws {
        let directory = try UpSettingsRig.application()
        let error = #expect(throws: CommandError.self) {
            try UpSettingsRig.settings([], in: directory, environment: environment)
        }
        #expect(error?.message == message)
        #expect(error?.exitCode == 2)
    }

    @Test(arguments: [
        (["SPIN_OTEL_TRACING_LEVEL": "info"], "SPIN_OTEL_TRACING_LEVEL"),
        (
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://b"],
            "OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
        ),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": ""], nil),
        (["OTEL_EXPORTER_OTLP_ENDPOINT": "http://b", "OTEL_SDK_DISABLED": "true"], nil),
        (["OTEL_SERVICE_NAME": "a"], nil),
    ])
    func warnsOfTelemetryThatNobodySends(environment: [String: String], names: String?) throws {
        let directory = try UpSettingsRig.application()
        let told = Mutex("")
        let terminal = Terminal(error: { text in told.withLock { $0 += text } })
        _ = try UpSettingsRig.settings([], in: directory, environment: environment, terminal: terminal)
        let warning = names.map { "Warning: this version does not send telemetry yet: nothing comes of \($0)\n" }
        #expect(told.withLock { $0 } == warning ?? "")
    }

    @Test(
        arguments: [
            ("30", Duration.seconds(30)), ("30s", .seconds(30)), ("500ms", .milliseconds(500)),
            ("7us", .microseconds(7)),
            ("7μs", .microseconds(7)), ("9ns", .nanoseconds(9)), ("0", nil), ("-1", nil), ("s", nil), ("1m", nil),
            ("1.5s", nil), ("99999999999999999999", nil), ("9223372036854775807s", nil), ("", nil), ("１s", nil),
        ] as [(String, Duration?)])
    func durations(text: String, expected: Duration?) {
        #expect(DurationArgument(argument: text)?.duration == expected)
    }

    @Test func loads() async throws {
        let directory = try UpSettingsRig.application(
            """
            environment = { A = "manifest", B = "manifest" }
            [variables]
            token = { required = true }
            other = { default = "x" }
            given = { default = "x" }
            """)
        let environment = ["SPIN_VARIABLE_TOKEN": "environment", "SPIN_VARIABLE_UNKNOWN": "x"]
        let settings = try UpSettingsRig.settings(
            [
                "-e", "A=first", "--env", "A=a=b", "--env", "C=", "--variable", "given=1", "--variable", "given=2",
                "--request-timeout", "2s", "--max-instance-reuse-count", "4..9", "--idle-instance-timeout", "0",
                "--max-instance-memory", "1048576", "--follow", "hello",
            ],
            in: directory, environment: environment)
        let work = try WorkingDirectory(below: directory.path)
        defer { work.remove() }
        let (app, options) = try await settings.load(
            into: work, context: UpSettingsRig.context(directory, environment: environment))
        #expect(app.components[0].environment == ["A": "a=b", "B": "manifest", "C": ""])
        #expect(options.variables == ["token": "environment", "given": "2"])
        #expect(options.requestTimeout == ChoiceRange(.seconds(2)))
        #expect(options.http.reuse.count == ChoiceRange(4, upTo: 9))
        #expect(options.http.reuse.concurrency == ChoiceRange(16))
        #expect(options.http.reuse.idleTimeout == ChoiceRange(.zero))
        #expect(options.maxInstanceMemory == 1 << 20)
        #expect(options.follow == .named(["hello"]))
        #expect(options.workingDirectory == work.path)
    }

    @Test func variablesFromFiles() throws {
        let directory = try UpSettingsRig.application(
            "[variables]\na = { required = true }\nb = { required = true }\nc = { required = true }\n")
        try directory.write("c.txt", "text\n")
        try directory.write("v.json", #"{"a": "json", "b": "json", "more": "x"}"#)
        try directory.write("v.toml", "b = \"toml\"\n")
        let settings = try UpSettingsRig.settings(
            ["--variable", "@v.json", "--variable", "@v.toml", "--variable", "c=@c.txt"], in: directory)
        #expect(settings.variables == ["a": "json", "b": "toml", "c": "text\n", "more": "x"])
    }

    @Test(arguments: [
        ("a=@none.txt", "--variable a=@none.txt: cannot read the file `none.txt`"),
        ("@none.json", "--variable @none.json: cannot read the file `none.json`"),
        ("@bad.json", "bad.json: not valid JSON"),
        ("@list.json", "list.json: expected an object of strings"),
        ("@number.json", "number.json: `a` must be a string"),
        ("@bad.toml", "bad.toml:1:5: not valid TOML: "),
        ("@number.toml", "number.toml:2:5: `b` must be a string"),
        (
            "@bad.yaml",
            "--variable @bad.yaml: only `.json` and `.toml` files hold many variables\n  hint: write NAME=@bad.yaml to read the value of one variable"
        ),
    ])
    func wrongVariables(argument: String, message: String) throws {
        let directory = try UpSettingsRig.application()
        for (name, text) in [
            "bad.json": "{", "list.json": "[]", "number.json": "{\"a\": 1}", "bad.toml": "a = ",
            "number.toml": "a = \"\"\nb = 1", "bad.yaml": "a: b",
        ] { try directory.write(name, text) }
        let error = #expect(throws: CommandError.self) {
            try UpSettingsRig.settings(["--variable", argument], in: directory)
        }
        #expect(error?.message.hasPrefix(message) == true, "\(String(describing: error?.message))")
    }

    @Test func readsDotEnv() async throws {
        let directory = try UpSettingsRig.application(
            "[variables]\na = { required = true }\nb = { required = true }\nc = { default = \"x\" }\n")
        try directory.write(".env", "SPIN_VARIABLE_A=file\nSPIN_VARIABLE_B='file'\nnonsense\nOTHER=x\n")
        let environment = ["SPIN_VARIABLE_B": "process"]
        let settings = try UpSettingsRig.settings([], in: directory, environment: environment)
        let work = try WorkingDirectory(below: directory.path)
        defer { work.remove() }
        let (_, options) = try await settings.load(
            into: work, context: UpSettingsRig.context(directory, environment: environment))
        #expect(options.variables == ["a": "file", "b": "process"])
    }

    @Test func settlesWhatMayBeConnectedTo() async throws {
        let directory = try UpSettingsRig.application(
            """
            allowed_outbound_hosts = ["https://{{ host }}", "{{ off }}", "http://*.spin.internal"]
            [variables]
            host = { required = true }
            off = { default = "" }
            """)
        let work = try WorkingDirectory(below: directory.path)
        defer { work.remove() }
        let context = UpSettingsRig.context(directory)
        let (app, options) = try await UpSettingsRig.settings(["--variable", "host=a.example:444"], in: directory)
            .load(into: work, context: context)
        let hosts = try #require(options.allowedHosts["hello"])
        #expect(hosts.allows(scheme: "https", host: "a.example", port: 444))
        #expect(hosts.allows(scheme: "http", host: "hello.spin.internal", port: nil))
        #expect(hosts.entries.count == 2)
        #expect(app.components[0].hostRequirements.keys.sorted() == ["local_service_chaining"])
        // What runs is left for tools.
        #expect(
            directory.read("\(Paths.lastComponent(work.path))/spin.lock")?.contains("\"spin_lock_version\" : 1") == true
        )

        let error = await #expect(throws: CommandError.self) {
            try await UpSettingsRig.settings(["--variable", "host=se cret"], in: directory).load(
                into: work, context: context)
        }
        let place = "spin.toml:10:1: component.hello.allowed_outbound_hosts: "
        #expect(error?.message.hasPrefix("\(place)with the values of the variables, `https://{{ host }}`") == true)
        #expect(error?.message.contains("se cret") == false)
    }

    @Test func profilesAndComponents() async throws {
        let directory = try UpSettingsRig.application(
            "environment = { A = \"base\" }\n[component.hello.profile.debug]\nenvironment = { A = \"debug\" }\n"
                + "[component.other]\nsource = \"other.wasm\"")
        let work = try WorkingDirectory(below: directory.path)
        defer { work.remove() }
        let settings = try UpSettingsRig.settings(["--profile", "debug", "-c", "hello"], in: directory)
        let (app, _) = try await settings.load(into: work, context: UpSettingsRig.context(directory))
        #expect(app.components.map(\.id) == ["hello"])
        #expect(app.components[0].environment == ["A": "debug"])
        #expect(app.metadata.profile == "debug")
    }

    @Test func directories() throws {
        let directory = try UpSettingsRig.application()
        let settings = try UpSettingsRig.settings(
            ["--tmp", "t", "--cache-dir", "c", "--direct-mounts", "--allow-transient-write"], in: directory,
            environment: ["HOME": "/home/me"])
        #expect(settings.temporaryDirectory == "\(directory.path)/t")
        #expect(settings.contentCacheDirectory == "\(directory.path)/c")
        #expect(settings.cacheDirectory == "/home/me/.cache/swirl")
        #expect(settings.mountsDirectly && settings.allowsTransientWrite)
        let work = try WorkingDirectory(given: "\(directory.path)/t")
        try directory.write("t/assets/old")
        let again = try WorkingDirectory(given: work.path)
        #expect(directory.read("t/assets/old") == nil)
        again.remove()
        #expect(Paths.kind(work.path) == .directory)
    }

    @Test(
        arguments: [
            ("", "/home/me/.cache/swirl"), ("[cache]\ndirectory = \"/c\"", "/c"), ("[cache]\nenabled = false", nil),
            ("[cache]\nenabled = true\ndirectory = \"/c\"", "/c"),
        ] as [(String, String?)])
    func cacheConfiguration(text: String, expected: String?) throws {
        let directory = try UpSettingsRig.application()
        try directory.write("cache.toml", text)
        for (arguments, variables) in [(["--cache", "cache.toml"], [:]), ([], ["WASMTIME_CACHE_FILE": "cache.toml"])] {
            let environment = ["HOME": "/home/me"].merging(variables) { $1 }
            let settings = try UpSettingsRig.settings(arguments, in: directory, environment: environment)
            #expect(settings.cacheDirectory == expected)
        }
    }

    @Test(arguments: [
        ("[cache", "cache.toml:1:"), ("[cache]\nenabled = 1", "cache.toml:2:11: cache.enabled must be a boolean"),
        ("[cache]\ndirectory = \"c\"", "cache.toml:2:13: cache.directory must be an absolute path"),
    ])
    func wrongCacheConfiguration(text: String, message: String) throws {
        let directory = try UpSettingsRig.application()
        try directory.write("cache.toml", text)
        let error = #expect(throws: CommandError.self) {
            try UpSettingsRig.settings(["--cache", "cache.toml"], in: directory)
        }
        #expect(error?.message.hasPrefix(message) == true)
    }
}
