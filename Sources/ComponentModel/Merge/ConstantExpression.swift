/// Initial values and offsets: which of them are known before anything runs.
enum ConstantExpression {
    /// An `i32` (as its bits) or an `i64`.
    enum Value: Hashable {
        case i32(UInt32)
        case i64(UInt64)

        func write(to output: MergedBinary) {
            switch self {
            case .i32(let value):
                output.byte(0x41)
                output.signed(Int64(Int32(bitPattern: value)))
            case .i64(let value):
                output.byte(0x42)
                output.signed(Int64(bitPattern: value))
            }
            output.byte(0x0b)
        }
    }

    /// Skips an expression up to its `end`.
    static func skip(_ reader: inout ByteReader) throws(ComponentError) {
        while true {
            let opcode = try reader.byte()
            switch InstructionTable.plain[Int(opcode)] {
            case .none: if opcode == 0x0b { return }
            case .number, .function, .functionReference, .global: _ = try reader.u32()
            case .constant32, .constant64, .heapType: _ = try reader.signed(bits: 64)
            case .bytes4: try reader.skip(4)
            case .bytes8: try reader.skip(8)
            case .prefixFD:
                guard try reader.u32() == 12 else { throw reader.malformed("a constant instruction is not known") }
                try reader.skip(16)
            case .prefixFB: try ConstantExpression.skipCollected(&reader)
            default: throw reader.malformed("a constant instruction is not known")
            }
        }
    }

    private static func skipCollected(_ reader: inout ByteReader) throws(ComponentError) {
        let opcode = Int(try reader.u32())
        guard opcode < InstructionTable.prefixFB.count else { throw reader.malformed("an instruction is not known") }
        switch InstructionTable.prefixFB[opcode] {
        case .none: break
        case .type: _ = try reader.u32()
        case .typeAndNumber:
            _ = try reader.u32()
            _ = try reader.u32()
        default: throw reader.malformed("a constant instruction is not known")
        }
    }

    /// The value of the expression at `reader`, if it is an integer that does not depend on the instance.
    ///
    /// `global` knows the values of globals that expressions may use.
    static func value(_ reader: ByteReader, global: (UInt32) -> Value?) -> Value? {
        var reader = reader
        var stack: [Value] = []
        while let opcode = try? reader.byte() {
            switch opcode {
            case 0x0b: return stack.count == 1 ? stack[0] : nil
            case 0x41:
                guard let value = try? reader.signed(bits: 32) else { return nil }
                stack.append(.i32(UInt32(bitPattern: Int32(truncatingIfNeeded: value))))
            case 0x42:
                let start = reader.offset
                // Whether the tenth byte of the longest numbers is right, the engine says.
                guard let value = try? reader.signed(bits: 64), reader.offset - start < 10 else { return nil }
                stack.append(.i64(UInt64(bitPattern: value)))
            case 0x23:
                guard let index = try? reader.u32(), let value = global(index) else { return nil }
                stack.append(value)
            case 0x6a...0x6c, 0x7c...0x7e:
                guard let right = stack.popLast(), let left = stack.popLast(),
                    let result = ConstantExpression.apply(opcode, left, right)
                else { return nil }
                stack.append(result)
            default: return nil
            }
        }
        return nil
    }

    private static func apply(_ opcode: UInt8, _ left: Value, _ right: Value) -> Value? {
        switch (opcode, left, right) {
        case (0x6a, .i32(let left), .i32(let right)): .i32(left &+ right)
        case (0x6b, .i32(let left), .i32(let right)): .i32(left &- right)
        case (0x6c, .i32(let left), .i32(let right)): .i32(left &* right)
        case (0x7c, .i64(let left), .i64(let right)): .i64(left &+ right)
        case (0x7d, .i64(let left), .i64(let right)): .i64(left &- right)
        case (0x7e, .i64(let left), .i64(let right)): .i64(left &* right)
        default: nil
        }
    }
}
