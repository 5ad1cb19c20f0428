import Foundation
import WasmEngine

/// What the benchmarks run with: the files they use, how long they take, where they may write.
struct Setting {
    let isQuick: Bool
    /// The folder of Package.swift.
    let repository: URL
    /// A folder of this run, removed at its end.
    let folder: URL
    let rounds: Rounds
    /// Length of one run of the load generator, in seconds.
    let loadSeconds: Int
    /// Length of one round of work in this process, in seconds.
    let roundSeconds: Double

    init(isQuick: Bool) throws {
        self.isQuick = isQuick
        self.repository = try Self.findRepository()
        self.folder = FileManager.default.temporaryDirectory.appending(path: "swirl-bench-\(getpid())")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.rounds = Rounds(count: isQuick ? 3 : 7)
        self.loadSeconds = isQuick ? 1 : 3
        self.roundSeconds = isQuick ? 0.05 : 0.2
        try Self.findLibrary(in: self.repository)
    }

    func cleanUp() {
        ChildProcess.endAll()
        try? FileManager.default.removeItem(at: self.folder)
    }

    /// A guest of the tests, or of the benchmarks.
    func guest(_ name: String) throws -> String {
        let places = ["Tests/Guests", "Benchmarks/guests"]
        for place in places {
            let path = self.repository.appending(path: "\(place)/\(name).wat").path(percentEncoded: false)
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        throw BenchmarkError("the guest \(name).wat is in none of \(places.joined(separator: ", "))")
    }

    /// The Python application built with Spin's SDK 3.
    func pythonGuest(_ name: String = "python-spin-sdk3") throws -> String {
        let variable = "SWIRL_BENCH_PYTHON_GUEST" + (name == "python-spin-sdk3" ? "" : "_SDK5")
        if let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty { return path }
        let path = self.repository.appending(path: ".deps/guests/\(name).wasm").path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw BenchmarkError("there is no \(path): run `make guests`, or name the file in \(variable)")
        }
        return path
    }

    /// An executable of the same build as this one.
    func executable(_ name: String) throws -> String {
        let path = Self.ownFolder.appending(path: name).path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BenchmarkError("there is no \(path): build it with `swift build -c release --product \(name)`")
        }
        return path
    }

    private static var ownFolder: URL {
        (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]))
            .resolvingSymlinksInPath().deletingLastPathComponent()
    }

    private static func findRepository() throws -> URL {
        let current = URL(filePath: FileManager.default.currentDirectoryPath)
        for start in [self.ownFolder, current] {
            var folder = start
            while folder.pathComponents.count > 1 {
                let manifest = folder.appending(path: "Package.swift").path(percentEncoded: false)
                let benchmarks = folder.appending(path: "Benchmarks").path(percentEncoded: false)
                if FileManager.default.fileExists(atPath: manifest), FileManager.default.fileExists(atPath: benchmarks)
                {
                    return folder
                }
                folder.deleteLastPathComponent()
            }
        }
        throw BenchmarkError("neither \(self.ownFolder.path) nor the current folder lies in Swirl's repository")
    }

    /// Names the repository's libwasmtime for this process and the servers it starts, unless the environment does.
    private static func findLibrary(in repository: URL) throws {
        let fetched = repository.appending(path: ".deps/lib/swirl/libwasmtime.so").path(percentEncoded: false)
        if FileManager.default.fileExists(atPath: fetched) {
            setenv(WasmtimeLibrary.environmentVariable, fetched, 0)
        }
        _ = try WasmtimeLibrary.load()
    }
}
