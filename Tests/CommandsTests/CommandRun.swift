import AppLoader
import Commands
import Foundation
import Synchronization
import TestSupport

/// One run of `swirl` in this process: what it printed and its exit code.
struct CommandRun {
    var output: String
    var error: String
    var exitCode: Int32

    static func swirl(
        _ arguments: String..., in directory: String = "/", environment: [String: String] = [:], colours: Bool = false
    ) async -> CommandRun {
        await Self.run(arguments, in: directory, environment: environment, colours: colours)
    }

    static func run(
        _ arguments: [String], in directory: String = "/", environment: [String: String] = [:], colours: Bool = false,
        standardStreams: StandardDescriptors = StandardDescriptors()
    ) async -> CommandRun {
        let streams = Streams()
        let terminal = Terminal(
            output: { text in streams.output.withLock { $0 += text } },
            error: { text in streams.error.withLock { $0 += text } }, coloursOutput: colours, coloursError: colours)
        var context = CommandContext(environment: environment, currentDirectory: directory, terminal: terminal)
        context.standardStreams = standardStreams
        let code = await CommandLineTool.run(arguments, context: context)
        return CommandRun(
            output: streams.output.withLock { $0 }, error: streams.error.withLock { $0 }, exitCode: code)
    }

    private final class Streams: Sendable {
        let output = Mutex("")
        let error = Mutex("")
    }
}

extension TemporaryFolder {
    /// Of an application with one component.
    static let manifest = """
        spin_manifest_version = 2

        [application]
        name = "app"

        [[trigger.http]]
        route = "/..."
        component = "hello"

        [component.hello]
        source = "hello.wasm"

        """
}
