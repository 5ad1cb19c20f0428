import AppLoader
import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads `--variable`: `KEY=VALUE`, `KEY=@FILE`, `@FILE.json` or `@FILE.toml`; the last one wins.
struct VariableArguments {
    /// The largest file that is read.
    private static let sizeLimit = 16 << 20

    private let currentDirectory: String
    private(set) var values: [String: String] = [:]
    /// The keys that were written out, rather than read from a file of many: a mistake in one deserves a warning.
    private(set) var namedKeys: [String] = []

    init(_ arguments: [String], currentDirectory: String) throws(CommandError) {
        self.currentDirectory = currentDirectory
        for argument in arguments { try self.read(argument) }
    }

    private mutating func read(_ argument: String) throws(CommandError) {
        if argument.hasPrefix("@") {
            let path = String(argument.dropFirst())
            let text = try self.text(of: path, argument: argument)
            let values =
                if path.hasSuffix(".json") {
                    try Self.parseJSON(text, path: path)
                } else if path.hasSuffix(".toml") {
                    try Self.parseTOML(text, path: path)
                } else {
                    throw CommandError(
                        "--variable @\(path): only `.json` and `.toml` files hold many variables\n"
                            + "  hint: write NAME=@\(path) to read the value of one variable", exitCode: 2)
                }
            self.values.merge(values) { _, last in last }
            return
        }
        guard let pair = KeyValueArgument(argument: argument) else {
            throw CommandError(
                "--variable `\(argument)` must be NAME=VALUE, NAME=@FILE, @FILE.json or @FILE.toml", exitCode: 2)
        }
        self.namedKeys.append(pair.key)
        self.values[pair.key] =
            pair.value.hasPrefix("@")
            ? try self.text(of: String(pair.value.dropFirst()), argument: argument) : pair.value
    }

    private func text(of path: String, argument: String) throws(CommandError) -> String {
        let absolute = Paths.absolute(path, in: self.currentDirectory)
        guard Paths.kind(absolute) == .file, let data = FileManager.default.contents(atPath: absolute) else {
            throw CommandError("--variable \(argument): cannot read the file `\(path)`")
        }
        guard data.count <= Self.sizeLimit else {
            throw CommandError("--variable \(argument): the file `\(path)` has more than 16 MiB")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandError("--variable \(argument): the file `\(path)` is not UTF-8 text")
        }
        return text
    }

    private static func parseJSON(_ text: String, path: String) throws(CommandError) -> [String: String] {
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
        } catch {
            throw CommandError("\(path): not valid JSON")
        }
        guard let object = value.object else { throw CommandError("\(path): expected an object of strings") }
        var values: [String: String] = [:]
        for (key, value) in object {
            guard let string = value.string else { throw CommandError("\(path): `\(key)` must be a string") }
            values[key] = string
        }
        return values
    }

    private static func parseTOML(_ text: String, path: String) throws(CommandError) -> [String: String] {
        let document: TOMLDocument
        do {
            document = try TOMLDocument(text, file: path)
        } catch {
            throw CommandError(error.description)
        }
        var values: [String: String] = [:]
        for entry in document.root.entries {
            guard let string = entry.value.string else {
                let place = entry.value.position
                throw CommandError("\(path):\(place.line):\(place.column): `\(entry.key)` must be a string")
            }
            values[entry.key] = string
        }
        return values
    }
}
