package import Foundation
import TestSupport

#if canImport(Glibc)
import Glibc
#endif

/// docker-registry from Debian, on a free port of loopback, its content in a folder that goes with it.
package final class RegistryServer: @unchecked Sendable {
    package static let path = ["/usr/bin/docker-registry", "/usr/local/bin/docker-registry", "/usr/bin/registry"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    package static var isInstalled: Bool { Self.path != nil }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let port: UInt16
    package let folder: URL
    private var process: Process?

    /// The registry as manifests name it.
    package var name: String { "127.0.0.1:\(self.port)" }

    /// Starts it and waits until it serves.
    ///
    /// - Parameter passwords: a line of a password file (`user:$2y$…`, bcrypt); nil lets everybody in.
    package init(passwords: String? = nil) throws {
        self.port = try FreePort.take()
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-registry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let data = self.folder.appending(path: "data").path
        var settings = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: "\(data)"}
            http: {addr: "127.0.0.1:\(self.port)"}

            """
        if let passwords {
            let file = self.folder.appending(path: "passwords")
            try Data("\(passwords)\n".utf8).write(to: file)
            settings += "auth:\n  htpasswd: {realm: test, path: \"\(file.path)\"}\n"
        }
        let configuration = self.folder.appending(path: "config.yml")
        try Data(settings.utf8).write(to: configuration)
        try self.start(configuration.path)
    }

    deinit { self.end() }

    private func start(_ configuration: String) throws {
        guard let path = Self.path else { throw Failure(description: "docker-registry is not installed") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["serve", configuration]
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": self.folder.path, "OTEL_TRACES_EXPORTER": "none"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        for _ in 0..<2000 {
            if FreePort.isInUse(self.port) { return }
            guard process.isRunning else { break }
            usleep(5000)
        }
        throw Failure(description: "docker-registry does not start")
    }

    /// Ends it and removes its files. Not by SIGTERM, which the test process blocks, and it inherits that.
    package func end() {
        if let process = self.process {
            self.process = nil
            kill(process.processIdentifier, SIGKILL)
            while process.isRunning { usleep(1000) }
        }
        try? FileManager.default.removeItem(at: self.folder)
    }
}
