import AppModel
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct ComponentLogTests {
    /// A console whose output can be read back.
    fileprivate final class Capture {
        let console: Console
        private let pipe = Pipe()
        var readEnd: FileHandle { self.pipe.fileHandleForReading }
        var writeEnd: FileHandle { self.pipe.fileHandleForWriting }

        init(capacity: Int = 1 << 20) {
            self.console = Console(
                descriptor: self.pipe.fileHandleForWriting.fileDescriptor, capacity: capacity,
                now: { Console.Time(seconds: 43200, milliseconds: 7) })
        }

        func lines() throws -> [String] {
            self.console.flush()
            try self.pipe.fileHandleForWriting.close()
            let data = try self.pipe.fileHandleForReading.readToEnd() ?? Data()
            // The hour depends on the time zone of the machine.
            return String(decoding: data, as: UTF8.self).split(separator: "\n").map { String($0.dropFirst(3)) }
        }
    }

    private static func withDirectory(_ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        try body(folder.path)
    }

    private static func write(_ text: String, to stream: ComponentLogStream) {
        Array(text.utf8).withUnsafeBytes { stream.write($0) }
    }

    private static func read(_ path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? "<none>"
    }

    @Test func writesFilesAndConsole() throws {
        try Self.withDirectory { directory in
            let capture = Capture()
            let log = try ComponentLog(
                component: "hello", directory: directory, isFollowed: true, console: capture.console)
            let out = log.stream(.stdout)
            let err = log.stream(.stderr)
            Self.write("one\ntw", to: out)
            Self.write("error\n", to: err)
            Self.write("o\r\n\nthree", to: out)
            out.finish()
            err.finish()
            #expect(Self.read("\(directory)/hello_stdout.txt") == "one\ntwo\r\n\nthree")
            #expect(Self.read("\(directory)/hello_stderr.txt") == "error\n")
            #expect(
                try capture.lines() == [
                    "00:00.007 hello: one", "00:00.007 hello: error", "00:00.007 hello: two", "00:00.007 hello: ",
                    "00:00.007 hello: three",
                ])
        }
    }

    @Test func appendsAndKeepsQuiet() throws {
        try Self.withDirectory { directory in
            for _ in 0..<2 {
                let capture = Capture()
                let log = try ComponentLog(
                    component: "a", directory: directory, isFollowed: false, console: capture.console)
                let stream = log.stream(.stdout)
                Self.write("x\n", to: stream)
                stream.finish()
                #expect(try capture.lines() == [])
            }
            #expect(Self.read("\(directory)/a_stdout.txt") == "x\nx\n")
        }
    }

    @Test func writesNoFilesWithoutDirectory() throws {
        let capture = Capture()
        let log = try ComponentLog(component: "a", directory: nil, isFollowed: true, console: capture.console)
        let stream = log.stream(.stderr)
        Self.write("x", to: stream)
        stream.finish()
        stream.finish()
        #expect(try capture.lines() == ["00:00.007 a: x"])
    }

    @Test func showsWhatCouldCommandTheTerminal() throws {
        let capture = Capture()
        let log = try ComponentLog(component: "a", directory: nil, isFollowed: true, console: capture.console)
        let stream = log.stream(.stdout)
        Self.write("\u{1B}[1;31mred\u{1B}[0m\tä \u{1B}]0;title\u{7} \u{1B}[2J \u{7F}\u{9B}2J\u{9D}© \n", to: stream)
        #expect(
            try capture.lines() == [
                "00:00.007 a: \u{1B}[1;31mred\u{1B}[0m\tä \\x1b]0;title\\x07 \\x1b[2J \\x7f\\xc2\\x9b2J\\xc2\\x9d© "
            ])
    }

    @Test func boundsLongLines() throws {
        let capture = Capture()
        let log = try ComponentLog(component: "a", directory: nil, isFollowed: true, console: capture.console)
        let stream = log.stream(.stdout)
        for _ in 0..<5 { Self.write(String(repeating: "x", count: 4000), to: stream) }
        Self.write(String(repeating: "y", count: 10000) + "\n", to: stream)
        let lines = try capture.lines()
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.utf8.count <= 8192 + 20 })
        #expect(lines.map { $0.utf8.count - "00:00.007 a: ".utf8.count }.reduce(0, +) == 30000)
    }

    @Test(arguments: [
        ("hello", "hello"), ("../../etc/passwd", "....etcpasswd"), ("a/b\\c:d", "abcd"), ("..", "_"), ("", "_"),
        (String(repeating: "x", count: 500), String(repeating: "x", count: 200)), ("a\u{0}b\n", "ab"),
    ])
    func namesFilesSafely(component: String, name: String) {
        #expect(
            ComponentLog.path(component: component, kind: .stdout, directory: "/logs") == "/logs/\(name)_stdout.txt")
    }

    @Test func tellsWhatCannotBeOpened() throws {
        try Self.withDirectory { directory in
            let file = "\(directory)/file"
            #expect(FileManager.default.createFile(atPath: file, contents: nil))
            let error = #expect(throws: ComponentLog.OpenError.self) {
                try ComponentLog(component: "a", directory: file, isFollowed: true, console: Capture().console)
            }
            #expect(
                error?.description == """
                    cannot open the log file `\(file)/a_stdout.txt`: Not a directory
                      hint: choose another directory with --log-dir, or pass --log-dir "" to write none
                    """)
        }
    }

    /// `/dev/full` fails each write, as a full disk does.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func tellsAFailedWriteOnce() throws {
        try Self.withDirectory { directory in
            try FileManager.default.createSymbolicLink(
                atPath: "\(directory)/a_stdout.txt", withDestinationPath: "/dev/full")
            let capture = Capture()
            let log = try ComponentLog(
                component: "a", directory: directory, isFollowed: false, console: capture.console)
            let stream = log.stream(.stdout)
            for _ in 0..<3 { Self.write("x\n", to: stream) }
            let lines = try capture.lines()
            #expect(lines.count == 1)
            #expect(lines.first?.contains("No space left on device") == true)
        }
    }

    @Test func dropsWhatNobodyReads() throws {
        let capture = Capture(capacity: 300_000)
        let log = try ComponentLog(component: "a", directory: nil, isFollowed: true, console: capture.console)
        let stream = log.stream(.stdout)
        let line = String(repeating: "x", count: 1000) + "\n"
        // More than the pipe and the buffer hold: must not block.
        for _ in 0..<2000 { Self.write(line, to: stream) }
        let reader = Mutex<[String]>([])
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global().async { [pipe = capture] in
            let lines = (try? pipe.drain()) ?? []
            reader.withLock { $0 = lines }
            done.signal()
        }
        capture.console.flush(milliseconds: 20_000)
        try capture.closeWriter()
        done.wait()
        let lines = reader.withLock { $0 }
        #expect(lines.count < 1000)
        #expect(lines.contains { $0.contains("lines of output were not shown") })
    }

    @Test func keepsLinesOfManyThreadsWhole() throws {
        try Self.withDirectory { directory in
            let file = "\(directory)/console"
            let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
            defer { close(descriptor) }
            let console = Console(descriptor: descriptor)
            let log = try ComponentLog(component: "a", directory: directory, isFollowed: true, console: console)
            DispatchQueue.concurrentPerform(iterations: 8) { thread in
                let stream = log.stream(.stdout)
                for number in 0..<200 { Self.write("\(thread)-\(number)\n", to: stream) }
                stream.finish()
            }
            console.flush()
            let expected = Set((0..<8).flatMap { thread in (0..<200).map { "\(thread)-\($0)" } })
            let logged = Self.read("\(directory)/a_stdout.txt").split(separator: "\n").map(String.init)
            let shown = Self.read(file).split(separator: "\n").compactMap {
                $0.split(separator: " ").last.map(String.init)
            }
            #expect(logged.count == 1600)
            #expect(Set(logged) == expected)
            #expect(shown.count == 1600)
            #expect(Set(shown) == expected)
        }
    }

    @Test func opensLogsOfReachableComponents() throws {
        try Self.withDirectory { directory in
            var app = LockedApp(metadata: LockedApp.Metadata(name: "x"))
            app.components = [
                LockedComponent(id: "used", source: LockedContent(path: "/a.wasm")),
                LockedComponent(id: "unused", source: LockedContent(path: "/b.wasm")),
            ]
            app.triggers = [
                LockedTrigger(id: "t", triggerType: "http", triggerConfig: ["component": .string("used")])
            ]
            var options = TriggerOptions(workingDirectory: directory)
            options.logDirectory = "\(directory)/deep/logs"
            let logs = try ComponentLog.openAll(for: app, options: options, console: Console())
            #expect(Array(logs.keys) == ["used"])
            #expect(FileManager.default.fileExists(atPath: "\(directory)/deep/logs/used_stderr.txt"))
            #expect(!FileManager.default.fileExists(atPath: "\(directory)/deep/logs/unused_stderr.txt"))
        }
    }
}

extension ComponentLogTests.Capture: @unchecked Sendable {
    fileprivate func drain() throws -> [String] {
        let data = try self.readEnd.readToEnd() ?? Data()
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    fileprivate func closeWriter() throws { try self.writeEnd.close() }
}
