import Commands
import TestSupport
import Testing

@Suite struct UsageTests {
    @Test func rootHelp() async {
        let run = await CommandRun.swirl("--help")
        #expect(run.exitCode == 0)
        #expect(run.error == "")
        for text in [
            "swirl up --build", "swirl up -f hello.wasm", "--generate-completion-script", "up, u", "build, b", "run",
            "cache",
        ] {
            #expect(run.output.contains(text))
        }
        #expect(await CommandRun.swirl().output == run.output)
    }

    @Test func version() async {
        let run = await CommandRun.swirl("--version")
        #expect(run.output == "swirl \(Swirl.versionNumber)\n")
        #expect(run.exitCode == 0)
    }

    /// Every option that exists is in the help; the help shows no option that does not.
    @Test func upHelp() async {
        let run = await CommandRun.swirl("up", "--help")
        #expect(run.exitCode == 0)
        let options = Set(
            run.output.split(whereSeparator: { " ,\n".contains($0) }).map(String.init).filter { $0.hasPrefix("--") })
        #expect(
            options == [
                "--from", "--from-file", "--file", "--from-registry", "--insecure", "--build", "--listen", "--env",
                "--variable", "--log-dir",
                "--follow", "--quiet", "--profile", "--component-id", "--temp", "--tmp", "--cache-dir",
                "--direct-mounts", "--allow-transient-write", "--cache",
                "--sh", "--shush", "--state-dir", "--disable-cache", "--request-timeout",
                "--max-instance-memory", "--version", "--help", "--truncate-logs", "--disable-pooling", "--debug-info",
                "--tls-cert", "--tls-key", "--find-free-port", "--format", "--http1-max-buf-size", "--max-connections",
                "--header-timeout", "--body-timeout", "--idle-timeout", "--max-concurrent-requests",
                "--max-queued-requests", "--queue-timeout", "--request-cpu-limit", "--access-log",
                "--access-log-format", "--max-instance-reuse-count", "--max-instance-concurrent-reuse-count",
                "--idle-instance-timeout", "--runtime-config-file", "--key-value", "--sqlite",
            ])
        #expect(run.output.contains("USAGE: swirl up [-f <path>] [<options>]"))
        #expect(run.output.contains("[env: SPIN_ALWAYS_BUILD]"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async {
        let run = await CommandRun.swirl("--generate-completion-script", shell)
        #expect(run.exitCode == 0)
        #expect(run.output.contains("swirl"))
        #expect(run.output.contains("request-timeout"))
    }

    @Test(arguments: [
        (["up", "--precompose-only"], "Error: this version does not provide --precompose-only yet\n"),
        (
            ["up", "--listen", "127.0.0.1:1", "--experimental-wasi-otel"],
            "Error: this version does not provide --experimental-wasi-otel yet\n"
        ),
        (["new"], "Error: this version does not provide `swirl new` yet\n"),
        (["plugins", "list"], "Error: this version does not provide `swirl plugins` yet\n"),
    ])
    func refusesWhatIsNotThereYet(arguments: [String], message: String) async {
        let run = await CommandRun.run(arguments)
        #expect(run.error == message)
        #expect(run.output == "")
        #expect(run.exitCode == 2)
    }

    @Test(arguments: [
        (["run"], "Error: Missing expected argument '<file>'", ""),
        (["run", "--dir", "a::b::c", "x.wasm"], "Error: The value 'a::b::c' is invalid for '--dir <host::guest>'", ""),
        (["run", "--timeout", "0", "x.wasm"], "Error: The value '0' is invalid for '--timeout <time>'", ""),
        (["bild"], "Error: there is no command `bild`", "hint: did you mean `swirl build`?"),
        (["zzzzzz"], "Error: there is no command `zzzzzz`", "hint: `swirl --help` lists the commands"),
        (
            ["up", "hello.wasm"], "Error: Unexpected argument 'hello.wasm'",
            "hint: did you mean `swirl up -f hello.wasm`?"
        ),
        (["up", "--lsten", "x"], "Error: Unknown option '--lsten'. Did you mean '--listen'?", "swirl up --help"),
        (["up", "--listen", "3000"], "Error: The value '3000' is invalid for '--listen <address:port>'", ""),
        (["up", "--env", "A"], "Error: The value 'A' is invalid for '--env <name=value>'", ""),
        (["up", "--env", "=A"], "Error: The value '=A' is invalid for '--env <name=value>'", ""),
        (["up", "--request-timeout", "2..1"], "Error: The value '2..1' is invalid for '--request-timeout <time>'", ""),
        (
            ["up", "--max-instance-reuse-count", "0"],
            "Error: The value '0' is invalid for '--max-instance-reuse-count <count>'", ""
        ),
        (
            ["up", "--idle-instance-timeout", "1..1"],
            "Error: The value '1..1' is invalid for '--idle-instance-timeout <time>'", ""
        ),
        (
            ["up", "--max-instance-memory", "0"], "Error: The value '0' is invalid for '--max-instance-memory <bytes>'",
            ""
        ),
        (["up", "-q", "--follow", "a"], "Error: --quiet and --follow contradict each other: choose one.", ""),
        (
            ["up", "--variable", "x"],
            "Error: --variable `x` must be NAME=VALUE, NAME=@FILE, @FILE.json or @FILE.toml\n", ""
        ),
        (["cache", "cleen"], "Error: Unexpected argument 'cleen'", ""),
    ])
    func wrongArguments(arguments: [String], message: String, hint: String) async {
        let run = await CommandRun.run(arguments)
        #expect(run.error.hasPrefix(message), "\(run.error)")
        #expect(hint.isEmpty || run.error.contains(hint), "\(run.error)")
        #expect(run.output == "")
        #expect(run.exitCode == 2)
    }

    @Test func coloursOnlyWhereAsked() async throws {
        let directory = try TemporaryFolder()
        let plain = await CommandRun.swirl("up", in: directory.path)
        let coloured = await CommandRun.swirl("up", in: directory.path, colours: true)
        #expect(plain.error.hasPrefix("Error: no `spin.toml`"))
        #expect(coloured.error.hasPrefix("\u{1B}[1;31mError:\u{1B}[0m no `spin.toml`"))
    }
}
