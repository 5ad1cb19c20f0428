import AppLoader
import AppModel
import Foundation

/// An application directory of a test, removed at the end.
final class TemporaryApplication {
    let directory: String

    init() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("swirl-app-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        self.directory = Paths.real(path) ?? path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.directory)
    }

    func path(_ name: String) -> String { "\(self.directory)/\(name)" }

    func write(_ name: String, _ text: String = "") throws {
        let path = self.path(name)
        try FileManager.default.createDirectory(
            atPath: Paths.parent(path), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

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
