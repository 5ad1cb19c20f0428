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

    private static func build(
        _ targets: String, _ definition: String, _ arguments: String..., component: String = component,
        wit: String = wit
    ) async throws -> CommandRun {
        let directory = try TemporaryFolder()
        try directory.write("hello.wat", component)
        try directory.write("host/host.wit", wit)
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

    /// A component with imports of its own that exports nothing.
    private static func importing(_ members: String, _ name: String = "acme:host/api@1.2.0") -> String {
        "(component (import \"\(name)\" (instance \(members))))"
    }

    private static func api(_ content: String, version: String = "1.2.0") -> String {
        """
        package acme:host@\(version);
        interface types { record point { x: u32 } resource thing; }
        interface api { \(content) }
        world w { import api; }
        """
    }

    @Test(arguments: [
        (#"(export "f" (func (param "a" u8) (result string)))"#, "f: func(a: u8) -> string;"),
        // Fewer functions are enough.
        (#"(export "f" (func))"#, "f: func(); g: func();"),
        (#"(export "f" (func async (param "a" (stream u8))))"#, "f: async func(a: stream<u8>);"),
        (
            #"(type $p (record (field "x" u32))) (export "p" (type $q (eq $p))) (export "f" (func (result $q)))"#,
            "f: func() -> p; record p { x: u32 }"
        ),
        (
            #"(export "r" (type $r (sub resource))) (export "[method]r.get" (func (param "self" (borrow $r)) (result (list (own $r)))))"#,
            "resource r { get: func() -> list<r>; }"
        ),
        // A name for a type of another interface.
        (
            #"(type $p (record (field "x" u32))) (export "point" (type $q (eq $p))) (export "f" (func (param "p" $q)))"#,
            "use types.{point}; f: func(p: point);"
        ),
        (
            #"(type $v (variant (case "a" u8) (case "b"))) (export "v" (type $w (eq $v))) (export "f" (func (param "v" (option $w)) (result (result (error $w)))))"#,
            "variant v { a(u8), b } f: func(v: option<v>) -> result<_, v>;"
        ),
        (
            #"(type $m (list (tuple string f32))) (export "f" (func (param "m" $m)))"#,
            "f: func(m: list<tuple<string, f32>>);"
        ),
    ])
    func acceptsTheSameTypes(members: String, content: String) async throws {
        let run = try await Self.build(
            "{ path = \"env.toml\" }", #"[triggers]\#nhttp = { worlds = [{ path = "host", world = "acme:host/w" }] }"#,
            component: Self.importing(members), wit: Self.api(content))
        #expect(run.error == "")
    }

    @Test(arguments: [
        (
            #"(export "f" (func (param "a" u8)))"#, "f: func(a: u16);",
            "component:   f: func(a: u8);\n      environment: f: func(a: u16);"
        ),
        (
            #"(export "f" (func (param "a" u8)))"#, "f: func(b: u8);",
            "component:   f: func(a: u8);\n      environment: f: func(b: u8);"
        ),
        (
            #"(export "f" (func))"#, "f: async func();",
            "component:   f: func();\n      environment: f: async func();"
        ),
        (
            #"(export "f" (func)) (export "g" (func))"#, "f: func();",
            "component:   g: func();\n      environment: (nothing)"
        ),
        (
            #"(type $p (record (field "y" u32))) (export "p" (type $q (eq $p))) (export "f" (func (result $q)))"#,
            "f: func() -> p; record p { x: u32 }",
            "component:   record p { y: u32, }\n      environment: record p { x: u32, }"
        ),
        (
            #"(export "r" (type $r (sub resource))) (export "[method]r.get" (func (param "self" (borrow $r)) (result u32)))"#,
            "resource r { get: func() -> u64; }",
            "component:   r.get: func() -> u32;\n      environment: r.get: func() -> u64;"
        ),
        (
            #"(type $e (enum "a" "b")) (export "e" (type (eq $e)))"#, "enum e { a, b, c }",
            "component:   enum e { a, b, }\n      environment: enum e { a, b, c, }"
        ),
    ])
    func refusesOtherTypes(members: String, content: String, difference: String) async throws {
        let run = try await Self.build(
            "{ path = \"env.toml\" }", #"[triggers]\#nhttp = { worlds = [{ path = "host", world = "acme:host/w" }] }"#,
            component: Self.importing(members), wit: Self.api(content))
        #expect(
            run.error.contains(
                """
                component hello (hello.wat) cannot run in the environment env (world acme:host/w):
                  its types are others:
                  - acme:host/api@1.2.0
                      \(difference)

                """), "\(run.error)")
    }

    /// Which version of the environment does for one that the component has.
    @Test(arguments: [
        ("1.2.0", "1.2.0", true), ("1.2.0", "1.9.3", true), ("1.2.0", "1.0.0", true), ("1.2.0", "2.0.0", false),
        ("0.2.1", "0.2.9", true), ("0.2.1", "0.3.0", false), ("0.2.0-rc-1", "0.2.0", false),
    ])
    func comparesVersions(component: String, environment: String, fits: Bool) async throws {
        let run = try await Self.build(
            "{ path = \"env.toml\" }", #"[triggers]\#nhttp = { worlds = [{ path = "host", world = "acme:host/w" }] }"#,
            component: Self.importing(#"(export "f" (func))"#, "acme:host/api@\(component)"),
            wit: Self.api("f: func();", version: environment))
        #expect((run.error == "") == fits, "\(run.error)")
        if !fits {
            #expect(
                run.error.contains("it imports what the environment does not have:\n  - acme:host/api@\(component)\n"))
        }
    }

    // MARK: - The catalogue

    /// What stands for `git`: notes how it was called, and writes the definition that a clone or pull brings.
    private static let git = """
        #!/bin/sh
        echo "$1" >> "$CALLS"
        if [ "$1" = "-C" ]; then catalogue=$2; else catalogue=$6; fi
        \(slow)
        mkdir -p "$catalogue/.git" "$catalogue/envs/acme"
        cp "$CALLS.toml" "$catalogue/envs/acme/acme.toml"
        """
    private static let slow = #"[ -e "$CALLS.slow" ] && sleep 60"#

    @Test func refreshesWhatHasNoVersion() async throws {
        let directory = try TemporaryFolder()
        try directory.write("hello.wat", Self.component)
        try directory.write("bin/git", Self.git)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(directory.path)/bin/git")
        try directory.write("calls.toml", "triggers = {}")
        try directory.write(
            "spin.toml",
            TemporaryFolder.manifest.replacingOccurrences(of: "hello.wasm", with: "hello.wat")
                .replacingOccurrences(of: "[application]\n", with: "[application]\ntargets = [\"acme\"]\n"))
        func build() async -> String {
            await CommandRun.run(
                ["build"], in: directory.path,
                environment: [
                    "XDG_CACHE_HOME": "\(directory.path)/cache", "PATH": "\(directory.path)/bin:/usr/bin:/bin",
                    "CALLS": "\(directory.path)/calls",
                ]
            ).error
        }
        let stamp = "cache/swirl/environments-last-update.txt"
        let refusal = "the environment acme has no triggers of the type `http`"
        #expect(await build().contains(refusal))
        #expect(directory.read("calls") == "clone\n")
        #expect(directory.read(stamp) != nil)
        // Within the hour, nobody asks again.
        #expect(await build().contains(refusal))
        #expect(directory.read("calls") == "clone\n")
        try directory.write("calls.toml", "default = { worlds = [] }\ntriggers = {}")
        try directory.write(stamp, "\(Int(Date().timeIntervalSince1970) - 3601)")
        #expect(await build().contains("the environment acme has no world for `http` triggers"))
        #expect(directory.read("calls") == "clone\n-C\n")
        // What takes too long is not waited for: what is there will do.
        try directory.write(stamp, "0")
        try directory.write("calls.slow")
        #expect(await build().contains("the environment acme has no world for `http` triggers"))
        #expect(directory.read("calls") == "clone\n-C\n-C\n")
    }
}
