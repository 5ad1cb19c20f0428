import Dispatch
import Foundation
import Synchronization

/// A program started for the benchmarks. Ends with them, also when they are interrupted.
final class ChildProcess {
    private static let running = Mutex<[Int32: String]>([:])
    private nonisolated(unsafe) static var interruptions: [any DispatchSourceSignal] = []

    private let process: Process
    private let name: String
    private let log: URL

    /// Starts `path` with its output going to a file in `folder`.
    init(
        _ path: String, _ arguments: [String], name: String, folder: URL, environment: [String: String] = [:]
    ) throws {
        self.name = name
        self.log = folder.appending(path: "\(name)-\(UUID().uuidString).log")
        _ = FileManager.default.createFile(atPath: self.log.path(percentEncoded: false), contents: nil)
        let output = try FileHandle(forWritingTo: self.log)
        self.process = Process()
        self.process.executableURL = URL(filePath: path)
        self.process.arguments = arguments
        self.process.currentDirectoryURL = folder
        self.process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        self.process.standardInput = FileHandle.nullDevice
        self.process.standardOutput = output
        self.process.standardError = output
        try self.process.run()
        try? output.close()
        let identifier = self.process.processIdentifier
        Self.running.withLock { $0[identifier] = name }
    }

    deinit {
        self.end()
    }

    var identifier: Int32 { self.process.processIdentifier }

    /// What the program has written so far.
    var output: String {
        (try? String(contentsOf: self.log, encoding: .utf8)) ?? ""
    }

    /// Waits until the program has written `http://127.0.0.1:` and a port.
    func waitForPort(seconds: Double) throws -> Int {
        let start = ContinuousClock.now
        while true {
            if let port = Self.port(in: self.output) { return port }
            guard self.process.isRunning else { throw self.failure("ended before it served") }
            guard Stopwatch.seconds(since: start) < seconds else {
                throw self.failure("did not say where it serves within \(seconds) s")
            }
            usleep(500)
        }
    }

    /// Asks the program to stop and waits for it.
    func end() {
        guard self.process.isRunning else { return self.forget() }
        self.process.terminate()
        let start = ContinuousClock.now
        while self.process.isRunning {
            if Stopwatch.seconds(since: start) > 10 { kill(self.identifier, SIGKILL) }
            usleep(1_000)
        }
        self.forget()
    }

    /// Keeps all threads that the program has now on one core, where the system's `taskset` can.
    ///
    /// Two programs that take turns answer each other two or three times as fast on one core as on two that have to wake
    /// each other up, and the scheduler leaves them where they happen to be.
    ///
    /// - Returns: whether they are kept.
    func keep(onCore core: Int) throws -> Bool {
        guard let taskset = Self.find("taskset") else { return false }
        let process = Process()
        process.executableURL = URL(filePath: taskset)
        process.arguments = ["-a", "-c", "-p", "\(core)", "\(self.identifier)"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    func failure(_ what: String) -> BenchmarkError {
        BenchmarkError("\(self.name) \(what). It wrote: \(self.output.suffix(600))")
    }

    private func forget() {
        let identifier = self.identifier
        Self.running.withLock { _ = $0.removeValue(forKey: identifier) }
    }

    private static func port(in text: String) -> Int? {
        guard let start = text.range(of: "http://127.0.0.1:")?.upperBound else { return nil }
        let digits = text[start...].prefix { $0.isASCII && $0.isNumber }
        // What follows the digits must be there, or more digits may come.
        guard digits.endIndex < text.endIndex else { return nil }
        return Int(digits)
    }

    // MARK: All of them

    static func endAll() {
        self.running.withLock { running in
            for identifier in running.keys { kill(identifier, SIGTERM) }
            running = [:]
        }
    }

    /// Ends the programs when this one is interrupted.
    static func endAllOnInterruption() {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                self.endAll()
                exit(128 + number)
            }
            source.resume()
            self.interruptions.append(source)
        }
    }

    // MARK: Programs that end by themselves

    /// Runs a program found in PATH to its end and gives what it wrote, without the space around it.
    static func output(of program: String, _ arguments: [String]) throws -> String {
        guard let path = self.find(program) else { throw BenchmarkError("\(program) is not installed") }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError("\(program) failed: \(output.suffix(600))")
        }
        return output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The program's file in PATH, or where Debian puts servers.
    static func find(_ program: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return (folders + ["/usr/sbin"]).map { "\($0)/\(program)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}
