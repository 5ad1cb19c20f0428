import Executor
import Foundation
import Testing
import WasmEngine

/// Core modules of earlier SDKs, which say in a custom section which world they were made for: they are served like the
/// components that tools make of them.
@Suite struct CoreModuleTests {
    /// The guest `hello`, which answers nothing before its module is initialised, and without preview 1.
    private static func hello() throws -> TextGuest {
        let guest = try TextGuest(
            "hello",
            additionalImports: """
                (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
                """,
            definitions: """
                (global $ready (mut i32) (i32.const 0))
                (func (export "_initialize") (global.set $ready (i32.const 1)))
                """)
        return guest.replacing(
            "(call $begin (local.get $out) (i32.const 200))",
            with: """
                (if (i32.eqz (global.get $ready)) (then (unreachable)))
                (if (call $random (i32.const 128) (i32.const 8)) (then (unreachable)))
                (if (i64.eqz (i64.load (i32.const 128))) (then (unreachable)))
                (call $begin (local.get $out) (i32.const 200))
                """)
    }

    @Test(arguments: [true, false]) func aModuleWithItsWorldIsServed(isNested: Bool) async throws {
        let guest = try Self.hello()
        let bytes =
            try Engine.assemble(guest.module) + ModuleRig.section(guest.imports + TextGuest.handler, isNested: isNested)
        let answer = try await ModuleRig.answer(of: try ModuleRig.load(bytes))
        #expect(answer.status == 200)
        #expect(answer.body == "Hello from a Swirl test guest\n")
    }

    /// Several bindings in one module: each has a section of its own, and they share resources.
    @Test func worldsOfOneModuleAreOne() async throws {
        let guest = try Self.hello()
        let bytes =
            try Engine.assemble(guest.module) + ModuleRig.section(guest.imports, name: "component-type:a")
            + ModuleRig.section(guest.imports + TextGuest.handler, name: "component-type:b")
        let answer = try await ModuleRig.answer(of: try ModuleRig.load(bytes))
        #expect(answer.status == 200)
    }

    /// An interface whose functions are spread over several worlds.
    @Test func worldsMayHavePartsOfAnInterface() async throws {
        let guest = try Self.hello()
        let other = """
            (import "wasi:io/streams@0.2.0" (instance (export "output-stream" (type (sub resource)))))
            """
        for sections in [
            try ModuleRig.section(guest.imports + TextGuest.handler) + ModuleRig.section(other),
            try ModuleRig.section(other) + ModuleRig.section(guest.imports + TextGuest.handler),
        ] {
            let answer = try await ModuleRig.answer(
                of: try ModuleRig.load(try Engine.assemble(guest.module) + sections))
            #expect(answer.status == 200)
        }
    }

    /// SDKs of 2023: a version, the encoding and the world's name, then a package with all its worlds.
    @Test(arguments: ["hello", "other", "none"]) func aWorldIsFoundByItsName(name: String) async throws {
        let guest = try Self.hello()
        let package = """
            (component (type (component
              (type (instance (export "x" (func))))
              (export "a:b/interface@0.1.0" (instance (type 0)))
              (type (component (export "not-this" (func))))
              (export "a:b/other@0.1.0" (component (type 1)))
              (type (component \(guest.imports) \(TextGuest.handler)))
              (export "a:b/hello@0.1.0" (component (type 2)))
              (type (component (import "no" (func))))
              (export "a:b/last@0.1.0" (component (type 3)))))
              (export "a:b/wit@0.1.0" (type 0)))
            """
        let header: [UInt8] = [3, 0, UInt8(name.utf8.count)] + Array(name.utf8)
        let section = ModuleRig.section(content: header + (try Engine.assemble(package)), name: "component-type:hello")
        let bytes = try Engine.assemble(guest.module) + section
        switch name {
        case "hello":
            let answer = try await ModuleRig.answer(of: try ModuleRig.load(bytes))
            #expect(answer.status == 200)
        default:
            let error = #expect(throws: ComponentLoadError.self) { try ModuleRig.load(bytes) }
            let message = name == "none" ? "holds no world named \"none\"" : "no function 'not-this'"
            #expect("\(String(describing: error))".contains(message), "\(String(describing: error))")
        }
    }

    @Test(arguments: [[3], [3, 0], [3, 9, 0], [3, 0, 200], [3, 0, 1, 0x61]] as [[UInt8]])
    func aHeaderThatIsNoneIsTold(content: [UInt8]) throws {
        let guest = try Self.hello()
        let section = ModuleRig.section(content: content, name: "component-type")
        #expect(throws: ComponentLoadError.self) { try ModuleRig.load(try Engine.assemble(guest.module) + section) }
    }

    @Test func whatDoesNotFitIsTold() throws {
        let guest = try Self.hello()
        let module = guest.module
        let world = guest.imports + TextGuest.handler
        let function = "(func (param \"request\""
        let cases: [(module: String, world: String?, message: String)] = [
            (module, nil, "does not say which world it was made for"),
            (
                module.replacing("incoming-handler@0.2.0#handle", with: "incoming-handler@0.2.0#hand"), world,
                "the module exports no function 'wasi:http/incoming-handler@0.2.0#handle'"
            ),
            (
                module.replacing(
                    "(import \"wasi:io/streams@0.2.0\" \"[method]", with: "(import \"wasi:io/streams@0.2.0\" \"[methud]"
                ),
                world, "is nothing that the module's world has"
            ),
            (
                module.replacing(
                    "(import \"wasi_snapshot_preview1\" \"random_get\"", with: "(import \"env\" \"random_get\""), world,
                "imports \"random_get\" from \"env\", which nobody provides"
            ),
            (
                module.replacing(
                    "\"random_get\" (func $random (param i32 i32)", with: "\"random_get\" (func $random (param i64 i32)"
                )
                .replacing("(call $random (i32.const 128)", with: "(call $random (i64.const 128)"),
                world, "but the host provides"
            ),
            (module.replacing("(export \"cabi_realloc\")", with: ""), world, "'realloc' is required"),
            (module.replacing("(memory (export \"memory\") 2)", with: "(memory 2)"), world, "'memory' is required"),
            (
                module.replacing("(export \"_initialize\")", with: "(export \"_initialize\") (param i32)"), world,
                "the function _initialize"
            ),
            (
                module, world.replacing(function, with: "(func (param \"more\" u64) (param \"request\""),
                "a lifted function"
            ),
            (module, "(export \"a:b/c\" (instance (export \"r\" (type (sub resource)))))", "exports resources"),
        ]
        for (module, world, message) in cases {
            let bytes = try Engine.assemble(module) + (try world.map { try ModuleRig.section($0) } ?? [])
            let error = #expect(throws: (any Error).self) { try ModuleRig.load(bytes) }
            #expect("\(String(describing: error))".contains(message), "\(message): \(String(describing: error))")
        }
    }

    @Test(arguments: [[], [0], Array("component".utf8), [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]] as [[UInt8]])
    func aSectionThatIsNoneIsTold(content: [UInt8]) throws {
        let guest = try Self.hello()
        let name = Array("component-type".utf8)
        let section: [UInt8] = [0, UInt8(1 + name.count + content.count), UInt8(name.count)] + name + content
        #expect(throws: ComponentLoadError.self) { try ModuleRig.load(try Engine.assemble(guest.module) + section) }
    }
}
