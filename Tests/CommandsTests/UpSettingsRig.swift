import AppLoader
import AppModel
import ArgumentParser
import Commands
import TestSupport

/// Settles the options of `swirl up` without serving anything.
enum UpSettingsRig {
    /// Settles `up` for an application in a directory.
    static func settings(
        _ arguments: [String], in directory: TemporaryFolder, environment: [String: String] = [:]
    ) throws -> UpSettings {
        try UpSettings(UpOptions.parse(arguments), context: self.context(directory, environment: environment))
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
