import ComponentModel
import Testing

@Suite struct FlatteningTests {
    @Test(arguments: [
        (ValueType.bool, [CoreType.i32]), (.s64, [.i64]), (.f32, [.f32]), (.f64, [.f64]), (.char, [.i32]),
        (.string, [.i32, .i32]), (.list(.f64), [.i32, .i32]), (.flags(["a", "b"]), [.i32]), (.enum(["a"]), [.i32]),
        (.own(ResourceID(3)), [.i32]), (.fixedList(.u64, 2), [.i64, .i64]),
        (.record([.init("a", .f32), .init("b", .string)]), [.f32, .i32, .i32]),
        (.tuple([.u8, .s64]), [.i32, .i64]),
        (.option(.f32), [.i32, .f32]), (.result(ok: nil, error: nil), [.i32]),
        // Payloads share slots: equal types stay, i32 and f32 join to i32, all else to i64.
        (.result(ok: .f32, error: .u32), [.i32, .i32]), (.result(ok: .f32, error: .f32), [.i32, .f32]),
        (.result(ok: .f32, error: .u64), [.i32, .i64]), (.result(ok: .f64, error: .f32), [.i32, .i64]),
        (.result(ok: .f64, error: .u64), [.i32, .i64]),
        (.variant([.init("a", .tuple([.f32, .f64])), .init("b", .u32), .init("c")]), [.i32, .i32, .f64]),
        (.variant([.init("a", .u8), .init("b", .string)]), [.i32, .i32, .i32]),
    ])
    func valuesBecomeCoreValues(type: ValueType, expected: [CoreType]) {
        #expect(type.flatTypes() == expected)
    }

    @Test func longTypesDoNotFlatten() {
        #expect(ValueType.fixedList(.u8, 16).flatTypes()?.count == 16)
        #expect(ValueType.fixedList(.u8, 17).flatTypes() == nil)
        #expect(ValueType.fixedList(.u8, 200_000_000).flatTypes() == nil)
        #expect(ValueType.option(.fixedList(.u8, 16)).flatTypes() == nil)
        #expect(ValueType.tuple([.fixedList(.u8, 15), .string]).flatTypes() == nil)
    }

    private func function(_ parameters: [ValueType], _ result: ValueType?) -> ComponentFunctionType {
        ComponentFunctionType(parameters.map { .init("p", $0) }, result: result)
    }

    @Test func smallSignaturesPassEverythingFlat() {
        let type = self.function([.u32, .string], .f64)
        #expect(type.liftedCoreType == CoreFunctionType([.i32, .i32, .i32], [.f64]))
        #expect(type.loweredCoreType == CoreFunctionType([.i32, .i32, .i32], [.f64]))
        #expect(self.function([], nil).loweredCoreType == CoreFunctionType([]))
    }

    @Test func largeResultsGoThroughMemory() {
        let type = self.function([.u64], .string)
        #expect(type.liftedCoreType == CoreFunctionType([.i64], [.i32]))
        #expect(type.loweredCoreType == CoreFunctionType([.i64, .i32]))
    }

    @Test func moreThanSixteenParametersGoThroughMemory() {
        let sixteen = self.function(Array(repeating: .u64, count: 16), nil)
        #expect(sixteen.loweredCoreType.parameters.count == 16)
        let seventeen = self.function(Array(repeating: .u64, count: 17), .tuple([.u8, .u8]))
        #expect(seventeen.liftedCoreType == CoreFunctionType([.i32], [.i32]))
        #expect(seventeen.loweredCoreType == CoreFunctionType([.i32, .i32]))
        #expect(seventeen.parametersLayout == Layout(size: 136, alignment: 8))
    }
}
