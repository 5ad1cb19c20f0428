import Testing
import Wast

/// Values of all types on their way between two components where a side may wait: what comes back is what was sent.
///
/// `relay` gets a list of one value, which lies in memory as an asynchronous call wants its parameters, hands it to
/// `echo` of the other component, and gives back where that put the result.
@Suite struct TaskValueTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let type: String
        /// Core types of the value; more than 16 pass in memory.
        let flat: [String]
        let values: [String]
        /// Loads the flat values from `$p`, where they are at most 4.
        var loads: String?

        var testDescription: String { self.type }
    }

    static let cases: [Case] = [
        Case(
            type: "(tuple u8 s16 u32 s64 f32 f64 bool char)",
            flat: ["i32", "i32", "i32", "i64", "f32", "f64", "i32", "i32"],
            values: [
                """
                (tuple.const (u8.const 255) (s16.const -2) (u32.const 4294967295) (s64.const -5) (f32.const -1.5)
                  (f64.const 1e300) (bool.const true) (char.const "🙂"))
                """
            ]),
        Case(
            type: "(tuple string (list u16) (list string))", flat: Array(repeating: "i32", count: 6),
            values: [
                "(tuple.const (str.const \"\") (list.const) (list.const))",
                """
                (tuple.const (str.const "grüße 🙂") (list.const (u16.const 1) (u16.const 65535))
                  (list.const (str.const "a") (str.const "") (str.const "ÿ")))
                """,
            ]),
        Case(
            type: "(tuple (option f32) (result u64 (error string)) (option (option u8)) (result f64))",
            flat: ["i32", "f32", "i32", "i64", "i32", "i32", "i32", "i32", "i32", "f64"],
            values: [
                """
                (tuple.const (option.some (f32.const 2.5)) (result.ok (u64.const 18446744073709551615))
                  (option.some (option.none)) (result.ok (f64.const 0.5)))
                """,
                "(tuple.const (option.none) (result.err (str.const \"no\")) (option.none) (result.err))",
            ]),
        Case(
            type: "(tuple (list (tuple u8 u64)) (list bool) (list u8) (list (option (list u32))))",
            flat: Array(repeating: "i32", count: 8),
            values: [
                """
                (tuple.const (list.const (tuple.const (u8.const 1) (u64.const 2))) (list.const (bool.const true))
                  (list.const (u8.const 1) (u8.const 2) (u8.const 3))
                  (list.const (option.none) (option.some (list.const (u32.const 7) (u32.const 8)))))
                """
            ]),
        Case(
            type: "(tuple (tuple u8 u8 u8 u8 u8 u8) (tuple u16 u16 u16 u16 u16 u16) string (option string) u64)",
            flat: Array(repeating: "i32", count: 17) + ["i64"],
            values: [
                """
                (tuple.const
                  (tuple.const (u8.const 1) (u8.const 2) (u8.const 3) (u8.const 4) (u8.const 5) (u8.const 6))
                  (tuple.const (u16.const 1) (u16.const 2) (u16.const 3) (u16.const 4) (u16.const 5) (u16.const 6))
                  (str.const "text") (option.some (str.const "more")) (u64.const 9))
                """
            ]),
        Case(
            type: "string", flat: ["i32", "i32"],
            values: [
                "(str.const \"\")", "(str.const \"grüße 🙂\")", "(str.const \"\(String(repeating: "a", count: 99))\")",
            ],
            loads: "(i32.load (local.get $p)) (i32.load offset=4 (local.get $p))"),
        Case(
            type: "(option u64)", flat: ["i32", "i64"],
            values: ["(option.some (u64.const 7))", "(option.none)"],
            loads: "(i32.load8_u (local.get $p)) (i64.load offset=8 (local.get $p))"),
        Case(
            type: "(tuple f32 f64)", flat: ["f32", "f64"],
            values: ["(tuple.const (f32.const 1.5) (f64.const -0.25))"],
            loads: "(f32.load (local.get $p)) (f64.load offset=8 (local.get $p))"),
        Case(type: "u8", flat: ["i32"], values: ["(u8.const 200)"], loads: "(i32.load8_u (local.get $p))"),
        Case(type: "char", flat: ["i32"], values: ["(char.const \"🙂\")"], loads: "(i32.load (local.get $p))"),
    ]

    enum Caller: String, CaseIterable, CustomTestStringConvertible {
        case waiting = "async"
        case blocking = ""

        var testDescription: String { self == .waiting ? "async" : "sync" }
    }

    @Test(arguments: cases, Caller.allCases)
    func comesBack(_ item: Case, caller: Caller) throws {
        // A synchronous lowering takes up to 16 flat values, which only short code loads.
        if caller == .blocking, item.loads == nil, item.flat.count <= 16 { return }
        for encoding in ["utf8", "utf16", "latin1+utf16"] {
            var script = Self.component(item, caller, encoding) + "\n"
            for value in item.values {
                script += "(assert_return (invoke \"relay\" (list.const \(value))) (list.const \(value)))\n"
            }
            let report = try report(script)
            #expect(report.passed == item.values.count + 1, "\(report.entries) \(encoding)")
        }
    }

    private static let libc = """
        (core module $Libc
          (memory (export "memory") 2)
          (global $end (mut i32) (i32.const 4096))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (global.set $end (i32.and
              (i32.add (global.get $end) (i32.sub (local.get 2) (i32.const 1))) (i32.sub (i32.const 0) (local.get 2))))
            (memory.copy (global.get $end) (local.get 0) (local.get 1))
            (global.get $end)
            (global.set $end (i32.add (global.get $end) (local.get 3)))))
        (core instance $libc (instantiate $Libc))
        (alias core export $libc "memory" (core memory $memory))
        (alias core export $libc "realloc" (core func $realloc))
        """

    private static func component(_ item: Case, _ caller: Caller, _ encoding: String) -> String {
        let flat = item.flat.count > 16 ? ["i32"] : item.flat
        let isInMemory = caller == .waiting ? item.flat.count > 4 : item.flat.count > 16
        let parameters = isInMemory ? ["i32"] : flat
        let returnsFlat = caller == .blocking && flat.count == 1 && item.flat.count == 1
        let type = item.type
        // A flat result is stored as its bytes lie, which `u8` and `char` share.
        let arguments = isInMemory ? "(local.get $p)" : item.loads ?? ""
        let call =
            returnsFlat
            ? "(i32.store (i32.const 256) (call $echo \(arguments)))"
            : caller == .blocking
                ? "(call $echo \(arguments) (i32.const 256))"
                : "(if (i32.ne (call $echo \(arguments) (i32.const 256)) (i32.const 2)) (then unreachable))"
        let results = returnsFlat ? "(result \(flat[0]))" : caller == .waiting ? "(result i32)" : ""
        return """
            (component
              (component $Echo
                \(Self.libc)
                (core func $return
                  (canon task.return (result \(type)) (memory $memory) string-encoding=\(encoding)))
                (core module $M
                  (import "" "return" (func $return (param \(flat.joined(separator: " ")))))
                  (func (export "echo") (param \(flat.joined(separator: " "))) (result i32)
                    (call $return \(flat.indices.map { "(local.get \($0))" }.joined(separator: " ")))
                    (i32.const 0))
                  (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
                (core instance $m (instantiate $M (with "" (instance (export "return" (func $return))))))
                (func (export "echo") async (param "v" \(type)) (result \(type))
                  (canon lift (core func $m "echo") async (callback (core func $m "callback"))
                    (memory $memory) (realloc $realloc) string-encoding=\(encoding))))
              (component $Relay
                (import "echo" (func $echo async (param "v" \(type)) (result \(type))))
                \(Self.libc)
                (core func $echo'
                  (canon lower (func $echo) \(caller.rawValue) (memory $memory) (realloc $realloc)))
                (core module $M
                  (import "" "echo" (func $echo
                    (param \(parameters.joined(separator: " ")) \(returnsFlat ? "" : "i32")) \(results)))
                  (import "" "memory" (memory 2))
                  (func (export "relay") (param $p i32) (param $n i32) (result i32)
                    \(call)
                    (i32.store (i32.const 0) (i32.const 256))
                    (i32.store (i32.const 4) (i32.const 1))
                    (i32.const 0)))
                (core instance $m (instantiate $M (with "" (instance
                  (export "echo" (func $echo')) (export "memory" (memory $memory))))))
                (func (export "relay") async (param "v" (list \(type))) (result (list \(type)))
                  (canon lift (core func $m "relay") (memory $memory) (realloc $realloc))))
              (instance $echo (instantiate $Echo))
              (instance $relay (instantiate $Relay (with "echo" (func $echo "echo"))))
              (export "relay" (func $relay "relay")))
            """
    }
}
