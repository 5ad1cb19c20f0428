/// A `realloc` of a generated core module that only ever takes more memory: the next free bytes.
///
/// For modules that live as long as a call, or that free all at once by setting ``nextFree`` back.
enum BumpAllocator {
    /// The module's global, an `i32`, that says where free bytes begin.
    static let nextFree = 0
    /// The type of the function's one local, which comes after its parameters.
    static let local = CoreType.i32

    /// Pages are of 64 KiB.
    static let pageBits: UInt32 = 16

    /// The function's code, without its locals and its end. Of a 32-bit memory, the module's first.
    static var code: WasmCode {
        let (old, oldSize, alignment, size, new) = (0, 1, 2, 3, 4)
        var code = WasmCode()
        code.globalGet(Self.nextFree)
        code.localGet(alignment)
        code.op(.i32Add)
        code.i32(1)
        code.op(.i32Sub)
        code.i32(0)
        code.localGet(alignment)
        code.op(.i32Sub)
        code.op(.i32And)
        code.localTee(new)
        code.localGet(size)
        code.op(.i32Add)
        code.globalSet(Self.nextFree)
        Self.trapIf(&code) { code in
            // It goes round the end of the addresses.
            code.localGet(new)
            code.globalGet(Self.nextFree)
            code.op(.i32GtU)
        }
        code.globalGet(Self.nextFree)
        code.memorySize(0)
        code.i32(Self.pageBits)
        code.op(.i32Shl)
        code.op(.i32GtU)
        code.if()
        Self.trapIf(&code) { code in
            // What is left of the last page may be as good as nothing, so two pages more than whole ones.
            code.localGet(size)
            code.i32(Self.pageBits)
            code.op(.i32ShrU)
            code.i32(2)
            code.op(.i32Add)
            code.memoryGrow(0)
            code.i32(UInt32.max)
            code.op(.i32Eq)
        }
        code.op(.end)
        code.localGet(new)
        code.localGet(old)
        // No more than the new bytes, of which there are fewer where memory is given back.
        code.localGet(oldSize)
        code.localGet(size)
        code.localGet(oldSize)
        code.localGet(size)
        code.op(.i32LtU)
        code.op(.select)
        code.memoryCopy(to: 0, from: 0)
        code.localGet(new)
        return code
    }

    private static func trapIf(_ code: inout WasmCode, _ condition: (inout WasmCode) -> Void) {
        condition(&code)
        code.if()
        code.op(.unreachable)
        code.op(.end)
    }
}
