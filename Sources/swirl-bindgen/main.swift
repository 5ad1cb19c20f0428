import ArgumentParser
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

    @Flag(help: "Write nothing; fail when the generated files are not current.")
    var check = false

    func run() throws {
        let files: [GeneratedFile]
        do {
            let model = try Resolver.resolve(SourceLoader.parse(folder: self.wit))
            files = try HostBindingsGenerator.generate(
                model, interfaces: HostBindingsGenerator.select(self.interfaces, in: model))
        } catch {
            print(error.description)
            throw ExitCode.failure
        }
        let folder = OutputFolder(self.output)
        guard self.check else {
            try folder.write(files)
            return
        }
        let differences = folder.differences(from: files)
        guard differences.isEmpty else {
            for difference in differences { print("\(self.output)/\(difference)") }
            print("Run: swirl-bindgen --wit \(self.wit) --output \(self.output)")
            throw ExitCode.failure
        }
    }
}

BindgenCommand.main()
