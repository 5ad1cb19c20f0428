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

    package init() {}

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
            throw CommandError("a bare component is built already: name a manifest")
        }
        try await Builder(context: context).build(manifest: manifest)
    }
}
