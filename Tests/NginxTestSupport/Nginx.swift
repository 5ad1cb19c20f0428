package import Foundation
import TestSupport

#if canImport(Glibc)
import Glibc
#endif

/// nginx from Debian, on free ports of loopback, its files in a folder that goes with it.
package final class Nginx: @unchecked Sendable {
    /// One `server` block, on a port of its own.
    package struct Server {
        var listen: String
        var lines: String

        /// - Parameters:
        ///   - listen: what follows the port: `ssl http2`.
        ///   - lines: of the block.
        package init(listen: String = "", _ lines: String) {
            self.listen = listen
            self.lines = lines
        }

        package static func tls(
            _ files: CertificateFiles, http2: Bool = true, _ lines: String = ""
        ) -> Server {
            Server(
                listen: http2 ? "ssl http2" : "ssl",
                "ssl_certificate \(files.certificate); ssl_certificate_key \(files.key); \(lines)")
        }
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let path = "/usr/sbin/nginx"
    package static var isInstalled: Bool {
        FileManager.default.isExecutableFile(atPath: Self.path) && CertificateAuthority.isInstalled
    }

    package let folder: URL
    /// Of the servers, in their order.
    package let ports: [UInt16]
    private var process: Process?

    /// Starts it and waits until it serves. `/big` are 3,000,000 bytes wherever no location says otherwise.
    package init(_ servers: [Server]) throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-nginx-\(UUID().uuidString)")
        self.ports = try servers.map { _ in try FreePort.take() }
        let folder = self.folder.path
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let blocks = zip(servers, self.ports).map { server, port in
            "server { listen 127.0.0.1:\(port) \(server.listen); root \(folder); \(server.lines) }"
        }
        let text = """
            daemon off; master_process off; error_log stderr; pid \(folder)/pid;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path \(folder)/a; proxy_temp_path \(folder)/b; fastcgi_temp_path \(folder)/c;
                uwsgi_temp_path \(folder)/d; scgi_temp_path \(folder)/e;
                \(blocks.joined(separator: "\n"))
            }
            """
        try Data(text.utf8).write(to: self.folder.appending(path: "nginx.conf"))
        try Data(repeating: 0x78, count: 3_000_000).write(to: self.folder.appending(path: "big"))
        try self.start()
    }

    deinit { self.end() }

    package func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = [
            "-c", self.folder.appending(path: "nginx.conf").path, "-p", self.folder.path, "-e", "stderr",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        for _ in 0..<2000 {
            if self.ports.allSatisfy({ FreePort.isInUse($0) }) { return }
            guard process.isRunning else { break }
            usleep(5000)
        }
        throw Failure(description: "nginx does not start")
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

    /// Ends it and removes its files.
    package func end() {
        self.stop()
        try? FileManager.default.removeItem(at: self.folder)
    }
}
