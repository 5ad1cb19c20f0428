import Testing
import WIT

@Suite struct ParserTests {
    struct Bad: CustomTestStringConvertible {
        let source: String
        let line: Int
        let column: Int
        let kind: WITError.Kind
        let message: String
        let expected: String?

        init(
            _ source: String, _ line: Int, _ column: Int, _ kind: WITError.Kind, _ message: String,
            _ expected: String? = nil
        ) {
            self.source = source
            self.line = line
            self.column = column
            self.kind = kind
            self.message = message
            self.expected = expected
        }

        var testDescription: String { self.message }
    }

    static let good: [String] = [
        "",
        "package a:b;",
        "package a:b@1.2.3-rc.1+build.5;",
        "package a:b:c@0.1.0;",
        "interface i {}",
        "interface %interface { %type: func(%func: u8); }",
        "interface i { f: func(a: u8, b: string,) -> list<tuple<u8, s64>>; }",
        "interface i { f: async func(s: stream<u8>) -> future<result<_, error-context>>; g: func(f: future, s: stream); }",
        "interface i { f: func(a: list<u8, 4>, b: map<string, u32>); }",
        "interface i { resource r; type b = borrow<r>; type o = own<r>; }",
        "interface i { resource r { constructor(); m: func(); s: static func() -> r; a: static async func(); } }",
        "interface i { resource r { constructor(a: u8) -> result<r, string>; } }",
        "interface i { record r { a: u8, b: bool } flags f { x, y, } enum e { one } variant v { n, p(char), } }",
        "interface i { type t = result; type u = result<u8>; type v = result<_, u8>; type w = result<u8, u8>; }",
        "interface HTTP-types { variant scheme { HTTP, HTTPS2, a11-w0rds } }",
        "use a:b/c; use a:b/c@1.0.0 as d; use e as f;",
        "interface i { use j.{a}; use p:q/j@1.0.0.{b as c, d}; use p:q/j@1.0.0-rc.1.{e}; }",
        "world w { import i; export a:b/c@1.0.0; import f: func(); export g: async func() -> u8; }",
        "world w { import n: interface { f: func(); } import x: i; import y: a:b/i@1.0.0; import z:func(); }",
        "world w { use i.{t}; type u = t; record r { a: u8 } include v; include a:b/v@1.0.0 with { x as y, z as %enum } }",
        "@since(version = 1.0.0) interface i { @unstable(feature = new-thing) f: func(); }",
        "interface i { @since(version = 1.0.0) @deprecated(version = 1.1.0) f: func(); }",
        "world w { @external-id(\"user-db:\\u{2603}\") import f: func(); }",
        "package a:b { interface i {} world w {} } package c:d@1.0.0 { use a:b/i; }",
        "/* a /* nested */ comment */ interface i { // to the end\n /// docs\n f: func(); /** more */ g: func(); }",
    ]

    @Test(arguments: Self.good) func parses(source: String) throws {
        _ = try Parser.parse(source, path: "good.wit")
    }

    static let bad: [Bad] = [
        Bad("interface", 1, 10, .syntax, "unexpected the end of the file", "an interface name"),
        Bad("interface i {", 1, 14, .syntax, "unexpected the end of the file", "a type, `use`, a function or `}`"),
        Bad("func", 1, 1, .syntax, "unexpected `func`", "`package`, `interface`, `world` or `use`"),
        Bad(
            "interface i {\n  f func();\n}", 2, 5, .syntax, "unexpected `func`", "`:` after the function's name"),
        Bad("interface i { f: u8; }", 1, 18, .syntax, "unexpected `u8`", "`func` or `async`"),
        Bad("interface i { f: async u8; }", 1, 24, .syntax, "unexpected `u8`", "`func`"),
        Bad("interface i { f: func() }", 1, 25, .syntax, "unexpected `}`", "`->` or `;`"),
        Bad("interface i { f: func() -> u8 }", 1, 31, .syntax, "unexpected `}`", "`;`"),
        Bad("interface i { f: func(a) ; }", 1, 24, .syntax, "unexpected `)`", "`:` and the parameter's type"),
        Bad("interface i { f: func(a: u8 b: u8); }", 1, 29, .syntax, "unexpected `b`", "`,` or `)`"),
        Bad("interface i { type: func(); }", 1, 19, .syntax, "unexpected `:`", "a type name"),
        Bad("interface i { resource: func(); }", 1, 23, .syntax, "unexpected `:`", "a resource name"),
        Bad("interface i { list: func(); }", 1, 15, .syntax, "unexpected `list`", "a type, `use`, a function or `}`"),
        Bad(
            "interface i { f: func(type: u8); }", 1, 23, .syntax, "`type` is a keyword",
            "a parameter name or `)`, or `%type`"),
        Bad("interface i { type t = func; }", 1, 24, .syntax, "the keyword `func` is not a type", "a type, or `%func`"),
        Bad("interface i { type t = tuple<>; }", 1, 31, .type, "a tuple has no elements", "at least one type"),
        Bad("interface i { type t = result<u8; }", 1, 33, .syntax, "unexpected `;`", "`,` or `>`"),
        Bad("interface i { type t = result<_>; }", 1, 32, .syntax, "unexpected `>`", "`,` and the type of the error"),
        Bad("interface i { type t = list<u8, 0>; }", 1, 33, .syntax, "unexpected `0`", "a length from 1 to 4294967295"),
        Bad("interface i { type t = list; }", 1, 28, .syntax, "unexpected `;`", "`<`"),
        Bad(
            "interface i { type t = borrow<u8>; }", 1, 31, .syntax, "`u8` is a keyword",
            "the name of a resource, or `%u8`"),
        Bad("interface i { use j; }", 1, 20, .syntax, "unexpected `;`", "`.` and the names to use in braces"),
        Bad("interface i { use j.{}; }", 1, 19, .syntax, "this `use` names no type", "at least one name"),
        Bad(
            "interface i { use a:b.{c}; }", 1, 22, .syntax, "unexpected `.`",
            "`/` and the name of an interface or world"),
        Bad(
            "interface fooBar {}", 1, 11, .lexical, "the word `fooBar` of the name `fooBar` mixes upper and lower case",
            "kebab-case"),
        Bad("interface a--b {}", 1, 11, .lexical, "the name `a--b` has an empty word", "words joined by single `-`"),
        Bad("interface %1a {}", 1, 12, .lexical, "the name `1a` begins with a digit", "a letter"),
        Bad("interface é {}", 1, 11, .lexical, "`é` cannot begin a token", "a name, a number or punctuation"),
        Bad("/* é */ #", 1, 9, .lexical, "`#` cannot begin a token", "a name, a number or punctuation"),
        Bad("interface i {}\n\n  /* open", 3, 3, .lexical, "this comment does not end", "`*/`"),
        Bad("package a;", 1, 10, .syntax, "unexpected `;`", "`:` and a package name"),
        Bad("package a:b", 1, 12, .syntax, "unexpected the end of the file", "`;` after the package declaration"),
        Bad("package a:b@1.2;", 1, 13, .lexical, "this is not a semantic version", "a version such as `1.2.3`"),
        Bad("package a:b@1.02.3;", 1, 13, .lexical, "this is not a semantic version", "a version such as `1.2.3`"),
        Bad("package a:b/c;", 1, 12, .unsupported, "nested package names are not supported"),
        Bad(
            "interface i {}\npackage a:b;", 2, 1, .syntax, "the package declaration is not the first item of the file",
            "`package …;` at the top, or `package … { … }`"),
        Bad(
            "@future(version = 1.0.0) interface i {}", 1, 2, .syntax, "`@future` is not known",
            "`@since`, `@unstable`, `@deprecated` or `@external-id`"),
        Bad("@since(feature = a) interface i {}", 1, 8, .syntax, "unexpected `feature`", "`version`"),
        Bad(
            "@since(version = 1.0.0) @since(version = 1.0.0) interface i {}", 1, 25, .gate, "`@since` is given twice",
            "one `@since`"),
        Bad(
            "world w { f: func(); }", 1, 11, .syntax, "unexpected `f`",
            "`import`, `export`, `use`, `include`, a type or `}`"),
        Bad(
            "world w { import a:b; }", 1, 18, .syntax, "`a:…` names a package, not an interface",
            "`namespace:package/interface`, or a blank after `:`"),
        Bad("world w { include v with { a } }", 1, 30, .syntax, "unexpected `}`", "`as`"),
        Bad(
            "world w { @external-id(\"a) import f: func(); }", 1, 24, .lexical, "this string does not end on its line",
            "`\"`"),
    ]

    @Test(arguments: Self.bad) func refuses(bad: Bad) {
        let error = witError { () throws(WITError) in _ = try Parser.parse(bad.source, path: "bad.wit") }
        #expect(error?.location == SourceLocation(file: "bad.wit", line: bad.line, column: bad.column))
        #expect(error?.kind == bad.kind)
        #expect(error?.message == bad.message)
        #expect(error?.expected == bad.expected)
    }

    @Test func refusesDeepNesting() {
        let depth = 100_000
        let type = String(repeating: "list<", count: depth) + "u8" + String(repeating: ">", count: depth)
        let error = witError { () throws(WITError) in
            _ = try Parser.parse("interface i { type t = \(type); }", path: "deep.wit")
        }
        #expect(error?.kind == .unsupported)
        #expect(error?.message == "types are nested more than 64 deep")
    }

    @Test func showsErrorsAsCompilersDo() {
        let error = WITError(
            .syntax, SourceLocation(file: "a.wit", line: 3, column: 7), "unexpected `}`", expected: "`;`")
        #expect(error.description == "a.wit:3:7: error: unexpected `}`; expected `;`")
    }

    @Test func keepsDocumentation() throws {
        let file = try Parser.parse(
            "/// An interface.\n///\n/// Really.\ninterface i {\n  /** What it\n   * does. */ f: func();\n}",
            path: "doc.wit")
        guard case .interface(let interface) = file.items.first,
            case .function(let function) = interface.items.first
        else {
            Issue.record("no function was parsed")
            return
        }
        #expect(interface.attributes.documentation == ["An interface.", "", "Really."])
        #expect(function.attributes.documentation == ["What it", "does."])
    }

    /// No prefix of valid text, and no text with a byte changed, may trap.
    @Test func survivesDamage() throws {
        for source in Self.good {
            let bytes = Array(source.utf8)
            for end in bytes.indices {
                _ = try? Parser.parse(String(decoding: bytes[..<end], as: UTF8.self), path: "cut.wit")
                for byte in [0x00, 0x22, 0x25, 0x2D, 0x40, 0x5C, 0x7B, 0xFF] as [UInt8] {
                    var damaged = bytes
                    damaged[end] = byte
                    _ = try? Parser.parse(String(decoding: damaged, as: UTF8.self), path: "damaged.wit")
                }
            }
        }
    }
}
