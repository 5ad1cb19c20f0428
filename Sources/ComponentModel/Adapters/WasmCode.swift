/// Instructions of a core function, as they are written.
struct WasmCode {
    private(set) var bytes: [UInt8] = []

    enum Op: UInt8 {
        case unreachable = 0x00
        case `else` = 0x05
        case end = 0x0B
        case `return` = 0x0F
        /// The first of two values where the condition above them holds.
        case select = 0x1B
        case i32Eqz = 0x45
        case i32Eq = 0x46
        case i32Ne = 0x47
        case i32LtU = 0x49
        case i32GtU = 0x4B
        case i32GeU = 0x4F
        case i64Eqz = 0x50
        case i64LtU = 0x54
        case i64GtU = 0x56
        case i32Add = 0x6A
        case i32Sub = 0x6B
        case i32And = 0x71
        case i32Or = 0x72
        case i32Xor = 0x73
        case i32Shl = 0x74
        case i32ShrU = 0x76
        case i64Add = 0x7C
        case i64Mul = 0x7E
        case i64And = 0x83
        case i64Shl = 0x86
        case i32WrapI64 = 0xA7
        case i64ExtendI32U = 0xAD
        case i32ReinterpretF32 = 0xBC
        case i64ReinterpretF64 = 0xBD
        case f32ReinterpretI32 = 0xBE
        case f64ReinterpretI64 = 0xBF
        case i32Extend8S = 0xC0
        case i32Extend16S = 0xC1
    }

    enum Memory: UInt8 {
        case i32Load = 0x28
        case i64Load = 0x29
        case f32Load = 0x2A
        case f64Load = 0x2B
        case i32Load8S = 0x2C
        case i32Load8U = 0x2D
        case i32Load16S = 0x2E
        case i32Load16U = 0x2F
        case i64Load8U = 0x31
        case i32Store = 0x36
        case i64Store = 0x37
        case f32Store = 0x38
        case f64Store = 0x39
        case i32Store8 = 0x3A
        case i32Store16 = 0x3B
        case i64Store8 = 0x3C
    }

    mutating func op(_ op: Op) { self.bytes.append(op.rawValue) }

    mutating func localGet(_ local: Int) { self.indexed(0x20, local) }
    mutating func localSet(_ local: Int) { self.indexed(0x21, local) }
    mutating func localTee(_ local: Int) { self.indexed(0x22, local) }
    mutating func globalGet(_ global: Int) { self.indexed(0x23, global) }
    mutating func globalSet(_ global: Int) { self.indexed(0x24, global) }
    mutating func call(_ function: Int) { self.indexed(0x10, function) }
    /// Through the first table.
    mutating func callIndirect(type: Int) {
        self.indexed(0x11, type)
        self.unsigned(0)
    }
    mutating func memorySize(_ memory: Int) { self.indexed(0x3F, memory) }
    mutating func memoryGrow(_ memory: Int) { self.indexed(0x40, memory) }

    mutating func memoryCopy(to destination: Int, from source: Int) {
        self.bytes += [0xFC, 0x0A]
        self.unsigned(UInt64(destination))
        self.unsigned(UInt64(source))
    }

    mutating func i32(_ value: UInt32) {
        self.bytes.append(0x41)
        self.signed(Int64(Int32(bitPattern: value)))
    }

    mutating func i64(_ value: Int64) {
        self.bytes.append(0x42)
        self.signed(value)
    }

    /// Blocks without results.
    mutating func block() { self.bytes += [0x02, 0x40] }
    mutating func loop() { self.bytes += [0x03, 0x40] }
    mutating func `if`() { self.bytes += [0x04, 0x40] }
    /// Without results; any exception out of it goes to the end of the block around it.
    mutating func tryTableCatchingAll() { self.bytes += [0x1F, 0x40, 1, 0x02, 0] }
    mutating func branch(_ depth: Int) { self.indexed(0x0C, depth) }
    mutating func branchIf(_ depth: Int) { self.indexed(0x0D, depth) }

    mutating func branchTable(_ depths: [Int], default last: Int) {
        self.indexed(0x0E, depths.count)
        for depth in depths { self.unsigned(UInt64(depth)) }
        self.unsigned(UInt64(last))
    }

    mutating func access(_ access: Memory, memory: Int, offset: Int) {
        self.bytes.append(access.rawValue)
        // No alignment is promised; bit 6 says that a memory's number follows.
        self.bytes.append(memory == 0 ? 0 : 0x40)
        if memory != 0 { self.unsigned(UInt64(memory)) }
        self.unsigned(UInt64(offset))
    }

    /// A call whose function's number is not known yet. Gives the place for `patch`.
    mutating func callLater() -> Int {
        self.bytes.append(0x10)
        self.bytes += [0x80, 0x80, 0x80, 0x80, 0x00]
        return self.bytes.count - 5
    }

    mutating func patch(_ place: Int, function: Int) {
        for index in 0..<5 {
            let bits = UInt8(truncatingIfNeeded: function >> (7 * index)) & 0x7F
            self.bytes[place + index] = index < 4 ? bits | 0x80 : bits
        }
    }

    private mutating func indexed(_ opcode: UInt8, _ index: Int) {
        self.bytes.append(opcode)
        self.unsigned(UInt64(index))
    }

    private mutating func unsigned(_ value: UInt64) { WasmBinary.append(value, to: &self.bytes) }

    private mutating func signed(_ value: Int64) { WasmBinary.append(signed: value, to: &self.bytes) }
}

/// Parts of the binary format that code and sections share.
package enum WasmBinary {
    package static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        repeat {
            let byte = UInt8(truncatingIfNeeded: rest) & 0x7F
            rest >>= 7
            bytes.append(rest == 0 ? byte : byte | 0x80)
        } while rest != 0
    }

    static func append(signed value: Int64, to bytes: inout [UInt8]) {
        var rest = value
        while true {
            let byte = UInt8(truncatingIfNeeded: rest) & 0x7F
            rest >>= 7
            if (rest == 0 && byte & 0x40 == 0) || (rest == -1 && byte & 0x40 != 0) {
                bytes.append(byte)
                return
            }
            bytes.append(byte | 0x80)
        }
    }

    package static func append(_ name: String, to bytes: inout [UInt8]) {
        Self.append(UInt64(name.utf8.count), to: &bytes)
        bytes += Array(name.utf8)
    }

    /// A section of `count` entries.
    static func section(_ id: UInt8, count: Int, _ content: [UInt8]) -> [UInt8] {
        guard count > 0 else { return [] }
        var body: [UInt8] = []
        Self.append(UInt64(count), to: &body)
        body += content
        var section: [UInt8] = [id]
        Self.append(UInt64(body.count), to: &section)
        return section + body
    }
}
