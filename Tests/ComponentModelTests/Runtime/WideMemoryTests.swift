import ComponentModel
import Testing

/// Calls of host functions by a guest whose memory has 64-bit addresses: values go by way of a memory of the host's.
@Suite struct WideMemoryTests {
    /// A component that imports all of ``TestAPI`` and exports `run`, with this body; it has a local `$a`.
    private func text(_ run: String) -> String {
        let names = ["sum", "sum-wide", "greet", "names", "pair", "numbers", "make", "value", "consume"]
        let lowers = names.map {
            #"(core func $\#($0) (canon lower (func $api "\#($0)") (memory $memory) (realloc (core func $libc "realloc"))))"#
        }
        return """
            (component
              (import "test:host/api@1.0.0" (instance $api \(GuestText.interface)))
              (core module $libc
                (memory (export "memory") i64 1)
                (global $next (mut i64) (i64.const 1024))
                (func (export "realloc") (param i64 i64 i64 i64) (result i64)
                  (global.set $next (i64.and (i64.add (global.get $next) (i64.const 7)) (i64.const -8)))
                  (global.get $next)
                  (global.set $next (i64.add (global.get $next) (local.get 3)))))
              (core instance $libc (instantiate $libc))
              (alias core export $libc "memory" (core memory $memory))
              \(lowers.joined(separator: "\n"))
              (core instance $h \(names.map { #"(export "\#($0)" (func $\#($0)))"# }.joined()))
              (core module $main
                (import "h" "sum" (func $sum (param i64 i64) (result i32)))
                (import "h" "sum-wide" (func $sum-wide (param i64 i64) (result i64)))
                (import "h" "greet" (func $greet (param i64 i64 i64)))
                (import "h" "names" (func $names (param i64 i64) (result i32)))
                (import "h" "pair" (func $pair (param i64)))
                (import "h" "numbers" (func $numbers (param i64)))
                (import "h" "make" (func $make (param i32) (result i32)))
                (import "h" "value" (func $value (param i32) (result i32)))
                (import "h" "consume" (func $consume (param i32) (result i32)))
                (import "libc" "memory" (memory i64 1))
                (data (i64.const 16) "World\\ff\\fe\\01\\02\\03")
                (func (export "run") (result i32) (local $a i32) \(run)))
              (core instance $main (instantiate $main (with "h" (instance $h)) (with "libc" (instance $libc))))
              (func (export "run") (result u32) (canon lift (core func $main "run"))))
            """
    }

    @Test(
        arguments: [
            ("(call $sum (i64.const 23) (i64.const 3))", 6),
            (
                "(i64.store (i64.const 64) (i64.const 5)) (i64.store (i64.const 72) (i64.const 6)) "
                    + "(i32.wrap_i64 (call $sum-wide (i64.const 64) (i64.const 2)))", 11
            ),
            // Hello, World!
            (
                "(call $greet (i64.const 16) (i64.const 5) (i64.const 64)) "
                    + "(i32.add (i32.mul (i32.const 1000) (i32.load (i64.const 72))) (i32.load8_u (i64.load (i64.const 64))))",
                13072
            ),
            (
                "(call $pair (i64.const 64)) (i32.add (i32.mul (i32.load (i64.const 64)) (i32.const 10)) (i32.load (i64.const 68)))",
                34
            ),
            // Two strings of which each pair of pointer and length takes 16 bytes.
            (
                "(i64.store (i64.const 64) (i64.const 16)) (i64.store (i64.const 72) (i64.const 5)) "
                    + "(i64.store (i64.const 80) (i64.const 17)) (i64.store (i64.const 88) (i64.const 3)) "
                    + "(call $names (i64.const 64) (i64.const 2))", 8
            ),
            (
                "(local.set $a (call $make (i32.const 7))) (i32.add (call $value (local.get $a)) (call $consume (local.get $a)))",
                14
            ),
        ] as [(String, UInt32)])
    func valuesPassBothWays(run body: String, result: UInt32) throws {
        #expect(try run(linked(self.text(body))) == result)
    }

    /// 1,000 lists of 60 KB: the memory that they go by holds but one at a time.
    @Test func callsLeaveNothingBehind() throws {
        let body = """
            (loop $again
              (drop (call $sum (i64.const 0) (i64.const 60000)))
              (local.set $a (i32.add (local.get $a) (i32.const 1)))
              (br_if $again (i32.lt_u (local.get $a) (i32.const 1000))))
            (local.get $a)
            """
        #expect(try run(linked(self.text(body))) == 1000)
    }

    @Test(arguments: [
        (
            "(call $sum (i64.const 0x100000010) (i64.const 1))",
            "list content out-of-bounds: 0x100000010 with 1 bytes, pointer/length out of bounds of memory"
        ),
        (
            "(call $sum (i64.const -1) (i64.const 2))",
            "list content out-of-bounds: 0xffffffffffffffff with 2 bytes, pointer/length out of bounds of memory"
        ),
        (
            "(call $sum (i64.const 16) (i64.const 0x100000001))",
            "list content out-of-bounds: 4294967297 elements of 1 bytes are too many"
        ),
        ("(call $names (i64.const 68) (i64.const 1))", "pointer 0x44 is not aligned to 8"),
        (
            "(call $greet (i64.const 16) (i64.const 7) (i64.const 64)) (i32.const 0)",
            "invalid utf-8 encoding: a string is not UTF-8"
        ),
        (
            "(call $pair (i64.const 0x100000040)) (i32.const 0)",
            "list content out-of-bounds: 0x100000040 with 8 bytes, pointer/length out of bounds of memory"
        ),
    ])
    func wildPointersTrap(run body: String, message: String) throws {
        #expect(try fault(linked(self.text(body))) == message)
    }

    /// Triggers read results in 32-bit memories alone.
    @Test func exportsTellWhetherTheirValuesLieInAWideMemory() throws {
        let component = try linked(MirrorText(outer: .init(isWide: true)).text)
        #expect(try #require(component.exportedFunction("echo", in: nil)).passesThroughWideMemory)
        let narrow = try linked(MirrorText(inner: .init(isWide: true)).text)
        #expect(try !#require(narrow.exportedFunction("echo", in: nil)).passesThroughWideMemory)
        let flat = try linked(self.text("(i32.const 0)"))
        #expect(try !#require(flat.exportedFunction("run", in: nil)).passesThroughWideMemory)
    }
}
