import Foundation
import Testing
import WasmEngine

/// Core modules of WASI 0.3: the built-ins of the asynchronous model under the names of bindings generators.
@Suite struct ConcurrentModuleTests {
    private static let types = "wasi:http/types@0.3.0"
    private static let handler = "wasi:http/handler@0.3.0"
    /// Its type has a stream and two futures.
    private static let response = "[static]response.new"

    /// What the guests' modules import from "h", by its names for module and function.
    private static let imports: [String: (module: String, name: String)] = {
        var imports = [
            "fields": (Self.types, "[constructor]fields"),
            "response": (Self.types, Self.response),
            "status": (Self.types, "[method]response.set-status-code"),
            "consume": (Self.types, "[static]request.consume-body"),
            "drop-request": (Self.types, "[resource-drop]request"),
            "wait-for": ("wasi:clocks/monotonic-clock@0.3.0", "[async-lower]wait-for"),
            "return": ("[export]\(Self.handler)", "[task-return]handle"),
            "stream-new": (Self.types, "[stream-new-0]\(Self.response)"),
            "read": (Self.types, "[stream-read-0]\(Self.response)"),
            "write": (Self.types, "[stream-write-0]\(Self.response)"),
            "drop-r": (Self.types, "[stream-drop-readable-0]\(Self.response)"),
            "drop-w": (Self.types, "[stream-drop-writable-0]\(Self.response)"),
            "set-new": ("$root", "[waitable-set-new]"),
            "join": ("$root", "[waitable-join]"),
            "drop-subtask": ("$root", "[subtask-drop]"),
            "drop-set": ("$root", "[waitable-set-drop]"),
            "next": (Self.handler, "handle"),
        ]
        for (letter, index) in [("t", 1), ("u", 2)] {
            imports["\(letter)-new"] = (Self.types, "[future-new-\(index)]\(Self.response)")
            imports["\(letter)-write"] = (Self.types, "[future-write-\(index)]\(Self.response)")
            imports["\(letter)-drop-r"] = (Self.types, "[future-drop-readable-\(index)]\(Self.response)")
            imports["\(letter)-drop-w"] = (Self.types, "[future-drop-writable-\(index)]\(Self.response)")
        }
        return imports
    }()

    private static let allocator = """
        (memory (export "memory") 4)
            (global $next (mut i32) (i32.const 131072))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
              (local $at i32)
              (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
              (global.set $next (i32.add (local.get $at) (local.get 3)))
              (local.get $at))
            (global $body
        """

    private static let exports = """
        (export "wasi:http/handler@0.3.0" (instance
          (alias outer 1 $request (type $request1))
          (alias outer 1 $response (type $response1))
          (alias outer 1 $error (type $error1))
          (export "request" (type $request2 (eq $request1)))
          (export "response" (type $response2 (eq $response1)))
          (export "error-code" (type $error2 (eq $error1)))
          (export "handle" (func async (param "request" (own $request2))
            (result (result (own $response2) (error $error2)))))))
        """

    /// A guest of `Tests/Guests` taken apart, as a module with a memory of its own and its world.
    private static func module(_ name: String) throws -> (module: String, world: String) {
        try self.module(text: try ModuleRig.guest(name))
    }

    /// Middleware, which passes requests on and changes the status.
    private static func middleware(status: Int) throws -> [UInt8] {
        let code = """
            (func (export "handle") (param $request i32) (result i32)
              (call $next (local.get $request) (i32.const 512))
              (if (i32.load8_u (i32.const 512)) (then (unreachable)))
              (if (i32.load (i32.const 1020)) (then (unreachable)))
              (drop (call $status (i32.load (i32.const 520)) (i32.const \(status))))
              (call $answer (i32.load (i32.const 520)))
              (i32.const 0))
            (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0))
            """
        let mark = ";; middleware: "
        let text = try ModuleRig.guest("src/concurrent/component.wat.in").split(separator: "\n")
            .filter { !$0.hasPrefix(";; ") || $0.hasPrefix(mark) }.joined(separator: "\n")
            .replacing(mark, with: "").replacing("VERSION", with: "0.3.0").replacing("CLOCKS", with: "0.3.0")
            .replacing("CODE", with: code)
        let (module, world) = try self.module(text: text)
        return try Engine.assemble(module) + ModuleRig.section(world)
    }

    private static func module(text: String) throws -> (module: String, world: String) {
        let component = try #require(text.firstRange(of: "(component\n"))
        let types = try #require(text.firstRange(of: "  (type $bytes"))
        let main = try #require(text.firstRange(of: "  (core module $main\n"))
        let mainEnd = try #require(text.firstRange(of: ")\n  (core instance $main"))
        var module = text[main.upperBound..<mainEnd.lowerBound]
            .replacing("    (import \"libc\" \"memory\" (memory 4))\n", with: "")
            .replacing("(global $body", with: Self.allocator, maxReplacements: 1)
            .replacing("(export \"handle\")", with: "(export \"[async-lift]\(Self.handler)#handle\")")
            .replacing("(export \"callback\")", with: "(export \"[callback][async-lift]\(Self.handler)#handle\")")
        for (name, place) in Self.imports {
            module = module.replacing(
                "(import \"h\" \"\(name)\"", with: "(import \"\(place.module)\" \"\(place.name)\"")
        }
        return ("(module \(module))", text[component.upperBound..<types.lowerBound] + Self.exports)
    }

    @Test(arguments: ["concurrent-hello", "concurrent-wait", "concurrent-echo"])
    func aModuleOfWASI03IsServed(guest: String) async throws {
        let (module, world) = try Self.module(guest)
        let component = try ModuleRig.load(try Engine.assemble(module) + ModuleRig.section(world))
        let answer = try await ModuleRig.answer(of: component, to: .init(method: "POST", body: "what was sent"))
        #expect(answer.status == 200)
        #expect(answer.body == (guest == "concurrent-echo" ? "what was sent" : "Hello from a Swirl test guest\n"))
    }

    /// Modules around a module.
    @Test func middlewareOfModules() async throws {
        let (module, world) = try Self.module("concurrent-echo")
        let component = try ModuleRig.load(
            try Engine.assemble(module) + ModuleRig.section(world),
            middleware: [try Self.middleware(status: 201), try Self.middleware(status: 202)])
        for _ in 0..<3 {
            let answer = try await ModuleRig.answer(of: component, to: .init(method: "POST", body: "what was sent"))
            #expect(answer.status == 201)
            #expect(answer.body == "what was sent")
        }
    }

    @Test func whatDoesNotFitIsTold() throws {
        let (module, world) = try Self.module("concurrent-hello")
        let cases = [
            ("[stream-new-0]", "[stream-new-3]", "is nothing that the module's world has"),
            ("[stream-new-0]", "[stream-new-1]", "`stream.new` requires a stream"),
            ("[stream-new-0]", "[stream-new-x]", "is nothing that the module's world has"),
            ("[stream-new-0]", "[stream-knew-0]", "is nothing that the module's world has"),
            ("[waitable-set-new]", "[waitable-set-anew]", "is nothing that the module's world has"),
            ("[waitable-set-drop]", "[waitable-set-new]", "is supplied"),
            ("[task-return]handle", "[task-return]other", "is nothing that the module's world has"),
            ("[export]wasi:http/handler", "[export]wasi:http/candler", "is nothing that the module's world has"),
            ("[callback][async-lift]", "[callback][lift]", "exports no function '[callback][async-lift]"),
        ]
        for (old, new, message) in cases {
            let bytes = try Engine.assemble(module.replacing(old, with: new)) + ModuleRig.section(world)
            let error = #expect(throws: (any Error).self) { try ModuleRig.load(bytes) }
            #expect("\(String(describing: error))".contains(message), "\(new): \(String(describing: error))")
        }
    }
}
