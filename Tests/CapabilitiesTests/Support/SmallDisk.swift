import Foundation

/// A file system of its own, in memory, that a test can fill or make read-only. Needs root.
final class SmallDisk: Sendable {
    struct Failure: Error {}

    let path: String

    /// Whether one can be made here.
    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        return (try? SmallDisk(bytes: 65536)) != nil
    }()

    init(bytes: Int) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "swirl-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        self.path = url.path
        try Self.run(["mount", "-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", self.path])
    }

    func makeReadOnly() throws { try Self.run(["mount", "-o", "remount,ro", self.path]) }

    func file(_ name: String) -> String { "\(self.path)/\(name)" }

    deinit {
        // Lazily: a connection may still have a file open.
        try? Self.run(["umount", "-l", self.path])
        try? FileManager.default.removeItem(atPath: self.path)
    }

    private static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure() }
    }
}
