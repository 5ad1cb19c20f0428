import Foundation

/// A run of the built `swirl` command.
final class Command: @unchecked Sendable {
    // Unchecked: `process` is only asked for its state and sent signals, which any thread may do.
    private let process = Process()
    let output: OutputCollector
    let errors: OutputCollector

    /// - Parameters:
    ///   - environment: beside what every run gets; nil removes a variable.
    init(_ arguments: [String], in directory: URL, environment: [String: String?] = [:]) throws {
        let output = Pipe()
        let errors = Pipe()
        self.process.executableURL = Places.swirl
        self.process.arguments = arguments
        self.process.currentDirectoryURL = directory
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = output
        self.process.standardError = errors
        // Nothing of the developer's own settings.
        var variables = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("SPIN_") && !$0.key.hasPrefix("SWIRL_TEST")
        }
        variables["XDG_CACHE_HOME"] = Places.sharedCache.path
        variables["NO_COLOR"] = "1"
        // What a killed server leaves behind goes with the application's directory.
        variables["TMPDIR"] = directory.path
        for (name, value) in environment { variables[name] = value }
        self.process.environment = variables
        do {
            try self.process.run()
        } catch {
            throw TestError("cannot run \(Places.swirl.path), which `swift build` makes: \(error)")
        }
        // A writing end that stays open here would hide the end of the stream.
        try output.fileHandleForWriting.close()
        try errors.fileHandleForWriting.close()
        self.output = OutputCollector(output)
        self.errors = OutputCollector(errors)
    }

    var isRunning: Bool { self.process.isRunning }

    var identifier: Int32 { self.process.processIdentifier }

    func signal(_ number: Int32) {
        Foundation.kill(self.process.processIdentifier, number)
    }

    /// Waits for the end of the process. Gives its exit code, or minus the signal that killed it.
    func wait(timeout: TimeInterval = 60) throws -> Int32 {
        // The streams end with the process: no polling.
        self.output.waitForEnd(timeout: timeout)
        self.errors.waitForEnd(timeout: timeout)
        guard self.output.isAtEnd, self.errors.isAtEnd else {
            self.kill()
            throw TestError("swirl did not end within \(timeout) s. It wrote:\n\(self.transcript)")
        }
        self.process.waitUntilExit()
        return self.process.terminationReason == .exit
            ? self.process.terminationStatus : -self.process.terminationStatus
    }

    func kill() {
        guard self.process.isRunning else { return }
        self.signal(SIGKILL)
        self.process.waitUntilExit()
    }

    var transcript: String {
        "--- standard output\n\(self.output.text)\n--- standard error\n\(self.errors.text)"
    }

    /// What a command that ends by itself said, and its exit code.
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs a command to its end.
    static func run(_ arguments: [String], in directory: URL, environment: [String: String?] = [:]) throws -> Result {
        let command = try Command(arguments, in: directory, environment: environment)
        defer { command.kill() }
        let status = try command.wait()
        return Result(status: status, output: command.output.text, errors: command.errors.text)
    }
}
