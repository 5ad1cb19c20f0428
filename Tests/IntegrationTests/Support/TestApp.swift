import Foundation
import TestSupport

/// An application in a folder of its own, which goes with it.
final class TestApp: Sendable {
    private let folder: TemporaryFolder
    var directory: URL { self.folder.url }

    /// An application of files: path in the folder to text.
    init(_ files: [String: String] = [:]) throws {
        self.folder = try TemporaryFolder(files)
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
        try self.folder.write(path, data)
    }

    func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: self.directory.appending(path: path)), as: UTF8.self)
    }
}
