import AppModel
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
        #expect(await CommandRun.swirl("-V").output == run.output)
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
        // Of the short names too; each shell has its own words for it.
        let aliases = [
            "bash":
                #"case "${subcommand}" in u) subcommand=up ;; b) subcommand=build ;; oci) subcommand=registry ;; esac"#,
            "zsh": #"case "${words[1]}" in u) words[1]=up ;; b) words[1]=build ;; oci) words[1]=registry ;; esac"#,
            "fish": "switch \"$unparsed_tokens[1]\"; case 'u'; set unparsed_tokens[1] up; case 'b';",
        ]
        #expect(run.output.contains(aliases[shell] ?? "?"))
    }

    @Test(arguments: [
        (["up", "--", "--component-id"], ["up", "-c", ""], "hello\ntwo\n"),
        (["up", "--", "--follow"], ["up", "-f", "../app/spin.toml", "--follow", ""], "hello\ntwo\n"),
        (["build", "--", "--component-id"], ["b", "-c", ""], "hello\ntwo\n"),
        (["build", "--", "--profile"], ["b", "--profile", ""], "debug\n"),
        (["up", "--", "--component-id"], ["up", "-f", "none.toml", "-c", ""], "\n"),
    ])
    func completesFromTheManifest(option: [String], words: [String], candidates: String) async throws {
        let directory = try TemporaryFolder()
        // Of one with a mistake as well: who completes is at work on it.
        try directory.write(
            "app/spin.toml",
            TemporaryFolder.manifest + "[component.hello.profile.debug]\n[component.two]\nsource = \"two.wasm\"\n")
        let run = await CommandRun.run(
            ["---completion"] + option + ["\(words.count)", "0", "swirl"] + words, in: "\(directory.path)/app",
            environment: ["SAP_SHELL": "bash"])
        #expect(run.output == candidates, "\(run.error)")
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
        (
            ["run", "--dir", "a::b::c", "x.wasm"],
            "Error: The value 'a::b::c' is invalid for '--dir <host::guest>': it should look like HOST, HOST::GUEST", ""
        ),
        (
            ["run", "--timeout", "0", "x.wasm"],
            "Error: The value '0' is invalid for '--timeout <time>': it should be a time above 0, such as 30, 30s", ""
        ),
        (["help", "nope"], "Error: there is no command `nope`", "hint: `swirl --help` lists the commands"),
        (["help", "bild"], "Error: there is no command `bild`", "hint: did you mean `swirl help build`?"),
        (["help", "registry", "psh"], "Error: there is no command `psh`", "did you mean `swirl help registry push`?"),
        (["help", "oci", "psh"], "Error: there is no command `psh`", "did you mean `swirl help registry push`?"),
        (["help", "new"], "Error: this version does not provide `swirl new` yet\n", ""),
        (["bild"], "Error: there is no command `bild`", "hint: did you mean `swirl build`?"),
        (["zzzzzz"], "Error: there is no command `zzzzzz`", "hint: `swirl --help` lists the commands"),
        (
            ["up", "hello.wasm"], "Error: Unexpected argument 'hello.wasm'",
            "hint: did you mean `swirl up -f hello.wasm`?"
        ),
        (
            ["up", "hello.wasm", "--listen", "127.0.0.1:4199"], "Error: Unexpected argument 'hello.wasm'",
            "hint: did you mean `swirl up -f hello.wasm`?"
        ),
        (
            ["u", "-q", "hello.wasm", "more"], "Error: 2 unexpected arguments: 'hello.wasm', 'more'",
            "hint: did you mean `swirl up -f hello.wasm`?"
        ),
        (["up", "--lsten", "x"], "Error: Unknown option '--lsten'. Did you mean '--listen'?", "swirl up --help"),
        (
            ["up", "--listen", "3000"],
            "Error: The value '3000' is invalid for '--listen <address:port>': it should look like 127.0.0.1:3000", ""
        ),
        (
            ["up", "--env", "A"],
            "Error: The value 'A' is invalid for '--env <name=value>': it should look like NAME=VALUE", ""
        ),
        (["up", "--env", "=A"], "Error: The value '=A' is invalid for '--env <name=value>'", ""),
        (
            ["up", "--request-timeout", "2..1"],
            "Error: The value '2..1' is invalid for '--request-timeout <time>': it should look like 1..8s, and end above",
            ""
        ),
        (
            ["up", "--max-connections", "0"],
            "Error: The value '0' is invalid for '--max-connections <count>': it should be a number from 1", ""
        ),
        (
            ["up", "--max-instance-memory", "1GB"],
            "Error: The value '1GB' is invalid for '--max-instance-memory <bytes>': it should be a number of bytes, such",
            ""
        ),
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
        #expect(OutputDescriptor.mayColour(["TERM": "xterm", "NO_COLOR": ""]))
        #expect(!OutputDescriptor.mayColour(["TERM": "dumb"]))
        #expect(!OutputDescriptor.mayColour(["NO_COLOR": "1"]))
        let usage = await CommandRun.swirl("up", "--listen", "x", colours: true)
        #expect(usage.error.hasPrefix("\u{1B}[1;31mError:\u{1B}[0m The value 'x'"))
    }
}
