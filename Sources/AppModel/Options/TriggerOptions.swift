/// How to run an application, from the command line: what the manifest does not say.
///
/// What `--env` adds is in the components' environments already.
package struct TriggerOptions: Sendable {
    package var listen = ListenAddress.default
    /// State of the application; nil keeps none on disk.
    package var stateDirectory: String?
    /// Log files of the components; nil writes none.
    package var logDirectory: String?
    package var follow = FollowedComponents.all
    /// Compiled code; nil compiles at each start.
    package var cacheDirectory: String?
    /// Scratch space of this run, removed when it ends.
    package var workingDirectory: String
    /// Values of variables, from the command line and the environment.
    package var variables: [String: String] = [:]
    /// What each component may connect to, its variables having their values.
    package var allowedHosts: [String: AllowedHosts] = [:]
    /// Components may write to the copies of their files.
    package var allowsTransientWrite = false
    /// The longest time that a request may take; nil sets no limit.
    package var requestTimeout: ChoiceRange<Duration>?
    /// The most linear memory that an instance may use, in bytes; nil sets no limit of its own.
    package var maxInstanceMemory: Int?

    package var capabilities = CapabilityOptions()
    package var http = HTTPTriggerOptions()
    package var engine = EngineOptions()
    /// The command that assembles components in text, their path last; nil does it in this process.
    package var assembler: [String]?
    /// Log files begin anew.
    package var truncatesLogs = false

    package init(workingDirectory: String) {
        self.workingDirectory = workingDirectory
    }
}

/// The components whose output is shown on the console.
package enum FollowedComponents: Sendable, Hashable {
    case none
    case all
    case named(Set<String>)

    package func contains(_ component: String) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .named(let ids): ids.contains(component)
        }
    }
}
