package import ArgumentParser

/// The options of `swirl up`, as written.
package struct UpOptions: ParsableArguments, Sendable {
    @Option(
        name: [.customShort("f"), .customLong("from"), .customLong("from-file"), .customLong("file")],
        help: ArgumentHelp(
            "The application: a manifest, a directory with one, a .wasm or .wat file, a spin.lock, or an image of a registry.",
            discussion: "Without it, `spin.toml` or `swirl.toml` is looked for here and in the directories above.",
            valueName: "path"),
        completion: .file())
    package var source: String?

    @Option(
        help: ArgumentHelp(
            "The application, as an image of a registry: host/name:tag.", valueName: "image"))
    package var fromRegistry: String?

    @Flag(
        name: [.customShort("k"), .long],
        help: "Speak to the registry of the application without TLS.")
    package var insecure = false

    @Flag(help: "Build the application first. [env: SPIN_ALWAYS_BUILD]")
    package var build = false

    @Option(
        help: ArgumentHelp(
            "The build profile: what `[component.<id>.profile.<name>]` says replaces the component's own settings.",
            valueName: "name"), completion: ManifestCompletion.profiles)
    package var profile: String?

    @Option(
        name: [.customShort("c"), .customLong("component-id")],
        help: ArgumentHelp("Run this component only; may be repeated. By default all run.", valueName: "component"),
        completion: ManifestCompletion.componentIDs)
    package var components: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where to listen; port 0 takes a free one. [env: SPIN_HTTP_LISTEN_ADDR] (default: 127.0.0.1:3000)",
            valueName: "address:port"), transform: ListenArgument.parse)
    package var listen: ListenArgument?

    @Option(
        name: [.customShort("e"), .long],
        help: ArgumentHelp("An environment variable for all components; may be repeated.", valueName: "name=value"),
        transform: KeyValueArgument.parse)
    package var env: [KeyValueArgument] = []

    @Option(
        help: ArgumentHelp(
            "The value of a variable of the application; may be repeated, the last one wins.",
            discussion: "NAME=VALUE, NAME=@FILE, or @FILE.json or @FILE.toml with many. Also SPIN_VARIABLE_NAME=VALUE.",
            valueName: "name=value"))
    package var variable: [String] = []

    @Option(
        name: [.customShort("L"), .long],
        help: ArgumentHelp(
            "Directory for the output of the components; \"\" writes no files. [env: SPIN_LOG_DIR]",
            discussion: "By default `logs` in the state directory.", valueName: "directory"),
        completion: .directory)
    package var logDir: String?

    @Option(
        help: ArgumentHelp(
            "Show the output of this component only; may be repeated. By default all are shown.",
            valueName: "component"), completion: ManifestCompletion.componentIDs)
    package var follow: [String] = []

    @Flag(
        name: [.customShort("q"), .customLong("quiet"), .customLong("sh"), .customLong("shush")],
        help: "Show no output of components.")
    package var quiet = false

    @Option(
        help: ArgumentHelp(
            "Directory for state such as logs; \"\" keeps none.",
            discussion: "By default `.spin` beside the manifest if it exists, else `.swirl`.",
            valueName: "directory"),
        completion: .directory)
    package var stateDir: String?

    @Option(
        help: ArgumentHelp(
            "A TOML file with what the operator decides: what the labels of stores and databases mean, where variables have "
                + "their values from, directories. [env: RUNTIME_CONFIG_FILE]",
            valueName: "file"),
        completion: .file(extensions: ["toml"]))
    package var runtimeConfigFile: String?

    @Option(
        help: ArgumentHelp(
            "Set a key of the default key-value store first; may be repeated.", valueName: "key=value"),
        transform: KeyValueArgument.parse)
    package var keyValue: [KeyValueArgument] = []

    @Option(
        help: ArgumentHelp(
            "Run SQL on the default SQLite database first; may be repeated.",
            discussion: "A statement, or @FILE, or @FILE:LABEL for another database.", valueName: "statement"))
    package var sqlite: [String] = []

    @Option(
        name: [.customLong("temp"), .customLong("tmp")],
        help: ArgumentHelp(
            "Directory for copies of files and `spin.lock`, which stays afterwards.",
            discussion: "By default one of its own below $TMPDIR, removed at the end.", valueName: "directory"),
        completion: .directory)
    package var temp: String?

    @Option(
        help: ArgumentHelp(
            "Directory for downloaded components.",
            discussion: "By default `$XDG_CACHE_HOME/swirl` or `~/.cache/swirl`.",
            valueName: "directory"),
        completion: .directory)
    package var cacheDir: String?

    @Flag(help: "Mount directories of `files` as they are, so that changes are seen at once, rather than copies.")
    package var directMounts = false

    @Flag(help: "Let components write to the copies of their files; these are lost at the end.")
    package var allowTransientWrite = false

    @Flag(help: "Compile anew, and keep no compiled code. [env: DISABLE_WASMTIME_CACHE]")
    package var disableCache = false

    @Option(
        help: ArgumentHelp(
            "A TOML file whose `[cache]` says where compiled code is kept. [env: WASMTIME_CACHE_FILE]",
            valueName: "file"),
        completion: .file(extensions: ["toml"]))
    package var cache: String?

    @Option(
        help: ArgumentHelp(
            "The longest time a request may take, such as 30, 30s, 500ms or 1..8s. No limit by default.",
            valueName: "time"), transform: DurationRangeArgument.parse)
    package var requestTimeout: DurationRangeArgument?

    @Option(
        help: ArgumentHelp(
            "The most memory an instance of a component may use. [env: SPIN_MAX_INSTANCE_MEMORY]", valueName: "bytes"),
        transform: ByteCountArgument.parse)
    package var maxInstanceMemory: ByteCountArgument?

    @Flag(help: "Empty the log files first.")
    package var truncateLogs = false

    @Flag(help: "Allocate each instance by itself instead of from a pool: slower, without a fixed capacity.")
    package var disablePooling = false

    @Flag(help: "Compile with debug information, for native debuggers and profilers.")
    package var debugInfo = false

    @OptionGroup(title: "HTTP Options") package var http: HTTPOptions

    package init() {}

    package mutating func validate() throws {
        if self.quiet, !self.follow.isEmpty {
            throw ValidationError("--quiet and --follow contradict each other: choose one.")
        }
        if self.source != nil, self.fromRegistry != nil {
            throw ValidationError("--from and --from-registry contradict each other: choose one.")
        }
        if self.disableCache, self.cache != nil {
            throw ValidationError("--disable-cache and --cache contradict each other: choose one.")
        }
    }
}
