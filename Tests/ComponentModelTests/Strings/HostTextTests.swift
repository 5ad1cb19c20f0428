import ComponentModel
import Testing

/// Text between a guest of each encoding and the host.
@Suite struct HostTextTests {
    private static let data = [
        "utf8": (bytes: #"W\c3\a9\e6\97\a5"#, length: "6", answer: Array("Hello, Wé日!".utf8)),
        "utf16": (bytes: #"W\00\e9\00\e5\65"#, length: "3", answer: Self.wide("Hello, Wé日!")),
        "latin1+utf16": (bytes: #"W\00\e9\00\e5\65"#, length: "0x80000003", answer: Self.wide("Hello, Wé日!")),
    ]

    private static func wide(_ text: String) -> [UInt8] {
        text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }

    /// `run` passes the text at 16 and returns the sum over i of (i + 1) × byte i of the answer.
    static func guest(encoding: String, bytes: String, length: String, pointer: Int = 16, after: String? = nil)
        -> String
    {
        let bytesOfUnits = """
            (if (i32.or (i32.const \(encoding == "utf16" ? 1 : 0)) (i32.lt_s (local.get $n) (i32.const 0)))
              (then (local.set $n (i32.shl (local.get $n) (i32.const 1)))))
            """
        return """
            (component
              (import "test:host/api@1.0.0" (instance $i
                (export "greet" (func (param "name" string) (result string)))))
              (core module $libc
                (memory (export "memory") 1)
                (global $next (mut i32) (i32.const 1024))
                (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
                  (result i32) (local $at i32)
                  (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                  (local.set $at (global.get $next))
                  (global.set $next (i32.add (global.get $next) (local.get $size)))
                  (memory.copy (local.get $at) (local.get $old)
                    (select (local.get $size) (local.get $old-size)
                      (i32.lt_u (local.get $size) (local.get $old-size))))
                  (local.get $at)))
              (core instance $libc (instantiate $libc))
              (core func $f
                (canon lower (func $i "greet") string-encoding=\(encoding) (memory (core memory $libc "memory"))
                  (realloc (core func $libc "realloc"))))
              (core module $main
                (import "h" "f" (func $f (param i32 i32 i32)))
                (import "libc" "memory" (memory 1))
                (data (i32.const 16) "\(bytes)")
                (func (export "run") (result i32) (local $i i32) (local $n i32) (local $at i32) (local $sum i32)
                  (call $f (i32.const \(pointer)) (i32.const \(length)) (i32.const 8))
                  (local.set $at (i32.load (i32.const 8)))
                  (local.set $n (i32.load (i32.const 12)))
                  \(bytesOfUnits)
                  (block $end (loop $again
                    (br_if $end (i32.eq (local.get $i) (local.get $n)))
                    (local.set $sum (i32.add (local.get $sum)
                      (i32.mul (i32.add (local.get $i) (i32.const 1))
                        (i32.load8_u (i32.add (local.get $at) (local.get $i))))))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br $again)))
                  (local.get $sum)))
              (core instance $h (export "f" (func $f)))
              (core instance $main (instantiate $main (with "h" (instance $h)) (with "libc" (instance $libc))))
              (func (export "run") (result u32) (canon lift (core func $main "run"))))
            """
    }

    @Test(arguments: ["utf8", "utf16", "latin1+utf16"])
    func hostsAndGuestsUnderstandEachOther(encoding: String) throws {
        let data = try #require(Self.data[encoding])
        let component = try linked(Self.guest(encoding: encoding, bytes: data.bytes, length: data.length))
        let sum = data.answer.enumerated().reduce(0) { $0 + ($1.offset + 1) * Int($1.element) }
        #expect(try run(component) == UInt32(sum))
    }

    @Test(arguments: [
        ("utf16", "17", "1", "pointer 0x11 is not aligned to 2"),
        ("latin1+utf16", "17", "1", "pointer 0x11 is not aligned to 2"),
        ("utf16", "65534", "2", "pointer 0xfffe with 4 bytes is outside the guest's memory of 65536 bytes"),
        (
            "latin1+utf16", "65534", "0x80000002",
            "pointer 0xfffe with 4 bytes is outside the guest's memory of 65536 bytes"
        ),
        ("utf16", "16", "0x8000000", "string content out-of-bounds: 268435456 bytes, at most 268435455"),
        ("utf16", "16", "-1", "string content out-of-bounds: 8589934590 bytes, at most 268435455"),
        ("latin1+utf16", "16", "-1", "string content out-of-bounds: 4294967294 bytes, at most 268435455"),
        ("utf16", "16", "1", "string at 0x10 of 2 bytes is not UTF-16"),
        ("latin1+utf16", "16", "0x80000001", "string at 0x10 of 2 bytes is not Latin-1 or UTF-16"),
    ])
    func badTextTraps(encoding: String, pointer: String, length: String, message: String) throws {
        let guest = Self.guest(
            encoding: encoding, bytes: #"\00\d8a\00"#, length: length, pointer: try #require(Int(pointer)))
        #expect(try fault(linked(guest)) == message)
    }
}
