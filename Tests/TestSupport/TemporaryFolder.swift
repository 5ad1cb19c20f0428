package import Foundation

/// A folder of one test, removed with all that is in it.
package final class TemporaryFolder: Sendable {
    /// Without symbolic links, as the programs under test print it.
    package let url: URL

    package var path: String { self.url.path }

    /// - Parameter files: path in the folder to text.
    package init(_ files: [String: String] = [:]) throws {
        self.url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appending(path: "swirl-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
        for (name, text) in files { try self.write(name, text) }
    }

    deinit { self.remove() }

    /// Removes it now: what the threads of a test keep may outlive the process.
    package func remove() { try? FileManager.default.removeItem(at: self.url) }

    package func file(_ name: String) -> String { self.url.appending(path: name).path }

    package func write(_ name: String, _ text: String = "") throws { try self.write(name, text.utf8) }

    /// Makes the folders on the way to the file too.
    package func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        let file = self.url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    /// Nil where there is no such file.
    package func read(_ name: String) -> String? { self.bytes(of: name).map { String(decoding: $0, as: UTF8.self) } }

    /// Nil where there is no such file.
    package func bytes(of name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: self.file(name)).map { [UInt8]($0) }
    }
}
