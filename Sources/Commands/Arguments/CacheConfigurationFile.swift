import AppLoader
import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The file that `--cache` names: `[cache]` with `enabled` and `directory`, as Wasmtime reads it.
enum CacheConfigurationFile {
    /// Where compiled code is kept: nil for nowhere.
    static func directory(_ path: String?, context: CommandContext) throws(CommandError) -> String? {
        let usual = CacheDirectory.path(environment: context.environment)
        guard let path else { return usual }
        let absolute = Paths.absolute(path, in: context.currentDirectory)
        guard Paths.kind(absolute) == .file, let data = FileManager.default.contents(atPath: absolute),
            data.count <= 1 << 20, let text = String(validating: data, as: UTF8.self)
        else { throw CommandError("--cache: cannot read the file `\(path)`") }
        let document: TOMLDocument
        do {
            document = try TOMLDocument(text, file: path)
        } catch {
            throw CommandError(error.description)
        }
        guard let table = document.root["cache"]?.table else { return usual }
        if let enabled = table["enabled"] {
            guard let isEnabled = enabled.boolean else { throw Self.wrongKind(enabled, "enabled", "a boolean", path) }
            if !isEnabled { return nil }
        }
        guard let directory = table["directory"] else { return usual }
        guard let text = directory.string, text.hasPrefix("/") else {
            throw Self.wrongKind(directory, "directory", "an absolute path", path)
        }
        return text
    }

    private static func wrongKind(
        _ value: TOMLValue, _ key: String, _ expected: String, _ path: String
    ) -> CommandError {
        CommandError("\(path):\(value.position.line):\(value.position.column): cache.\(key) must be \(expected)")
    }
}
