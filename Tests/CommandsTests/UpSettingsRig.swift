import AppLoader
import AppModel
import ArgumentParser
import Commands
import TestSupport

/// Settles the options of `swirl up` without serving anything.
enum UpSettingsRig {
    /// Settles `up` for an application in a directory.
    static func settings(
        _ arguments: [String], in directory: TemporaryFolder, environment: [String: String] = [:],
        terminal: Terminal = Terminal()
    ) throws -> UpSettings {
        var context = self.context(directory, environment: environment)
        context.terminal = terminal
        return try UpSettings(UpOptions.parse(arguments), context: context)
    }

    static func context(
        _ directory: TemporaryFolder, environment: [String: String] = [:]
    ) -> CommandContext {
        CommandContext(environment: environment, currentDirectory: directory.path, terminal: Terminal())
    }

    static func application(_ lines: String = "") throws -> TemporaryFolder {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", TemporaryFolder.manifest + lines)
        try directory.write("hello.wasm")
        return directory
    }
}
