import Foundation
import TestSupport

/// redis-server from Debian, on a free port of loopback, its files in a folder that goes with it.
package final class RedisServer: Sendable {
    package static let path = ServerProcess.installed(
        "/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server")
    package static var isInstalled: Bool { Self.path != nil }

    package let port: UInt16
    private let server: ServerProcess

    package var url: String { "redis://127.0.0.1:\(self.port)" }

    /// Starts it and waits until it serves.
    ///
    /// - Parameter arguments: options besides those of a server that keeps nothing on disk.
    package init(port: UInt16? = nil, isSecure: Bool = false, _ arguments: [String] = []) throws {
        let port = try port ?? FreePort.take()
        self.port = port
        let folder = try TemporaryFolder()
        let ports = isSecure ? ["--port", "0", "--tls-port", "\(port)"] : ["--port", "\(port)"]
        self.server = try ServerProcess(
            "redis-server", executable: Self.path,
            ports + ["--bind", "127.0.0.1", "--save", "", "--dir", folder.path, "--maxclients", "4000"] + arguments,
            folder: folder
        ) { isSecure ? Loopback.isListening(port) : Self.answers(port) }
    }

    deinit { self.end() }

    package func start() throws { try self.server.start() }
    /// Ends it as a power cut would.
    package func stop() { self.server.stop() }

    /// The server does nothing until ``resume()``.
    package func suspend() { self.server.suspend() }
    package func resume() { self.server.resume() }

    /// Ends it and removes its files.
    package func end() { self.server.end() }

    /// What redis-cli prints for a command.
    @discardableResult
    package func cli(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-cli")
        process.arguments = ["-p", "\(self.port)"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// It accepts connections before it has read its files.
    private static func answers(_ port: UInt16) -> Bool {
        guard let descriptor = Loopback.connect(to: port) else { return false }
        defer { close(descriptor) }
        _ = send(descriptor, "PING\r\n", 6, Int32(MSG_NOSIGNAL))
        var answer = [UInt8](repeating: 0, count: 64)
        guard recv(descriptor, &answer, answer.count, 0) > 0 else { return false }
        return !answer.starts(with: Array("-LOADING".utf8))
    }
}
