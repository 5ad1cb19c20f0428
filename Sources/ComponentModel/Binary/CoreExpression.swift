/// Constant expressions: only their ends are of interest.
enum CoreExpression {
    static func skip(_ reader: inout ByteReader) throws(ComponentError) {
        while true {
            let start = reader.offset
            switch try reader.byte() {
            case 0x0b: return
            case 0x41: _ = try reader.signed(bits: 32)
            case 0x42: _ = try reader.signed(bits: 64)
            case 0x43: try reader.skip(4)
            case 0x44: try reader.skip(8)
            case 0x23, 0xd2: _ = try reader.u32()
            case 0xd0: _ = try reader.signed(bits: 33)
            case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e: break
            case 0xfb:
                switch try reader.u32() {
                case 0, 1, 6, 7: _ = try reader.u32()
                case 8:
                    _ = try reader.u32()
                    _ = try reader.u32()
                default: break
                }
            case 0xfd:
                guard try reader.u32() == 12 else {
                    throw ComponentError(.invalid, "constant expression required", offset: start)
                }
                try reader.skip(16)
            case let byte:
                throw ComponentError(
                    .invalid, "constant expression required: it has instruction \(hex(byte))", offset: start)
            }
        }
    }
}
