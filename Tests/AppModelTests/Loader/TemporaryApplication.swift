import AppLoader
import AppModel
import Foundation
import TestSupport

/// An application directory of a test, removed at the end.
final class TemporaryApplication {
    private let folder: TemporaryFolder
    var directory: String { self.folder.path }

    init() throws { self.folder = try TemporaryFolder() }

    func path(_ name: String) -> String { self.folder.file(name) }

    func write(_ name: String, _ text: String = "") throws { try self.folder.write(name, text) }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: self.path(name), withDestinationPath: target)
    }

    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// All files below a directory, sorted.
    func files(below directory: String) -> [String] {
        (FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []).filter {
            Paths.kind("\(directory)/\($0)") == .file
        }.sorted()
    }
}
