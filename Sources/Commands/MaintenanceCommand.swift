import AppLoader
import AppModel
package import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `swirl maintenance`: what only makers of tools need.
package struct MaintenanceCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "maintenance", abstract: "Tasks for the makers of tools.", shouldDisplay: false,
        subcommands: [ManifestSchema.self])

    package init() {}

    package struct ManifestSchema: ParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "generate-manifest-schema",
            abstract: "Write the JSON schema of manifests, for editors.")

        @Option(
            name: [.customShort("o"), .customLong("output")],
            help: ArgumentHelp("The file to write; standard output without it.", valueName: "file"),
            completion: .file(extensions: ["json"]))
        package var output: String?

        package init() {}

        package func run() throws {
            let context = CommandContext.current
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let data = try encoder.encode(ManifestSchemaDocument.root)
            guard let output = self.output else {
                context.terminal.output(String(decoding: data, as: UTF8.self))
                return
            }
            let path = Paths.absolute(output, in: context.currentDirectory)
            do {
                try (data + Data("\n".utf8)).write(to: URL(filePath: path))
            } catch {
                throw CommandError("cannot write `\(output)`", cause: error)
            }
        }
    }
}
