import AppLoader
import AppModel
package import ArgumentParser
import WasmEngine

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `swirl maintenance`: what only makers of tools need.
package struct MaintenanceCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "maintenance", abstract: "Tasks for the makers of tools.", shouldDisplay: false,
        subcommands: [ManifestSchema.self, Assemble.self])

    package init() {}

    /// The assembler of ``TextAssembler``: what goes wrong in it ends this process alone.
    package struct Assemble: ParsableCommand {
        package static let configuration = CommandConfiguration(
            commandName: "assemble",
            abstract: "Write the binary of a WebAssembly text to standard output.")

        @Argument(completion: .file(extensions: ["wat"]))
        package var file: String

        package init() {}

        package func run() throws {
            let context = CommandContext.current
            do {
                let text = try Data(contentsOf: URL(filePath: Paths.absolute(self.file, in: context.currentDirectory)))
                let binary = try Engine.assemble(String(decoding: text, as: UTF8.self))
                binary.withUnsafeBytes { _ = OutputDescriptor(context.standardStreams.output).write($0) }
            } catch {
                // As it is: it becomes part of another message.
                context.terminal.note("\(error)")
                throw ExitCode(1)
            }
        }
    }

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
