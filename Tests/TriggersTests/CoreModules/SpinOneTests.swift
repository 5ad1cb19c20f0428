import ComponentModel
import Executor
import HTTP
import Testing
import WasmEngine

/// Modules of Spin 1, and the handler that they have: whole requests, whole responses.
@Suite struct SpinOneTests {
    /// A module whose handler does `code`, with the response at 512.
    private static func module(_ code: String, imports: String = "") throws -> [UInt8] {
        try Engine.assemble(
            """
            (module
              \(imports)
              (memory (export "memory") 2)
              (global $heap (mut i32) (i32.const 4096))
              (data (i32.const 1024) "content-type")
              (data (i32.const 1040) "text/plain")
              (data (i32.const 1056) "text/html")
              (data (i32.const 1072) "set-cookie")
              (data (i32.const 1088) "bad name")
              ;; content-type twice, set-cookie twice
              (data (i32.const 1104) "\\00\\04\\00\\00\\0c\\00\\00\\00\\10\\04\\00\\00\\0a\\00\\00\\00")
              (data (i32.const 1120) "\\00\\04\\00\\00\\0c\\00\\00\\00\\20\\04\\00\\00\\09\\00\\00\\00")
              (data (i32.const 1136) "\\30\\04\\00\\00\\0a\\00\\00\\00\\10\\04\\00\\00\\0a\\00\\00\\00")
              (data (i32.const 1152) "\\30\\04\\00\\00\\0a\\00\\00\\00\\20\\04\\00\\00\\09\\00\\00\\00")
              ;; a name that is none
              (data (i32.const 1168) "\\40\\04\\00\\00\\08\\00\\00\\00\\20\\04\\00\\00\\09\\00\\00\\00")
              (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $at i32)
                (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
                (global.set $heap (i32.add (local.get $at) (local.get 3)))
                (local.get $at))
              (func $some (param $place i32) (param $pointer i32) (param $count i32)
                (i32.store8 (local.get $place) (i32.const 1))
                (i32.store offset=4 (local.get $place) (local.get $pointer))
                (i32.store offset=8 (local.get $place) (local.get $count)))
              (func (export "handle-http-request")
                (param $method i32) (param $uri i32) (param $uri-length i32) (param $headers i32) (param $count i32)
                (param i32 i32) (param $some i32) (param $body i32) (param $length i32) (result i32)
                (i32.store16 (i32.const 512) (i32.const 200))
                \(code)
                (i32.const 512)))
            """)
    }

    private func answer(_ code: String, to request: ModuleRig.Request = .init()) async throws -> ModuleRig.Answer {
        try await ModuleRig.answer(of: try ModuleRig.load(try Self.module(code)), to: request)
    }

    @Test(arguments: ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"].enumerated().map { ($0, $1) })
    func methods(number: Int, name: String) async throws {
        let code = "(i32.store16 (i32.const 512) (i32.add (i32.const 200) (local.get $method)))"
        #expect(try await self.answer(code, to: .init(method: name)).status == 200 + number)
    }

    /// The interface has no name for them.
    @Test(arguments: ["TRACE", "CONNECT", "PURGE", "get"]) func otherMethods(name: String) async throws {
        let answer = try await self.answer("(unreachable)", to: .init(method: name, target: "/x"))
        #expect(answer.status == 405)
    }

    @Test func theWholeRequest() async throws {
        var fields = HTTPFields()
        for (name, value) in [
            ("Host", "x.org"), ("connection", "close"), ("x-one", "1"), ("X-One", "2"), ("spin-path-info", "forged"),
        ] { fields.append(name, value) }
        let echo = """
            (call $some (i32.const 516) (local.get $headers) (local.get $count))
            (call $some (i32.const 528) (local.get $body) (local.get $length))
            """
        let answer = try await self.answer(
            echo, to: .init(method: "POST", target: "/a/b?c=d", fields: fields, body: "whole body"))
        #expect(answer.body == "whole body")
        #expect(answer.fields.all("host") == ["x.org"])
        #expect(answer.fields.all("x-one") == ["1", "2"])
        #expect(answer.fields.all("connection").isEmpty)
        #expect(answer.fields.all("spin-path-info") == ["/a/b"])
        #expect(answer.fields.first("spin-full-url") == "http://x.org/a/b?c=d")
        #expect(answer.fields.first("spin-raw-component-route") == "/...")
        let uri = "(call $some (i32.const 528) (local.get $uri) (local.get $uri-length))"
        #expect(try await self.answer(uri, to: .init(target: "/a/b?c=d")).body == "/a/b?c=d")
        let isThere = "(i32.store16 (i32.const 512) (i32.add (i32.const 200) (local.get $some)))"
        #expect(try await self.answer(isThere).status == 201)
    }

    /// A field that a message has once is sent once: the last one counts. Others are all sent.
    @Test func fieldsOfTheResponse() async throws {
        let answer = try await self.answer("(call $some (i32.const 516) (i32.const 1104) (i32.const 4))")
        #expect(answer.fields.all("content-type") == ["text/html"])
        #expect(answer.fields.all("set-cookie") == ["text/plain", "text/html"])
        #expect(answer.body == "")
    }

    @Test(arguments: [200, 204, 404, 599, 600]) func statuses(status: Int) async throws {
        #expect(try await self.answer("(i32.store16 (i32.const 512) (i32.const \(status)))").status == status)
    }

    @Test(arguments: [
        "(i32.store16 (i32.const 512) (i32.const 0))", "(i32.store16 (i32.const 512) (i32.const 99))",
        "(i32.store16 (i32.const 512) (i32.const 101))", "(i32.store16 (i32.const 512) (i32.const 601))",
        "(i32.store16 (i32.const 512) (i32.const 65535))", "(unreachable)",
        "(i32.store8 (i32.const 516) (i32.const 2))", "(i32.store8 (i32.const 528) (i32.const 255))",
        // Outside of the memory, misaligned, far too long, no text, no field.
        "(return (i32.const 131064))", "(return (i32.const 513))", "(return (i32.const -4))",
        "(call $some (i32.const 528) (i32.const 131000) (i32.const 100))",
        "(call $some (i32.const 528) (i32.const 0) (i32.const -1))",
        "(call $some (i32.const 516) (i32.const 1104) (i32.const -1))",
        "(call $some (i32.const 516) (i32.const 1105) (i32.const 1))",
        "(i32.store8 (i32.const 1040) (i32.const 255)) (call $some (i32.const 516) (i32.const 1104) (i32.const 1))",
        "(i32.store8 (i32.const 1040) (i32.const 10)) (call $some (i32.const 516) (i32.const 1104) (i32.const 1))",
        "(call $some (i32.const 516) (i32.const 1168) (i32.const 1))",
    ]) func badResponses(code: String) async throws {
        let answer = try await self.answer(code)
        #expect(answer.status == 500, "\(code)")
        #expect(answer.body == "")
    }

    /// The allocator gives no place, or a bad one.
    @Test(arguments: ["(i32.const -8)", "(i32.const 131072)", "(i32.const 3)", "(unreachable)"])
    func badAllocators(place: String) async throws {
        let text = """
            (module
              (memory (export "memory") 2)
              (func (export "canonical_abi_realloc") (param i32 i32 i32 i32) (result i32) \(place))
              (func (export "handle-http-request") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
                (i32.store16 (i32.const 512) (i32.const 200)) (i32.const 512)))
            """
        let component = try ModuleRig.load(try Engine.assemble(text))
        let answer = try await ModuleRig.answer(of: component, to: .init(body: "body"))
        #expect(answer.status == 500)
    }

    @Test func whatCannotBeLinkedIsTold() throws {
        let cases = [
            ("(import \"env\" \"f\" (func))", "imports \"f\" from \"env\", which nobody provides"),
            ("(import \"key-value\" \"other\" (func))", "from \"key-value\", which nobody provides"),
            ("(import \"key-value\" \"close\" (func))", "a function of type (i32) -> () is supplied"),
            ("(import \"sqlite\" \"close\" (global i32))", "is a global, but a function is supplied"),
        ]
        for (imports, message) in cases {
            let bytes = try Self.module("", imports: imports)
            let error = #expect(throws: (any Error).self) { try ModuleRig.load(bytes) }
            #expect("\(String(describing: error))".contains(message), "\(imports): \(String(describing: error))")
        }
        for (text, message) in [
            ("(module (func (export \"handle-http-request\")))", "a lifted function must have type"),
            (
                "(module (memory (export \"memory\") 1) (func (export \"handle-redis-message\") (param i32 i32) "
                    + "(result i32) (i32.const 0)))", "'realloc' is required"
            ),
            ("(module (func (export \"handle\")))", "does not say which world it was made for"),
        ] {
            let error = #expect(throws: (any Error).self) { try ModuleRig.load(try Engine.assemble(text)) }
            #expect("\(String(describing: error))".contains(message), "\(String(describing: error))")
        }
    }

    /// What modules import under their own names has the type that components import: a mistake in the table would show
    /// here.
    @Test func allNamesLink() throws {
        let component = try ModuleRig.load(try Engine.assemble(try ModuleRig.guest("spin-one")))
        let names = Set(component.plan.importedFunctions.compactMap { $0.interface?.text })
        #expect(
            names == [
                "fermyon:spin/key-value", "fermyon:spin/sqlite", "fermyon:spin/config", "fermyon:spin/redis",
                "fermyon:spin/llm",
            ])
        #expect(component.plan.exports.map(\.name.text) == ["fermyon:spin/inbound-http", "fermyon:spin/inbound-redis"])
    }
}
