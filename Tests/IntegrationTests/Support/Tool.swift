import Foundation

/// A program of the system, run to its end: the clients that other people use.
enum Tool {
    /// Whether the program is on the path.
    static func isInstalled(_ name: String) -> Bool {
        ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    /// Gives what the program wrote to standard output and error, and its exit code.
    static func run(_ name: String, _ arguments: [String], input: Data? = nil) throws -> (text: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let standardInput = Pipe()
        process.standardInput = standardInput
        try process.run()
        if let input { standardInput.fileHandleForWriting.write(input) }
        try standardInput.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (String(decoding: data, as: UTF8.self), process.terminationStatus)
    }

    /// Makes `cert.pem` and `key.pem` (PKCS #8) for 127.0.0.1 in the folder of an application.
    static func makeCertificate(in app: TestApp) throws {
        let result = try Self.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", app.directory.appending(path: "key.pem").path,
                "-out", app.directory.appending(path: "cert.pem").path,
            ])
        guard result.code == 0 else { throw TestError("openssl: \(result.text)") }
    }
}
