/// An application as its manifest describes it (`spin-parity.md` 1), checked, with ids given to all triggers, inline
/// components lifted to the top level, and one build profile applied. Version 1 is read as the version 2 it stands for.
package struct Manifest: Sendable {
    package struct Application: Sendable, Hashable {
        package var name: String
        package var version = ""
        package var description = ""
        package var authors: [String] = []
        package var targets: [TargetReference] = []
        /// `[application.trigger.<type>]`.
        package var triggerSettings: [String: JSONValue] = [:]
        /// Where the fields stand.
        package var fieldPositions: [String: SourcePosition] = [:]

        package init(name: String) { self.name = name }
    }

    /// `[variables]`: a value with a default, or one that must be given.
    package struct Variable: Sendable, Hashable {
        package var name: String
        package var description: String?
        /// Nil: the variable is required.
        package var `default`: String?
        package var isSecret = false
        package var position: SourcePosition
    }

    /// `[[trigger.<type>]]`.
    package struct Trigger: Sendable, Hashable {
        package var id: String
        package var type: String
        /// Empty when the trigger calls no component.
        package var componentID: String
        package var route: String
        /// Further components by their roles.
        package var components: [String: [String]] = [:]
        /// What is composed around the component, by roles such as `middleware`.
        package var dependencies: [String: [Dependency]] = [:]
        /// Every key that belongs to the type.
        package var settings: [String: JSONValue]
        package var position: SourcePosition

        /// All components that the trigger names.
        package var componentIDs: [String] {
            (self.componentID.isEmpty ? [] : [self.componentID]) + self.components.values.flatMap { $0 }
        }
    }

    package struct Component: Sendable {
        package var id: String
        package var source: ComponentSource
        package var sourcePosition: SourcePosition
        package var description = ""
        /// Name and template, in the order of the file.
        package var variables: [(name: String, text: String, template: Template)] = []
        package var environment: [String: String] = [:]
        package var files: [FileMount] = []
        package var excludedFiles: [String] = []
        /// Entries with `{{ variable }}` places; those of the deprecated `allowed_http_hosts` at the end.
        package var allowedOutboundHosts: [String] = []
        package var keyValueStores: [String] = []
        package var sqliteDatabases: [String] = []
        package var aiModels: [String] = []
        /// Nil: those of the application.
        package var targets: [TargetReference]?
        package var build: BuildSettings?
        package var dependencies: [Dependency] = []
        package var profiles: [String: Profile] = [:]
        package var position: SourcePosition
        /// Where the fields stand.
        package var fieldPositions: [String: SourcePosition] = [:]
    }

    /// `[component.<id>.profile.<name>]`: what replaces the component's own settings.
    package struct Profile: Sendable {
        package var source: ComponentSource?
        package var sourcePosition: SourcePosition
        package var environment: [String: String] = [:]
        package var dependencies: [Dependency] = []
        package var buildCommands: [String]?
    }

    /// One entry of `files`.
    package struct FileMount: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            /// A path or a glob, which keeps its place relative to the application.
            case pattern(String)
            case placement(source: String, destination: String)
        }

        package var kind: Kind
        package var field: String
        package var position: SourcePosition
    }

    package var application: Application
    package var variables: [Variable] = []
    package var triggers: [Trigger] = []
    package var components: [Component] = []
    /// The build profile that was applied; nil for none.
    package var profile: String?
    /// What the operator should know and need not act on at once.
    package var warnings: [Diagnostic] = []

    /// Reads a manifest and applies a build profile. `file` is its name in messages.
    ///
    /// - Parameter triggerTypes: if anything is wrong, triggers of other types are told with it.
    /// - Throws: every mistake found.
    package init(
        text: String, file: String, profile: String? = nil, triggerTypes: Set<String>? = nil
    ) throws(ManifestError) {
        try self.init(TOMLDocument(text, file: file), file: file, profile: profile, triggerTypes: triggerTypes)
    }

    init(application: Application) {
        self.application = application
    }

    package init(
        _ document: TOMLDocument, file: String, profile: String? = nil, triggerTypes: Set<String>? = nil
    ) throws(ManifestError) {
        var decoder = ManifestDecoder(document: document, file: file, profile: profile, triggerTypes: triggerTypes)
        self = try decoder.decode()
    }

    package func component(_ id: String) -> Component? {
        self.components.first { $0.id == id }
    }
}

/// `[component.<id>.build]`.
package struct BuildSettings: Sendable, Hashable {
    /// Run one after the other by the shell.
    package var commands: [String]
    /// Relative to the manifest.
    package var workdir: String?
    package var watch: [String] = []

    package init(commands: [String], workdir: String? = nil, watch: [String] = []) {
        self.commands = commands
        self.workdir = workdir
        self.watch = watch
    }
}
