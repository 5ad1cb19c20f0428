import AppLoader
import AppModel
package import ArgumentParser
import Triggers

/// `swirl up`: loads an application and serves it until it is told to stop.
package struct UpCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Serve an application.",
        usage: "swirl up [-f <path>] [<options>]",
        discussion: """
            Ctrl-C (or SIGTERM) stops it: running requests may finish first.

            EXAMPLES:
              swirl up                                  the application here or above
              swirl up -f path/to/app --build           build it first
              swirl up -f hello.wasm                    one component, on every path
              swirl up --listen 0.0.0.0:8080            reachable from other machines
              swirl up --env LOG=debug --variable greeting=Hello
              swirl up --variable @secrets.toml --follow api
            """,
        aliases: ["u"])

    @OptionGroup package var options: UpOptions

    package init() {}

    package func run() async throws {
        let context = CommandContext.current
        let settings = try UpSettings(self.options, context: context)
        if settings.build, case .manifest(let manifest) = settings.source {
            var builder = Builder(context: context, profile: settings.profile, components: settings.components)
            builder.needsManifest = true
            try await builder.build(manifest: manifest, stateDirectory: settings.stateDirectory)
        }

        let workingDirectory =
            if let given = settings.temporaryDirectory {
                try WorkingDirectory(given: given)
            } else {
                try WorkingDirectory(environment: context.environment)
            }
        // Also when serving ends with an error or a signal: the runtime returns then.
        defer { workingDirectory.remove() }
        let start = await StartInterruption { workingDirectory.remove() }
        let (app, options) = try await settings.load(into: workingDirectory, context: context)
        try await ApplicationRuntime.run(app: app, options: options, start: start)
    }
}
