import ComponentModel
import Testing

/// What validation says of values and start functions: each value is used exactly once, by what it fits.
@Suite struct ValueRefusalTests {
    private static let uses: [Refusal] = [
        Refusal("(export \"a\" (value 0))", "unknown value 0: value index out of bounds"),
        Refusal(
            "(import \"a\" (value $v string)) (export \"b\" (value $v)) (export \"c\" (value $v))",
            "value 0 cannot be used more than once", at: 25),
        Refusal(
            "(import \"a\" (value $v string)) (export $w \"b\" (value $v)) (export \"c\" (value $w))",
            "value 1 cannot be used more than once", at: 25),
        Refusal(
            "(import \"a\" (value string))", "value index 0 was not used as part of an instantiation, start function",
            at: 11),
        Refusal(
            "(import \"a\" (func $f (result string))) (start $f (result (value $v)))", "value index 0 was not used",
            at: 25),
        Refusal(
            """
            (import "i" (instance $i (export "v" (value string))))
            (alias export $i "v" (value $v)) (alias export $i "v" (value $w)) (export "v" (value $v))
            """, "value index 1 was not used"),
        Refusal(
            """
            (component $c (import "v" (value string)) (export "w" (value 0)))
            (import "v" (value $v string)) (export "x" (value $v))
            (instance (instantiate $c (with "v" (value $v))))
            """, "value 0 cannot be used more than once"),
        Refusal(
            """
            (import "v" (value $v string)) (instance (export "a" (value $v))) (instance (export "b" (value $v)))
            """, "value 0 cannot be used more than once"),
        Refusal(
            "(import \"f\" (func $f)) (instance $i (export \"f\" (func $f))) (alias export $i \"f\" (value $v))",
            "export `f` for instance 0 is not a value: it is a func"),
        Refusal("(component (import \"v\" (value string)))", "value index 0 was not used", at: 21),
    ]

    private static let starts: [Refusal] = [
        Refusal("(start 0)", "unknown function 0: function index out of bounds", at: 10),
        Refusal(
            "(import \"f\" (func $f (param \"p\" string))) (start $f)",
            "component start function requires 1 arguments but was given 0"),
        Refusal(
            "(import \"f\" (func $f (param \"p\" string))) (import \"v\" (value $v string)) (start $f (value $v) (value $v))",
            "component start function requires 1 arguments but was given 2"),
        Refusal(
            """
            (import "f" (func $f (param "p" string) (param "q" string))) (import "v" (value $v string))
            (start $f (value $v) (value $v))
            """, "value 0 cannot be used more than once"),
        Refusal(
            """
            (import "f" (func $f (param "p" string) (param "q" string)))
            (import "v" (value $v string)) (import "w" (value $w u32)) (start $f (value $v) (value $w))
            """,
            "value type mismatch for component start function argument 1: expected primitive `string` found primitive `u32`"
        ),
        Refusal(
            "(import \"f\" (func $f (result u8))) (start $f)",
            "component start function has a result count of 0 but the function type has a result count of 1"),
        Refusal(
            "(import \"f\" (func $f)) (start $f (result (value $v)))",
            "component start function has a result count of 1 but the function type has a result count of 0"),
    ]

    private static let types: [Refusal] = [
        Refusal("(type (func)) (type (func)) (type (func)) (import \"v\" (value (type 2)))", "not a defined type"),
        Refusal(
            """
            (component $c (import "v" (value string)) (export "w" (value 0)))
            (import "v" (value $v u8)) (instance (instantiate $c (with "v" (value $v))))
            """, "type mismatch for import `v`: expected primitive `string` found primitive `u8`"),
        Refusal(
            """
            (component $c (import "v" (value string)) (export "w" (value 0)))
            (import "v" (func $v)) (instance (instantiate $c (with "v" (func $v))))
            """, "type mismatch for import `v`: expected value, found func"),
        Refusal(
            "(component $c (import \"v\" (value string)) (export \"w\" (value 0))) (instance (instantiate $c))",
            "missing import named `v`"),
        Refusal(
            """
            (type (func)) (type (func)) (type $e (enum "a")) (import "v" (value (type $e)))
            """, "value not valid to be used as import: it refers to a type that has no name outside"),
        Refusal(
            """
            (type (func)) (type (func)) (import "r" (type $r (sub resource)))
            (import "v" (value $v (borrow $r))) (export "w" (value $v))
            """, "an exported value cannot contain a `borrow` type"),
        Refusal(
            """
            (type (func)) (type (func)) (import "r" (type $r (sub resource)))
            (import "v" (value $v (borrow $r))) (instance (export "w" (value $v)))
            """, "an exported value cannot contain a `borrow` type"),
        Refusal(
            "(import \"v\" (value $v string)) (export \"w\" (value $v) (value u8))",
            "ascribed type of export is not compatible with item's type: expected primitive `u8` found primitive `string`"
        ),
        Refusal(
            "(import \"v\" (value string)) (import \"v\" (value string))",
            "import name `v` conflicts with previous name"),
    ]

    @Test(arguments: Self.uses + Self.starts + Self.types)
    func otherUsesAreRefused(_ refusal: Refusal) throws {
        try refusal.check()
    }

    @Test(arguments: [
        "(import \"f\" (func $f)) (start $f) (start $f)",
        "(import \"i\" (instance (export \"v\" (value s32))))",
        "(import \"i\" (instance $i (export \"v\" (value s32)))) (export \"a\" (value $i \"v\")) (export \"b\" (value $i \"v\"))",
        "(import \"v\" (value $v string)) (instance (export \"v\" (value $v)))",
        "(type (component (import \"v\" (value string))))",
        "(import \"c\" (component (import \"v\" (value string)) (export \"w\" (value string))))",
        "(type $t string) (type (func)) (type $u string) (import \"v\" (value $v (type $u))) (export \"w\" (value $v) (value string))",
    ])
    func theseAreValid(fields: String) throws {
        try expectValid(fields)
    }

    // MARK: The very value

    private static let string: [UInt8] = [0x02, 0x01, 0x73]

    /// `(type (component (import "a" (value string)) (export "b" (value (eq 0)))))`
    private static let propagates: [UInt8] =
        [0x01, 0x41, 0x02, 0x03, 0x00] + ComponentBytes.name("a") + Self.string
        + [0x04, 0x00] + ComponentBytes.name("b") + [0x02, 0x00, 0x00]

    /// The same whose export is any string.
    private static let makes: [UInt8] =
        [0x01, 0x41, 0x02, 0x03, 0x00] + ComponentBytes.name("a") + Self.string
        + [0x04, 0x00] + ComponentBytes.name("b") + Self.string

    /// A component that imports a component of that type.
    private static func wants(_ type: [UInt8]) throws -> ComponentBytes {
        var component = try ComponentBytes()
        component.section(7, type)
        component.import("c", [0x04, 0x00])
        return component
    }

    private static func instantiation(of type: [UInt8], with argument: ComponentBytes) throws -> ComponentError? {
        var outer = try ComponentBytes()
        outer.component(try Self.wants(type))
        outer.component(argument)
        outer.instantiate(0, with: [("c", [0x04, 0x01])])
        return refusal(of: outer.bytes)
    }

    /// `(import "a" (value string)) (export "b" (value 0))`, and the same with the type given anew.
    private static func passing(as type: [UInt8]? = nil) throws -> ComponentBytes {
        var component = try ComponentBytes()
        component.import("a", Self.string)
        component.export("b", [0x02, 0x00], as: type)
        return component
    }

    @Test func anExportIsTheVeryValueThatItExports() throws {
        #expect(try Self.instantiation(of: Self.propagates, with: Self.passing()) == nil)
        #expect(try Self.instantiation(of: Self.propagates, with: Self.passing(as: [0x02, 0x00, 0x00])) == nil)
        #expect(try Self.instantiation(of: Self.makes, with: Self.passing()) == nil)
        #expect(try Self.instantiation(of: Self.makes, with: Self.passing(as: Self.string)) == nil)
    }

    @Test func aTypeHidesWhichValueAnExportIs() throws {
        let error = try Self.instantiation(of: Self.propagates, with: Self.passing(as: Self.string))
        #expect(error?.message.contains("expected the value that it is bound to, found another") == true)
    }

    @Test func anotherValueOfTheTypeIsNotTheSame() throws {
        var component = try ComponentBytes()
        component.import("a", Self.string)
        component.value([0x73], [0x01, 0x61])
        component.export("x", [0x02, 0x00])
        component.export("b", [0x02, 0x01])
        let error = try Self.instantiation(of: Self.propagates, with: component)
        #expect(error?.message.contains("type mismatch for export `b`: expected the value") == true)
    }

    /// `(component (import "a" (value string)) (import "b" (value (eq 0))) …)`
    private static func twice(_ second: UInt8) throws -> [UInt8] {
        var inner = try ComponentBytes()
        inner.import("a", Self.string)
        inner.import("b", [0x02, 0x00, 0x00])
        inner.export("c", [0x02, 0x00])
        inner.export("d", [0x02, 0x01])
        var outer = try ComponentBytes(
            """
            (import "i" (instance $i (export "v" (value string)))) (import "w" (value $w string)) (export "y" (value $w))
            (alias export $i "v" (value)) (alias export $i "v" (value)) (import "z" (value string))
            """)
        outer.component(inner)
        outer.instantiate(0, with: [("a", [0x02, 0x02]), ("b", [0x02, second])])
        outer.export("rest", [0x02, 7 - second])
        return outer.bytes
    }

    @Test func anImportCanAskForTheVeryValue() throws {
        // Two aliases of one export are the same value; another import is not.
        #expect(refusal(of: try Self.twice(3)) == nil)
        let error = refusal(of: try Self.twice(4))
        #expect(error?.message.contains("type mismatch for import `b`: expected the value that it is bound to") == true)
    }

    @Test func aComponentCannotAskForItsOwnValue() throws {
        var component = try ComponentBytes()
        component.value([0x7d], [0x07])
        component.import("a", [0x02, 0x00, 0x00])
        component.export("b", [0x02, 0x00])
        component.export("c", [0x02, 0x01])
        #expect(refusal(of: component.bytes)?.message == "local value found in imports")
    }

    /// Each instance of a type has values of its own.
    @Test func instancesOfOneTypeHaveOtherValues() throws {
        var inner = try ComponentBytes()
        inner.import("a", Self.string)
        inner.import("b", [0x02, 0x00, 0x00])
        inner.export("c", [0x02, 0x00])
        inner.export("d", [0x02, 0x01])
        var outer = try ComponentBytes(
            """
            (type $t (instance (export "v" (value string))))
            (import "i" (instance $i (type $t))) (import "j" (instance $j (type $t)))
            (alias export $i "v" (value)) (alias export $j "v" (value))
            """)
        outer.component(inner)
        outer.instantiate(0, with: [("a", [0x02, 0x00]), ("b", [0x02, 0x01])])
        let error = refusal(of: outer.bytes)
        #expect(error?.message.contains("expected the value that it is bound to") == true)
    }

    /// What the assembler of wasm-tools writes: a type without a bound.
    @Test func typesAreReadWithAndWithoutTheirBound() throws {
        for type in [[0x02, 0x73], Self.string] {
            var component = try ComponentBytes()
            component.import("a", type)
            component.export("b", [0x02, 0x00], as: type)
            let error = refusal(of: component.bytes)
            #expect(error == nil, "\(String(describing: error))")
        }
    }

    @Test func theHostSuppliesNoValues() throws {
        for text in [
            "(import \"v\" (value $v string)) (export \"w\" (value $v))",
            "(import \"a:b/c\" (instance (export \"v\" (value string))))",
        ] {
            let bytes = try ComponentBytes(text).bytes
            #expect(refusal(of: bytes) == nil)
            let error = #expect(throws: ComponentError.self) { try planned(bytes) }
            #expect(error?.kind == .unsupported)
            #expect(error?.message.contains("'v'") == true)
        }
    }
}
