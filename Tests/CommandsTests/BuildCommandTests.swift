import Commands
import Foundation
import TestSupport
import Testing

@Suite struct BuildCommandTests {
    @Test func runsCommandsInOrder() async throws {
        let directory = try TemporaryFolder()
        try directory.write("src/x")
        try directory.write(
            "spin.toml",
            TemporaryFolder.manifest + """
                [component.hello.build]
                command = ["echo 1 >> log", "pwd >> log"]
                workdir = "src"
                [component.two]
                source = "two.wasm"
                build.command = "echo $0 two > two.wasm"
                """)
        let run = await CommandRun.swirl("build", in: directory.path)
        #expect(run.error == "")
        #expect(run.exitCode == 0)
        #expect(
            run.output == """
                Building component hello (2 commands)
                Running build step 1/2 for component hello with `echo 1 >> log`
                Working directory: `\(directory.path)/src`
                Running build step 2/2 for component hello with `pwd >> log`
                Working directory: `\(directory.path)/src`
                Building component two with `echo $0 two > two.wasm`
                Finished building all Spin components

                """)
        #expect(directory.read("src/log") == "1\n\(directory.path)/src\n")
        #expect(directory.read("two.wasm")?.hasSuffix("sh two\n") == true)
    }

    @Test func stopsAtTheFirstFailure() async throws {
        let directory = try TemporaryFolder()
        try directory.write(
            "spin.toml", TemporaryFolder.manifest + "build.command = [\"exit 3\", \"touch never\"]\n")
        let run = await CommandRun.swirl("build", "-f", directory.path)
        #expect(run.error == "Error: the build command of component `hello` failed with exit code 3\n")
        #expect(run.exitCode == 1)
        #expect(directory.read("never") == nil)
    }

    @Test func tellsOfSignals() async throws {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", TemporaryFolder.manifest + "build.command = \"kill -9 $$\"\n")
        let run = await CommandRun.swirl("build", in: directory.path)
        #expect(run.error == "Error: the build command of component `hello` was ended by signal 9\n")
    }

    @Test func buildsDespiteOtherMistakes() async throws {
        let directory = try TemporaryFolder()
        try directory.write(
            "spin.toml", TemporaryFolder.manifest + "build.command = \"touch built\"\nnonsense = 1\n")
        let run = await CommandRun.swirl("build", in: directory.path)
        #expect(run.exitCode == 0)
        #expect(
            run.error == """
                Warning: the manifest has mistakes that do not concern building:
                spin.toml:13:1: component.hello.nonsense: unknown field `nonsense`

                """)
        #expect(directory.read("built") == "")
    }

    @Test func doesNotBuildFromAWrongBuildSection() async throws {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", TemporaryFolder.manifest + "build.command = 1\n")
        let run = await CommandRun.swirl("build", in: directory.path)
        #expect(
            run.error == "Error: spin.toml:12:17: component.hello.build.command: expected a string, found an integer\n")
        #expect(run.exitCode == 1)
    }

    @Test func hasNothingToBuild() async throws {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", TemporaryFolder.manifest)
        let run = await CommandRun.swirl("build", in: directory.path)
        #expect(run.output.hasPrefix("None of the components have a build command.\n"))
        #expect(run.exitCode == 0)
    }

    @Test func needsAManifest() async throws {
        let directory = try TemporaryFolder()
        try directory.write("a.wasm")
        let run = await CommandRun.swirl("build", "-f", "a.wasm", in: directory.path)
        #expect(run.error == "Error: `a.wasm` is built already: name a manifest\n")
    }

    private static let three =
        TemporaryFolder.manifest + """
            build.command = "echo hello >> log"
            [component.hello.profile.debug]
            build.command = ["echo debug >> log", "echo again >> log"]
            [component.hello.dependencies]
            "a:b" = { component = "two" }
            [component.two]
            source = "two.wasm"
            build.command = "echo two >> log"
            """

    @Test(arguments: [
        ([], "two\nhello\n"), (["-c", "hello"], "hello\n"), (["--component-id", "two", "-c", "hello"], "two\nhello\n"),
        (["--profile", "debug"], "two\ndebug\nagain\n"), (["--profile", "debug", "-c", "hello"], "debug\nagain\n"),
    ])
    func buildsInOrder(arguments: [String], log: String) async throws {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", Self.three)
        let run = await CommandRun.run(["build", "--skip-generate-wits"] + arguments, in: directory.path)
        #expect(run.error == "")
        #expect(directory.read("log") == log)
        // Noted down once somebody uses profiles.
        #expect(directory.read(".swirl/last-build.txt") == (arguments.contains("--profile") ? "debug\n" : nil))
    }

    @Test func notesTheProfileDown() async throws {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", Self.three.replacingOccurrences(of: "\"two.wasm\"", with: "\"none.wasm\""))
        _ = await CommandRun.swirl("build", "--profile", "debug", in: directory.path)
        let up = await CommandRun.swirl("up", in: directory.path, environment: ["TMPDIR": directory.path])
        #expect(up.error.contains("component `hello` has no file"))
        _ = await CommandRun.swirl("build", in: directory.path)
        #expect(directory.read(".swirl/last-build.txt") == "<anonymous>\n")
    }

    @Test(
        arguments: [
            (["-c", "helo"], "Error: the application has no component `helo`\n  hint: it has `hello`, `two`\n", 1),
            (
                ["--profile", "debg"],
                "Error: spin.toml: no component has the profile `debg`\n  hint: did you mean `debug`?\n", 1
            ),
            (["--up", "--listen", "x"], "Error: The value 'x' is invalid for '--listen <address:port>'", 2),
            (["--up", "--", "--listen", "x"], "Error: The value 'x' is invalid for '--listen <address:port>'", 2),
            (["--up", "--", "--precompose-only"], "Error: this version does not provide --precompose-only yet\n", 2),
            (["--listen", "127.0.0.1:0"], "Error: Unknown option '--listen'", 2),
        ] as [([String], String, Int32)])
    func refusesBeforeBuilding(arguments: [String], error: String, code: Int32) async throws {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", Self.three)
        let run = await CommandRun.run(["build"] + arguments, in: directory.path)
        #expect(run.error.hasPrefix(error), "\(run.error)")
        #expect(run.exitCode == code)
        #expect(directory.read("log") == nil)
        // What follows `--up` belongs to another command.
        let usage = arguments.first == "--up" ? "Usage: swirl up " : "Usage: swirl build "
        #expect(!run.error.contains("Usage:") || run.error.contains(usage), "\(run.error)")
    }

    @Test func helpsWithWhatFollowsUp() async throws {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", TemporaryFolder.manifest)
        let run = await CommandRun.swirl("build", "-u", "--", "--help", in: directory.path)
        #expect(run.output.contains("USAGE: swirl up"))
        #expect(run.exitCode == 0)
    }

    /// What is served at once needs a whole manifest: then building is in vain.
    @Test(arguments: [["up", "--build"], ["build", "--up"], ["registry", "push", "--build", "localhost:1/a"]])
    func doesNotBuildWhatCannotBeServed(arguments: [String]) async throws {
        let directory = try TemporaryFolder()
        try directory.write(
            "spin.toml", TemporaryFolder.manifest + "build.command = \"touch built\"\nnonsense = 1\n")
        let run = await CommandRun.run(arguments, in: directory.path)
        #expect(run.error == "Error: spin.toml:13:1: component.hello.nonsense: unknown field `nonsense`\n")
        #expect(run.exitCode == 1)
        #expect(directory.read("built") == nil)
    }

    @Test(arguments: [["-u", "--quiet"], ["-u", "--", "--quiet"], ["-u", "--quiet", "--", "--find-free-port"]])
    func buildsAndServes(arguments: [String]) async throws {
        let directory = try TemporaryFolder()
        try directory.write("tmp/x")
        try directory.write("spin.toml", TemporaryFolder.manifest + "build.command = \"touch built\"")
        let run = await CommandRun.run(
            ["build"] + arguments, in: directory.path, environment: ["TMPDIR": "\(directory.path)/tmp"])
        // Built, then refused: there is no component still.
        #expect(directory.read("built") == "")
        #expect(run.error.contains("component `hello` has no file"))
        #expect(run.exitCode == 1)
    }
}
