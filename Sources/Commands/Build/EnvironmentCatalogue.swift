import AppLoader
import Subprocess

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The catalogue of target environments, a copy of its repository (spinframework/spin, crates/environments, `Catalogue`).
struct EnvironmentCatalogue: CatalogueUpdater {
    private static let repository = "https://github.com/spinframework/spin-environments"
    /// How long a copy counts as up to date, in seconds.
    private static let lifetime = 3600.0
    /// The longest wait for what nobody asked for.
    private static let refreshLimit = Duration.seconds(2)

    /// Where it is kept; nil keeps none.
    let directory: String?
    let context: CommandContext

    /// Notes the time of the last update, as Spin does: seconds since 1970.
    private var stamp: String? { self.directory.map { "\($0)-last-update.txt" } }

    func update() async throws {
        guard let directory = self.directory else {
            throw CommandError("there is no directory to keep the catalogue of environments in: set HOME")
        }
        self.context.terminal.note("Getting the catalogue of target environments")
        try await self.get(directory)
    }

    func refresh() async {
        guard let directory = self.directory, !self.isRecent else { return }
        await withTaskGroup { group in
            group.addTask { _ = try? await self.get(directory) }
            group.addTask { try? await Task.sleep(for: Self.refreshLimit) }
            await group.next()
            group.cancelAll()
        }
    }

    private var isRecent: Bool {
        guard let stamp = self.stamp, let data = FileManager.default.contents(atPath: stamp),
            let time = Double(String(decoding: data, as: UTF8.self))
        else { return false }
        return (0..<Self.lifetime).contains(Date().timeIntervalSince1970 - time)
    }

    private func get(_ directory: String) async throws {
        let isThere = Paths.kind(Paths.join(directory, ".git")) == .directory
        let arguments =
            isThere
            ? ["-C", directory, "pull", "--quiet", "--ff-only"]
            : ["clone", "--quiet", "--depth", "1", Self.repository, directory]
        let environment = self.context.childEnvironment(["GIT_TERMINAL_PROMPT": "0"])
        let result = try? await Subprocess.run(
            .name("git"), arguments: Arguments(arguments), environment: environment, input: .none, output: .discarded,
            error: .string(limit: 1 << 16))
        guard let result else {
            throw CommandError("`git` is needed to get the catalogue of target environments, and is not there")
        }
        guard case .exited(0) = result.terminationStatus else {
            // After the reason, git advises what to look at.
            let lines = result.standardError.split(separator: "\n")
            let reason = (lines.first { $0.hasPrefix("fatal: ") } ?? lines.last).map(String.init) ?? "git failed"
            throw CommandError("the catalogue of target environments cannot be got: \(reason)")
        }
        guard let stamp = self.stamp else { return }
        // Without it, the next build asks again.
        try? Data("\(Int(Date().timeIntervalSince1970))".utf8).write(to: URL(fileURLWithPath: stamp))
    }
}
