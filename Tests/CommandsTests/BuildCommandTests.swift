import Commands
import Testing

@Suite struct BuildCommandTests {
    @Test func runsCommandsInOrder() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("src/x")
        try directory.write(
            "spin.toml",
            TemporaryDirectory.manifest + """
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
        let directory = try TemporaryDirectory()
        try directory.write(
            "spin.toml", TemporaryDirectory.manifest + "build.command = [\"exit 3\", \"touch never\"]\n")
        let run = await CommandRun.swirl("build", "-f", directory.path)
        #expect(run.error == "Error: the build command of component `hello` failed with exit code 3\n")
        #expect(run.exitCode == 1)
        #expect(directory.read("never") == nil)
    }

    @Test func tellsOfSignals() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("spin.toml", TemporaryDirectory.manifest + "build.command = \"kill -9 $$\"\n")
        let run = await CommandRun.swirl("build", in: directory.path)
        #expect(run.error == "Error: the build command of component `hello` was ended by signal 9\n")
    }

    @Test func buildsDespiteOtherMistakes() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "spin.toml", TemporaryDirectory.manifest + "build.command = \"touch built\"\nnonsense = 1\n")
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
        let directory = try TemporaryDirectory()
        try directory.write("spin.toml", TemporaryDirectory.manifest + "build.command = 1\n")
        let run = await CommandRun.swirl("build", in: directory.path)
        #expect(
            run.error == "Error: spin.toml:12:17: component.hello.build.command: expected a string, found an integer\n")
        #expect(run.exitCode == 1)
    }

    @Test func hasNothingToBuild() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("spin.toml", TemporaryDirectory.manifest)
        let run = await CommandRun.swirl("build", in: directory.path)
        #expect(run.output.hasPrefix("None of the components have a build command.\n"))
        #expect(run.exitCode == 0)
    }

    @Test func needsAManifest() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("a.wasm")
        let run = await CommandRun.swirl("build", "-f", "a.wasm", in: directory.path)
        #expect(run.error == "Error: a bare component is built already: name a manifest\n")
    }
}
