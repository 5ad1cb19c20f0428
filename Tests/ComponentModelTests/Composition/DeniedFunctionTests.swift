import ComponentModel
import Testing
import WasmEngine

/// What a dependency may not use: its calls fail, and nothing of the host is asked.
@Suite struct DeniedFunctionTests {
    /// A dependency that calls a function of the host, and returns what `after` makes of it.
    private static func composed(
        _ type: String, core: String, call: String, denied: Bool = true, types: String = "",
        options: String = ""
    ) throws -> Composed {
        let dependency = """
            (component
              (import "test:host/secret@1.0.0" (instance $secret
                \(types)
                (export "f" (func \(type)))))
              \(CompositionTexts.allocator)
              (core func $f (canon lower (func $secret "f")
                (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")) \(options)))
              (core module $m
                (import "libc" "memory" (memory 1))
                (import "" "f" (func $f \(core)))
                (func (export "add") (param i32 i32) (result i32) \(call)))
              (core instance $m (instantiate $m (with "libc" (instance $libc))
                (with "" (instance (export "f" (func $f))))))
              (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
              (instance $i (export "add" (func $add)))
              (export "test:dep/math@1.0.0" (instance $i)))
            """
        return try Composed(
            CompositionTexts.caller(),
            [.init("test:dep", dependency, denied: denied ? ["test:host/secret@1.0.0"] : [])])
    }

    private static var registry: HostRegistry {
        get throws {
            HostRegistry([
                HostInterface(
                    name: "test:host/secret", versions: [VersionRange(from: "1.0.0", below: "2.0.0")], resources: [:],
                    functions: [HostFunction(name: "f", signature: "() -> u32") { $0.returnI32(7) }])
            ])
        }
    }

    @Test func stopsTheGuestWhereNoWordsAre() throws {
        let call = "(call $f)"
        let allowed = try Self.composed("(result u32)", core: "(result i32)", call: call, denied: false)
        #expect(try run(allowed.linked(registry: Self.registry)) == 7)
        #expect(try run(allowed.encoded().linked(registry: Self.registry)) == 7)
        let composed = try Self.composed("(result u32)", core: "(result i32)", call: call)
        let component = try composed.linked(registry: Self.registry)
        do {
            _ = try run(component)
            Issue.record("the call went through")
        } catch WasmFailure.host(let error as DeniedCallError) {
            #expect(
                error.description
                    == "test:host/secret@1.0.0#f was called: test:host/secret@1.0.0 is denied here")
        }
        // As one file, it needs nothing of the host.
        let encoded = try composed.encoded().linked()
        #expect(encoded.plan.imports.isEmpty)
        #expect(throws: (any Error).self) { try run(encoded) }
    }

    @Test(arguments: [
        // Count of the list, then what stood there before.
        (
            "(result (list string))",
            "(i32.store offset=4 (i32.const 8) (i32.const 9)) (call $f (i32.const 8)) (i32.load (i32.const 12))", 0, ""
        ),
        // The discriminant of none.
        (
            "(result (option string))",
            "(i32.store (i32.const 8) (i32.const 9)) (call $f (i32.const 8)) (i32.load8_u (i32.const 8))", 0, ""
        ),
        // err, and the first letter of the message.
        (
            "(result (result u32 (error string)))",
            "(call $f (i32.const 8)) (i32.add (i32.mul (i32.const 1000) (i32.load8_u (i32.const 8))) (i32.load8_u (i32.load (i32.const 12))))",
            1116, ""
        ),
        // err(access-denied)
        (
            "(result (result u64 (error $e)))",
            "(call $f (i32.const 8)) (i32.add (i32.mul (i32.const 1000) (i32.load8_u (i32.const 8))) (i32.load8_u (i32.const 16)))",
            1001, #"(type $e' (enum "unknown" "access-denied")) (export "e" (type $e (eq $e')))"#
        ),
        // err(internal-error(some(…)))
        (
            "(result (result u64 (error $e)))",
            "(call $f (i32.const 8)) (i32.add (i32.mul (i32.const 1000) (i32.load8_u (i32.const 16))) (i32.load8_u (i32.load (i32.const 24))))",
            1116,
            #"(type $e' (variant (case "a") (case "internal-error" (option string)))) (export "e" (type $e (eq $e')))"#
        ),
    ])
    func answersThatNothingIsGranted(_ type: String, _ call: String, _ expected: UInt32, _ types: String) throws {
        let composed = try Self.composed(type, core: "(param i32)", call: call, types: types)
        #expect(try run(composed.linked(registry: Self.registry)) == expected)
        #expect(try run(composed.encoded().linked()) == expected)
    }

    /// A lowering by `async` has at most 4 flat parameters, then the place of the result, and gives a status.
    @Test(arguments: [
        // Flat parameters, of which the first stands where the status goes.
        (
            #"(param "a" u32) (param "b" u32)"#, "(param i32 i32 i32)",
            "(call $f (i32.const 7) (i32.const 7) (i32.const 8))"
        ),
        (
            #"(param "a" u32) (param "b" u64) (param "c" u32) (param "d" f32)"#, "(param i32 i64 i32 f32 i32)",
            "(call $f (i32.const 7) (i64.const -1) (i32.const 7) (f32.const 7) (i32.const 8))"
        ),
        // Parameters in memory.
        (
            #"(param "a" u64) (param "b" u64) (param "c" u64) (param "d" u64) (param "e" u64)"#, "(param i32 i32)",
            "(call $f (i32.const 64) (i32.const 8))"
        ),
        (
            (0..<16).map { "(param \"p\($0)\" u32)" }.joined(separator: " "), "(param i32 i32)",
            "(call $f (i32.const 64) (i32.const 8))"
        ),
        (
            (0..<17).map { "(param \"p\($0)\" u32)" }.joined(separator: " "), "(param i32 i32)",
            "(call $f (i32.const 64) (i32.const 8))"
        ),
    ])
    func answersLoweringsByAsync(_ parameters: String, _ core: String, _ call: String) throws {
        let composed = try Self.composed(
            "async \(parameters) (result (result u32 (error string)))", core: "\(core) (result i32)",
            call: """
                (i32.add (i32.mul (i32.const 10000) \(call))
                  (i32.add (i32.mul (i32.const 1000) (i32.load8_u (i32.const 8)))
                    (i32.load8_u (i32.load (i32.const 12)))))
                """, options: "async")
        // Returned, err, and the first letter of the message.
        #expect(try run(composed.linked(registry: Self.registry)) == 21116)
    }

    /// - Parameter isAsync: by a lowering by `async`, whose parameters lie in memory.
    @Test(arguments: [false, true], [false, true]) func takesWhatIsGivenAway(_ again: Bool, isAsync: Bool) throws {
        func send(_ thing: String, _ option: (Int, String)) -> String {
            guard isAsync else { return "(call $send (i64.const -1) \(thing) (i32.const \(option.0)) \(option.1))" }
            return """
                (i32.store offset=12 (i32.const 64) \(thing))
                (i32.store8 offset=16 (i32.const 64) (i32.const \(option.0)))
                (i32.store offset=20 (i32.const 64) \(option.1))
                (i32.and (i32.shr_u (call $send (i32.const 64) (i32.const 8)) (i32.const 1))
                  (i32.load8_u (i32.const 8)))
                """
        }
        let dependency = """
            (component
              (import "test:host/api@1.0.0" (instance $api
                (export "thing" (type $thing (sub resource)))
                (export "make" (func (param "value" u32) (result (own $thing))))))
              (alias export $api "thing" (type $thing))
              (import "test:host/sender@1.0.0" (instance $sender
                (alias outer 1 $thing (type $t)) (export "thing" (type $t' (eq $t)))
                (export "send" (func \(isAsync ? #"async (param "n" u64) (param "x" u32)"# : #"(param "n" u64)"#) (param "t" (own $t')) (param "o" (option (own $t')))
                  (result (result))))))
              (core func $new (canon lower (func $api "make")))
              \(CompositionTexts.allocator)
              (core func $send (canon lower (func $sender "send")
                \(isAsync ? #"async (memory (core memory $libc "memory"))"# : "")))
              (core module $m
                (import "" "new" (func $new (param i32) (result i32)))
                (import "" "send" (func $send (param \(isAsync ? "i32 i32" : "i64 i32 i32 i32")) (result i32)))
                (import "libc" "memory" (memory 1))
                (func (export "add") (param i32 i32) (result i32)
                  \(send("(call $new (i32.const 1))", (1, "(call $new (i32.const 2))")))
                  \(again ? "\(send("(i32.const 1)", (0, "(i32.const 0)"))) (drop)" : "")))
              (core instance $m (instantiate $m (with "libc" (instance $libc))
                (with "" (instance (export "new" (func $new)) (export "send" (func $send))))))
              (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
              (instance $i (export "add" (func $add)))
              (export "test:dep/math@1.0.0" (instance $i)))
            """
        // The host has no such interface: nobody looks for what is denied.
        let component = try Composed(
            CompositionTexts.caller(),
            [.init("test:dep", dependency, denied: ["test:host/sender@1.0.0"])]
        ).linked()
        let host = Recorder()
        if again {
            #expect(try fault(component, host: host) == "unknown handle index 1")
        } else {
            #expect(try run(component, host: host) == 1)
        }
        #expect(host.things.made == 2)
        #expect(host.things.live == 0)
    }
}
