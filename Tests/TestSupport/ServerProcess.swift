import Foundation
import Synchronization

/// A server of the system's that a test starts and ends, its files in a folder that goes with it.
package final class ServerProcess: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let folder: TemporaryFolder
    private let executable: String
    private let arguments: [String]
    private let environment: [String: String]?
    private let isReady: @Sendable () -> Bool
    private let process = Mutex<Process?>(nil)

    /// Of the names that a program has on one system or another, the one that it has here.
    package static func installed(_ paths: String...) -> String? {
        paths.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts it and waits until it serves.
    ///
    /// - Parameters:
    ///   - executable: its path; nil where it is not installed.
    ///   - environment: nil for that of the tests.
    ///   - isReady: whether it serves.
    package init(
        _ name: String, executable: String?, _ arguments: [String], environment: [String: String]? = nil,
        folder: TemporaryFolder, isReady: @escaping @Sendable () -> Bool
    ) throws {
        guard let executable else { throw Failure(description: "\(name) is not installed") }
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.isReady = isReady
        try self.start()
    }

    deinit { self.stop() }

    package func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: self.executable)
        process.arguments = self.arguments
        if let environment = self.environment { process.environment = environment }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        // The servers say nowhere when they are ready: they are asked until they are, for ten seconds.
        for _ in 0..<2000 {
            if self.isReady() { return }
            guard process.isRunning else { break }
            usleep(5000)
        }
        throw Failure(description: "\(self.executable) does not start")
    }

    /// Ends it as a power cut would. Not by SIGTERM, which the test process blocks, and it inherits that.
    package func stop() {
        guard let process = self.process.withLock({ $0.take() }) else { return }
        kill(process.processIdentifier, SIGKILL)
        while process.isRunning { usleep(1000) }
    }

    /// The server does nothing until ``resume()``.
    package func suspend() { self.signal(SIGSTOP) }

    package func resume() { self.signal(SIGCONT) }

    /// Ends it and removes its files. Tests say so themselves: what a test's threads keep may outlive the process.
    package func end() {
        self.stop()
        self.folder.remove()
    }

    private func signal(_ number: Int32) {
        self.process.withLock { process in
            if let process { kill(process.processIdentifier, number) }
        }
    }
}
