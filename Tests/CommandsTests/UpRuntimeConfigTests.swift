import AppLoader
import AppModel
import ArgumentParser
import Commands
import TestSupport
import Testing

/// What `swirl up` makes of a runtime configuration, beside its own options.
@Suite struct UpRuntimeConfigTests {
    @Test func optionsWinOverTheRuntimeConfiguration() throws {
        let directory = try UpSettingsRig.application()
        try directory.write(
            "config/rc.toml",
            """
            state_dir = "state"
            log_dir = "logs"
            max_instance_memory = 1000
            [key_value_store.cache]
            type = "spin"
            path = "kv.db"
            """)
        let variable = ["RUNTIME_CONFIG_FILE": "config/rc.toml"]
        let read = try UpSettingsRig.settings([], in: directory, environment: variable)
        #expect(read.stateDirectory == "\(directory.path)/state")
        #expect(read.logDirectory == "\(directory.path)/logs")
        #expect(read.maxInstanceMemory == 1000)
        let backend = read.capabilities.runtimeConfig.keyValueStores["cache"]
        #expect(backend == .sqlite(path: "\(directory.path)/config/kv.db"))
        let given = try UpSettingsRig.settings(
            ["--state-dir", "", "--log-dir", "other", "--max-instance-memory", "2000"], in: directory,
            environment: variable)
        #expect(given.stateDirectory == nil)
        #expect(given.logDirectory == "\(directory.path)/other")
        #expect(given.maxInstanceMemory == 2000)
    }

    @Test func tellsWhatIsWrongInTheRuntimeConfiguration() throws {
        let directory = try UpSettingsRig.application()
        try directory.write("rc.toml", "\nstat_dir = \"state\"\n")
        let wrong = #expect(throws: ManifestError.self) {
            try UpSettingsRig.settings(["--runtime-config-file", "rc.toml"], in: directory)
        }
        #expect(wrong?.description.hasPrefix("rc.toml:2:1: stat_dir: unknown field `stat_dir`") == true)
        let absent = #expect(throws: CommandError.self) {
            try UpSettingsRig.settings(["--runtime-config-file", "absent.toml"], in: directory)
        }
        #expect(absent?.message == "the runtime configuration `absent.toml` cannot be read: No such file or directory")
    }

    @Test func readsSQLAndKeys() throws {
        let directory = try UpSettingsRig.application()
        try directory.write("seed.sql", "SELECT 1")
        try directory.write("rc.toml", "[sqlite_database.other]\ntype = \"spin\"\n")
        let settings = try UpSettingsRig.settings(
            [
                "--sqlite", "SELECT 2", "--sqlite", "@seed.sql", "--sqlite", "@seed.sql:other", "--key-value", "a=b=c",
                "--runtime-config-file", "rc.toml",
            ], in: directory)
        #expect(settings.capabilities.sqlStatements.map(\.sql) == ["SELECT 2", "SELECT 1", "SELECT 1"])
        #expect(settings.capabilities.sqlStatements.map(\.label) == ["default", "default", "other"])
        #expect(settings.capabilities.keyValues.map(\.key) == ["a"])
        #expect(settings.capabilities.keyValues.map(\.value) == ["b=c"])
        let unknown = #expect(throws: CommandError.self) {
            try UpSettingsRig.settings(["--sqlite", "@seed.sql:nobody"], in: directory)
        }
        #expect(unknown?.message.hasPrefix("--sqlite @seed.sql:nobody: there is no SQLite database `nobody`") == true)
        let unnamed = #expect(throws: CommandError.self) {
            try UpSettingsRig.settings(["--sqlite", "@seed.sql:"], in: directory)
        }
        #expect(unnamed?.message.hasPrefix("--sqlite @seed.sql:: the label behind the colon is empty\n") == true)
        #expect(throws: CommandError.self) { try UpSettingsRig.settings(["--sqlite", "@absent.sql"], in: directory) }
    }

    @Test func variablesOfTheRuntimeConfigurationAreBehindTheCommandLine() async throws {
        let directory = try UpSettingsRig.application(
            """
            [variables]
            a = { required = true }
            b = { required = true }
            c = { required = true }
            d = { default = "manifest" }
            """)
        try directory.write("other.env", "APP_B=file\nAPP_C=file\n")
        try directory.write(".env", "SPIN_VARIABLE_C=implicit\n")
        try directory.write(
            "rc.toml",
            """
            [[variables_provider]]
            type = "static"
            values = { a = "static", b = "static" }
            [[variables_provider]]
            type = "env"
            prefix = "APP"
            dotenv_path = "other.env"
            """)
        let context = UpSettingsRig.context(directory)
        let settings = try UpSettings(
            UpOptions.parse(["--variable", "a=given", "--runtime-config-file", "rc.toml"]), context: context)
        let work = try WorkingDirectory(below: directory.path)
        let (_, options) = try await settings.load(into: work, context: context)
        #expect(options.variables == ["a": "given", "b": "static", "c": "file"])
    }
}
