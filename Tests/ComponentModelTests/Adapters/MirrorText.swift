import ComponentModel

/// Two components in one, in text: the inner one returns values of every type as they came, the outer one passes them on.
/// Each has a memory of its width and text in its encoding.
struct MirrorText {
    struct Side {
        var isWide = false
        var encoding = "utf8"

        /// The core type of a pointer, and its bytes.
        fileprivate var pointer: String { self.isWide ? "i64" : "i32" }
        fileprivate var size: Int { self.isWide ? 8 : 4 }

        fileprivate var options: String {
            #"string-encoding=\#(self.encoding) (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))"#
        }
    }

    var outer = Side()
    var inner = Side()

    /// Types that must have a name, in WAT; those of ``value`` and ``variants``.
    private static let named = [
        ("rec", #"(record (field "a" u8) (field "text" string) (field "b" u16))"#),
        (
            "var",
            #"(variant (case "none") (case "text" string) (case "wide" u64) (case "f" f32) (case "pair" (tuple (list u8) f64)))"#
        ),
        ("set", #"(flags "r" "w" "x")"#),
        ("color", #"(enum "red" "green")"#),
    ]

    private static let everything = """
        (tuple bool s8 u8 s16 u16 s32 u32 s64 u64 f32 f64 char string (list string) (list (tuple u8 string u64))
          (list u64) (option string) (result string (error u64)) (list $var) $rec $set $color (tuple) (list $rec 2))
        """.replacing("(tuple) ", with: "")

    static var value: ComponentValue {
        .tuple([
            .bool(true), .s8(-3), .u8(200), .s16(-300), .u16(60_000), .s32(-70_000), .u32(4_000_000_000), .s64(.min),
            .u64(.max), .f32(1.5), .f64(-0.1), .char("🙂"), .string("grüße 🙂"),
            .list([.string(""), .string("abc"), .string("ÿ"), .string(String(repeating: "日本", count: 50))]),
            .list([
                .tuple([.u8(1), .string("x"), .u64(1 << 40)]), .tuple([.u8(2), .string("yé"), .u64(2)]),
            ]),
            .list((0..<9).map { .u64($0 << 33) }), .option(.string("some")), .failure(.u64(7)), .list(Self.variants),
            Self.record("one"), .flags(["r", "x"]), .enum("green"), .list([Self.record("two"), Self.record("drei ß")]),
        ])
    }

    /// A value of each case.
    static var variants: [ComponentValue] {
        [
            .variant("none", nil), .variant("text", .string("té")), .variant("wide", .u64(.max - 1)),
            .variant("f", .f32(-2.25)), .variant("pair", .tuple([.list([.u8(9), .u8(8), .u8(7)]), .f64(3.5)])),
        ]
    }

    private static func record(_ text: String) -> ComponentValue {
        .record([.init("a", .u8(5)), .init("text", .string(text)), .init("b", .u16(600))])
    }

    // MARK: Text

    private static func libc(_ side: Side) -> String {
        let p = side.pointer
        return """
            (core module $libc
              (memory (export "memory") \(side.isWide ? "i64" : "") 4)
              (global $next (mut \(p)) (\(p).const 4096))
              (func (export "realloc") (param \(p) \(p) \(p) \(p)) (result \(p)) (local $at \(p))
                (local.set $at (\(p).and (\(p).add (global.get $next) (\(p).sub (local.get 2) (\(p).const 1)))
                  (\(p).sub (\(p).const 0) (local.get 2))))
                (global.set $next (\(p).add (local.get $at) (local.get 3)))
                (memory.copy (local.get $at) (local.get 0)
                  (select (local.get 1) (local.get 3) (\(p).lt_u (local.get 1) (local.get 3))))
                (local.get $at)))
            (core instance $libc (instantiate $libc))
            """
    }

    private static let functions = [
        ("mirror", #"(param "v" EVERYTHING) (result EVERYTHING)"#), ("case", #"(param "v" $var) (result $var)"#),
        ("echo", #"(param "v" string) (result string)"#),
    ].map { ($0, $1.replacing("EVERYTHING", with: Self.everything)) }

    private func lifts(_ side: Side) -> String {
        Self.functions.map { name, type in
            #"(func (export "\#(name)") \#(type) (canon lift (core func $m "\#(name)") \#(side.options)))"#
        }.joined(separator: "\n")
    }

    private var innerText: String {
        let (side, p) = (self.inner, self.inner.pointer)
        // In a variant the first slot carries the joined bits, and lies where the payload begins.
        return """
            (component $inner
              \(Self.named.map { #"(type $\#($0)' \#($1)) (export $\#($0) "\#($0)" (type $\#($0)'))"# }.joined())
              \(Self.libc(side))
              (core module $m
                (import "libc" "memory" (memory \(side.isWide ? "i64" : "") 1))
                (func (export "mirror") (param \(p)) (result \(p)) (local.get 0))
                (func (export "echo") (param \(p) \(p)) (result \(p))
                  (\(p).store (\(p).const 16) (local.get 0))
                  (\(p).store (\(p).const \(16 + side.size)) (local.get 1))
                  (\(p).const 16))
                (func (export "case") (param i32 i64 \(p) f64) (result \(p))
                  (i32.store8 (\(p).const 64) (local.get 0))
                  (i64.store (\(p).const 72) (local.get 1))
                  (if (i32.ne (local.get 0) (i32.const 2))
                    (then (\(p).store (\(p).const \(72 + side.size)) (local.get 2))))
                  (f64.store (\(p).const \(72 + 2 * side.size)) (local.get 3))
                  (\(p).const 64)))
              (core instance $m (instantiate $m (with "libc" (instance $libc))))
              \(self.lifts(side)))
            """
    }

    private var outerText: String {
        let (side, p) = (self.outer, self.outer.pointer)
        let imports = Self.functions.map { #"(import "\#($0)" (func $\#($0) \#($1)))"# }
        let lowers = Self.functions.map { "(core func $\($0.0)' (canon lower (func $\($0.0)) \(side.options)))" }
        let exports = Self.functions.map { #"(export "\#($0.0)" (func $\#($0.0)'))"# }
        let parameters = ["mirror": [p], "echo": [p, p], "case": ["i32", "i64", p, "f64"]]
        let passes = Self.functions.map { name, _ in
            let types = parameters[name, default: []]
            let arguments = types.indices.map { "(local.get \($0))" }.joined(separator: " ")
            return """
                (func (export "\(name)") (param \(types.joined(separator: " "))) (result \(p)) (local $area \(p))
                  (local.set $area
                    (call $realloc (\(p).const 0) (\(p).const 0) (\(p).const 8) (\(p).const 1024)))
                  (call $\(name) \(arguments) (local.get $area))
                  (local.get $area))
                """
        }
        let coreImports = Self.functions.map { name, _ in
            let types = parameters[name, default: []].joined(separator: " ")
            return #"(import "inner" "\#(name)" (func $\#(name) (param \#(types) \#(p))))"#
        }
        return """
            (component $outer
              \(Self.named.map { #"(type $\#($0)' \#($1)) (import "\#($0)" (type $\#($0) (eq $\#($0)')))"# }.joined())
              \(imports.joined(separator: "\n"))
              \(Self.libc(side))
              \(lowers.joined(separator: "\n"))
              (core instance $inner \(exports.joined()))
              (core module $m
                \(coreImports.joined(separator: "\n"))
                (import "libc" "realloc" (func $realloc (param \(p) \(p) \(p) \(p)) (result \(p))))
                \(passes.joined(separator: "\n")))
              (core instance $m (instantiate $m (with "inner" (instance $inner)) (with "libc" (instance $libc))))
              \(self.lifts(side)))
            """
    }

    var text: String {
        let aliases = Self.named.map { #"(alias export $inner "\#($0.0)" (type $\#($0.0)))"# }
        // What exported functions refer to is exported too.
        let named = Self.named.map { #"(export $\#($0.0)' "\#($0.0)" (type $\#($0.0)))"# }
        let types = Self.named.map { #"(with "\#($0.0)" (type $\#($0.0)'))"# }
        let functions = Self.functions.map { #"(with "\#($0.0)" (func $inner "\#($0.0)"))"# }
        let exports = Self.functions.map { #"(export "\#($0.0)" (func $outer "\#($0.0)"))"# }
        return """
            (component
              \(self.innerText)
              \(self.outerText)
              (instance $inner (instantiate $inner))
              \(aliases.joined())
              \(named.joined())
              (instance $outer (instantiate $outer \(types.joined()) \(functions.joined())))
              \(exports.joined(separator: "\n")))
            """
    }
}
