import Foundation

/// A self-signed certificate, made by openssl in a folder that goes with it.
final class RedisCertificate: Sendable {
    let folder: URL
    var certificate: String { self.folder.appending(path: "cert.pem").path }
    var key: String { self.folder.appending(path: "key.pem").path }

    init(names: String = "DNS:localhost,IP:127.0.0.1") throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=swirl", "-addext", "subjectAltName=\(names)", "-keyout", self.key, "-out", self.certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning { usleep(1000) }
    }

    deinit { try? FileManager.default.removeItem(at: self.folder) }
}
