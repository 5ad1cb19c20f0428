import ComponentModel
import Testing

/// Values that are written down in a component (Binary.md, "Value Definitions").
@Suite struct ValueDefinitionTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        /// As text.
        let type: String
        let bytes: [UInt8]
        /// In WAVE.
        let value: String

        init(_ type: String, _ bytes: [UInt8], _ value: String) {
            self.type = type
            self.bytes = bytes
            self.value = value
        }

        var testDescription: String { "\(self.type) \(self.bytes)" }
    }

    private static let numbers = [
        Sample("bool", [0x00], "false"), Sample("bool", [0x01], "true"),
        Sample("u8", [0xff], "255"), Sample("s8", [0xff], "-1"), Sample("s8", [0x7f], "127"),
        Sample("u16", [0xff, 0xff, 0x03], "65535"), Sample("s16", [0x80, 0x80, 0x7e], "-32768"),
        Sample("u16", [0x80, 0x80, 0x00], "0"), Sample("s16", [0x7f], "-1"),
        Sample("u32", [0xff, 0xff, 0xff, 0xff, 0x0f], "4294967295"),
        Sample("s32", [0x80, 0x80, 0x80, 0x80, 0x78], "-2147483648"),
        Sample("u64", Array(repeating: 0xff, count: 9) + [0x01], "18446744073709551615"),
        Sample("s64", Array(repeating: 0x80, count: 9) + [0x7f], "-9223372036854775808"),
        Sample("f32", [0x00, 0x00, 0xc0, 0x3f], "1.5"), Sample("f32", [0x00, 0x00, 0xc0, 0x7f], "nan:0x7fc00000"),
        Sample("f32", [0x00, 0x00, 0x80, 0xff], "-inf"),
        Sample("f64", [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x3f], "1.5"),
        Sample("f64", [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0x7f], "nan:0x7ff8000000000000"),
    ]

    private static let others = [
        Sample("char", [0x61], "'a'"), Sample("char", [0xc3, 0xa9], "'é'"),
        Sample("char", [0xe2, 0x82, 0xac], "'€'"), Sample("char", [0xf0, 0x9f, 0xaa, 0x99], "'🪙'"),
        Sample("string", [0x00], "\"\""), Sample("string", [0x03] + Array("h\u{e9}".utf8), "\"hé\""),
        Sample("(list u8)", [0x00], "[]"), Sample("(list u8)", [0x02, 0x01, 0xfe], "[1, 254]"),
        Sample("(list (list string))", [0x02, 0x00, 0x01, 0x01, 0x61], "[[], [\"a\"]]"),
        Sample("(record (field \"a\" bool) (field \"b\" u8))", [0x01, 0x07], "{a: true, b: 7}"),
        Sample("(tuple u8 u16 u32)", [0x01, 0x80, 0x01, 0x03], "(1, 128, 3)"),
        Sample("(variant (case \"a\") (case \"b\" u8))", [0x00], "a"),
        Sample("(variant (case \"a\") (case \"b\" u8))", [0x01, 0x02], "b(2)"),
        Sample("(variant (case \"a\") (case \"b\" u8))", [0x81, 0x00, 0x02], "b(2)"),
        Sample("(enum \"a\" \"b\")", [0x01], "b"),
        Sample("(option u8)", [0x00], "none"), Sample("(option u8)", [0x01, 0x05], "some(5)"),
        Sample("(result)", [0x00], "ok"), Sample("(result)", [0x01], "err"),
        Sample("(result u8)", [0x00, 0x05], "ok(5)"), Sample("(result u8)", [0x01], "err"),
        Sample("(result (error u8))", [0x00], "ok"), Sample("(result (error u8))", [0x01, 0x05], "err(5)"),
        Sample("(result u8 (error string))", [0x01, 0x01, 0x61], "err(\"a\")"),
        Sample("(flags \"a\" \"b\" \"c\")", [0b101], "{a, c}"),
        // Bits beyond the labels mean nothing.
        Sample("(flags \"a\" \"b\" \"c\")", [0b1111_1010], "{b}"),
        Sample(
            "(flags \"a\" \"b\" \"c\" \"d\" \"e\" \"f\" \"g\" \"h\" \"i\")", [0b1000_0000, 0b1], "{h, i}"),
        Sample("(map u8 string)", [0x01, 0x07, 0x01, 0x61], "[(7, \"a\")]"),
    ]

    /// A component whose second type is the one in text, named outside, with a value of it, which it exports.
    private static func component(_ type: String, _ encoding: [UInt8]) throws -> (bytes: [UInt8], encoding: Int) {
        var component = try ComponentBytes("(type $t \(type)) (export \"t\" (type $t))")
        let offset = component.value([0x01], encoding)
        component.export("v", [0x02, 0x00])
        return (component.bytes, offset)
    }

    @Test(arguments: Self.numbers + Self.others)
    func valuesAreReadByTheirTypes(sample: Sample) throws {
        let plan = try planned(Self.component(sample.type, sample.bytes).bytes)
        let export = try #require(plan.export(named: "v"))
        guard case .value(.constant(let index), _) = export.kind else {
            Issue.record("\(export.kind)")
            return
        }
        #expect(try plan.constants[index].decoded().description == sample.value)
    }

    /// What a value's bytes must not be, with the place in them.
    private static let malformed: [(type: String, bytes: [UInt8], message: String, place: Int)] = [
        ("bool", [0x02], "invalid boolean value 0x2", 0),
        ("u8", [], "unexpected end-of-file", 0),
        ("u8", [0x01, 0x02], "the value is longer than its contents", 1),
        ("u16", [0xff, 0xff, 0x04], "integer too large", 2),
        ("u16", [0x80, 0x80, 0x80, 0x00], "integer representation too long", 2),
        ("s16", [0x80, 0x80, 0x02], "integer too large", 2),
        ("s16", [0x80, 0x80, 0x80, 0x00], "integer representation too long", 2),
        ("u32", [0xff, 0xff, 0xff, 0xff, 0x1f], "integer too large", 4),
        ("s32", [0xff, 0xff, 0xff, 0xff, 0x4f], "integer too large", 4),
        ("u64", Array(repeating: 0xff, count: 9) + [0x02], "integer too large", 9),
        ("s64", Array(repeating: 0x80, count: 9) + [0x01], "integer too large", 9),
        ("s64", Array(repeating: 0x80, count: 10) + [0x00], "integer representation too long", 9),
        ("f32", [0x01, 0x00, 0xc0, 0x7f], "NaN other than the canonical one", 0),
        ("f32", [0x00, 0x00, 0xc0, 0xff], "NaN other than the canonical one", 0),
        ("f64", [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x7f, 0x00], "the value is longer", 8),
        ("f64", [0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x7f], "NaN other than the canonical one", 0),
        ("char", [0x80], "malformed UTF-8 encoding of a char", 0),
        ("char", [0xff, 0xff, 0xff, 0xff], "malformed UTF-8 encoding of a char", 0),
        ("char", [0xed, 0xa0, 0x80], "malformed UTF-8 encoding of a char", 0),
        ("char", [0xe2, 0x82], "unexpected end-of-file", 2),
        ("char", [0x61, 0x62], "the value is longer", 1),
        ("string", [0x02, 0x61], "a string runs past the end", 1),
        ("string", [0x01, 0xff], "malformed UTF-8 encoding of a string", 1),
        ("(list u8)", [0x03, 0x01, 0x02], "3 elements do not fit", 0),
        ("(list bool)", [0x02, 0x01, 0x02], "invalid boolean value 0x2", 2),
        (
            "(variant (case \"a\") (case \"b\" u8))", [0x02],
            "discriminant 2 of a value of type variant is not below 2", 0
        ),
        ("(variant (case \"a\") (case \"b\" u8))", [0x01], "unexpected end-of-file", 1),
        ("(enum \"a\" \"b\")", [0x80, 0x01], "discriminant 128 of a value of type enum", 0),
        ("(option u8)", [0x02], "discriminant 2 of a value of type option", 0),
        ("(result)", [0x80, 0x00], "discriminant 128 of a value of type result", 0),
        ("(flags \"a\" \"b\" \"c\" \"d\" \"e\" \"f\" \"g\" \"h\" \"i\")", [0x00], "unexpected end-of-file", 1),
    ]

    @Test(arguments: Self.malformed)
    func otherBytesAreRefused(type: String, bytes: [UInt8], message: String, place: Int) throws {
        let (file, start) = try Self.component(type, bytes)
        let error = try #require(refusal(of: file), "not refused: \(message)")
        #expect(error.kind == .malformed)
        #expect(error.message.contains(message), "\(error)")
        #expect(error.offset == start + place, "\(error)")
    }

    /// Types that have no values in the binary format.
    @Test(
        arguments: [
            ("(type $r (resource (rep i32))) (type (own $r))", "own", 1),
            ("(type $r (resource (rep i32))) (type (list (borrow $r)))", "borrow", 1),
            ("(type (stream u8))", "stream", 0), ("(type (tuple u8 (future u8)))", "future", 0),
            ("(type (list u8 3))", "fixed-length list", 0), ("(type error-context)", "error-context", 0),
        ] as [(String, String, UInt8)])
    func someTypesHaveNone(types: String, name: String, index: UInt8) throws {
        var component = try ComponentBytes(types)
        let encoding = component.value([index], [0x00])
        let error = try #require(refusal(of: component.bytes))
        #expect(error.kind == .invalid)
        #expect(error.message == "a value of type \(name) cannot be defined: the binary format has none")
        #expect(error.offset == encoding - 2)
    }

    @Test func aValueIsOfAValueType() throws {
        var component = try ComponentBytes("(type (func))")
        let encoding = component.value([0x00], [0x00])
        let error = try #require(refusal(of: component.bytes))
        #expect(error.message.contains("type index 0 is not a defined type"))
        #expect(error.offset == encoding - 2)
    }

    @Test func largeValuesAreRefused() throws {
        let size = 1 << 18
        let length = leb128(size - 3)
        let bytes = length + Array(repeating: UInt8(ascii: "a"), count: size - 3)
        #expect(refusal(of: try Self.component("string", bytes).bytes) == nil)
        let (file, start) = try Self.component("string", bytes + [0x00])
        let error = try #require(refusal(of: file))
        #expect(error.kind == .unsupported)
        #expect(error.offset == start)
    }

    /// A small file cannot make the host read a value again and again.
    @Test func allValuesOfAnInstanceAreBounded() throws {
        let text = Array(repeating: UInt8(ascii: "a"), count: 100_000)
        var inner = try ComponentBytes()
        inner.value([0x73], leb128(text.count) + text)
        inner.export("v", [0x02, 0x00])
        var outer = try ComponentBytes()
        outer.component(inner)
        for _ in 0..<3 { outer.instantiate(0, with: []) }
        #expect(refusal(of: outer.bytes) == nil)
        let error = #expect(throws: ComponentError.self) { try planned(outer.bytes) }
        #expect(error?.message.contains("the values that are defined") == true)
    }
}
