package import Foundation
import TestSupport

#if canImport(Glibc)
import Glibc
#endif

/// redis-server from Debian, on a free port of loopback, its files in a folder that goes with it.
package final class RedisServer: @unchecked Sendable {
    package static let path = [
        "/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server",
    ]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
    package static var isInstalled: Bool { Self.path != nil }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let port: UInt16
    package let folder: URL
    private let arguments: [String]
    private let isSecure: Bool
    private var process: Process?

    package var url: String { "redis://127.0.0.1:\(self.port)" }

    /// Starts it and waits until it serves.
    ///
    /// - Parameter arguments: options besides those of a server that keeps nothing on disk.
    package init(port: UInt16? = nil, isSecure: Bool = false, _ arguments: [String] = []) throws {
        self.isSecure = isSecure
        self.port = try port ?? FreePort.take()
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let ports = isSecure ? ["--port", "0", "--tls-port", "\(self.port)"] : ["--port", "\(self.port)"]
        self.arguments =
            ports + ["--bind", "127.0.0.1", "--save", "", "--dir", self.folder.path, "--maxclients", "4000"]
            + arguments
        try self.start()
    }

    deinit { self.end() }

    /// Ends it and removes its files. Tests say so themselves: what a test's threads keep may outlive the process.
    package func end() {
        self.stop()
        try? FileManager.default.removeItem(at: self.folder)
    }

    package func start() throws {
        guard let path = Self.path else { throw Failure(description: "redis-server is not installed") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = self.arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        for _ in 0..<2000 {
            if Self.isReady(self.port, isSecure: self.isSecure) { return }
            guard process.isRunning else { break }
            usleep(5000)
        }
        throw Failure(description: "redis-server does not start")
    }

    /// Ends it as a power cut would. Not by SIGTERM, which the test process blocks, and it inherits that.
    package func stop() {
        guard let process = self.process else { return }
        self.process = nil
        kill(process.processIdentifier, SIGKILL)
        while process.isRunning { usleep(1000) }
    }

    /// The server does nothing until ``resume()``.
    package func suspend() { if let process = self.process { kill(process.processIdentifier, SIGSTOP) } }
    package func resume() { if let process = self.process { kill(process.processIdentifier, SIGCONT) } }

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

    private static func isReady(_ port: UInt16, isSecure: Bool) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, !isSecure else { return isConnected }
        // It accepts connections before it has read its files.
        _ = send(descriptor, "PING\r\n", 6, Int32(MSG_NOSIGNAL))
        var answer = [UInt8](repeating: 0, count: 64)
        guard recv(descriptor, &answer, answer.count, 0) > 0 else { return false }
        return !answer.starts(with: Array("-LOADING".utf8))
    }
}
