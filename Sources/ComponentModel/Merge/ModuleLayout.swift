/// All of a core module but its code: where things are, and the types that linking compares.
///
/// Reads only modules whose every section it knows. It checks what merging could hide from the engine: order and
/// lengths of sections, counts, limits of imports.
struct ModuleLayout {
    struct Export {
        let kind: ExternType.Kind
        let index: UInt32
    }

    /// What `range` and all readers refer to; not kept alive.
    let bytes: UnsafeRawBufferPointer
    let range: Range<Int>
    /// Entries of the type section, and how many types each defines.
    var types: [(range: Range<Int>, count: Int)] = []
    var typeCount = 0
    var imports: [ExternType] = []
    /// Type indices, imports first; the same for all index spaces.
    var functions: [UInt32] = []
    var tables: [TableType] = []
    var memories: [MemoryType] = []
    var globals: [GlobalType] = []
    var tags: [UInt32] = []
    /// How many of each space are imported.
    var importedFunctions = 0
    var importedTables = 0
    var importedMemories = 0
    var importedGlobals = 0
    var importedTags = 0
    /// Definitions of tables as they are written, since they may have an initial value.
    var tableDefinitions: [ByteReader] = []
    /// Where initial values of globals begin.
    var globalValues: [ByteReader] = []
    var exports: [CoreName: Export] = [:]
    var start: UInt32?
    /// Bodies of the element, code and data sections, behind the number of their items.
    var elements: (count: Int, ByteReader)?
    var code: (count: Int, ByteReader)?
    var data: (count: Int, ByteReader)?
    var dataCount: UInt32?
    /// The name section's map of function names.
    var functionNames: ByteReader?

    init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) throws(NotMergeable) {
        self.bytes = bytes
        self.range = range
        do throws(ComponentError) {
            try self.read()
        } catch {
            throw NotMergeable(error.message)
        }
    }

    private mutating func read() throws(ComponentError) {
        var reader = ByteReader(self.bytes, range: self.range)
        guard reader.skipIfMatches(WasmKind.coreModulePreamble) else { throw reader.malformed("not a core module") }
        var last = 0
        while !reader.isAtEnd {
            let id = try reader.byte()
            var section = try reader.section(Int(try reader.u32()))
            if id == 0 {
                try self.custom(&section)
                continue
            }
            guard Int(id) < Self.order.count, Self.order[Int(id)] > last else {
                throw reader.malformed("a section is not known or not in order")
            }
            last = Self.order[Int(id)]
            try self.section(id, &section)
        }
        guard self.functions.count - self.importedFunctions == self.code?.count ?? 0 else {
            throw reader.malformed("function and code sections differ in length")
        }
        if let dataCount = self.dataCount, Int(dataCount) != self.data?.count ?? 0 {
            throw reader.malformed("data count and data section differ")
        }
    }

    /// Place of each section by its id: tags (13) stand before globals, the data count (12) before code.
    private static let order = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 13, 11, 6]

    private mutating func section(_ id: UInt8, _ section: inout ByteReader) throws(ComponentError) {
        switch id {
        case 8: self.start = try section.u32()
        case 12: self.dataCount = try section.u32()
        default:
            let count = try section.count()
            switch id {
            case 9: self.elements = (count, section)
            case 10: self.code = (count, section)
            case 11: self.data = (count, section)
            default: for _ in 0..<count { try self.item(id, &section) }
            }
            // The others are read to their end when they are merged.
            if (9...11).contains(id) { return }
        }
        try section.finish("section")
    }

    private mutating func item(_ id: UInt8, _ section: inout ByteReader) throws(ComponentError) {
        switch id {
        case 1:
            let start = section.offset
            let count = try TypeSkipper.skip(&section)
            self.types.append((start..<section.offset, count))
            self.typeCount += count
        case 2: try self.importItem(&section)
        case 3: self.functions.append(try section.u32())
        case 4: try self.table(&section)
        case 5: self.memories.append(try MemoryType(&section))
        case 6:
            self.globals.append(try GlobalType(&section))
            self.globalValues.append(section)
            try ConstantExpression.skip(&section)
        case 7: try self.export(&section)
        case 13:
            guard try section.byte() == 0 else { throw section.malformed("a tag's attribute is not known") }
            self.tags.append(try section.u32())
        default: throw section.malformed("a section is not known")
        }
    }

    private mutating func importItem(_ section: inout ByteReader) throws(ComponentError) {
        _ = try section.name()
        _ = try section.name()
        let type = try ExternType(&section)
        self.imports.append(type)
        switch type {
        case .function(let index):
            self.functions.append(index)
            self.importedFunctions += 1
        case .table(let type):
            self.tables.append(type)
            self.importedTables += 1
        case .memory(let type):
            self.memories.append(type)
            self.importedMemories += 1
        case .global(let type):
            self.globals.append(type)
            self.importedGlobals += 1
        case .tag(let index):
            self.tags.append(index)
            self.importedTags += 1
        }
    }

    /// A table may have an initial value: `0x40 0x00`, type, expression.
    private mutating func table(_ section: inout ByteReader) throws(ComponentError) {
        let start = section
        if section.skipIfMatches([0x40]) {
            guard try section.byte() == 0 else { throw section.malformed("a table's form is not known") }
            self.tables.append(try TableType(&section))
            try ConstantExpression.skip(&section)
        } else {
            self.tables.append(try TableType(&section))
        }
        self.tableDefinitions.append(start)
    }

    private mutating func export(_ section: inout ByteReader) throws(ComponentError) {
        let name = CoreName(try section.name())
        guard let kind = ExternType.Kind(rawValue: try section.byte()) else {
            throw section.malformed("the kind of an export is not known")
        }
        let index = try section.u32()
        let count =
            switch kind {
            case .function: self.functions.count
            case .table: self.tables.count
            case .memory: self.memories.count
            case .global: self.globals.count
            case .tag: self.tags.count
            }
        guard Int(index) < count, self.exports.updateValue(Export(kind: kind, index: index), forKey: name) == nil else {
            throw section.malformed("an export is invalid")
        }
    }

    private mutating func custom(_ section: inout ByteReader) throws(ComponentError) {
        guard try section.name() == "name" else { return }
        while !section.isAtEnd {
            guard let id = try? section.byte(), let size = try? section.u32(),
                let part = try? section.section(Int(size))
            else { return }
            if id == 1 { self.functionNames = part }
        }
    }
}
