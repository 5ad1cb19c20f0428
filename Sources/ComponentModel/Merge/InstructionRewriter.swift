/// Rewrites instructions of one module for the merged module: what names an index is encoded anew, all else is copied in
/// runs.
///
/// Core modules are validated by the engine, merged; what is checked here is only that each index was in range in its
/// own module, and that the instructions are known.
struct InstructionRewriter {
    private let maps: IndexSpaces
    /// Whether code may name data segments.
    private let hasDataCount: Bool
    /// Functions of the merged module that code takes references of.
    private(set) var referencedFunctions: Set<UInt32> = []

    private let plain = InstructionTable.plain
    private var code: CodeCopier

    init(_ maps: IndexSpaces, hasDataCount: Bool, output: MergedBinary) {
        self.maps = maps
        self.hasDataCount = hasDataCount
        self.code = CodeCopier(to: output)
    }

    // MARK: Whole parts

    /// A function's body: locals and instructions, to their end.
    mutating func body(_ bytes: UnsafeRawBufferPointer) throws(NotMergeable) {
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            throw NotMergeable("a function has no body")
        }
        self.code.begin(start, start + bytes.count)
        for _ in 0..<(try self.code.u32()) {
            _ = try self.code.u32()
            try self.valueType()
        }
        while !self.code.isAtEnd { try self.instruction() }
        self.code.flush()
    }

    /// A constant expression within a reader's section; leaves the reader behind it.
    mutating func expression(_ reader: inout ByteReader) throws(NotMergeable) {
        try self.part(&reader) { (rewriter) throws(NotMergeable) in
            // Constant instructions have no blocks inside.
            while true {
                let opcode = try rewriter.code.peek()
                try rewriter.instruction(isConstant: true)
                if opcode == 0x0b { return }
            }
        }
    }

    /// A value type within a reader's section.
    mutating func valueType(_ reader: inout ByteReader) throws(NotMergeable) {
        try self.part(&reader) { (rewriter) throws(NotMergeable) in try rewriter.valueType() }
    }

    private mutating func part(
        _ reader: inout ByteReader, _ body: (inout InstructionRewriter) throws(NotMergeable) -> Void
    ) throws(NotMergeable) {
        guard let base = reader.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            throw CodeCopier.cutShort
        }
        self.code.begin(base + reader.offset, base + reader.end)
        try body(&self)
        self.code.flush()
        let length = self.code.position - (base + reader.offset)
        do { try reader.skip(length) } catch { throw CodeCopier.cutShort }
    }

    // MARK: Instructions

    private mutating func instruction(isConstant: Bool = false) throws(NotMergeable) {
        let opcode = try self.code.byte()
        try self.immediates(self.plain[Int(opcode)], isConstant)
    }

    @inline(__always)
    private mutating func immediates(_ kind: Immediates, _ isConstant: Bool) throws(NotMergeable) {
        switch kind {
        case .none: break
        case .number, .constant32: try self.code.skipNumber()
        case .constant64: try self.code.skipNumber()
        case .memoryArgument: try self.memoryArgument()
        case .function: try self.index(self.maps.functions)
        case .global: try self.index(self.maps.globals)
        case .blockType: try self.blockType()
        case .bytes4: try self.code.skip(4)
        case .bytes8: try self.code.skip(8)
        case .indirectCall:
            try self.index(self.maps.types)
            try self.index(self.maps.tables)
        case .labels:
            let count = try self.code.u32()
            for _ in 0..<count { try self.code.skipNumber() }
            try self.code.skipNumber()
        default: try self.rareImmediates(kind, isConstant)
        }
    }

    private mutating func rareImmediates(_ kind: Immediates, _ isConstant: Bool) throws(NotMergeable) {
        switch kind {
        case .tryTable: try self.tryTable()
        case .functionReference: try self.functionReference(isConstant)
        case .type: try self.index(self.maps.types)
        case .typeAndNumber:
            try self.index(self.maps.types)
            try self.code.skipNumber()
        case .types:
            try self.index(self.maps.types)
            try self.index(self.maps.types)
        case .typeAndData:
            try self.index(self.maps.types)
            try self.dataIndex()
        case .typeAndElement:
            try self.index(self.maps.types)
            try self.elementIndex()
        case .tag: try self.index(self.maps.tags)
        case .table: try self.index(self.maps.tables)
        case .tables:
            try self.index(self.maps.tables)
            try self.index(self.maps.tables)
        case .memory: try self.index(self.maps.memories)
        case .memories:
            try self.index(self.maps.memories)
            try self.index(self.maps.memories)
        case .memoryArgumentAndLane:
            try self.memoryArgument()
            try self.code.skip(1)
        case .valueTypes:
            let count = try self.code.u32()
            for _ in 0..<count { try self.valueType() }
        case .heapType: try self.heapType()
        case .castBranch:
            try self.code.skip(1)
            try self.code.skipNumber()
            try self.heapType()
            try self.heapType()
        case .bytes1: try self.code.skip(1)
        case .bytes16: try self.code.skip(16)
        case .dataAndMemory:
            try self.dataIndex()
            try self.index(self.maps.memories)
        case .data: try self.dataIndex()
        case .elementAndTable:
            try self.elementIndex()
            try self.index(self.maps.tables)
        case .element: try self.elementIndex()
        case .prefixFB: try self.prefixed(InstructionTable.prefixFB, isConstant)
        case .prefixFC: try self.prefixed(InstructionTable.prefixFC, isConstant)
        case .prefixFD: try self.prefixed(InstructionTable.prefixFD, isConstant)
        default: throw NotMergeable("an instruction is not known")
        }
    }

    private mutating func prefixed(_ table: InstructionTable, _ isConstant: Bool) throws(NotMergeable) {
        let opcode = Int(try self.code.u32())
        guard opcode < table.count else { throw NotMergeable("an instruction is not known") }
        try self.immediates(table[opcode], isConstant)
    }

    private mutating func blockType() throws(NotMergeable) {
        // Negative numbers are value types, or no type at all.
        switch try self.code.peek() {
        case 0x40: try self.code.skip(1)
        case 0x41..<0x80: try self.valueType()
        default: try self.signedTypeIndex()
        }
    }

    private mutating func tryTable() throws(NotMergeable) {
        try self.blockType()
        let count = try self.code.u32()
        for _ in 0..<count {
            let kind = try self.code.byte()
            guard kind <= 3 else { throw NotMergeable("a catch is not known") }
            let hasTag = kind <= 1
            if hasTag { try self.index(self.maps.tags) }
            try self.code.skipNumber()
        }
    }

    private mutating func functionReference(_ isConstant: Bool) throws(NotMergeable) {
        let start = self.code.position
        let index = try self.code.u32()
        let mapped = try self.maps.functions.mapped(index)
        if !isConstant {
            guard self.maps.declaredFunctions.contains(index) else {
                throw NotMergeable("code takes a reference of a function that is not declared")
            }
            self.referencedFunctions.insert(mapped)
        }
        self.replace(start, index, mapped)
    }

    // MARK: Types

    private mutating func valueType() throws(NotMergeable) {
        switch try self.code.byte() {
        case 0x63, 0x64: try self.heapType()
        case 0x69...0x74, 0x7b...0x7f: break
        default: throw NotMergeable("a value type is not known")
        }
    }

    private mutating func heapType() throws(NotMergeable) {
        switch try self.code.peek() {
        case 0x69...0x74: try self.code.skip(1)
        case 0x40..<0x80: throw NotMergeable("a heap type is not known")
        default: try self.signedTypeIndex()
        }
    }

    private mutating func signedTypeIndex() throws(NotMergeable) {
        let start = self.code.position
        let index = try self.code.signedIndex()
        let mapped = try self.maps.types.mapped(index)
        guard mapped != index else { return }
        self.code.replace(since: start) { $0.signed(Int64(mapped)) }
    }

    // MARK: Indices

    @inline(__always)
    private mutating func index(_ space: IndexSpace) throws(NotMergeable) {
        let start = self.code.position
        let index = try self.code.u32()
        self.replace(start, index, try space.mapped(index))
    }

    private mutating func dataIndex() throws(NotMergeable) {
        guard self.hasDataCount else { throw NotMergeable("the number of data segments is not declared") }
        let start = self.code.position
        let index = try self.code.u32()
        self.replace(start, index, try self.maps.datas.mapped(index))
    }

    private mutating func elementIndex() throws(NotMergeable) {
        let start = self.code.position
        let index = try self.code.u32()
        self.replace(start, index, try self.maps.elements.mapped(index))
    }

    @inline(__always)
    private mutating func replace(_ start: UnsafePointer<UInt8>, _ index: UInt32, _ mapped: UInt32) {
        guard mapped != index else { return }
        self.code.replace(since: start) { $0.u32(mapped) }
    }

    /// Alignment, with a flag for a memory index, and offset.
    @inline(__always)
    private mutating func memoryArgument() throws(NotMergeable) {
        let start = self.code.position
        let flags = try self.code.u32()
        let hasIndex = flags & 0x40 != 0
        let index = hasIndex ? try self.code.u32() : 0
        let mapped = try self.maps.memories.mapped(index)
        if mapped != index {
            self.code.replace(since: start) { output in
                output.u32(flags | 0x40)
                output.u32(mapped)
            }
        }
        try self.code.skipNumber()
    }
}
