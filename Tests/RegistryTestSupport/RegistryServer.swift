import TestSupport

/// docker-registry from Debian, on a free port of loopback, its content in a folder that goes with it.
package final class RegistryServer: Sendable {
    package static let path = ServerProcess.installed(
        "/usr/bin/docker-registry", "/usr/local/bin/docker-registry", "/usr/bin/registry")
    package static var isInstalled: Bool { Self.path != nil }

    package let port: UInt16
    private let server: ServerProcess

    /// The registry as manifests name it.
    package var name: String { "127.0.0.1:\(self.port)" }

    /// Starts it and waits until it serves.
    ///
    /// - Parameter passwords: a line of a password file (`user:$2y$…`, bcrypt); nil lets everybody in.
    package init(passwords: String? = nil) throws {
        let port = try FreePort.take()
        self.port = port
        let folder = try TemporaryFolder()
        var settings = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: "\(folder.file("data"))"}
            http: {addr: "127.0.0.1:\(port)"}

            """
        if let passwords {
            try folder.write("passwords", "\(passwords)\n")
            settings += "auth:\n  htpasswd: {realm: test, path: \"\(folder.file("passwords"))\"}\n"
        }
        try folder.write("config.yml", settings)
        self.server = try ServerProcess(
            "docker-registry", executable: Self.path, ["serve", folder.file("config.yml")],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path, "OTEL_TRACES_EXPORTER": "none"], folder: folder
        ) { Loopback.isListening(port) }
    }

    deinit { self.end() }

    /// Ends it and removes its files.
    package func end() { self.server.end() }
}
