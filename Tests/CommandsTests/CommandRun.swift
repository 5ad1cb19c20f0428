import AppLoader
import Commands
import Foundation
import Synchronization

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

/// A directory of a test, removed at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("swirl-cli-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        self.path = Paths.real(path) ?? path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func write(_ name: String, _ text: String = "") throws {
        let path = Paths.join(self.path, name)
        try FileManager.default.createDirectory(atPath: Paths.parent(path), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: Paths.join(self.path, name)).map { String(decoding: $0, as: UTF8.self) }
    }

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
