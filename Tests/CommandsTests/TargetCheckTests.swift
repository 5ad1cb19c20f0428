import Foundation
import TestSupport
import Testing

@Suite struct TargetCheckTests {
    private static let component = """
        (component
          (import "acme:host/clock@1.2.0" (instance (export "now" (func (result u64)))))
          (core module $m (func (export "f")))
          (core instance $i (instantiate $m))
          (func $f (canon lift (core func $i "f")))
          (instance $run (export "go" (func $f)))
          (export "acme:host/run@1.2.3" (instance $run)))
        """

    private static let wit = """
        package acme:host@1.2.1;
        interface types { type instant = u64; }
        interface clock { use types.{instant}; now: func() -> instant; }
        interface run { go: func(); }
        interface more { }
        world full { import clock; export run; }
        world poor { export run; }
        world other { import clock; export more; }
        """

    private static func build(_ targets: String, _ definition: String, _ arguments: String...) async throws
        -> CommandRun
    {
        let directory = try TemporaryFolder()
        try directory.write("hello.wat", Self.component)
        try directory.write("host/host.wit", Self.wit)
        try directory.write("env.toml", definition)
        try directory.write(
            "spin.toml",
            TemporaryFolder.manifest.replacingOccurrences(of: "hello.wasm", with: "hello.wat")
                .replacingOccurrences(of: "[application]\n", with: "[application]\ntargets = [\(targets)]\n"))
        return await CommandRun.run(
            ["build"] + arguments, in: directory.path,
            environment: ["XDG_CACHE_HOME": "\(directory.path)/cache", "PATH": "/nowhere"])
    }

    private static func world(_ name: String) -> String {
        "[triggers]\nhttp = { worlds = [{ path = \"host\", world = \"acme:host/\(name)@1.2.1\" }] }\n"
    }

    @Test func acceptsWhatFits() async throws {
        let run = try await Self.build("{ path = \"env.toml\" }", Self.world("full"))
        #expect(run.error == "")
        #expect(run.exitCode == 0)
        // One world will do.
        let second = try await Self.build(
            "{ path = \"env.toml\" }",
            """
            [triggers.http]
            worlds = [
                { path = "host", world = "acme:host/poor" }, { path = "host", world = "acme:host/full" },
            ]
            """)
        #expect(second.error == "")
    }

    @Test(arguments: [
        (TargetCheckTests.world("poor"), "it imports what the environment does not have:\n  - acme:host/clock@1.2.0\n"),
        (
            TargetCheckTests.world("other"),
            "it does not export what the environment asks for:\n  - acme:host/more@1.2.1\n"
        ),
        ("triggers = {}", "the environment env has no triggers of the type `http`, which `hello` needs"),
        ("[triggers]\nhttp = { worlds = [] }", "the environment env has no world for `http` triggers"),
    ])
    func refusesWhatDoesNotFit(definition: String, message: String) async throws {
        let run = try await Self.build("{ path = \"env.toml\" }", definition)
        #expect(run.exitCode == 1)
        #expect(run.error.contains(message), "\(run.error)")
        #expect(run.error.contains("cannot run in the target environments\n  hint: --skip-target-checks"))
        #expect(try await Self.build("{ path = \"env.toml\" }", definition, "--skip-target-checks").exitCode == 0)
    }

    @Test(arguments: [
        ("{ path = \"none.toml\" }", "none.toml: cannot read the manifest"),
        ("\"spin-up:4\"", "`git` is needed to get the catalogue of target environments, and is not there"),
        ("\"../x\"", "`../x` is no name of an environment"),
        ("{ path = \"env.toml\" }", "env.toml:1:1: nonsense: unknown field `nonsense`"),
        ("{ url = \"http://127.0.0.1:1/x.toml\" }", "cannot connect to 127.0.0.1:1"),
    ])
    func deniesWhatIsNotKnown(target: String, message: String) async throws {
        let run = try await Self.build(target, "nonsense = 1")
        #expect(run.exitCode == 1)
        #expect(run.error.contains("the application cannot be checked against its target environments"), "\(run.error)")
        #expect(run.error.contains(message), "\(run.error)")
    }
}
