import Foundation

/// An application in a folder of its own, which goes with it.
final class TestApp: Sendable {
    let directory: URL

    /// An application of files: path in the folder to text.
    init(_ files: [String: String] = [:]) throws {
        self.directory = FileManager.default.temporaryDirectory
            .resolvingSymlinksInPath().appending(path: "swirl-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        for (path, text) in files { try self.write(Data(text.utf8), to: path) }
    }

    deinit {
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// Each guest of `Tests/Guests` on the route of its name, as in `/hello/...`.
    ///
    /// - Parameters:
    ///   - settings: lines of TOML for every component.
    convenience init(guests: [String], settings: String = "") throws {
        try self.init(
            components: guests.map { ($0, "/\($0)/...", Places.textGuest($0)) }, settings: settings)
    }

    convenience init(components: [(id: String, route: String, source: URL)], settings: String = "") throws {
        var manifest = """
            spin_manifest_version = 2
            [application]
            name = "test"

            """
        for component in components {
            manifest += """

                [[trigger.http]]
                route = "\(component.route)"
                component = "\(component.id)"
                [component.\(component.id)]
                source = "\(component.source.path)"
                \(settings)

                """
        }
        try self.init(["spin.toml": manifest])
    }

    func write(_ data: Data, to path: String) throws {
        let file = self.directory.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: self.directory.appending(path: path)), as: UTF8.self)
    }
}
