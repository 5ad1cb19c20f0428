import AppLoader
import Commands
import Foundation
import TestSupport
import Testing

@Suite struct CacheCommandTests {
    @Test(arguments: [
        (["XDG_CACHE_HOME": "/c", "HOME": "/h"], "/c/swirl\n"), (["HOME": "/h"], "/h/.cache/swirl\n"),
        (["XDG_CACHE_HOME": "relative", "HOME": "/h"], "/h/.cache/swirl\n"),
    ])
    func tellsWhereItIs(environment: [String: String], expected: String) async {
        let run = await CommandRun.swirl("cache", "path", environment: environment)
        #expect(run.output == expected)
        #expect(run.exitCode == 0)
    }

    @Test func needsAPlace() async {
        let run = await CommandRun.swirl("cache", "clean")
        #expect(
            run.error
                == "Error: there is no cache: neither XDG_CACHE_HOME nor HOME is set to an absolute path\n")
        #expect(run.exitCode == 1)
    }

    @Test func removesWhatIsInIt() async throws {
        let directory = try TemporaryFolder()
        try directory.write("swirl/code/a", String(repeating: "x", count: 2000))
        try directory.write("swirl/b", "1234")
        try directory.write("outside/keep", "x")
        try FileManager.default.createSymbolicLink(
            atPath: "\(directory.path)/swirl/link", withDestinationPath: "\(directory.path)/outside")
        let environment = ["XDG_CACHE_HOME": directory.path]
        let run = await CommandRun.swirl("cache", "clean", environment: environment)
        #expect(run.output.hasPrefix("Removed 3 files, 2."))
        #expect(run.output.hasSuffix(" KiB, from `\(directory.path)/swirl`.\n"))
        #expect(Paths.names(in: "\(directory.path)/swirl") == [])
        #expect(directory.read("outside/keep") == "x")
        let again = await CommandRun.swirl("cache", "clean", environment: environment)
        #expect(again.output == "Removed 0 files, 0 bytes, from `\(directory.path)/swirl`.\n")
    }

    @Test func isEmptyBeforeTheFirstRun() async throws {
        let directory = try TemporaryFolder()
        let run = await CommandRun.swirl("cache", "clean", environment: ["XDG_CACHE_HOME": directory.path])
        #expect(run.output == "The cache is empty: there is no `\(directory.path)/swirl`.\n")
        #expect(run.exitCode == 0)
    }
}
