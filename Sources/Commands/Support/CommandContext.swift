import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The descriptors of standard input, output and error.
package struct StandardDescriptors: Sendable {
    package var input: Int32 = 0
    package var output: Int32 = 1
    package var error: Int32 = 2

    package init() {}
}

/// What a command takes from the process around it; tests put their own in its place.
package struct CommandContext: Sendable {
    package var environment: [String: String]
    package var currentDirectory: String
    package var terminal: Terminal
    /// Descriptors that a program which is run gets as its standard streams.
    package var standardStreams = StandardDescriptors()
    /// The command that assembles WebAssembly text, its path last; nil does it in this process.
    package var assembler: [String]?

    package init(environment: [String: String], currentDirectory: String, terminal: Terminal) {
        self.environment = environment
        self.currentDirectory = currentDirectory
        self.terminal = terminal
    }

    /// That of the process.
    package static var process: CommandContext {
        let environment = ProcessInfo.processInfo.environment
        var context = CommandContext(
            environment: environment, currentDirectory: FileManager.default.currentDirectoryPath,
            terminal: .process(environment: environment))
        #if os(Linux)
        // Also after an update has put another file in its place.
        let executable: String? = "/proc/self/exe"
        #else
        let executable = Bundle.main.executablePath
        #endif
        context.assembler = executable.map { [$0, "maintenance", "assemble"] }
        return context
    }

    @TaskLocal package static var current = CommandContext(
        environment: [:], currentDirectory: "/", terminal: Terminal())
}

/// Where a command speaks: results on standard output, errors and notes on standard error.
package struct Terminal: Sendable {
    private let writeOutput: @Sendable (String) -> Void
    private let writeError: @Sendable (String) -> Void
    private let coloursOutput: Bool
    private let coloursError: Bool

    package init(
        output: @escaping @Sendable (String) -> Void = { _ in }, error: @escaping @Sendable (String) -> Void = { _ in },
        coloursOutput: Bool = false, coloursError: Bool = false
    ) {
        self.writeOutput = output
        self.writeError = error
        self.coloursOutput = coloursOutput
        self.coloursError = coloursError
    }

    /// The streams of the process.
    static func process(environment: [String: String]) -> Terminal {
        Terminal(
            // Past the buffers of the C library: what a child process writes must not overtake it.
            output: { OutputDescriptor.standardOutput.write($0) },
            error: { OutputDescriptor.standardError.write($0) },
            coloursOutput: OutputDescriptor.standardOutput.isColoured(environment),
            coloursError: OutputDescriptor.standardError.isColoured(environment))
    }

    package func output(_ text: String) {
        self.writeOutput(text + "\n")
    }

    /// A result with its first word in green: `Building component hello`.
    package func step(_ verb: String, _ text: String) {
        self.writeOutput("\(Self.styled(verb, .step, self.coloursOutput)) \(text)\n")
    }

    package func error(_ text: String) {
        self.writeError("\(Self.styled("Error:", .error, self.coloursError)) \(text)\n")
    }

    package func warning(_ text: String) {
        self.writeError("\(Self.styled("Warning:", .warning, self.coloursError)) \(text)\n")
    }

    package func note(_ text: String) {
        self.writeError(text + "\n")
    }

    /// A question, whose answer follows on the same line.
    package func prompt(_ text: String) {
        self.writeError("\(text): ")
    }

    private static func styled(_ text: String, _ style: TerminalStyle, _ isColoured: Bool) -> String {
        style.applied(to: text, isColoured: isColoured)
    }
}
