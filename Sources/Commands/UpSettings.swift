package import AppLoader
package import AppModel

/// What `swirl up` shall do: options, then environment, then defaults.
package struct UpSettings: Sendable {
    package var source: AppSource
    package var build: Bool
    package var listen: ListenAddress
    package var environment: [KeyValueArgument]
    package var variables: [String: String]
    package var logDirectory: String?
    package var stateDirectory: String?
    package var cacheDirectory: String?
    package var requestTimeout: Duration?
    package var maxInstanceMemory: Int?
    package var http: HTTPTriggerOptions
    package var engine = EngineOptions()
    package var truncatesLogs: Bool
    private var follow: [String]
    private var isQuiet: Bool
    private var namedVariables: [String]

    package init(_ options: UpOptions, context: CommandContext) throws(CommandError) {
        let environment = context.environment
        if let message = NotProvided.message(for: environment) { throw CommandError(message, exitCode: 2) }

        try HTTPSettings.checkEngineVariables(environment)
        self.http = try HTTPSettings.resolve(options.http, context: context)
        self.engine.disablesPooling = options.disablePooling
        self.engine.debugInfo = options.debugInfo
        self.truncatesLogs = options.truncateLogs

        let alwaysBuilds = try BoolishValue.read("SPIN_ALWAYS_BUILD", from: environment)
        self.build = options.build || alwaysBuilds
        let listen = try Self.value(
            "SPIN_HTTP_LISTEN_ADDR", in: environment, example: "127.0.0.1:3000"
        ) { ListenAddress($0) }
        self.listen = options.listen?.address ?? listen ?? .default
        let memory = try Self.value("SPIN_MAX_INSTANCE_MEMORY", in: environment, example: "134217728") {
            ByteCountArgument(argument: $0)?.bytes
        }
        self.maxInstanceMemory = options.maxInstanceMemory?.bytes ?? memory
        self.requestTimeout = options.requestTimeout?.duration
        self.environment = options.env
        self.follow = options.follow
        self.isQuiet = options.quiet

        let variables = try VariableArguments(options.variable, currentDirectory: context.currentDirectory)
        self.variables = variables.values
        self.namedVariables = variables.namedKeys

        self.source = try Self.findSource(options.source, context: context)
        self.stateDirectory = Self.stateDirectory(options.stateDir, source: self.source, context: context)
        self.logDirectory = Self.logDirectory(
            options.logDir ?? environment["SPIN_LOG_DIR"], state: self.stateDirectory, context: context)
        let isCacheDisabled = try BoolishValue.read("DISABLE_WASMTIME_CACHE", from: environment)
        self.cacheDirectory =
            options.disableCache || isCacheDisabled ? nil : CacheDirectory.path(environment: environment)
    }

    /// Loads the application and settles the options that depend on it.
    package func load(
        into workingDirectory: WorkingDirectory, context: CommandContext
    ) throws -> (LockedApp, TriggerOptions) {
        let loader = ApplicationLoader(workingDirectory: workingDirectory, currentDirectory: context.currentDirectory)
        let loaded = try loader.load(self.source)
        var app = loaded.app
        for warning in loaded.warnings { context.terminal.warning(warning.description) }
        guard !app.triggers.isEmpty else { throw CommandError("No triggers in app") }

        for index in app.components.indices {
            for entry in self.environment { app.components[index].environment[entry.key] = entry.value }
        }
        var options = TriggerOptions(workingDirectory: workingDirectory.path)
        options.listen = self.listen
        options.stateDirectory = self.stateDirectory
        options.logDirectory = self.logDirectory
        options.cacheDirectory = self.cacheDirectory
        options.requestTimeout = self.requestTimeout
        options.maxInstanceMemory = self.maxInstanceMemory
        options.http = self.http
        options.engine = self.engine
        options.truncatesLogs = self.truncatesLogs
        options.follow = try self.followed(in: app)
        options.variables = try self.variableValues(for: app, context: context)
        return (app, options)
    }

    private func followed(in app: LockedApp) throws(CommandError) -> FollowedComponents {
        if self.isQuiet { return .none }
        guard !self.follow.isEmpty else { return .all }
        let ids = app.components.map(\.id)
        let unknown = self.follow.filter { !ids.contains($0) }
        guard unknown.isEmpty else {
            throw CommandError(
                "--follow names components that the application does not have:\n"
                    + unknown.map { "  - \($0)\n" }.joined() + "It has:\n"
                    + ids.sorted().map { "  - \($0)" }.joined(separator: "\n"))
        }
        return .named(Set(self.follow))
    }

    /// The values that somebody gave; defaults stay in the application.
    private func variableValues(for app: LockedApp, context: CommandContext) throws -> [String: String] {
        for name in self.namedVariables where app.variables[name] == nil {
            let near = NearestName.find(name, in: app.variables.keys.sorted())
            context.terminal.warning(
                "--variable \(name): the application declares no such variable"
                    + (near.map { "\n  hint: did you mean `\($0)`?" } ?? ""))
        }
        try VariableResolver(variables: app.variables, given: self.variables, environment: context.environment)
            .checkRequired()
        var values: [String: String] = [:]
        for name in app.variables.keys {
            values[name] = self.variables[name] ?? context.environment[VariableResolver.environmentName(name)]
        }
        return values
    }

    // MARK: - Defaults

    private static func findSource(_ path: String?, context: CommandContext) throws(CommandError) -> AppSource {
        do {
            if let path { return try AppSource.named(path, currentDirectory: context.currentDirectory) }
            let (source, levels) = try AppSource.searchUpwards(from: context.currentDirectory)
            if levels > 0, case .manifest(let manifest) = source {
                context.terminal.note("Using `\(manifest)`, found \(levels) level\(levels == 1 ? "" : "s") above.")
            }
            return source
        } catch {
            throw CommandError("\(error)")
        }
    }

    private static func stateDirectory(_ option: String?, source: AppSource, context: CommandContext) -> String? {
        if let option {
            return option.isEmpty ? nil : Paths.absolute(option, in: context.currentDirectory)
        }
        // A bare component has no place of its own.
        guard let directory = source.applicationDirectory else { return nil }
        let spin = Paths.join(directory, ".spin")
        return Paths.kind(spin) == .directory ? spin : Paths.join(directory, ".swirl")
    }

    private static func logDirectory(_ given: String?, state: String?, context: CommandContext) -> String? {
        guard let given else { return state.map { Paths.join($0, "logs") } }
        return given.isEmpty ? nil : Paths.absolute(given, in: context.currentDirectory)
    }

    /// What a variable of the environment says, or nil when it is not set.
    private static func value<Value>(
        _ name: String, in environment: [String: String], example: String, parse: (String) -> Value?
    ) throws(CommandError) -> Value? {
        guard let text = environment[name] else { return nil }
        guard let value = parse(text) else {
            throw CommandError(
                "the environment variable \(name) has a value that is not understood: `\(text)`\n"
                    + "  hint: it should look like \(example)", exitCode: 2)
        }
        return value
    }
}
