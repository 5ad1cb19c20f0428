/// Components around one generated type.
struct GeneratedComponent {
    enum Encoding: String, CaseIterable {
        case utf8
        case utf16
        case latin1 = "latin1+utf16"
    }

    /// Makes parameters and results of any type be passed by pointer: over 16 flat values.
    static let padding = "(tuple \(Array(repeating: "u8", count: 17).joined(separator: " ")))"

    /// A bump allocator over a memory that grows.
    private static let allocator = """
        (global $next (mut i32) (i32.const 4096))
        (func $realloc (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
          (local $at i32)
          (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
                                  (i32.sub (i32.const 0) (local.get $align))))
          (global.set $next (i32.add (local.get $at) (local.get $new)))
          (loop $grow
            (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
              (then (br_if $grow (i32.ne (memory.grow (i32.const 16)) (i32.const -1))) unreachable)))
          (if (local.get $size)
            (then (memory.copy (local.get $at) (local.get $old)
              (select (local.get $size) (local.get $new) (i32.lt_u (local.get $size) (local.get $new))))))
          (local.get $at))
        """

    private static func options(_ encoding: Encoding) -> String {
        "(memory (core memory $m \"mem\")) (realloc (core func $m \"realloc\")) string-encoding=\(encoding.rawValue)"
    }

    /// `echo: func(value: T, padding) -> tuple<T, padding>`: parameters and result have the same layout, so the guest
    /// gives back the pointer that it got.
    static func echo(_ type: GeneratedType, _ encoding: Encoding) -> String {
        "(component\n\(self.echoBody(type, encoding)))"
    }

    private static func echoBody(_ type: GeneratedType, _ encoding: Encoding) -> String {
        var definitions = TypeDefinitions { "(export \($1)n \"\($0)\" (type \($1)))" }
        let value = definitions.define(type)
        return """
            \(definitions.text)(type $padding \(self.padding))
            (type $pair (tuple \(value) $padding))
            (core module $module
              (memory (export "mem") 1)
              \(self.allocator)
              (func (export "echo") (param i32) (result i32) (local.get 0)))
            (core instance $m (instantiate $module))
            (func (export "echo") (param "value" \(value)) (param "padding" $padding) (result $pair)
              (canon lift (core func $m "echo") \(self.options(encoding))))
            """
    }

    /// The same through a second component, which lowers what the first lifts.
    static func composed(_ type: GeneratedType, _ inner: Encoding, _ outer: Encoding) -> String {
        var imports = TypeDefinitions { "(import \"\($0)\" (type \($1)n (eq \($1))))" }
        let value = imports.define(type)
        // The root names the same types once more, for its own export and as arguments of the second.
        var types: [String] = []
        var root = TypeDefinitions { name, index in
            types.append("(with \"\(name)\" (type \(index)n))")
            return "(export \(index)n \"\(name)\" (type \(index)))"
        }
        let rootValue = root.define(type)
        return """
            (component
              (component $first
            \(self.echoBody(type, inner)))
              (component $second
            \(imports.text)(type $padding \(self.padding))
            (type $pair (tuple \(value) $padding))
                (import "echo" (func $echo (param "value" \(value)) (param "padding" $padding) (result $pair)))
                (core module $memory
                  (memory (export "mem") 1)
                  \(self.allocator))
                (core instance $m (instantiate $memory))
                (core func $lowered (canon lower (func $echo) \(self.options(outer))))
                (core module $module
                  (import "" "echo" (func $echo (param i32 i32)))
                  (import "m" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
                  (func (export "echo") (param $value i32) (result i32) (local $result i32)
                    (local.set $result
                      (call $realloc (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 4096)))
                    (call $echo (local.get $value) (local.get $result))
                    (local.get $result)))
                (core instance $main (instantiate $module
                  (with "" (instance (export "echo" (func $lowered)))) (with "m" (instance $m))))
                (func (export "echo") (param "value" \(value)) (param "padding" $padding) (result $pair)
                  (canon lift (core func $main "echo") \(self.options(outer)))))
              (instance $inner (instantiate $first))
            \(root.text)(type $padding \(self.padding))
            (type $pair (tuple \(rootValue) $padding))
              (instance $outer (instantiate $second (with "echo" (func $inner "echo")) \(types.joined(separator: " "))))
              (export "echo" (func $outer "echo")
                (func (param "value" \(rootValue)) (param "padding" $padding) (result $pair))))
            """
    }

    /// `make: func() -> tuple<T, padding>` that points into a memory full of anything.
    static func hostile(_ type: GeneratedType, _ encoding: Encoding, _ generator: inout Generator) -> String {
        var definitions = TypeDefinitions { "(export \($1)n \"\($0)\" (type \($1)))" }
        let value = definitions.define(type)
        let pointer = generator.pick([0, 8, 16, 64, 1024, 65_472, 65_535, 65_536, 3, 0x7fff_fff8, -8])
        return """
            (component
            \(definitions.text)(type $padding \(self.padding))
            (type $pair (tuple \(value) $padding))
            (core module $module
              (memory (export "mem") 1 1)
              (data (i32.const 0) "\(self.anything(4096, &generator))")
              (data (i32.const 65024) "\(self.anything(512, &generator))")
              (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 8))
              (func (export "make") (result i32) (i32.const \(pointer))))
            (core instance $m (instantiate $module))
            (func (export "make") (result $pair) (canon lift (core func $m "make") \(self.options(encoding)))))
            """
    }

    /// Words that are often small, so that some of them are good pointers, lengths and discriminants.
    private static func anything(_ count: Int, _ generator: inout Generator) -> String {
        var text = ""
        for _ in 0..<(count / 4) {
            let word: UInt32 =
                switch generator.below(10) {
                case 0...4: UInt32(generator.below(3))
                case 5, 6: UInt32(generator.below(300))
                case 7: UInt32(generator.below(65_536)) & ~7
                case 8: generator.pick([0x6161_6161, 0x8000_0004, 0xd800_dc00, 0x00e9_00e9])
                default: UInt32.random(in: .min ... .max, using: &generator)
                }
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                let byte = UInt8(truncatingIfNeeded: word >> shift)
                text += "\\" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }
}
