/// What follows an instruction's opcode, by the index spaces that it names.
///
/// Source: https://webassembly.github.io/spec/core/binary/instructions.html. Instructions that are missing here belong
/// to proposals that the engine does not enable.
enum Immediates: UInt8 {
    case unknown
    case none
    /// A number that means the same everywhere: a label, a local.
    case number
    case blockType
    case tryTable
    case labels
    case function
    case functionReference
    case indirectCall
    case type
    case typeAndNumber
    case types
    case typeAndData
    case typeAndElement
    case tag
    case global
    case table
    case tables
    case memory
    case memories
    case memoryArgument
    case memoryArgumentAndLane
    case valueTypes
    case heapType
    case castBranch
    case constant32
    case constant64
    case bytes1
    case bytes4
    case bytes8
    case bytes16
    case dataAndMemory
    case data
    case elementAndTable
    case element
    /// Further opcodes follow.
    case prefixFB
    case prefixFC
    case prefixFD
}

/// Immediates by opcode. The tables live as long as the process.
struct InstructionTable: @unchecked Sendable {
    private let entries: UnsafePointer<Immediates>
    let count: Int

    private init(_ entries: [Immediates]) {
        let copy = UnsafeMutablePointer<Immediates>.allocate(capacity: entries.count)
        copy.initialize(from: entries, count: entries.count)
        self.entries = UnsafePointer(copy)
        self.count = entries.count
    }

    /// `opcode` is less than `count`.
    @inline(__always)
    subscript(opcode: Int) -> Immediates { self.entries[opcode] }

    /// Of 256 entries.
    static let plain: InstructionTable = {
        var table = [Immediates](repeating: .unknown, count: 256)
        func set(_ range: ClosedRange<Int>, _ immediates: Immediates) {
            for opcode in range { table[opcode] = immediates }
        }
        set(0x00...0x01, .none)
        set(0x02...0x04, .blockType)
        table[0x05] = .none
        table[0x08] = .tag
        table[0x0a] = .none
        table[0x0b] = .none
        set(0x0c...0x0d, .number)
        table[0x0e] = .labels
        table[0x0f] = .none
        table[0x10] = .function
        table[0x11] = .indirectCall
        table[0x12] = .function
        table[0x13] = .indirectCall
        set(0x14...0x15, .type)
        set(0x1a...0x1b, .none)
        table[0x1c] = .valueTypes
        table[0x1f] = .tryTable
        set(0x20...0x22, .number)
        set(0x23...0x24, .global)
        set(0x25...0x26, .table)
        set(0x28...0x3e, .memoryArgument)
        set(0x3f...0x40, .memory)
        table[0x41] = .constant32
        table[0x42] = .constant64
        table[0x43] = .bytes4
        table[0x44] = .bytes8
        set(0x45...0xc4, .none)
        table[0xd0] = .heapType
        table[0xd1] = .none
        table[0xd2] = .functionReference
        set(0xd3...0xd4, .none)
        set(0xd5...0xd6, .number)
        table[0xfb] = .prefixFB
        table[0xfc] = .prefixFC
        table[0xfd] = .prefixFD
        return InstructionTable(table)
    }()

    /// Garbage collection.
    static let prefixFB: InstructionTable = {
        var table = [Immediates](repeating: .none, count: 31)
        for opcode in [0, 1, 6, 7, 11, 12, 13, 14, 16] { table[opcode] = .type }
        for opcode in [2, 3, 4, 5, 8] { table[opcode] = .typeAndNumber }
        for opcode in [9, 18] { table[opcode] = .typeAndData }
        for opcode in [10, 19] { table[opcode] = .typeAndElement }
        for opcode in 20...23 { table[opcode] = .heapType }
        for opcode in 24...25 { table[opcode] = .castBranch }
        table[17] = .types
        return InstructionTable(table)
    }()

    /// Saturating conversions, bulk memory, tables.
    static let prefixFC = InstructionTable([
        .none, .none, .none, .none, .none, .none, .none, .none,
        .dataAndMemory, .data, .memories, .memory, .elementAndTable, .element, .tables, .table, .table, .table,
    ])

    /// SIMD, with its relaxed instructions.
    static let prefixFD: InstructionTable = {
        var table = [Immediates](repeating: .none, count: 276)
        for opcode in 0...11 { table[opcode] = .memoryArgument }
        for opcode in 12...13 { table[opcode] = .bytes16 }
        for opcode in 21...34 { table[opcode] = .bytes1 }
        for opcode in 84...91 { table[opcode] = .memoryArgumentAndLane }
        for opcode in 92...93 { table[opcode] = .memoryArgument }
        return InstructionTable(table)
    }()
}
