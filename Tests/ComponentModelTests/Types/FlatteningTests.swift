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
        #expect(type.flatTypes(.i32) == expected)
    }

    @Test(arguments: [
        (ValueType.u32, [CoreType.i32]), (.string, [.i64, .i64]), (.list(.f64), [.i64, .i64]),
        (.stream(.string), [.i32]), (.tuple([.u8, .string]), [.i32, .i64, .i64]),
        // A pointer joins with nothing else to anything but i64.
        (.result(ok: .string, error: .u32), [.i32, .i64, .i64]),
        (.result(ok: .f32, error: .string), [.i32, .i64, .i64]),
        (.result(ok: .f64, error: .string), [.i32, .i64, .i64]),
    ])
    func pointersAreWideWithA64BitMemory(type: ValueType, expected: [CoreType]) {
        #expect(type.flatTypes(.i64) == expected)
    }

    @Test func longTypesDoNotFlatten() {
        #expect(ValueType.fixedList(.u8, 16).flatTypes(.i32)?.count == 16)
        #expect(ValueType.fixedList(.u8, 17).flatTypes(.i32) == nil)
        #expect(ValueType.fixedList(.u8, 200_000_000).flatTypes(.i32) == nil)
        #expect(ValueType.option(.fixedList(.u8, 16)).flatTypes(.i32) == nil)
        #expect(ValueType.tuple([.fixedList(.u8, 15), .string]).flatTypes(.i32) == nil)
    }

    private func function(_ parameters: [ValueType], _ result: ValueType?) -> ComponentFunctionType {
        ComponentFunctionType(parameters.map { .init("p", $0) }, result: result)
    }

    @Test func smallSignaturesPassEverythingFlat() {
        let type = self.function([.u32, .string], .f64)
        #expect(type.liftedCoreType(.i32) == CoreFunctionType([.i32, .i32, .i32], [.f64]))
        #expect(type.loweredCoreType(.i32) == CoreFunctionType([.i32, .i32, .i32], [.f64]))
        #expect(self.function([], nil).loweredCoreType(.i32) == CoreFunctionType([]))
    }

    @Test func largeResultsGoThroughMemory() {
        let type = self.function([.u64], .string)
        #expect(type.liftedCoreType(.i32) == CoreFunctionType([.i64], [.i32]))
        #expect(type.loweredCoreType(.i32) == CoreFunctionType([.i64, .i32]))
    }

    @Test func moreThanSixteenParametersGoThroughMemory() {
        let sixteen = self.function(Array(repeating: .u64, count: 16), nil)
        #expect(sixteen.loweredCoreType(.i32).parameters.count == 16)
        let seventeen = self.function(Array(repeating: .u64, count: 17), .tuple([.u8, .u8]))
        #expect(seventeen.liftedCoreType(.i32) == CoreFunctionType([.i32], [.i32]))
        #expect(seventeen.loweredCoreType(.i32) == CoreFunctionType([.i32, .i32]))
        #expect(seventeen.parametersLayout(.i32) == Layout(size: 136, alignment: 8))
    }

    @Test func pointersToParametersAndResultsAreWideWithA64BitMemory() {
        let large = self.function(Array(repeating: .u8, count: 17), .string)
        #expect(large.liftedCoreType(.i64) == CoreFunctionType([.i64], [.i64]))
        #expect(large.loweredCoreType(.i64) == CoreFunctionType([.i64, .i64]))
        #expect(large.loweredCoreType(.i64, isAsync: true) == CoreFunctionType([.i64, .i64], [.i32]))
        // How many values pass flat does not depend on their width.
        let strings = self.function(Array(repeating: .string, count: 8), .u8)
        #expect(strings.liftedCoreType(.i64) == CoreFunctionType(Array(repeating: .i64, count: 16), [.i32]))
    }
}
