import AppLoader
package import ArgumentParser

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `swirl cache`: the compiled code that makes later starts fast.
package struct CacheCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Look after the cache of compiled code.",
        discussion: "It lies in `$XDG_CACHE_HOME/swirl` or `~/.cache/swirl`, and may be removed at any time.",
        subcommands: [Clean.self, Path.self])

    package init() {}

    package struct Clean: ParsableCommand {
        package static let configuration = CommandConfiguration(abstract: "Remove all compiled code.")

        package init() {}

        package func run() throws {
            let context = CommandContext.current
            let path = try CacheDirectory.require(environment: context.environment)
            guard Paths.kind(path) == .directory else {
                context.terminal.output("The cache is empty: there is no `\(path)`.")
                return
            }
            let (files, bytes) = try CacheDirectory.clean(path)
            context.terminal.output(
                "Removed \(files) file\(files == 1 ? "" : "s"), \(CacheDirectory.inWords(bytes)), from `\(path)`.")
        }
    }

    package struct Path: ParsableCommand {
        package static let configuration = CommandConfiguration(abstract: "Print where the cache is.")

        package init() {}

        package func run() throws {
            let context = CommandContext.current
            context.terminal.output(try CacheDirectory.require(environment: context.environment))
        }
    }
}

/// Where compiled code is kept.
enum CacheDirectory {
    /// `$XDG_CACHE_HOME/swirl`, else `~/.cache/swirl`; nil when neither is known.
    static func path(environment: [String: String]) -> String? {
        // The XDG specification has relative paths ignored.
        if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return Paths.join(base, "swirl") }
        if let home = environment["HOME"], home.hasPrefix("/") { return Paths.join(home, ".cache/swirl") }
        return nil
    }

    static func require(environment: [String: String]) throws(CommandError) -> String {
        guard let path = Self.path(environment: environment) else {
            throw CommandError("there is no cache: neither XDG_CACHE_HOME nor HOME is set to an absolute path")
        }
        return path
    }

    /// Removes what is in the directory, and counts it. Symbolic links are removed, not followed.
    static func clean(_ path: String) throws(CommandError) -> (files: Int, bytes: Int) {
        var files = 0
        var bytes = 0
        for name in Paths.names(in: path) ?? [] {
            let entry = Paths.join(path, name)
            let sizes = Self.sizes(entry)
            do {
                try FileManager.default.removeItem(atPath: entry)
            } catch {
                throw CommandError("cannot remove `\(entry)`", cause: error)
            }
            files += sizes.count
            bytes += sizes.reduce(0, +)
        }
        return (files, bytes)
    }

    private static func sizes(_ path: String) -> [Int] {
        switch Paths.entry(path) {
        case .directory: (Paths.names(in: path) ?? []).flatMap { Self.sizes(Paths.join(path, $0)) }
        case .other(let size): [size]
        case .none: []
        }
    }

    static func inWords(_ bytes: Int) -> String {
        var value = Double(bytes)
        for unit in ["bytes", "KiB", "MiB"] {
            if value < 1024 { return unit == "bytes" ? "\(bytes) bytes" : "\(Self.rounded(value)) \(unit)" }
            value /= 1024
        }
        return "\(Self.rounded(value)) GiB"
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
