package import ArgumentParser

/// The `swirl` command.
package struct Swirl: AsyncParsableCommand {
    /// The version of this build.
    package static let versionNumber = "0.1.0"

    package static let configuration = CommandConfiguration(
        commandName: "swirl",
        abstract: "Build and run serverless WebAssembly applications.",
        discussion: """
            An application is described by a manifest, `spin.toml` (or `swirl.toml`), the same that Spin reads.

            EXAMPLES:
              swirl build                   build the components of the application here
              swirl up                      serve it on http://127.0.0.1:3000
              swirl up --build              both
              swirl up -f hello.wasm        serve one component, without a manifest
              swirl run tool.wasm a b       run a WASI command
              swirl cache clean             remove compiled code

            Completions for your shell: swirl --generate-completion-script bash|zsh|fish
            """,
        version: "swirl \(Self.versionNumber)",
        subcommands: [
            UpCommand.self, BuildCommand.self, RunCommand.self, CacheCommand.self, MaintenanceCommand.self,
        ])

    package init() {}
}
