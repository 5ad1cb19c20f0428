import AppLoader
package import ArgumentParser

/// `swirl build`: runs the build commands of the components.
package struct BuildCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build the components of an application.",
        discussion: """
            Each component says in the manifest how it is built:

              [component.hello.build]
              command = "cargo build --target wasm32-wasip2 --release"
              workdir = "hello"

            EXAMPLES:
              swirl build
              swirl build -f path/to/app
              swirl build --up --listen 127.0.0.1:8080
            """,
        aliases: ["b"])

    @Option(
        name: [.customShort("f"), .customLong("from"), .customLong("from-file"), .customLong("file")],
        help: ArgumentHelp(
            "The application: a manifest, or a directory with one.",
            discussion: "Without it, `spin.toml` or `swirl.toml` is looked for here and in the directories above.",
            valueName: "path"),
        completion: .file(extensions: ["toml"]))
    package var source: String?

    @Option(
        help: ArgumentHelp("The build profile; without it, the components' own settings.", valueName: "name"),
        completion: ManifestCompletion.profiles)
    package var profile: String?

    @Option(
        name: [.customShort("c"), .customLong("component-id")],
        help: ArgumentHelp("Build this component only; may be repeated.", valueName: "component"),
        completion: ManifestCompletion.componentIDs)
    package var components: [String] = []

    @Flag(
        name: [.customLong("skip-target-checks"), .customLong("skip-target-check")],
        help: "Do not check the application against its target environments.")
    package var skipTargetChecks = false

    @Flag(
        name: [.customLong("skip-generate-wits"), .customLong("skip-generate-wit")],
        help: "Do not write `spin-dependencies.wit`.")
    package var skipGenerateWits = false

    @Flag(name: [.customShort("u"), .customLong("up")], help: "Serve the application when it is built.")
    package var up = false

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("With --up: options of `swirl up`.", valueName: "up-options"))
    package var upArguments: [String] = []

    package init() {}

    package mutating func validate() throws {
        guard !self.up, let first = self.upArguments.first else { return }
        throw ValidationError(
            first.hasPrefix("-") ? "Unknown option '\(first)'" : "Unexpected argument '\(first)'")
    }

    package func run() async throws {
        let context = CommandContext.current
        let source: AppSource
        do {
            source =
                if let path = self.source {
                    try AppSource.named(path, currentDirectory: context.currentDirectory)
                } else {
                    try AppSource.searchUpwards(from: context.currentDirectory).source
                }
        } catch {
            throw CommandError("\(error)")
        }
        guard case .manifest(let manifest) = source else {
            throw CommandError("`\(self.source ?? "")` is built already: name a manifest")
        }
        let up = try self.upCommand(manifest)
        var builder = Builder(context: context, profile: self.profile, components: self.components)
        builder.skipsTargetChecks = self.skipTargetChecks
        builder.skipsInterfaces = self.skipGenerateWits
        builder.needsManifest = self.up
        try await builder.build(
            manifest: manifest,
            stateDirectory: UpSettings.stateDirectory(up?.options.stateDir, source: source, context: context))
        try await up?.run()
    }

    /// What to run when all is built. Read before that, so that a mistake costs no time.
    private func upCommand(_ manifest: String) throws -> UpCommand? {
        guard self.up else { return nil }
        var others = self.upArguments
        // Words after it are those of `up`, as in Spin, even if `build` knows them too.
        if let terminator = others.firstIndex(of: "--") { others.remove(at: terminator) }
        let arguments =
            ["up", "-f", manifest] + (self.profile.map { ["--profile", $0] } ?? [])
            + self.components.flatMap { ["-c", $0] } + others
        do {
            guard let up = try Swirl.parseAsRoot(arguments) as? UpCommand else {
                throw CleanExit.helpRequest(UpCommand.self)
            }
            return up
        } catch {
            throw UsageMistake(error: error, arguments: arguments)
        }
    }
}
