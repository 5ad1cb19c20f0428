package import TestSupport

/// nginx from Debian, on free ports of loopback, its files in a folder that goes with it.
package final class Nginx: Sendable {
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

    private static let path = ServerProcess.installed(
        "/usr/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx")
    package static var isInstalled: Bool { Self.path != nil && CertificateAuthority.isInstalled }

    /// Of the servers, in their order.
    package let ports: [UInt16]
    private let server: ServerProcess

    /// Starts it and waits until it serves. `/big` are 3,000,000 bytes wherever no location says otherwise.
    package init(_ servers: [Server]) throws {
        let ports = try servers.map { _ in try FreePort.take() }
        self.ports = ports
        let files = try TemporaryFolder()
        let folder = files.path
        let blocks = zip(servers, ports).map { server, port in
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
        try files.write("nginx.conf", text)
        try files.write("big", repeatElement(0x78, count: 3_000_000))
        self.server = try ServerProcess(
            "nginx", executable: Self.path, ["-c", files.file("nginx.conf"), "-p", folder, "-e", "stderr"],
            folder: files
        ) { ports.allSatisfy(Loopback.isListening) }
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
}
