import ComponentModel
import Testing
import WasmEngine

/// Calls from one component into another: values of every type, and what is wrong with them.
@Suite struct AdapterTests {
    @Test func numbersPass() throws {
        let composed = ComposedText(
            [
                .init(
                    name: "add", type: #"(param "a" u32) (param "b" u32) (result u32)"#,
                    core: "(param $a i32) (param $b i32) (result i32)", body: "(i32.add (local.get $a) (local.get $b))")
            ], run: "(call $add (i32.const 40) (i32.const 2))")
        #expect(try run(linked(composed.text)) == 42)
    }

    /// What the callee sees of a number that the caller passes with more bits than its type has.
    @Test(
        arguments: [
            ("u8", "0x1ff", 0xFF), ("u16", "0x1ffff", 0xFFFF), ("s8", "0x180", 0xFFFF_FF80), ("s16", "0x7fff", 0x7FFF),
            ("s16", "0x8000", 0xFFFF_8000), ("bool", "0x100", 1), ("bool", "0", 0), ("char", "0x10ffff", 0x10FFFF),
            ("char", "0xd7ff", 0xD7FF), ("char", "0xe000", 0xE000), ("u32", "-1", 0xFFFF_FFFF),
        ] as [(String, String, UInt32)])
    func narrowNumbersAreCutToSize(type: String, value: String, seen: UInt32) throws {
        let composed = ComposedText(
            [
                .init(
                    name: "see", type: #"(param "a" \#(type)) (result u32)"#, core: "(param $a i32) (result i32)",
                    body: "(local.get $a)")
            ], run: "(call $see (i32.const \(value)))")
        #expect(try run(linked(composed.text)) == seen)
        // The same out of memory, as elements of a list.
        let width = ["u8", "s8", "bool"].contains(type) ? 8 : type.hasSuffix("16") ? 16 : 32
        let load = width == 32 ? "i32.load" : "i32.load\(width)_\(type.hasPrefix("s") ? "s" : "u")"
        guard !(type == "bool" && value == "0x100") else { return }
        let list = ComposedText(
            [
                .init(
                    name: "see", type: #"(param "a" (list \#(type))) (result u32)"#,
                    core: "(param $p i32) (param $n i32) (result i32)",
                    body: "(\(load) (i32.add (local.get $p) (i32.const \(width / 8))))")
            ],
            run: """
                (i32.store\(width == 32 ? "" : "\(width)") (i32.const \(64 + width / 8)) (i32.const \(value)))
                (call $see (i32.const 64) (i32.const 2))
                """)
        #expect(try run(linked(list.text)) == seen)
    }

    @Test(arguments: ["0xd800", "0xdfff", "0x110000", "-1"])
    func badCharactersTrap(value: String) throws {
        let composed = ComposedText(
            [
                .init(
                    name: "see", type: #"(param "a" char) (result u32)"#, core: "(param $a i32) (result i32)",
                    body: "(local.get $a)")
            ], run: "(call $see (i32.const \(value)))")
        #expect(try fault(linked(composed.text)).hasSuffix("is not a Unicode scalar value"))
    }

    // MARK: Strings

    private static let echo = ComposedText.Function(
        name: "echo", type: #"(param "a" string) (result string)"#,
        core: "(param $p i32) (param $n i32) (result i32)",
        body: """
            (i32.store (i32.const 16) (local.get $p))
            (i32.store (i32.const 20) (local.get $n))
            (i32.const 16)
            """, lowered: "(param i32 i32 i32)")

    @Test(arguments: ["utf8", "utf16", "latin1+utf16"], ["utf8", "utf16", "latin1+utf16"])
    func textSurvivesARoundTrip(caller: String, callee: String) throws {
        let data = [
            "utf8": #"W\c3\a9\e6\97\a5"#, "utf16": #"W\00\e9\00\e5\65"#, "latin1+utf16": #"W\00\e9\00\e5\65"#,
        ]
        let length = ["utf8": "6", "utf16": "3", "latin1+utf16": "0x80000003"]
        var composed = ComposedText(
            [Self.echo],
            run: """
                (call $echo (i32.const 64) (i32.const \(length[caller] ?? "")) (i32.const 16))
                (if (i32.ne (i32.load (i32.const 20)) (i32.const \(length[caller] ?? ""))) (then (return (i32.const 1))))
                (local.set $a (i32.load (i32.const 16)))
                (loop $again
                  (if (i32.ne (i32.load8_u (i32.add (local.get $a) (local.get $i)))
                    (i32.load8_u (i32.add (i32.const 64) (local.get $i)))) (then (return (i32.const 2))))
                  (local.set $i (i32.add (local.get $i) (i32.const 1)))
                  (br_if $again (i32.lt_u (local.get $i) (i32.const 6))))
                (i32.const 0)
                """)
        composed.callerFields = #"(data (i32.const 64) "\#(data[caller] ?? "")")"#
        composed.callerEncoding = caller
        composed.calleeEncoding = callee
        #expect(try run(linked(composed.text)) == 0)
    }

    @Test(arguments: [
        ("utf8", "0", "65537", "string content out-of-bounds: 0x0 with 65537 bytes"),
        ("utf8", "0", "-1", "string content out-of-bounds: 0x0 with 4294967295 bytes"),
        ("utf16", "0", "32769", "string content out-of-bounds"),
        ("utf8", "64", "1", "invalid utf-8 encoding: a string is not UTF-8"),
        ("utf16", "65", "1", "pointer 0x41 is not aligned to 2"),
        ("utf16", "66", "1", "invalid utf16 encoding: a string is not UTF-16, it has an unpaired surrogate"),
        ("utf16", "0", "0x8000000", "string content out-of-bounds: 268435456 bytes, at most 268435455"),
    ])
    func badTextTraps(encoding: String, pointer: String, length: String, message: String) throws {
        var composed = ComposedText(
            [Self.echo],
            run: "(call $echo (i32.const \(pointer)) (i32.const \(length)) (i32.const 16)) (i32.const 0)")
        composed.callerFields = #"(data (i32.const 64) "\ff\00\00\d8")"#
        composed.callerEncoding = encoding
        #expect(try fault(linked(composed.text)) == message)
    }

    // MARK: Memory

    private static let sum = ComposedText.Function(
        name: "sum", type: #"(param "a" (list u32)) (result u32)"#,
        core: "(param $p i32) (param $n i32) (result i32)",
        body: """
            (i32.add (local.get $n) (i32.add (i32.load (local.get $p)) (i32.load offset=4 (local.get $p))))
            """)

    @Test func listsAreCopied() throws {
        let composed = ComposedText(
            [Self.sum],
            run: """
                (i32.store (i32.const 64) (i32.const 100))
                (i32.store (i32.const 68) (i32.const 1000))
                (call $sum (i32.const 64) (i32.const 2))
                """)
        #expect(try run(linked(composed.text)) == 1102)
    }

    @Test(arguments: [
        ("65", "2", "pointer 0x41 is not aligned to 4"),
        (
            "65532", "2",
            "list content out-of-bounds: 0xfffc with 8 bytes, pointer/length out of bounds of memory"
        ),
        (
            "65540", "0",
            "list content out-of-bounds: 0x10004 with 0 bytes, pointer/length out of bounds of memory"
        ),
        ("0", "0x40000000", "list content out-of-bounds: 1073741824 elements of 4 bytes are too many"),
        ("0", "0x4000000", "list content out-of-bounds: 67108864 elements of 4 bytes are too many"),
        (
            "0", "0x3ffffff",
            "list content out-of-bounds: 0x0 with 268435452 bytes, pointer/length out of bounds of memory"
        ),
    ])
    func badListsTrap(pointer: String, length: String, message: String) throws {
        let composed = ComposedText([Self.sum], run: "(call $sum (i32.const \(pointer)) (i32.const \(length)))")
        #expect(try fault(linked(composed.text)) == message)
    }

    @Test(arguments: [
        ("(i32.const 65537)", "realloc return: unaligned pointer 0x10001, not aligned to 4"),
        ("(i32.const 65536)", "realloc return: beyond end of memory: 0x10000 with 8 bytes"),
        ("(i32.const 65532)", "realloc return: beyond end of memory: 0xfffc with 8 bytes"),
        ("(i32.const -4)", "realloc return: beyond end of memory: 0xfffffffc with 8 bytes"),
    ])
    func badAllocationsTrap(realloc: String, message: String) throws {
        var composed = ComposedText([Self.sum], run: "(call $sum (i32.const 64) (i32.const 2))")
        composed.calleeRealloc = realloc
        #expect(try fault(linked(composed.text)) == message)
    }

    /// Nested lists, records with gaps, and more than 16 flat parameters.
    @Test func deepValuesPassThroughMemory() throws {
        let type = #"(param "a" (list (tuple u8 (list string) (option u64))))"#
        let many = (0..<15).map { #"(param "p\#($0)" u8)"# }.joined(separator: " ")
        let composed = ComposedText(
            [
                .init(
                    name: "f", type: "\(many) \(type) (result u64)", core: "(param $area i32) (result i64)",
                    body: """
                        (local $list i32)
                        (local.set $list (i32.load offset=16 (local.get $area)))
                        (i64.add
                          (i64.add (i64.load8_u offset=14 (local.get $area)) (i64.load32_u offset=20 (local.get $area)))
                          (i64.add
                            (i64.add (i64.load8_u offset=32 (local.get $list)) (i64.load offset=56 (local.get $list)))
                            (i64.add (i64.load8_u offset=48 (local.get $list))
                              (i64.load8_u (i32.load (i32.add (i32.load offset=36 (local.get $list)) (i32.const 8)))))))
                        """)
            ],
            run: """
                (i32.store8 (i32.const 270) (i32.const 1))
                (i32.store (i32.const 272) (i32.const 512))
                (i32.store (i32.const 276) (i32.const 2))
                (i32.store8 (i32.const 544) (i32.const 3))
                (i32.store (i32.const 548) (i32.const 640))
                (i32.store (i32.const 552) (i32.const 2))
                (i32.store8 (i32.const 560) (i32.const 1))
                (i64.store (i32.const 568) (i64.const 4000))
                (i32.store (i32.const 648) (i32.const 700))
                (i32.store (i32.const 652) (i32.const 1))
                (i32.store8 (i32.const 700) (i32.const 65))
                (i32.wrap_i64 (call $f (i32.const 256)))
                """)
        #expect(try run(linked(composed.text)) == 1 + 2 + 3 + 1 + 4000 + 65)
    }

    @Test(arguments: ["f32", "u64", "f64", "string", "(tuple u8 f64)"])
    func flatVariantsKeepTheirBits(other: String) throws {
        // The payload `y`, an f32 of the bits 0x3f8, as the joined type passes it; more flat values follow.
        let flat = [
            "f32": ["f32"], "u64": ["i64"], "f64": ["i64"], "string": ["i32", "i32"], "(tuple u8 f64)": ["i32", "f64"],
        ]
        let types = try #require(flat[other])
        let (bits, seen) =
            switch types[0] {
            case "f32": ("(f32.reinterpret_i32 (i32.const 0x3f8))", "(local.get 1)")
            case "i64": ("(i64.const 0x3f8)", "(f32.reinterpret_i32 (i32.wrap_i64 (local.get 1)))")
            default: ("(i32.const 0x3f8)", "(f32.reinterpret_i32 (local.get 1))")
            }
        let rest = types.dropFirst().map { "(\($0).const 0)" }.joined(separator: " ")
        var composed = ComposedText(
            [
                .init(
                    name: "f",
                    type: #"(param "a" $named) (result f32)"#,
                    core: "(param i32 \(types.joined(separator: " "))) (result f32)", body: seen)
            ], run: "(i32.reinterpret_f32 (call $f (i32.const 1) \(bits) \(rest)))")
        composed.named = #"(variant (case "x") (case "y" f32) (case "z" \#(other)))"#
        #expect(try run(linked(composed.text)) == 0x3F8)
    }

    @Test(
        arguments: [
            (#"(enum "a" "b")"#, "2", 2), (#"(option u32)"#, "2", 2), (#"(result)"#, "5", 2),
            (#"(variant (case "a") (case "b" u32) (case "c"))"#, "3", 3),
        ] as [(String, String, Int)])
    func badDiscriminantsTrap(type: String, value: String, cases: Int) throws {
        let hasPayload = type.contains("u32")
        var composed = ComposedText(
            [
                .init(
                    name: "f", type: #"(param "a" $named)"#, core: hasPayload ? "(param i32 i32)" : "(param i32)",
                    body: "")
            ],
            run: "(call $f (i32.const \(value)) \(hasPayload ? "(i32.const 0)" : "")) (i32.const 0)")
        composed.named = type
        #expect(try fault(linked(composed.text)) == "invalid variant discriminant: \(value) is not below \(cases)")
        var list = ComposedText(
            [
                .init(
                    name: "f", type: #"(param "a" (list $named))"#, core: "(param i32 i32)", body: "")
            ],
            run: "(i32.store8 (i32.const 64) (i32.const \(value))) (call $f (i32.const 64) (i32.const 1)) (i32.const 0)"
        )
        list.named = type
        #expect(try fault(linked(list.text)) == "invalid variant discriminant: \(value) is not below \(cases)")
    }

    @Test func excessFlagsAreCutOff() throws {
        var composed = ComposedText(
            [
                .init(
                    name: "f", type: #"(param "a" $named) (result u32)"#, core: "(param i32) (result i32)",
                    body: "(local.get 0)")
            ], run: "(call $f (i32.const -1))")
        composed.named = #"(flags "x" "y" "z")"#
        #expect(try run(linked(composed.text)) == 7)
    }

    // MARK: Leaving and entering

    @Test func postReturnRunsAfterTheResultWasCopied() throws {
        var echo = Self.echo
        echo.postReturn = "(i32.store8 (i32.load (local.get $result)) (i32.const 33)) (global.set $posts (i32.const 1))"
        let composed = {
            var composed = ComposedText(
                [
                    echo,
                    .init(name: "posts", type: "(result u32)", core: "(result i32)", body: "(global.get $posts)"),
                ],
                run: """
                    (call $echo (i32.const 64) (i32.const 1) (i32.const 16))
                    (i32.add (i32.load8_u (i32.load (i32.const 16))) (i32.mul (call $posts) (i32.const 1000)))
                    """)
            composed.callerFields = #"(data (i32.const 64) "A")"#
            composed.calleeFields = "(global $posts (mut i32) (i32.const 0))"
            return composed
        }()
        #expect(try run(linked(composed.text)) == 1065)
    }

    @Test func aStoppedInstanceIsNotEnteredAgain() throws {
        let component = try linked(
            ComposedText([], run: "unreachable").text)
        let store = Store(component.engine)
        let function = try #require(component.exportedFunction("run", in: nil))
        let instance = try ComponentInstance(component, in: store, host: Recorder(), waker: Waker())
        #expect(throws: (any Error).self) { try instance.call(function, arguments: { _ in }, results: { _ in }) }
        #expect(throws: GuestFault("cannot enter component instance")) {
            try instance.call(function, arguments: { _ in }, results: { _ in })
        }
    }

    /// Parents and children do not call each other (test/async/trap-on-reenter.wast).
    @Test func parentsDoNotCallTheirChildren() throws {
        let component = try linked(
            """
            (component
              (component $child
                (core module $m (func (export "f")))
                (core instance $m (instantiate $m))
                (func (export "f") (canon lift (core func $m "f"))))
              (instance $child (instantiate $child))
              (core func $f (canon lower (func $child "f")))
              (core module $m (import "" "f" (func $f)) (func (export "run") (result i32) (call $f) (i32.const 0)))
              (core instance $m (instantiate $m (with "" (instance (export "f" (func $f))))))
              (func (export "run") (result u32) (canon lift (core func $m "run"))))
            """)
        #expect(try fault(component) == "cannot enter component instance")
    }
}
