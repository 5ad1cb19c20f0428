import ComponentModel
import Testing

@Suite struct LayoutTests {
    @Test(arguments: [
        (ValueType.bool, 1, 1), (.u8, 1, 1), (.s16, 2, 2), (.u32, 4, 4), (.char, 4, 4), (.f32, 4, 4), (.s64, 8, 8),
        (.f64, 8, 8), (.string, 8, 4), (.list(.u64), 8, 4), (.own(ResourceID(0)), 4, 4),
        (.borrow(ResourceID(0)), 4, 4),
        (.fixedList(.u16, 3), 6, 2), (.fixedList(.tuple([.u8, .u32]), 2), 16, 4),
        (.record([.init("a", .u8), .init("b", .u64), .init("c", .u8)]), 24, 8),
        (.tuple([.u8, .u16, .u8]), 6, 2), (.tuple([.u8, .u8, .u8]), 3, 1),
        (.variant([.init("a"), .init("b", .u64)]), 16, 8), (.variant([.init("a", .u8)]), 2, 1),
        (.variant([.init("a", .tuple([.u32, .u8])), .init("b", .u8)]), 12, 4),
        (.option(.u8), 2, 1), (.option(.string), 12, 4), (.option(.option(.u32)), 12, 4),
        (.result(ok: nil, error: nil), 1, 1), (.result(ok: .u16, error: nil), 4, 2),
        (.result(ok: .list(.u8), error: .u64), 16, 8),
        (.flags(["a"]), 1, 1), (.flags((0..<9).map { "f\($0)" }), 2, 2), (.flags((0..<17).map { "f\($0)" }), 4, 4),
        (.enum(["a", "b"]), 1, 1), (.enum((0..<256).map { "e\($0)" }), 1, 1),
        (.enum((0..<257).map { "e\($0)" }), 2, 2), (.enum((0..<65_537).map { "e\($0)" }), 4, 4),
    ])
    func sizeAndAlignmentFollowTheCanonicalABI(type: ValueType, size: Int, alignment: Int) {
        #expect(type.layout(.i32) == Layout(size: size, alignment: alignment))
    }

    /// Only what holds pointers differs.
    @Test(arguments: [
        (ValueType.string, 16, 8), (.list(.u8), 16, 8), (.u32, 4, 4), (.own(ResourceID(0)), 4, 4),
        (.stream(.string), 4, 4), (.fixedList(.string, 3), 48, 8), (.tuple([.u8, .string, .u8]), 32, 8),
        (.option(.string), 24, 8), (.result(ok: .list(.u8), error: .u64), 24, 8),
        (.variant([.init("a", .tuple([.u64, .u64, .u64, .u64])), .init("b", .string)]), 40, 8),
    ])
    func pointersTakeEightBytesInA64BitMemory(type: ValueType, size: Int, alignment: Int) {
        #expect(type.layout(.i64) == Layout(size: size, alignment: alignment))
    }

    @Test(arguments: [
        (ValueType.option(.u8), 1), (.option(.u64), 8), (.result(ok: .u16, error: nil), 2),
        (.result(ok: nil, error: nil), 1), (.variant([.init("a", .u8), .init("b", .u32)]), 4), (.option(.string), 4),
        (.u32, 0),
    ])
    func payloadsStartAtTheirAlignment(type: ValueType, offset: Int) {
        #expect(type.payloadOffset(.i32) == offset)
    }

    @Test func payloadsStartAtThePointersAlignment() {
        #expect(ValueType.option(.string).payloadOffset(.i64) == 8)
        #expect(ValueType.option(.u8).payloadOffset(.i64) == 1)
    }
}
