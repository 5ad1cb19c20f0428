import AppModel
import Executor
import Testing
import WASI
import WasmEngine

/// Core modules with dependencies, and as dependencies.
@Suite struct ComposedModuleTests {
    /// The guest `composed`, which answers with the words of its dependency, as a module with its world.
    private static func main() throws -> [UInt8] {
        let guest = try TextGuest(
            "composed",
            additionalImports: """
                (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
                """,
            // Whether it has files is seen by preview 1.
            definitions: """
                (func (export "_initialize")
                  (if (call $sizes (i32.const 128) (i32.const 132)) (then (unreachable)))
                  (if (i32.ne (i32.load (i32.const 128)) (i32.const 1)) (then (unreachable))))
                """)
        return try Engine.assemble(guest.module) + ModuleRig.section(guest.imports + TextGuest.handler)
    }

    /// Says what preview 1 tells it: its first environment variable, or that there is none, and whether it has files.
    private static func words(_ name: String = "test:dep/words@1.2.0") throws -> [UInt8] {
        let module = """
            (module
              (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
              (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
              (memory (export "memory") 1)
              (global $ready (mut i32) (i32.const 0))
              (data (i32.const 64) "nothing granted, no files")
              (func (export "_initialize") (global.set $ready (i32.const 1)))
              (func (export "\(name)#words") (result i32)
                (if (i32.eqz (global.get $ready)) (then (unreachable)))
                (drop (call $sizes (i32.const 0) (i32.const 4)))
                (i32.store (i32.const 8) (i32.const 64))
                (i32.store (i32.const 12) (select (i32.const 25) (i32.const 15)
                  (call $prestat (i32.const 3) (i32.const 32))))
                (if (i32.load (i32.const 0)) (then
                  (drop (call $get (i32.const 1024) (i32.const 2048)))
                  (i32.store (i32.const 8) (i32.load (i32.const 1024)))
                  (i32.store (i32.const 12) (i32.sub (i32.load (i32.const 4)) (i32.const 1)))))
                (i32.const 8)))
            """
        let world = "(export \"\(name)\" (instance (export \"words\" (func (result string)))))"
        return try Engine.assemble(module) + ModuleRig.section(world)
    }

    @Test(arguments: [
        (Inheritance.some([]), "nothing granted, no files"), (.all, "NAME=value"),
        (.some(["environment"]), "NAME=value"), (.some(["files"]), "nothing granted"),
    ])
    func aModuleCallsAnotherAsFarAsItMayDo(inherit: Inheritance, words: String) async throws {
        let component = try ModuleRig.load(
            try Self.main(), dependencies: ["test:dep/words": (inherit, try Self.words())])
        let configuration = WASIConfiguration(
            environment: [("NAME", "value")],
            preopens: [try Preopen(hostPath: "/tmp", guestPath: "/", isWritable: false)])
        for _ in 0..<2 {
            let answer = try await ModuleRig.answer(of: component, configuration: configuration)
            #expect(answer.status == 200)
            #expect(answer.body == words)
        }
    }

    @Test func whatDoesNotFitIsTold() throws {
        let cases: [(key: String, bytes: [UInt8], message: String)] = [
            ("test:dep/other", try Self.words(), "has no import of this name"),
            ("test:dep/words", try Self.words("test:dep/verbs@1.0.0"), "does not export test:dep/words"),
            ("test:dep/words", try Engine.assemble("(module)"), "does not say which world it was made for"),
            (
                "test:dep/words",
                try Engine.assemble("(module)")
                    + ModuleRig.section("(export \"test:dep/words@1.0.0\" (instance (export \"words\" (func))))"),
                "exports no function 'test:dep/words@1.0.0#words'"
            ),
        ]
        for (key, bytes, message) in cases {
            let error = #expect(throws: (any Error).self) {
                try ModuleRig.load(try Self.main(), dependencies: [key: (.all, bytes)])
            }
            #expect("\(String(describing: error))".contains(message), "\(String(describing: error))")
        }
    }
}
