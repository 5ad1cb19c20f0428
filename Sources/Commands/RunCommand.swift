import AppLoader
import AppModel
package import ArgumentParser
import Triggers

/// `swirl run`: runs a WASI command to its end.
package struct RunCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a WASI command: a component or a core module.",
        usage: "swirl run [<options>] <file> [<arguments> ...]",
        discussion: """
            <file> is a component that exports wasi:cli/run (WASI 0.2 or 0.3), or a core \
            module with _start (WASI preview 1); .wat text is assembled first. Everything after \
            <file> goes to the program, options too.

            The program has standard input, output and error, and nothing else: no \
            directory, no network, an empty environment. What it may have more is said \
            before <file>.

            The exit code is the program's; 134 when it traps or a limit stops it, as in \
            Wasmtime; 1 when it cannot be run; 2 for a mistake in the options.

            EXAMPLES:
              swirl run hello.wasm
              swirl run --dir . tool.wasm -v in.txt     the directory here, read and write
              swirl run --dir d::/data::ro list.wasm    the directory d as /data, only read
              swirl run --env LANG=C --timeout 5s --max-memory 67108864 sort.wasm < in
            """)

    @Option(
        help: ArgumentHelp(
            "A directory that the program sees; may be repeated.",
            discussion: "HOST, HOST::GUEST or HOST::GUEST::ro. Without GUEST it has the same name; ro forbids changes.",
            valueName: "host::guest"),
        completion: .directory, transform: DirectoryArgument.parse)
    package var dir: [DirectoryArgument] = []

    @Option(
        name: [.customShort("e"), .long],
        help: ArgumentHelp("An environment variable of the program; may be repeated.", valueName: "name=value"),
        transform: KeyValueArgument.parse)
    package var env: [KeyValueArgument] = []

    @Flag(help: "Let the program use the network: its sockets may reach every address, and look up names.")
    package var network = false

    @Option(
        help: ArgumentHelp("The most memory the program may use. No limit by default.", valueName: "bytes"),
        transform: ByteCountArgument.parse)
    package var maxMemory: ByteCountArgument?

    @Option(
        help: ArgumentHelp(
            "The longest time the program may take, such as 30, 30s or 500ms. No limit by default.", valueName: "time"),
        transform: DurationArgument.parse)
    package var timeout: DurationArgument?

    @Flag(help: "Compile anew, and keep no compiled code. [env: DISABLE_WASMTIME_CACHE]")
    package var disableCache = false

    @Argument(help: ArgumentHelp("The program.", valueName: "file"), completion: .file())
    package var file: String

    @Argument(
        parsing: .captureForPassthrough, help: ArgumentHelp("What the program is given.", valueName: "arguments"))
    package var arguments: [String] = []

    package init() {}

    package func run() async throws {
        let context = CommandContext.current
        let isCacheDisabled = try BoolishValue.read("DISABLE_WASMTIME_CACHE", from: context.environment)
        let path = Paths.absolute(self.file, in: context.currentDirectory)
        switch Paths.kind(path) {
        case .file: break
        case .none:
            throw CommandError(
                "there is no file `\(self.file)`" + (self.file == path ? "" : " (looked for \(path))"))
        case .directory: throw CommandError("`\(self.file)` is a directory, not a program")
        case .other: throw CommandError("`\(self.file)` is not a file")
        }
        // As with Wasmtime, the program's name has no folder: where it lies is no business of it.
        var options = ProgramOptions(path: path, arguments: [Paths.lastComponent(path)] + self.arguments)
        options.environment = self.env.map { ($0.key, $0.value) }
        options.directories = self.dir.map { directory in
            ProgramOptions.Directory(
                hostPath: Paths.absolute(directory.hostPath, in: context.currentDirectory),
                guestPath: directory.guestPath, isWritable: directory.isWritable)
        }
        options.hasNetwork = self.network
        options.maxMemory = self.maxMemory?.bytes
        options.timeout = self.timeout?.duration
        options.assembler = context.assembler
        options.cacheDirectory =
            self.disableCache || isCacheDisabled ? nil : CacheDirectory.path(environment: context.environment)
        options.standardInput = context.standardStreams.input
        options.standardOutput = context.standardStreams.output
        options.standardError = context.standardStreams.error
        switch try await ProgramRuntime.run(options) {
        case .exited(0): return
        case .exited(let code): throw ExitCode(Int32(code))
        case .trapped(let message): throw CommandError(message, exitCode: 134)
        }
    }
}
