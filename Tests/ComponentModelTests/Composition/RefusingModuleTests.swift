import ComponentModel
import Testing

/// The module in the place of what a dependency may not use: it takes whatever it is given.
@Suite struct RefusingModuleTests {
    /// Text that becomes shorter while it is passed gives back what it did not need: the allocator is then asked for less
    /// than it gave, and copies no more than that.
    @Test(arguments: [100, 10_000, 30_000], ["utf16", "utf8"])
    func takesTextThatShrinks(units: Int, encoding: String) throws {
        // U+00E9 in UTF-16, and in UTF-8 two letters of one byte each.
        let letter = encoding == "utf16" ? 0xE9 : 0x6161
        let dependency = """
            (component
              (import "test:host/secret@1.0.0" (instance $secret
                (export "f" (func (param "text" string) (result (result u32 (error string)))))))
              (core module $libc
                (memory (export "memory") 2)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 80000)))
              (core instance $libc (instantiate $libc))
              (core func $f (canon lower (func $secret "f") string-encoding=\(encoding)
                (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
              (core module $m
                (import "libc" "memory" (memory 2))
                (import "" "f" (func $f (param i32 i32 i32)))
                (func $call (result i32)
                  (call $f (i32.const 64) (i32.const \(units)) (i32.const 8)) (i32.load8_u (i32.const 8)))
                (func (export "add") (param i32 i32) (result i32) (local $i i32)
                  (loop $again
                    (i32.store16 (i32.add (i32.const 64) (i32.mul (local.get $i) (i32.const 2))) (i32.const \(letter)))
                    (local.set $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $again (i32.lt_u (local.get $i) (i32.const \(units)))))
                  (i32.add (call $call) (call $call))))
              (core instance $m (instantiate $m (with "libc" (instance $libc))
                (with "" (instance (export "f" (func $f))))))
              (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $m "add")))
              (instance $i (export "add" (func $add)))
              (export "test:dep/math@1.0.0" (instance $i)))
            """
        let composed = try Composed(
            CompositionTexts.caller(), [.init("test:dep", dependency, denied: ["test:host/secret@1.0.0"])])
        // Both calls give an error.
        #expect(try run(try composed.encoded().linked()) == 2)
    }
}
