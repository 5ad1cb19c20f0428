import ComponentModel
import Testing

@Suite struct SignatureTests {
    private static let names = ["wasi:io/streams.input-stream", "wasi:io/error.error", "local.2"]

    private func text(_ parameters: [ValueType], _ result: ValueType?, isAsync: Bool = false) -> String {
        let type = ComponentFunctionType(parameters.map { .init("name", $0) }, result: result, isAsync: isAsync)
        return SignatureWriter.signature(of: type, resourceNames: Self.names)
    }

    @Test func functionsAreSpeltAsHostBindingsSpellThem() {
        let error = ValueType.variant([
            .init("last-operation-failed", .own(ResourceID(1))), .init("closed"),
        ])
        #expect(
            self.text([.borrow(ResourceID(0)), .u64], .result(ok: .list(.u8), error: error))
                == "(borrow<wasi:io/streams.input-stream>, u64) -> "
                + "result<list<u8>, variant{last-operation-failed(own<wasi:io/error.error>), closed}>")
        #expect(self.text([], nil) == "()")
        #expect(self.text([.bool], nil, isAsync: true) == "async (bool)")
    }

    /// Types that streams carry have numbers as long as somebody uses them, and never one that another type had.
    @Test func numbersOfTypesAreForgotten() {
        let signature = "record{numbersOfTypesAreForgotten: u8}"
        var one: PayloadNumber? = PayloadNumber.of(signature)
        let number = one?.value
        #expect(PayloadNumber.of(signature).value == number)
        #expect(PayloadNumber.of("u8").value == PayloadNumber.of("u8").value)
        one = nil
        #expect(PayloadNumber.of(signature).value != number)
    }

    @Test(arguments: [
        (ValueType.s8, "s8"), (.u16, "u16"), (.s32, "s32"), (.s64, "s64"), (.f32, "f32"), (.f64, "f64"),
        (.char, "char"), (.string, "string"), (.list(.list(.string)), "list<list<string>>"),
        (.fixedList(.u8, 4), "list<u8, 4>"), (.record([.init("a", .u8), .init("b", .char)]), "record{a: u8, b: char}"),
        (.variant([.init("a"), .init("b", .u8)]), "variant{a, b(u8)}"), (.tuple([.u8, .string]), "tuple<u8, string>"),
        (.flags(["read", "write"]), "flags{read, write}"), (.enum(["a", "b"]), "enum{a, b}"),
        (.option(.u8), "option<u8>"), (.result(ok: nil, error: nil), "result"),
        (.result(ok: .u8, error: nil), "result<u8>"), (.result(ok: nil, error: .u8), "result<_, u8>"),
        (.result(ok: .u8, error: .u16), "result<u8, u16>"), (.own(ResourceID(2)), "own<local.2>"),
        (.stream(.u8), "stream<u8>"), (.future(nil), "future"),
    ])
    func typesAreSpelt(type: ValueType, expected: String) {
        #expect(self.text([type], nil) == "(\(expected))")
    }
}
