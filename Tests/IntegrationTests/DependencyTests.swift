import Foundation
import Testing

/// Applications whose components have dependencies, served by `swirl up`.
@Suite struct DependencyTests {
    /// Exports `test:dep/words` with `words`: the value of the first environment variable, or "nothing granted".
    private static let words = """
        (component
          (import "wasi:cli/environment@0.2.3" (instance $environment
            (export "get-environment" (func (result (list (tuple string string)))))))
          (core module $libc
            (memory (export "memory") 1)
            (global $next (mut i32) (i32.const 4096))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
              (global.get $next)
              (global.set $next (i32.add (global.get $next)
                (i32.and (i32.add (local.get 3) (i32.const 7)) (i32.const -8))))))
          (core instance $libc (instantiate $libc))
          (core func $get (canon lower (func $environment "get-environment")
            (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
          (core module $m
            (import "libc" "memory" (memory 1))
            (import "" "get" (func $get (param i32)))
            (data (i32.const 64) "nothing granted")
            (func (export "words") (result i32)
              (call $get (i32.const 16))
              (i32.store (i32.const 8) (i32.const 64))
              (i32.store (i32.const 12) (i32.const 15))
              (if (i32.load (i32.const 20)) (then
                (i32.store (i32.const 8) (i32.load offset=8 (i32.load (i32.const 16))))
                (i32.store (i32.const 12) (i32.load offset=12 (i32.load (i32.const 16))))))
              (i32.const 8)))
          (core instance $m (instantiate $m (with "libc" (instance $libc))
            (with "" (instance (export "get" (func $get))))))
          (func $words (result string) (canon lift (core func $m "words") (memory (core memory $libc "memory"))))
          (instance $words (export "words" (func $words)))
          (export "test:dep/words@1.2.0" (instance $words)))
        """

    /// Exports the same, and calls what has no words for a refusal.
    private static let prying = """
        (component
          (import "fermyon:spin/mqtt@2.0.0" (instance $mqtt (export "pry" (func))))
          (core func $pry (canon lower (func $mqtt "pry")))
          (core module $m
            (import "" "pry" (func $pry))
            (memory (export "memory") 1)
            (func (export "words") (result i32) (call $pry) (i32.const 8)))
          (core instance $m (instantiate $m (with "" (instance (export "pry" (func $pry))))))
          (func $words (result string) (canon lift (core func $m "words") (memory (core memory $m "memory"))))
          (instance $words (export "words" (func $words)))
          (export "test:dep/words@1.0.0" (instance $words)))
        """

    /// Passes on what its own dependency exports.
    private static let middle = """
        (component
          (import "test:dep/words@1.0.0" (instance $words (export "words" (func (result string)))))
          (export "test:dep/words@1.5.0" (instance $words)))
        """

    private static func nested(_ inherits: Bool) -> String {
        """
        [component.middle]
        source = "middle.wat"
        [component.middle.dependencies]
        "test:dep" = { path = "words.wat", inherit_configuration = \(inherits) }
        """
    }

    private static func application(_ dependency: String, more: String = "") throws -> TestApp {
        try TestApp([
            "spin.toml": """
            spin_manifest_version = 2
            [application]
            name = "test"
            [[trigger.http]]
            route = "/..."
            component = "main"
            [component.main]
            source = "\(Places.textGuest("composed").path)"
            environment = { GREETING = "from the environment" }
            [component.main.dependencies]
            \(dependency)
            \(more)
            """,
            "words.wat": Self.words, "prying.wat": Self.prying, "middle.wat": Self.middle,
            "empty.wasm": "", "bad.wat": "(component (nonsense))",
        ])
    }

    @Test(arguments: [
        (#""test:dep" = { path = "words.wat" }"#, "", "nothing granted"),
        (
            #""test:dep/words@1.0.0" = { path = "words.wat", inherit_configuration = true }"#, "",
            "from the environment"
        ),
        (
            #""test:dep/words" = { path = "words.wat", inherit_configuration = ["environment"] }"#, "",
            "from the environment"
        ),
        (#""test:dep/words" = { path = "words.wat", inherit_configuration = ["files"] }"#, "", "nothing granted"),
        (
            #""test:dep" = { component = "words", export = "test:dep/words@1.2.0" }"#,
            "[component.words]\nsource = \"words.wat\"", "nothing granted"
        ),
        // Permissions do not grow on the way in.
        (#""test:dep" = { component = "middle" }"#, Self.nested(true), "nothing granted"),
        (
            #""test:dep" = { component = "middle", inherit_configuration = true }"#, Self.nested(false),
            "nothing granted"
        ),
        (
            #""test:dep" = { component = "middle", inherit_configuration = ["environment"] }"#, Self.nested(true),
            "from the environment"
        ),
    ])
    func servesTwoComponentsAsOne(_ dependency: String, _ more: String, _ expected: String) async throws {
        try await SwirlServer.serve(try Self.application(dependency, more: more)) { server throws in
            // Each request has instances of its own.
            for _ in 0..<3 {
                let response = try server.get("/")
                #expect(response.status == 200)
                #expect(response.text == expected)
            }
        }
    }

    @Test func stopsWhoUsesWhatIsNotInherited() async throws {
        let app = try Self.application(#""test:dep" = { path = "prying.wat", inherit_configuration = ["files"] }"#)
        try await SwirlServer.serve(app) { server throws in
            #expect(try server.get("/").status == 500)
            try server.expectLogged("does not inherit `allowed_outbound_hosts`")
            try server.expectLogged("inherit_configuration = [\"files\", \"allowed_outbound_hosts\"]")
        }
    }

    @Test(arguments: [
        (
            #""test:other" = { path = "words.wat" }"#,
            [
                "spin.toml:11:16: component \"main\" (", "): dependency \"test:other\" (", "words.wat",
                "has no import of this name",
            ]
        ),
        (
            #""test:dep" = { path = "missing.wasm" }"#,
            ["spin.toml:11:14: component.main.dependencies.\"test:dep\"", "missing.wasm"]
        ),
        (
            #""test:dep" = { path = "empty.wasm" }"#,
            ["spin.toml:11:14: component \"main\" (", "): dependency \"test:dep\" (", "empty.wasm): the file is empty"]
        ),
        (
            #""test:dep" = { path = "bad.wat" }"#,
            ["spin.toml:11:14: component \"main\" (", "): dependency \"test:dep\" (", "bad.wat): "]
        ),
        (
            #""test:dep/words" = { path = "words.wat", export = "test:dep/phrases" }"#,
            ["dependency \"test:dep/words\"", "it does not export test:dep/phrases", "it exports test:dep/words@1.2.0"]
        ),
    ])
    func refusesDependency(_ dependency: String, _ expected: [String]) async throws {
        let app = try Self.application(dependency)
        let result = try await blocking {
            try Command.run(["up", "--listen", "127.0.0.1:0"], in: app.directory)
        }
        #expect(result.status == 1)
        for part in expected { #expect(result.errors.contains(part), "\(result.errors)") }
    }
}
