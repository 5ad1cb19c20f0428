import Foundation

/// A certificate and its private key, in files.
package struct CertificateFiles: Sendable {
    package let certificate: String
    package let key: String

    init(_ name: String, in folder: TemporaryFolder) {
        self.certificate = folder.file("\(name).pem")
        self.key = folder.file("\(name).key")
    }
}

/// An authority that issues certificates, made by openssl in a folder that goes with it.
package final class CertificateAuthority: Sendable {
    package static var isInstalled: Bool { OpenSSL.path != nil }

    private let folder: TemporaryFolder
    private let own: CertificateFiles

    /// What trusts all that it issues.
    package var certificate: String { self.own.certificate }

    package init() throws {
        self.folder = try TemporaryFolder()
        self.own = CertificateFiles("authority", in: self.folder)
        try OpenSSL.makeSelfSigned(self.own, name: "Authority")
    }

    /// A certificate for servers and clients.
    ///
    /// - Parameter names: as in `DNS:localhost` and `IP:127.0.0.1`.
    package func issue(
        _ name: String, _ names: [String] = ["DNS:localhost", "IP:127.0.0.1"]
    ) throws -> CertificateFiles {
        let files = CertificateFiles(name, in: self.folder)
        let request = self.folder.file("\(name).request")
        let extensions = "\(name).extensions"
        try self.folder.write(
            extensions, "subjectAltName=\(names.joined(separator: ","))\nextendedKeyUsage=serverAuth,clientAuth\n")
        try OpenSSL.run(
            ["req", "-new"] + OpenSSL.newKey + ["-subj", "/CN=\(name)", "-keyout", files.key, "-out", request])
        try OpenSSL.run([
            "x509", "-req", "-in", request, "-CA", self.own.certificate, "-CAkey", self.own.key, "-CAcreateserial",
            "-days", "2", "-extfile", self.folder.file(extensions), "-out", files.certificate,
        ])
        return files
    }
}

/// A certificate that is its own authority, in a folder that goes with it.
package final class Certificate: Sendable {
    private let folder: TemporaryFolder
    package let files: CertificateFiles
    package var certificate: String { self.files.certificate }
    package var key: String { self.files.key }

    /// - Parameter names: whom it is for.
    package init(_ names: [String] = ["DNS:localhost", "IP:127.0.0.1"]) throws {
        self.folder = try TemporaryFolder()
        self.files = CertificateFiles("self", in: self.folder)
        try OpenSSL.makeSelfSigned(
            self.files, name: "localhost", ["-addext", "subjectAltName=\(names.joined(separator: ","))"])
    }
}

/// The command that makes certificates.
private enum OpenSSL {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let path = ServerProcess.installed("/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl")
    static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    static func makeSelfSigned(_ files: CertificateFiles, name: String, _ options: [String] = []) throws {
        try self.run(
            ["req", "-x509", "-days", "2"] + self.newKey + ["-subj", "/CN=\(name)"] + options
                + ["-keyout", files.key, "-out", files.certificate])
    }

    static func run(_ arguments: [String]) throws {
        guard let path = self.path else { throw Failure(description: "openssl is not installed") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        // Not `waitUntilExit()`: it runs the run loop of its thread, which may be one of Swift's pool.
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.run()
        ended.wait()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "openssl \(arguments.joined(separator: " ")) fails")
        }
    }
}
