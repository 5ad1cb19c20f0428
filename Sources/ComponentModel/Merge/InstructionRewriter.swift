/// Rewrites instructions of one module for the merged module: what names an index is encoded anew, all else is copied in
/// runs.
///
/// Core modules are validated by the engine, merged; what is checked here is only that each index was in range in its
/// own module, and that the instructions are known.
struct InstructionRewriter {
    let types: IndexSpace
    let functions: IndexSpace
    let tables: IndexSpace
    let memories: IndexSpace
    let globals: IndexSpace
    let tags: IndexSpace
    let elements: IndexMaps.Segments
    let datas: IndexMaps.Segments
    let declaredFunctions: Set<UInt32>
    /// Whether code may name data segments.
    let hasDataCount: Bool
    let output: MergedBinary
    /// Functions of the merged module that code takes references of.
    var referencedFunctions: Set<UInt32> = []

    private let plain = InstructionTable.plain
    private var cursor: UnsafePointer<UInt8>
    private var end: UnsafePointer<UInt8>
    /// Up to where input is written to the output.
    private var copied: UnsafePointer<UInt8>

    /// Gives `body` a rewriter with the maps of one module.
    static func withMaps<R>(
        _ maps: IndexMaps, hasDataCount: Bool, output: MergedBinary,
        _ body: (inout InstructionRewriter) throws(NotMergeable) -> R
    ) throws(NotMergeable) -> R {
        let result: Result<R, NotMergeable> = maps.types.withUnsafeBufferPointer { types in
            maps.functions.withUnsafeBufferPointer { functions in
                maps.tables.withUnsafeBufferPointer { tables in
                    maps.memories.withUnsafeBufferPointer { memories in
                        maps.globals.withUnsafeBufferPointer { globals in
                            maps.tags.withUnsafeBufferPointer { tags in
                                var rewriter = InstructionRewriter(
                                    types: IndexSpace(types), functions: IndexSpace(functions),
                                    tables: IndexSpace(tables), memories: IndexSpace(memories),
                                    globals: IndexSpace(globals), tags: IndexSpace(tags), maps: maps,
                                    hasDataCount: hasDataCount, output: output)
                                return Result { () throws(NotMergeable) in try body(&rewriter) }
                            }
                        }
                    }
                }
            }
        }
        return try result.get()
    }

    private init(
        types: IndexSpace, functions: IndexSpace, tables: IndexSpace, memories: IndexSpace, globals: IndexSpace,
        tags: IndexSpace, maps: IndexMaps, hasDataCount: Bool, output: MergedBinary
    ) {
        self.types = types
        self.functions = functions
        self.tables = tables
        self.memories = memories
        self.globals = globals
        self.tags = tags
        self.elements = maps.elements
        self.datas = maps.datas
        self.declaredFunctions = maps.declaredFunctions
        self.hasDataCount = hasDataCount
        self.output = output
        self.cursor = UnsafePointer(bitPattern: 1).unsafelyUnwrapped
        self.end = self.cursor
        self.copied = self.cursor
    }

    // MARK: Whole parts

    /// A function's body: locals and instructions, to their end.
    mutating func body(_ bytes: UnsafeRawBufferPointer) throws(NotMergeable) {
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            throw NotMergeable("a function has no body")
        }
        self.begin(start, start + bytes.count)
        for _ in 0..<(try self.u32()) {
            _ = try self.u32()
            try self.valueType()
        }
        while self.cursor < self.end { try self.instruction() }
        self.flush()
    }

    /// A constant expression within a reader's section; leaves the reader behind it.
    mutating func expression(_ reader: inout ByteReader) throws(NotMergeable) {
        try self.part(&reader) { (rewriter) throws(NotMergeable) in
            // Constant instructions have no blocks inside.
            while true {
                guard rewriter.cursor < rewriter.end else { throw Self.cutShort }
                let opcode = rewriter.cursor.pointee
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
        guard let base = reader.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { throw Self.cutShort }
        self.begin(base + reader.offset, base + reader.end)
        try body(&self)
        self.flush()
        let length = self.cursor - (base + reader.offset)
        do { try reader.skip(length) } catch { throw Self.cutShort }
    }

    private mutating func begin(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        self.cursor = start
        self.copied = start
        self.end = end
    }

    // MARK: Instructions

    private mutating func instruction(isConstant: Bool = false) throws(NotMergeable) {
        let opcode = self.cursor.pointee
        self.cursor += 1
        try self.immediates(self.plain[Int(opcode)], isConstant)
    }

    @inline(__always)
    private mutating func immediates(_ kind: Immediates, _ isConstant: Bool) throws(NotMergeable) {
        switch kind {
        case .none: break
        case .number, .constant32: try self.skipNumber()
        case .constant64: try self.skipNumber()
        case .memoryArgument: try self.memoryArgument()
        case .function: try self.index(self.functions)
        case .global: try self.index(self.globals)
        case .blockType: try self.blockType()
        case .bytes4: try self.skip(4)
        case .bytes8: try self.skip(8)
        case .indirectCall:
            try self.index(self.types)
            try self.index(self.tables)
        case .labels:
            let count = try self.u32()
            for _ in 0..<count { try self.skipNumber() }
            try self.skipNumber()
        default: try self.rareImmediates(kind, isConstant)
        }
    }

    private mutating func rareImmediates(_ kind: Immediates, _ isConstant: Bool) throws(NotMergeable) {
        switch kind {
        case .tryTable: try self.tryTable()
        case .functionReference: try self.functionReference(isConstant)
        case .type: try self.index(self.types)
        case .typeAndNumber:
            try self.index(self.types)
            try self.skipNumber()
        case .types:
            try self.index(self.types)
            try self.index(self.types)
        case .typeAndData:
            try self.index(self.types)
            try self.dataIndex()
        case .typeAndElement:
            try self.index(self.types)
            try self.elementIndex()
        case .tag: try self.index(self.tags)
        case .table: try self.index(self.tables)
        case .tables:
            try self.index(self.tables)
            try self.index(self.tables)
        case .memory: try self.index(self.memories)
        case .memories:
            try self.index(self.memories)
            try self.index(self.memories)
        case .memoryArgumentAndLane:
            try self.memoryArgument()
            try self.skip(1)
        case .valueTypes:
            let count = try self.u32()
            for _ in 0..<count { try self.valueType() }
        case .heapType: try self.heapType()
        case .castBranch:
            try self.skip(1)
            try self.skipNumber()
            try self.heapType()
            try self.heapType()
        case .bytes1: try self.skip(1)
        case .bytes16: try self.skip(16)
        case .dataAndMemory:
            try self.dataIndex()
            try self.index(self.memories)
        case .data: try self.dataIndex()
        case .elementAndTable:
            try self.elementIndex()
            try self.index(self.tables)
        case .element: try self.elementIndex()
        case .prefixFB: try self.prefixed(InstructionTable.prefixFB, isConstant)
        case .prefixFC: try self.prefixed(InstructionTable.prefixFC, isConstant)
        case .prefixFD: try self.prefixed(InstructionTable.prefixFD, isConstant)
        default: throw NotMergeable("an instruction is not known")
        }
    }

    private mutating func prefixed(_ table: InstructionTable, _ isConstant: Bool) throws(NotMergeable) {
        let opcode = Int(try self.u32())
        guard opcode < table.count else { throw NotMergeable("an instruction is not known") }
        try self.immediates(table[opcode], isConstant)
    }

    private mutating func blockType() throws(NotMergeable) {
        guard self.cursor < self.end else { throw Self.cutShort }
        let first = self.cursor.pointee
        // Negative numbers are value types, or no type at all.
        switch first {
        case 0x40: self.cursor += 1
        case 0x41..<0x80: try self.valueType()
        default: try self.signedTypeIndex()
        }
    }

    private mutating func tryTable() throws(NotMergeable) {
        try self.blockType()
        let count = try self.u32()
        for _ in 0..<count {
            guard self.cursor < self.end, self.cursor.pointee <= 3 else { throw NotMergeable("a catch is not known") }
            let hasTag = self.cursor.pointee <= 1
            self.cursor += 1
            if hasTag { try self.index(self.tags) }
            try self.skipNumber()
        }
    }

    private mutating func functionReference(_ isConstant: Bool) throws(NotMergeable) {
        let start = self.cursor
        let index = try self.u32()
        let mapped = try self.functions.mapped(index)
        if !isConstant {
            guard self.declaredFunctions.contains(index) else {
                throw NotMergeable("code takes a reference of a function that is not declared")
            }
            self.referencedFunctions.insert(mapped)
        }
        self.replace(start, index, mapped)
    }

    // MARK: Types

    private mutating func valueType() throws(NotMergeable) {
        guard self.cursor < self.end else { throw Self.cutShort }
        let code = self.cursor.pointee
        self.cursor += 1
        switch code {
        case 0x63, 0x64: try self.heapType()
        case 0x69...0x74, 0x7b...0x7f: break
        default: throw NotMergeable("a value type is not known")
        }
    }

    private mutating func heapType() throws(NotMergeable) {
        guard self.cursor < self.end else { throw Self.cutShort }
        switch self.cursor.pointee {
        case 0x69...0x74: self.cursor += 1
        case 0x40..<0x80: throw NotMergeable("a heap type is not known")
        default: try self.signedTypeIndex()
        }
    }

    /// A type index where negative numbers mean something else: as a signed number of 33 bits.
    private mutating func signedTypeIndex() throws(NotMergeable) {
        let start = self.cursor
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard self.cursor < self.end, shift <= 28 else { throw Self.cutShort }
            let byte = self.cursor.pointee
            self.cursor += 1
            value |= UInt64(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 {
                guard byte & 0x40 == 0 else { throw NotMergeable("a type index is negative") }
                break
            }
        }
        guard let index = UInt32(exactly: value) else { throw NotMergeable("a type index is too large") }
        let mapped = try self.types.mapped(index)
        guard mapped != index else { return }
        self.flush(to: start)
        self.output.signed(Int64(mapped))
        self.copied = self.cursor
    }

    // MARK: Indices

    @inline(__always)
    private mutating func index(_ space: IndexSpace) throws(NotMergeable) {
        let start = self.cursor
        let index = try self.u32()
        self.replace(start, index, try space.mapped(index))
    }

    private mutating func dataIndex() throws(NotMergeable) {
        guard self.hasDataCount else { throw NotMergeable("the number of data segments is not declared") }
        let start = self.cursor
        let index = try self.u32()
        self.replace(start, index, try self.datas.mapped(index))
    }

    private mutating func elementIndex() throws(NotMergeable) {
        let start = self.cursor
        let index = try self.u32()
        self.replace(start, index, try self.elements.mapped(index))
    }

    @inline(__always)
    private mutating func replace(_ start: UnsafePointer<UInt8>, _ index: UInt32, _ mapped: UInt32) {
        guard mapped != index else { return }
        self.flush(to: start)
        self.output.u32(mapped)
        self.copied = self.cursor
    }

    /// Alignment, with a flag for a memory index, and offset.
    @inline(__always)
    private mutating func memoryArgument() throws(NotMergeable) {
        let start = self.cursor
        let flags = try self.u32()
        let hasIndex = flags & 0x40 != 0
        let index = hasIndex ? try self.u32() : 0
        let mapped = try self.memories.mapped(index)
        if mapped != index {
            self.flush(to: start)
            self.output.u32(flags | 0x40)
            self.output.u32(mapped)
            self.copied = self.cursor
        }
        try self.skipNumber()
    }

    // MARK: Bytes

    static let cutShort = NotMergeable("the code is cut short")

    @inline(__always)
    private mutating func skip(_ count: Int) throws(NotMergeable) {
        guard self.end - self.cursor >= count else { throw Self.cutShort }
        self.cursor += count
    }

    /// A number of any width; whether it is well formed, the engine says.
    @inline(__always)
    private mutating func skipNumber() throws(NotMergeable) {
        while self.cursor < self.end {
            let byte = self.cursor.pointee
            self.cursor += 1
            if byte < 0x80 { return }
        }
        throw Self.cutShort
    }

    @inline(__always)
    private mutating func u32() throws(NotMergeable) -> UInt32 {
        guard self.cursor < self.end else { throw Self.cutShort }
        let first = self.cursor.pointee
        self.cursor += 1
        if first < 0x80 { return UInt32(first) }
        return try self.longU32(UInt32(first & 0x7f))
    }

    private mutating func longU32(_ low: UInt32) throws(NotMergeable) -> UInt32 {
        var value = low
        var shift: UInt32 = 7
        while self.cursor < self.end {
            let byte = self.cursor.pointee
            self.cursor += 1
            guard shift < 28 || byte <= 0x0f else { throw NotMergeable("a number is too large") }
            value |= UInt32(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Self.cutShort
    }

    @inline(__always)
    private mutating func flush(to position: UnsafePointer<UInt8>) {
        self.output.copy(self.copied, position - self.copied)
    }

    private mutating func flush() {
        self.flush(to: self.cursor)
        self.copied = self.cursor
    }
}
