package import AppModel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads manifests, and names files as a person in the current directory would.
package struct ApplicationFiles: Sendable {
    /// The largest manifest that is read, in bytes.
    private static let sizeLimit = 4 << 20

    private let currentDirectory: String

    package init(currentDirectory: String) {
        self.currentDirectory = currentDirectory
    }

    /// - Parameter kind: what messages call the file.
    package func readText(_ path: String, kind: String = "manifest") throws(ManifestError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw self.failure(path, "cannot read the \(kind): \(Paths.lastError)")
        }
        guard data.count <= Self.sizeLimit else {
            throw self.failure(path, "it has more than 4 MiB: no \(kind) is as large")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw self.failure(path, "the \(kind) is not UTF-8 text")
        }
        return text
    }

    /// Relative to the current directory when the file lies below it.
    package func displayName(_ path: String) -> String {
        guard path != self.currentDirectory, Paths.contains(self.currentDirectory, path) else { return path }
        return String(path.dropFirst(self.currentDirectory.count).drop { $0 == "/" })
    }

    private func failure(_ path: String, _ message: String) -> ManifestError {
        ManifestError([
            Diagnostic(file: self.displayName(path), position: .unknown, field: "", message: message)
        ])
    }
}
