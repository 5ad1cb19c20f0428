import AppModel
import ComponentModel
import Executor
import Foundation
import HTTP
import Logging
import NIOCore
import NIOPosix
import Testing
import Triggers
import WASI
import WasmEngine

/// Core modules of earlier SDKs, which say in a custom section which world they were made for: they are served like the
/// components that tools make of them.
@Suite struct CoreModuleTests {
    private struct NoOutput: ComponentOutput {
        func open() -> InstanceOutput { InstanceOutput(stdout: nil, stderr: nil) {} }
    }

    private static let engine = Result { () throws(EngineError) in
        var configuration = EngineConfiguration()
        configuration.pooling = nil
        return try Engine(configuration)
    }

    /// The guest `hello` of `Tests/Guests`, taken apart: what its component imports, and its module with a memory of its own.
    private static func hello() throws -> (imports: String, module: String) {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Guests/hello.wat")
        let text = try String(contentsOf: file, encoding: .utf8)
        let component = try #require(text.firstRange(of: "(component\n"))
        let memory = try #require(text.firstRange(of: "  ;; The memory is a module of its own"))
        let realloc = try #require(text.firstRange(of: "    (func (export \"realloc\")"))
        let reallocEnd = try #require(text.firstRange(of: ")\n  (core instance $env"))
        let main = try #require(text.firstRange(of: "  (core module $main\n"))
        let mainEnd = try #require(text.firstRange(of: ")\n  (core instance $main"))
        let allocator = text[realloc.lowerBound..<reallocEnd.lowerBound].replacing(
            "\"realloc\"", with: "\"cabi_realloc\"")
        let module = text[main.upperBound..<mainEnd.lowerBound]
            .replacing("    (import \"env\" \"memory\" (memory 1))\n", with: "")
            .replacing(
                "    (import \"env\" \"heap\" (global $heap (mut i32)))\n",
                with: """
                    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
                    (memory (export "memory") 2)
                    (global $heap (mut i32) (i32.const 65536))
                    (global $ready (mut i32) (i32.const 0))
                    (func (export "_initialize") (global.set $ready (i32.const 1)))
                    \(allocator)

                    """
            )
            // Nothing is answered before the module is initialised, and without preview 1.
            .replacing(
                "(call $begin (local.get $out) (i32.const 200))",
                with: """
                    (if (i32.eqz (global.get $ready)) (then (unreachable)))
                    (if (call $random (i32.const 128) (i32.const 8)) (then (unreachable)))
                    (if (i64.eqz (i64.load (i32.const 128))) (then (unreachable)))
                    (call $begin (local.get $out) (i32.const 200))
                    """)
        return (String(text[component.upperBound..<memory.lowerBound]), "(module \(module))")
    }

    private static let handler = """
        (export "wasi:http/incoming-handler@0.2.0" (instance
          (export "handle" (func (param "request" (own $incoming-request)) (param "response-out" (own $response-outparam))))))
        """

    /// As wit-component writes it, or as it did at first.
    private static func section(_ world: String, isNested: Bool = true, name: String = "component-type:hello") throws
        -> [UInt8]
    {
        let body =
            isNested
            ? "(component (type (component (type $w (component \(world))) (export \"test:hello/hello\" (component (type $w)))))"
                + " (export \"hello\" (type 0)))"
            : "(component (type (component \(world))) (export \"hello\" (type 0)))"
        let content = [UInt8(name.utf8.count)] + Array(name.utf8) + (try Engine.assemble(body))
        var size: [UInt8] = []
        WasmBinary.append(UInt64(content.count), to: &size)
        return [0] + size + content
    }

    private func load(_ bytes: [UInt8]) throws -> Component {
        let file = FileManager.default.temporaryDirectory.appending(path: "swirl-\(UUID().uuidString).wasm")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(bytes).write(to: file)
        return try ComponentLoader(engine: try Self.engine.get(), cache: nil, registry: HostInterfaces.registry)
            .load(file.path, name: "p")
    }

    private func answer(of component: Component) async throws -> (status: Int?, body: String) {
        let guest = try HTTPComponent(
            id: "p", component: component, configuration: WASIConfiguration(), limits: HTTPComponent.Limits(),
            output: NoOutput(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let router = Router([try Route(triggerID: "t", componentID: "p", route: "/...")])
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: (Int?, String).self)
        let trigger = HTTPTrigger(
            router: router, components: ["p": guest], eventLoops: [loop], capacity: .init(live: 2))
        loop.execute {
            let collector = ResponseCollector()
            collector.onProgress = { collector in
                guard collector.isFinished || collector.isAborted else { return }
                promise.succeed((collector.head?.status, String(buffer: collector.body)))
            }
            trigger.handle(
                Exchange(
                    head: RequestHead(method: "GET", target: "/", authority: "x.org"), collector: collector,
                    eventLoop: loop))
        }
        return try await promise.futureResult.get()
    }

    @Test(arguments: [true, false]) func aModuleWithItsWorldIsServed(isNested: Bool) async throws {
        let (imports, module) = try Self.hello()
        let bytes = try Engine.assemble(module) + Self.section(imports + Self.handler, isNested: isNested)
        let answer = try await self.answer(of: try self.load(bytes))
        #expect(answer.status == 200)
        #expect(answer.body == "Hello from a Swirl test guest\n")
    }

    /// Several bindings in one module: each has a section of its own, and they share resources.
    @Test func worldsOfOneModuleAreOne() async throws {
        let (imports, module) = try Self.hello()
        let bytes =
            try Engine.assemble(module) + Self.section(imports, name: "component-type:a")
            + Self.section(imports + Self.handler, name: "component-type:b")
        let answer = try await self.answer(of: try self.load(bytes))
        #expect(answer.status == 200)
    }

    @Test func whatDoesNotFitIsTold() throws {
        let (imports, module) = try Self.hello()
        let world = imports + Self.handler
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
                world, "is nothing that the module's world imports"
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
            let bytes = try Engine.assemble(module) + (try world.map { try Self.section($0) } ?? [])
            let error = #expect(throws: (any Error).self) { try self.load(bytes) }
            #expect("\(String(describing: error))".contains(message), "\(message): \(String(describing: error))")
        }
    }

    @Test(arguments: [[], [0], Array("component".utf8), [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]] as [[UInt8]])
    func aSectionThatIsNoneIsTold(content: [UInt8]) throws {
        let (_, module) = try Self.hello()
        let name = Array("component-type".utf8)
        let section: [UInt8] = [0, UInt8(1 + name.count + content.count), UInt8(name.count)] + name + content
        #expect(throws: ComponentLoadError.self) { try self.load(try Engine.assemble(module) + section) }
    }
}
