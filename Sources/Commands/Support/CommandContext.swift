#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
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
    package enum Style: String, Sendable {
        case error = "1;31"
        case warning = "1;33"
        case step = "1;32"
    }

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

    /// The streams of the process. Colour only where a person looks, and never with `NO_COLOR`.
    static func process(environment: [String: String]) -> Terminal {
        let mayColour = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        return Terminal(
            output: { Self.write($0, to: STDOUT_FILENO) }, error: { Self.write($0, to: STDERR_FILENO) },
            coloursOutput: mayColour && isatty(STDOUT_FILENO) == 1,
            coloursError: mayColour && isatty(STDERR_FILENO) == 1)
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

    private static func styled(_ text: String, _ style: Style, _ isColoured: Bool) -> String {
        isColoured ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Past the buffers of the C library: what a child process writes must not overtake it.
    private static func write(_ text: String, to descriptor: Int32) {
        self.write(Array(text.utf8), to: descriptor)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}

/// The system call under a name that no method here has.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
