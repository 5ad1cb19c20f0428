import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `-f` names: a manifest, a locked application or one bare component. Paths are absolute.
package enum AppSource: Sendable, Hashable {
    case manifest(String)
    /// The JSON that Spin calls `spin.lock`.
    case locked(String)
    case bareWasm(String)
    /// An application, or a component, in a registry.
    case registry(ImageReference)

    package static let manifestNames = ["spin.toml", "swirl.toml"]

    /// Why no application was found.
    package enum NotFound: Error, Hashable, CustomStringConvertible {
        case missing(String)
        /// No such file, and it looks like the address of an application in a registry, but is none.
        case registryReference(String, ImageReference.ParseError)
        case noManifest(directory: String)
        case bothManifests(directory: String)
        case neitherFileNorDirectory(String)
        case nothingHere(directory: String)

        package var description: String {
            switch self {
            case .missing(let path): "there is no file or directory `\(path)`"
            case .registryReference(let path, let error):
                "there is no file or directory `\(path)`, and \(error)"
            case .noManifest(let directory):
                "the directory `\(directory)` holds no `spin.toml` or `swirl.toml`"
            case .bothManifests(let directory):
                "the directory `\(directory)` holds both `spin.toml` and `swirl.toml`\n"
                    + "  hint: remove one, or name the one you mean with -f"
            case .neitherFileNorDirectory(let path): "`\(path)` is neither a file nor a directory"
            case .nothingHere(let directory):
                "no `spin.toml` or `swirl.toml` in `\(directory)` or in a directory above it\n"
                    + "  hint: name an application with -f, as in `-f path/to/spin.toml`"
            }
        }
    }

    /// Resolves what the user named.
    package static func named(
        _ path: String, currentDirectory: String = FileManager.default.currentDirectoryPath
    ) throws(NotFound) -> AppSource {
        let absolute = Paths.absolute(path, in: currentDirectory)
        switch Paths.kind(absolute) {
        case .none:
            guard Self.looksLikeRegistryReference(path) else { throw .missing(path) }
            do throws(ImageReference.ParseError) {
                return .registry(try ImageReference(path))
            } catch {
                throw .registryReference(path, error)
            }
        case .file:
            if Self.isWasm(absolute) { return .bareWasm(absolute) }
            return absolute.hasSuffix(".lock") || absolute.hasSuffix(".json") ? .locked(absolute) : .manifest(absolute)
        case .other: throw .neitherFileNorDirectory(path)
        case .directory:
            guard let manifest = try Self.manifest(in: absolute, called: path) else {
                throw .noManifest(directory: path)
            }
            return .manifest(manifest)
        }
    }

    /// Looks for a manifest here and in the directories above: 20 levels at most, not beyond a Git repository.
    /// The number says how many levels above it was found.
    package static func searchUpwards(
        from currentDirectory: String = FileManager.default.currentDirectoryPath
    ) throws(NotFound) -> (source: AppSource, levels: Int) {
        var directory = currentDirectory
        for levels in 0..<20 {
            if let manifest = try Self.manifest(in: directory, called: directory) {
                return (.manifest(manifest), levels)
            }
            // As in Spin, the directory where the search starts may be the root of a repository.
            if levels > 0, Paths.kind(Paths.join(directory, ".git")) == .directory { break }
            let parent = Paths.parent(directory)
            guard parent != directory else { break }
            directory = parent
        }
        throw .nothingHere(directory: currentDirectory)
    }

    private static func manifest(in directory: String, called name: String) throws(NotFound) -> String? {
        let found = Self.manifestNames.map { Paths.join(directory, $0) }.filter { Paths.kind($0) == .file }
        guard found.count < 2 else { throw .bothManifests(directory: name) }
        return found.first
    }

    /// Whether `text` reads as `host/name`, `host:port/name:tag` or `host/name@sha256:…`, as Spin takes them.
    private static func looksLikeRegistryReference(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let host = parts.first, let name = parts.last, parts.count > 1, !parts.contains(""),
            !parts.contains("."), !parts.contains("..")
        else { return false }
        if host == "localhost" || host.contains(":") { return true }
        // A directory may have a dot in its name, and then a file is meant.
        let isFile = [".toml", ".wasm", ".wat", ".json", ".lock"].contains { name.hasSuffix($0) }
        return host.contains(".") && !host.hasPrefix(".") && !isFile
    }

    private static func isWasm(_ path: String) -> Bool {
        path.hasSuffix(".wasm") || path.hasSuffix(".wat")
    }

    /// The directory that relative paths of the manifest start from, and that state lives beside; nil for a bare component.
    package var applicationDirectory: String? {
        guard case .manifest(let path) = self else { return nil }
        return Paths.parent(path)
    }
}
