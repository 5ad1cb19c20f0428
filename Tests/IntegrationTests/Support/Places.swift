import Foundation

/// Where the tests find what they run and what they run it on.
enum Places {
    /// The folder of the running test executable; SwiftPM puts the built `swirl` beside it.
    static let builtProducts: URL = {
        #if os(Linux)
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        #else
        // The test bundle is a folder with the executable inside.
        let executable = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        #endif
        var folder = executable.deletingLastPathComponent()
        for _ in 0..<4 where !FileManager.default.isExecutableFile(atPath: folder.appending(path: "swirl").path) {
            folder = folder.deletingLastPathComponent()
        }
        return folder
    }()

    static var swirl: URL { Self.builtProducts.appending(path: "swirl") }

    static let repository: URL = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder = folder.deletingLastPathComponent() }
        return folder
    }()

    /// A guest of `Tests/Guests` in component text.
    static func textGuest(_ name: String) -> URL {
        Self.repository.appending(path: "Tests/Guests/\(name).wat")
    }

    /// A guest that `make test` builds, named by the folder of its sources.
    static func builtGuest(_ name: String) -> URL {
        Self.builtGuests.appending(path: "\(name).wasm")
    }

    /// Whether the built guests are there; `swift test` alone does not make them.
    static var hasBuiltGuests: Bool {
        FileManager.default.fileExists(atPath: Self.builtGuest("python-spin-sdk3").path)
    }

    private static let builtGuests: URL = {
        if let given = ProcessInfo.processInfo.environment["SWIRL_TEST_GUESTS"] { return URL(fileURLWithPath: given) }
        return Self.repository.appending(path: ".deps/guests")
    }()

    /// The commands of a virtual environment that `scripts/python-venv` made.
    static func pythonTools(_ name: String) -> URL {
        Self.builtGuests.deletingLastPathComponent().appending(path: "venvs/\(name)/bin")
    }

    /// Compiled code that all tests share: an application in Python takes many seconds to compile.
    static var sharedCache: URL { Self.builtGuests.deletingLastPathComponent().appending(path: "test-cache") }
}
