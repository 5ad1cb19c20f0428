import AppLoader
import Commands
import Foundation
import TestSupport
import Testing

/// `swirl up` as far as the start of the server.
@Suite struct UpCommandTests {
    private static func up(
        _ lines: String, _ arguments: String..., manifest: String = TemporaryFolder.manifest,
        environment: [String: String] = [:]
    ) async throws -> CommandRun {
        let directory = try TemporaryFolder()
        try directory.write("app/spin.toml", manifest + lines)
        try directory.write("app/hello.wasm")
        try directory.write("tmp/x")
        let run = await CommandRun.run(
            ["up"] + arguments, in: "\(directory.path)/app",
            environment: environment.merging(["TMPDIR": "\(directory.path)/tmp"]) { given, _ in given })
        // Whatever happens, nothing is left behind.
        #expect(Paths.names(in: "\(directory.path)/tmp") == ["x"])
        return run
    }

    @Test func anApplicationNeedsATrigger() async throws {
        let run = try await Self.up("", manifest: "spin_manifest_version = 2\napplication.name = \"x\"\n")
        #expect(run.error == "Error: No triggers in app\n")
        #expect(run.exitCode == 1)
    }

    @Test func namesEveryMistake() async throws {
        let run = try await Self.up("sorce = 1\nkey_value_stores = [\"a b\"]\n")
        #expect(
            run.error == """
                Error: spin.toml:12:1: component.hello.sorce: unknown field `sorce`
                  hint: did you mean `source`?
                Error: spin.toml:13:21: component.hello.key_value_stores[0]: `a b` is no valid label: only ASCII \
                letters, digits and `-` are allowed, not ` `
                  hint: for instance `a-b`

                """)
        #expect(run.exitCode == 1)
    }

    @Test func tellsHowToGiveAVariable() async throws {
        let run = try await Self.up("[variables]\ntoken = { required = true }\n", "--variable", "tokn=x")
        #expect(
            run.error == """
                Warning: --variable tokn: the application declares no such variable
                  hint: did you mean `token`?
                Error: spin.toml:13:1: variables.token: no value for the required variable `token`
                  hint: pass --variable token=VALUE, or set SPIN_VARIABLE_TOKEN

                """)
        #expect(run.exitCode == 1)
    }

    @Test func followsOnlyWhatThereIs() async throws {
        let run = try await Self.up("", "--follow", "helo", "--follow", "hello")
        #expect(
            run.error == """
                Error: --follow names components that the application does not have:
                  - helo
                It has:
                  - hello

                """)
    }

    /// Each with the place in the manifest.
    @Test(arguments: [
        (
            "[component.hello]\nsource = \"hello.wat\"\n", "executor = { type = \"wagi\" }\n", [],
            "spin.toml:6:1: trigger \"h\": executor: it is `wagi`, which runs commands; component \"hello\" (HERE/hello.wat)"
                + " is a core module, but no command: it does not export a function _start without parameters and results"
                + "\n  hint: a module of an earlier SDK handles HTTP requests: remove `executor`\n"
        ),
        (
            "[component.hello]\nsource = \"hello.wat\"\nallowed_outbound_hosts = [\"https://{{ host }}\"]\n"
                + "[variables]\nhost = { required = true }\n", "", ["--variable", "host=a b"],
            "spin.toml:10:1: component.hello.allowed_outbound_hosts: with the values of the variables, `https://{{ host }}`"
                + " is no host\n  hint: it must become"
        ),
        (
            "[component.hello]\nsource = \"memory.wat\"\n", "", ["--max-instance-memory", "1"],
            "spin.toml:10:1: component \"hello\" (HERE/memory.wat): a memory of it begins with 65536 bytes, but 1 are the most"
                + " that an instance may use\n  hint: --max-instance-memory 65536, or more\n"
        ),
    ])
    func saysWhereSomethingIsWrong(
        component: String, trigger: String, arguments: [String], message: String
    ) async throws {
        let directory = try TemporaryFolder()
        try directory.write(
            "spin.toml",
            "spin_manifest_version = 2\n\n[application]\nname = \"a\"\n\n[[trigger.http]]\nid = \"h\"\n"
                + "route = \"/\"\ncomponent = \"hello\"\n" + trigger + component)
        try directory.write("hello.wat", "(module)")
        try directory.write("memory.wat", "(component (core module $m (memory 1)) (core instance (instantiate $m)))")
        let run = await CommandRun.run(
            ["up", "--disable-cache", "--listen", "127.0.0.1:0"] + arguments, in: directory.path,
            environment: ["TMPDIR": directory.path])
        #expect(
            run.error.replacingOccurrences(of: directory.path, with: "HERE").contains("Error: \(message)"),
            "\(run.error)")
        #expect(run.exitCode == 1)
    }

    @Test func findsTheManifestAbove() async throws {
        let directory = try TemporaryFolder()
        try directory.write("spin.toml", "spin_manifest_version = 2\napplication.name = \"x\"\n")
        try directory.write("a/b/x")
        let run = await CommandRun.swirl("up", in: "\(directory.path)/a/b")
        #expect(
            run.error == "Using `\(directory.path)/spin.toml`, found 2 levels above.\nError: No triggers in app\n")
    }

    @Test func buildsFirst() async throws {
        let run = try await Self.up("build.command = \"exit 7\"\n", "--build")
        #expect(run.output == "Building component hello with `exit 7`\n")
        #expect(run.error == "Error: the build command of component `hello` failed with exit code 7\n")
        #expect(run.exitCode == 1)
    }

    @Test func tellsWhatIsMissing() async {
        let run = await CommandRun.swirl("up", "-f", "/nowhere")
        #expect(run.error == "Error: there is no file or directory `/nowhere`\n")
        #expect(run.exitCode == 1)
    }

    @Test(arguments: [
        ("127.0.0.1:1/app:v1", "cannot connect to 127.0.0.1:1 for `https://127.0.0.1:1/v2/app/manifests/v1`"),
        ("localhost:1/me/app", "cannot connect to localhost:1 for `https://localhost:1/v2/me/app/manifests/latest`"),
        (
            "ttl.sh/a/b@sha256:00",
            "there is no file or directory `ttl.sh/a/b@sha256:00`, and `ttl.sh/a/b@sha256:00` is no"
        ),
        ("app/spin.toml", "there is no file or directory `"), ("dir.d/spin.toml", "there is no file or directory `"),
        ("./ghcr.io/app", "there is no file or directory `"), ("../a.b/c", "there is no file or directory `"),
        ("/ghcr.io/app", "there is no file or directory `"), ("app", "there is no file or directory `"),
    ])
    func tellsReferencesToRegistriesFromFiles(source: String, message: String) async throws {
        let directory = try TemporaryFolder()
        let run = await CommandRun.swirl(
            "up", "-f", source, in: directory.path, environment: ["HOME": directory.path])
        #expect(run.exitCode == 1)
        #expect(run.error.hasPrefix("Error: \(message)"), "\(run.error)")
    }

    /// Mistakes that a person at the terminal makes, and what is said to them.
    @Test(arguments: [
        (["-f", "hello.wat", "-c", "nobody"], "the application has no component `nobody`\n  hint: it has `hello`"),
        (["-f", "later.wasm"], "it is WebAssembly of another version (e 0 1 0), neither a component nor a module"),
        (["-f", "text.wasm"], "it is not WebAssembly: it does not begin with \\0asm"),
        (["-f", "empty.wasm"], "the file is empty"),
        (["-f", "command.wat"], "it exports wasi:cli/run@0.2.0\n  hint: `swirl run` runs commands"),
        (["-f", "trigger.toml"], "does not provide `htp` triggers yet\n  hint: did you mean `http`?"),
    ])
    func tellsMistakes(arguments: [String], message: String) async throws {
        let directory = try TemporaryFolder()
        try directory.write("hello.wat", "(component)")
        try directory.write(
            "command.wat",
            """
            (component (core module $m (func (export "f") (result i32) (i32.const 0)))
              (core instance $i (instantiate $m)) (func $f (result (result)) (canon lift (core func $i "f")))
              (instance $r (export "run" (func $f))) (export "wasi:cli/run@0.2.0" (instance $r)))
            """)
        try directory.write("later.wasm", "\u{0}asm\u{e}\u{0}\u{1}\u{0}and more")
        try directory.write("text.wasm", "some text")
        try directory.write("empty.wasm")
        try directory.write(
            "trigger.toml", TemporaryFolder.manifest.replacingOccurrences(of: "trigger.http", with: "trigger.htp"))
        let run = await CommandRun.run(["up"] + arguments, in: directory.path, environment: ["HOME": directory.path])
        #expect(run.exitCode == 1)
        #expect(run.error.contains(message), "\(run.error)")
    }
}
