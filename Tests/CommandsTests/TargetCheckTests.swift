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
        (
            "{ path = \"none.toml\" }",
            "spin.toml:4:1: application.targets[0]: none.toml: cannot read the definition of the environment: No such"
        ),
        ("\"spin-up:4\"", "`git` is needed to get the catalogue of target environments, and is not there"),
        ("\"../x\"", "`../x` is no name of an environment"),
        (
            "{ path = \"env.toml\" }",
            "spin.toml:4:1: application.targets[0]: env.toml:1:1: triggers: the required field"
        ),
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

    /// Types of imports, in exports and in functions of the world itself.
    @Test(arguments: [
        ("use types.{point}; import log: func(p: point); export handler; export start: func();", ""),
        (
            "use types.{point}; import log: func(p: point, q: point); export handler; export start: func();",
            "  - log\n      component:   log: func(p: point);\n      environment: log: func(p: point, q: point);"
        ),
        (
            "import types; import log: func(p: types-point); export handler; export start: func() -> u8; type types-point = u8;",
            "  - log\n"
        ),
        (
            "use types.{point}; import log: func(p: point); export handler; export start: func() -> u8;",
            "  - start\n      component:   start: func();\n      environment: start: func() -> u8;"
        ),
        (
            "use types.{point}; import log: func(p: point); export handler; export end: func();",
            "  it does not export what the environment asks for:\n  - end\n"
        ),
        (
            "use types.{point}; import log: func(p: point); export other; ",
            "  - acme:host/other@1.0.0\n      component:   handle: func(t: thing) -> point;\n      environment: handle: func(t: borrow<thing>) -> point;"
        ),
    ])
    func comparesWorlds(world: String, problem: String) async throws {
        let component = """
            (component
              (import "acme:host/types@1.0.0" (instance $t (export "thing" (type (sub resource)))
                (type $p' (record (field "x" u32))) (export "point" (type (eq $p')))))
              (alias export $t "thing" (type $thing)) (alias export $t "point" (type $point))
              (import "point" (type $named (eq $point)))
              (import "log" (func (param "p" $named)))
              (core module $m (func (export "h") (param i32) (result i32) i32.const 0) (func (export "s")))
              (core instance $i (instantiate $m))
              (func $h (param "t" (own $thing)) (result $point) (canon lift (core func $i "h")))
              (func $s (canon lift (core func $i "s")))
              (instance $x (export "thing" (type $thing)) (export "point" (type $point)) (export "handle" (func $h)))
              (export "acme:host/handler@1.0.0" (instance $x))
              (export "acme:host/other@1.0.0" (instance $x))
              (export "start" (func $s)))
            """
        let wit = """
            package acme:host@1.0.0;
            interface types { resource thing; record point { x: u32 } }
            interface handler { use types.{thing, point}; handle: func(t: thing) -> point; }
            interface other { use types.{thing, point}; handle: func(t: borrow<thing>) -> point; }
            world w { \(world) }
            """
        let run = try await Self.build(
            "{ path = \"env.toml\" }", "[triggers]\nhttp = { worlds = [{ path = \"host\", world = \"acme:host/w\" }] }",
            component: component, wit: wit)
        #expect(problem.isEmpty ? run.error == "" : run.error.contains(problem), "\(run.error)")
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
}
