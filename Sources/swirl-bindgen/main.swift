import ArgumentParser
import Foundation
import WIT

/// Generates the Swift files with which the host implements WIT interfaces.
struct BindgenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swirl-bindgen",
        abstract: "Generate Swift host bindings from WIT files.")

    @Option(help: "Folder with the WIT files, searched through.")
    var wit: String

    @Option(help: "Folder that holds the generated files and nothing else.")
    var output: String

    @Option(
        name: .customLong("interface"),
        help: "An interface to generate, such as wasi:io/streams. Default: what the only world imports, else all.")
    var interfaces: [String] = []

    @Option(help: "The world whose imports are generated. Default: the only one.")
    var world: String?

    @Option(
        name: .customLong("by-hand"),
        help: "A type that the host writes itself, such as spin:sqlite/sqlite.row-result; may be repeated.")
    var byHand: [String] = []

    @Flag(help: "Write nothing; fail when the generated files are not current.")
    var check = false

    func run() throws {
        let files: [GeneratedFile]
        do {
            let model = try Resolver.resolve(SourceLoader.parse(folder: self.wit))
            files = try HostBindingsGenerator.generate(
                model, interfaces: HostBindingsGenerator.select(self.interfaces, world: self.world, in: model),
                byHand: Set(self.byHand))
        } catch {
            Self.report(error.description)
            throw ExitCode.failure
        }
        let folder = OutputFolder(self.output)
        guard self.check else {
            try folder.write(files)
            return
        }
        let differences = folder.differences(from: files)
        guard differences.isEmpty else {
            for difference in differences { Self.report("\(self.output)/\(difference)") }
            let world = self.world.map { " --world \($0)" } ?? ""
            let byHand = self.byHand.map { " --by-hand \($0)" }.joined()
            Self.report("Run: swirl-bindgen --wit \(self.wit)\(world)\(byHand) --output \(self.output)")
            throw ExitCode.failure
        }
    }

    private static func report(_ message: String) {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
    }
}

BindgenCommand.main()
