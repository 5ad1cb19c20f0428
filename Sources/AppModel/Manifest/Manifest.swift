/// An application as its manifest describes it (version 2, `spin-parity.md` 1), checked, with ids given to all triggers
/// and inline components lifted to the top level.
package struct Manifest: Sendable {
    package struct Application: Sendable, Hashable {
        package var name: String
        package var version = ""
        package var description = ""
        package var authors: [String] = []
        /// `[application.trigger.<type>]`.
        package var triggerSettings: [String: JSONValue] = [:]

        package init(name: String) { self.name = name }
    }

    /// `[variables]`: a value with a default, or one that must be given.
    package struct Variable: Sendable, Hashable {
        package var name: String
        package var description: String?
        /// Nil: the variable is required.
        package var `default`: String?
        package var isSecret = false
    }

    /// `[[trigger.http]]`.
    package struct Trigger: Sendable, Hashable {
        package var id: String
        package var type: String
        package var componentID: String
        package var route: String
        /// Every key but `id` and `component`.
        package var settings: [String: JSONValue]
        package var position: SourcePosition
    }

    package struct Component: Sendable {
        package var id: String
        /// A path relative to the manifest.
        package var source: String
        package var sourcePosition: SourcePosition
        package var description = ""
        /// Name and template, in the order of the file.
        package var variables: [(name: String, text: String, template: Template)] = []
        package var environment: [String: String] = [:]
        package var files: [FileMount] = []
        package var excludedFiles: [String] = []
        package var allowedOutboundHosts: [String] = []
        package var build: BuildSettings?
        package var position: SourcePosition
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
    /// What the operator should know and need not act on at once.
    package var warnings: [Diagnostic] = []

    /// Reads a manifest. `file` is its name in messages. Throws every mistake found.
    package init(text: String, file: String) throws(ManifestError) {
        let document: TOMLDocument
        do {
            document = try TOMLDocument(text)
        } catch {
            throw ManifestError([
                Diagnostic(file: file, position: error.position, field: "", message: "not valid TOML: \(error.message)")
            ])
        }
        try self.init(document, file: file)
    }

    init(application: Application) {
        self.application = application
    }

    package init(_ document: TOMLDocument, file: String) throws(ManifestError) {
        var decoder = ManifestDecoder(document: document, file: file)
        self = try decoder.decode()
    }

    package func component(_ id: String) -> Component? {
        self.components.first { $0.id == id }
    }
}

/// `[component.<id>.build]`.
package struct BuildSettings: Sendable, Hashable, Codable {
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

    private enum CodingKeys: String, CodingKey {
        case command
        case workdir
        case watch
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let single = try? container.decode(String.self, forKey: .command) {
            self.commands = [single]
        } else {
            self.commands = try container.decode([String].self, forKey: .command)
        }
        self.workdir = try container.decodeIfPresent(String.self, forKey: .workdir)
        self.watch = try container.decodeIfPresent([String].self, forKey: .watch) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if self.commands.count == 1, let single = self.commands.first {
            try container.encode(single, forKey: .command)
        } else {
            try container.encode(self.commands, forKey: .command)
        }
        try container.encodeIfPresent(self.workdir, forKey: .workdir)
        if !self.watch.isEmpty { try container.encode(self.watch, forKey: .watch) }
    }
}
