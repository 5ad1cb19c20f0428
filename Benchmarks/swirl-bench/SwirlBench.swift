import ArgumentParser

/// `swirl-bench`: measures Swirl beside what it should keep up with, and prints one table of ratios.
@main
struct SwirlBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "swirl-bench",
        abstract: "Measures Swirl beside what it should keep up with.",
        subcommands: [RunCommand.self, ServeCommand.self],
        defaultSubcommand: RunCommand.self)
}
