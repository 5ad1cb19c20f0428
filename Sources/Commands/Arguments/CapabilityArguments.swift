import AppLoader
import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads the runtime configuration, and the options that fill stores and databases.
enum CapabilityArguments {
    /// The largest file that is read.
    private static let sizeLimit = 64 << 20

    static func resolve(_ options: UpOptions, context: CommandContext) throws -> CapabilityOptions {
        var resolved = CapabilityOptions()
        let file =
            options.runtimeConfigFile ?? context.environment["RUNTIME_CONFIG_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        if let file { resolved.runtimeConfig = try self.runtimeConfig(file, context) }
        resolved.keyValues = options.keyValue.map { ($0.key, $0.value) }
        resolved.sqlStatements = try options.sqlite.map { try self.statement($0, context) }
        let labels = resolved.runtimeConfig.sqliteLabels
        for statement in resolved.sqlStatements where !labels.contains(statement.label) {
            throw CommandError(
                "--sqlite \(statement.argument): there is no SQLite database `\(statement.label)`\n  hint: there are "
                    + labels.sorted().map { "`\($0)`" }.joined(separator: ", "), exitCode: 2)
        }
        return resolved
    }

    private static func runtimeConfig(_ file: String, _ context: CommandContext) throws -> RuntimeConfig {
        let path = Paths.absolute(file, in: context.currentDirectory)
        let text = try self.text(path, called: "the runtime configuration `\(file)`")
        return try RuntimeConfigDecoder.decode(
            text, file: file,
            paths: RuntimeConfigDecoder.Paths(
                fileDirectory: Paths.parent(path), currentDirectory: context.currentDirectory,
                absolute: { Paths.absolute($0, in: $1) }))
    }

    /// A statement, `@FILE`, or `@FILE:LABEL`.
    private static func statement(_ argument: String, _ context: CommandContext) throws(CommandError) -> SQLStatement {
        guard argument.hasPrefix("@") else { return SQLStatement(argument: argument, sql: argument) }
        var name = argument.dropFirst()
        var label = RuntimeConfig.defaultLabel
        // A file may have a colon in its name: then it is there.
        if let colon = name.lastIndex(of: ":"),
            Paths.kind(Paths.absolute(String(name), in: context.currentDirectory)) != .file
        {
            label = String(name[name.index(after: colon)...])
            name = name[..<colon]
            guard !label.isEmpty else {
                throw CommandError(
                    "--sqlite \(argument): the label behind the colon is empty\n  hint: write @\(name) for the database"
                        + " `\(RuntimeConfig.defaultLabel)`, or @\(name):LABEL", exitCode: 2)
            }
        }
        let path = Paths.absolute(String(name), in: context.currentDirectory)
        return SQLStatement(
            argument: argument, sql: try self.text(path, called: "--sqlite \(argument): the file `\(name)`"),
            label: label)
    }

    private static func text(_ path: String, called name: String) throws(CommandError) -> String {
        let kind = Paths.kind(path)
        guard kind == .none || kind == .file else { throw CommandError("\(name) cannot be read: it is no file") }
        guard kind == .file, let data = FileManager.default.contents(atPath: path) else {
            throw CommandError("\(name) cannot be read: \(Paths.lastError)")
        }
        guard data.count <= self.sizeLimit else { throw CommandError("\(name) has more than 64 MiB") }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandError("\(name) is not UTF-8 text")
        }
        return text
    }
}
