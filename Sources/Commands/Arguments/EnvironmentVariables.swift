import AppLoader
import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The environment that variables of the application take values from: that of the process, and `.env` here.
enum EnvironmentVariables {
    private static let sizeLimit = 1 << 20

    /// - Parameter dotEnvPath: the file instead of `.env` here.
    static func read(_ context: CommandContext, dotEnvPath: String? = nil) -> [String: String] {
        let path = dotEnvPath ?? Paths.join(context.currentDirectory, ".env")
        let name = dotEnvPath ?? ".env"
        guard Paths.kind(path) == .file, let data = FileManager.default.contents(atPath: path) else {
            return context.environment
        }
        guard data.count <= Self.sizeLimit, let text = String(validating: data, as: UTF8.self) else {
            context.terminal.warning("\(name): not read: it is no text of at most 1 MiB")
            return context.environment
        }
        let file = DotEnvFile(text, environment: context.environment)
        for line in file.malformedLines {
            // The line itself is not shown: it may hold a secret.
            context.terminal.warning("\(name):\(line): not understood\n  hint: write NAME=value")
        }
        return file.values.merging(context.environment) { _, process in process }
    }
}
