package import Foundation

/// A certificate and its private key, in files.
package struct CertificateFiles: Sendable {
    package let certificate: String
    package let key: String
}

/// An authority that issues certificates, made by openssl in a folder that goes with it.
package final class CertificateAuthority: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let folder: URL
    private let own: CertificateFiles

    package static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") }

    /// What trusts all that it issues.
    package var certificate: String { self.own.certificate }

    package init() throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.own = Self.files("authority", in: self.folder)
        try Self.openssl(
            ["req", "-x509", "-days", "2"] + Self.newKey + [
                "-subj", "/CN=Authority", "-keyout", self.own.key, "-out", self.own.certificate,
            ])
    }

    deinit { try? FileManager.default.removeItem(at: self.folder) }

    /// A certificate for servers and clients.
    ///
    /// - Parameter names: as in `DNS:localhost` and `IP:127.0.0.1`.
    package func issue(_ name: String, _ names: [String] = ["DNS:localhost", "IP:127.0.0.1"]) throws -> CertificateFiles
    {
        let files = Self.files(name, in: self.folder)
        let request = self.folder.appending(path: "\(name).request").path
        let extensions = self.folder.appending(path: "\(name).extensions")
        try Data("subjectAltName=\(names.joined(separator: ","))\nextendedKeyUsage=serverAuth,clientAuth\n".utf8)
            .write(to: extensions)
        try Self.openssl(
            ["req", "-new"] + Self.newKey + ["-subj", "/CN=\(name)", "-keyout", files.key, "-out", request])
        try Self.openssl([
            "x509", "-req", "-in", request, "-CA", self.own.certificate, "-CAkey", self.own.key, "-CAcreateserial",
            "-days",
            "2", "-extfile", extensions.path, "-out", files.certificate,
        ])
        return files
    }

    /// A certificate for 127.0.0.1 and `localhost` that is its own authority.
    package static func selfSigned(in folder: URL) throws -> CertificateFiles {
        let files = Self.files("self", in: folder)
        try Self.openssl(
            ["req", "-x509", "-days", "2"] + Self.newKey + [
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", files.key,
                "-out", files.certificate,
            ])
        return files
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    private static func files(_ name: String, in folder: URL) -> CertificateFiles {
        CertificateFiles(
            certificate: folder.appending(path: "\(name).pem").path, key: folder.appending(path: "\(name).key").path)
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        ended.wait()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "openssl \(arguments.joined(separator: " ")) fails")
        }
    }
}

/// A self-signed certificate for 127.0.0.1 and `localhost`, in a folder that goes with it.
package final class Certificate: Sendable {
    private let folder: URL
    package let files: CertificateFiles
    package var certificate: String { self.files.certificate }
    package var key: String { self.files.key }

    package init() throws {
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.files = try CertificateAuthority.selfSigned(in: self.folder)
    }

    deinit { try? FileManager.default.removeItem(at: self.folder) }
}
