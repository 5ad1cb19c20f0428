package import AppLoader
package import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
    package var requestTimeout: ChoiceRange<Duration>?
    package var maxInstanceMemory: Int?
    package var profile: String?
    package var components: [String]
    package var mountsDirectly: Bool
    /// Speaks to the application's registry without TLS.
    package var usesPlainHTTP: Bool
    package var allowsTransientWrite: Bool
    /// A directory for this run, rather than one of its own.
    package var temporaryDirectory: String?
    /// Where downloads are kept.
    package var contentCacheDirectory: String?
    package var http: HTTPTriggerOptions
    package var engine = EngineOptions()
    package var capabilities: CapabilityOptions
    package var truncatesLogs: Bool
    private var follow: [String]
    private var isQuiet: Bool
    private var namedVariables: [String]

    /// Throws ``CommandError``, and ``ManifestError`` for what is wrong in the runtime configuration.
    package init(_ options: UpOptions, context: CommandContext) throws {
        let environment = context.environment
        self.capabilities = try CapabilityArguments.resolve(options, context: context)
        let runtimeConfig = self.capabilities.runtimeConfig

        try HTTPSettings.checkEngineVariables(environment)
        if let warning = NotProvided.warning(of: environment) { context.terminal.warning(warning) }
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
        self.maxInstanceMemory = options.maxInstanceMemory?.bytes ?? memory ?? runtimeConfig.maxInstanceMemory
        self.requestTimeout = options.requestTimeout?.range
        self.environment = options.env
        self.follow = options.follow
        self.isQuiet = options.quiet

        self.profile = options.profile
        self.components = options.components
        self.mountsDirectly = options.directMounts
        self.allowsTransientWrite = options.allowTransientWrite
        self.temporaryDirectory = options.temp.map { Paths.absolute($0, in: context.currentDirectory) }
        self.contentCacheDirectory =
            options.cacheDir.map { Paths.absolute($0, in: context.currentDirectory) }
            ?? CacheDirectory.path(environment: environment)

        let variables = try VariableArguments(options.variable, currentDirectory: context.currentDirectory)
        self.variables = variables.values
        self.namedVariables = variables.namedKeys

        self.source =
            if let image = options.fromRegistry {
                .registry(try context.imageReference(image))
            } else {
                try Self.findSource(options.source, context: context)
            }
        self.usesPlainHTTP = options.insecure
        if case .registry = self.source, self.mountsDirectly {
            throw CommandError("--direct-mounts: an application of a registry has no folders here", exitCode: 2)
        }
        self.stateDirectory = Self.stateDirectory(
            options.stateDir ?? runtimeConfig.stateDirectory, source: self.source, context: context)
        self.logDirectory = Self.logDirectory(
            options.logDir ?? environment["SPIN_LOG_DIR"] ?? runtimeConfig.logDirectory, state: self.stateDirectory,
            context: context)
        let isCacheDisabled = try BoolishValue.read("DISABLE_WASMTIME_CACHE", from: environment)
        self.cacheDirectory =
            options.disableCache || isCacheDisabled
            ? nil
            : try CacheConfigurationFile.directory(
                options.cache ?? environment["WASMTIME_CACHE_FILE"].flatMap { $0.isEmpty ? nil : $0 }, context: context)
    }

    /// Loads the application and settles the options that depend on it.
    package func load(
        into workingDirectory: WorkingDirectory, context: CommandContext
    ) async throws -> (LockedApp, TriggerOptions) {
        var loading = ApplicationLoader.Options()
        loading.profile = self.profile
        loading.components = self.components
        loading.mountsDirectly = self.mountsDirectly
        let runtimeConfig = self.capabilities.runtimeConfig
        loading.features.labels = [
            "key_value_stores": runtimeConfig.keyValueLabels, "sqlite_databases": runtimeConfig.sqliteLabels,
        ]
        loading.contentCache = self.contentCacheDirectory.map { context.contentCache($0) }
        loading.registries = context.registries()
        loading.usesPlainHTTP = self.usesPlainHTTP
        let loader = ApplicationLoader(
            workingDirectory: workingDirectory, currentDirectory: context.currentDirectory, options: loading)
        let loaded = try await loader.load(self.source)
        var app = loaded.app
        for warning in loaded.warnings { context.terminal.warning(warning.description) }
        guard !app.triggers.isEmpty else { throw CommandError("No triggers in app") }
        if case .manifest(let path) = self.source, self.mountsDirectly, self.allowsTransientWrite {
            context.terminal.warning(
                "--direct-mounts and --allow-transient-write together let components change files of \(Paths.parent(path))"
            )
        }
        if !self.build {
            BuildRecord(stateDirectory: self.stateDirectory)?
                .warn(of: self.profile, what: "run", orElse: "swirl up --build", context.terminal)
        }
        try self.writeLock(app, to: workingDirectory)

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
        options.assembler = context.assembler
        options.capabilities = self.capabilities
        options.truncatesLogs = self.truncatesLogs
        options.follow = try self.followed(in: app)
        options.variables = try self.variableValues(for: app, context: context)
        options.allowedHosts = try self.allowedHosts(for: app, values: options.variables)
        options.allowsTransientWrite = self.allowsTransientWrite
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
        let environment = EnvironmentVariables.read(context)
        let providers = self.capabilities.runtimeConfig.variableProviders.map { provider -> VariableResolver.Source in
            switch provider {
            case .values(let values): .values(values)
            case .environment(let prefix, let path):
                .environment(
                    prefix: prefix,
                    path.map { EnvironmentVariables.read(context, dotEnvPath: $0) } ?? context.environment)
            }
        }
        let resolver = VariableResolver(
            variables: app.variables, given: self.variables, providers: providers, environment: environment)
        try resolver.checkRequired()
        return resolver.values
    }

    /// What the components may connect to, now that variables have values.
    private func allowedHosts(
        for app: LockedApp, values: [String: String]
    ) throws(CommandError) -> [String: AllowedHosts] {
        let resolver = VariableResolver(variables: app.variables, given: values)
        var hosts: [String: AllowedHosts] = [:]
        for component in app.reachableComponents {
            do {
                hosts[component.id] = try component.allowedHosts(in: app) { try resolver.value($0) }
            } catch {
                // The entry is told as it was written: a variable in it may be a secret.
                let entry = component.metadata.allowedOutboundHosts.first { text in
                    (try? AllowedHosts([text], componentIDs: []) { try resolver.value($0) }) == nil
                }
                throw CommandError(
                    "\(component.place.map { "\($0): " } ?? "")component.\(component.id).allowed_outbound_hosts: with the"
                        + " values of the variables, `\(entry ?? "")` is no host\n  hint: it must become `scheme://host:port`; look at --variable and"
                        + " SPIN_VARIABLE_…")
            }
        }
        return hosts
    }

    /// Leaves what runs where tools look for it, as Spin does.
    private func writeLock(_ app: LockedApp, to workingDirectory: WorkingDirectory) throws(CommandError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let path = Paths.join(workingDirectory.path, "spin.lock")
        do {
            try encoder.encode(app).write(to: URL(filePath: path))
        } catch {
            throw CommandError("cannot write `\(path)`", cause: error)
        }
    }

    // MARK: - Defaults

    static func findSource(_ path: String?, context: CommandContext) throws(CommandError) -> AppSource {
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

    static func stateDirectory(_ option: String?, source: AppSource, context: CommandContext) -> String? {
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
