import Foundation

/// A self-signed certificate for 127.0.0.1 and `localhost`, made by openssl in a folder that goes with it.
final class Certificate: Sendable {
    let folder: URL
    var certificate: String { self.folder.appending(path: "cert.pem").path }
    var key: String { self.folder.appending(path: "key.pem").path }

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.key,
            "-out", self.certificate,
        ]
        process.standardError = FileHandle.nullDevice
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        ended.wait()
    }

    deinit { try? FileManager.default.removeItem(at: self.folder) }
}

/// nginx from Debian, serving a configuration on loopback.
final class Nginx {
    static let path = "/usr/sbin/nginx"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: Self.path) }

    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    private let folder: URL
    let port: UInt16

    /// - Parameter server: lines of the `server` block after `listen`.
    init(port: UInt16, listen: String, server: String) throws {
        self.port = port
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let text = """
            daemon off; master_process off; error_log stderr; pid \(self.folder.path)/pid;
            events { worker_connections 512; }
            http {
                access_log off;
                client_body_temp_path \(self.folder.path)/a; proxy_temp_path \(self.folder.path)/b;
                fastcgi_temp_path \(self.folder.path)/c; uwsgi_temp_path \(self.folder.path)/d;
                scgi_temp_path \(self.folder.path)/e;
                server {
                    listen 127.0.0.1:\(port) \(listen);
                    root \(self.folder.path);
                    \(server)
                }
            }
            """
        let file = self.folder.appending(path: "nginx.conf")
        try Data(text.utf8).write(to: file)
        try Data(repeating: 0x78, count: 3_000_000).write(to: self.folder.appending(path: "big"))
        self.process.executableURL = URL(fileURLWithPath: Self.path)
        self.process.arguments = ["-c", file.path, "-p", self.folder.path, "-e", "stderr"]
        self.process.standardError = FileHandle.nullDevice
        let ended = self.ended
        self.process.terminationHandler = { _ in ended.signal() }
        try self.process.run()
    }

    var isRunning: Bool { self.process.isRunning }

    func stop() {
        // Not by SIGTERM, which the test process blocks, and nginx inherits that. `waitUntilExit` would need the run loop
        // of the thread that started it.
        kill(self.process.processIdentifier, SIGKILL)
        self.ended.wait()
        try? FileManager.default.removeItem(at: self.folder)
    }
}
