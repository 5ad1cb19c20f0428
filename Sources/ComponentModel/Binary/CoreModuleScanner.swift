/// Scans the sections of a core module.
struct CoreModuleScanner {
    private let bytes: UnsafeRawBufferPointer
    private let range: Range<Int>
    private let store: CoreTypeStore
    /// Where each type stands, and its number in the store once it is known. Plain function types are read on demand.
    private var types: [(offset: Int, number: Int?)] = []
    private var typeEnd = 0
    private var functionTypes: [UInt32] = []
    private var tables: [CoreTableType] = []
    private var memories: [CoreMemoryType] = []
    private var globals: [CoreGlobalType] = []
    private var tags: [Int] = []
    private var exportSection: ByteReader?
    private var globalSection: ByteReader?
    private var summary = CoreModuleSummary()

    static func scan(_ bytes: UnsafeRawBufferPointer, range: Range<Int>, store: CoreTypeStore)
        throws(ComponentError) -> CoreModuleSummary
    {
        var scanner = CoreModuleScanner(bytes, range, store)
        return try scanner.scan()
    }

    private init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ store: CoreTypeStore) {
        self.bytes = bytes
        self.range = range
        self.store = store
    }

    private mutating func scan() throws(ComponentError) -> CoreModuleSummary {
        var reader = ByteReader(self.bytes, range: self.range)
        guard reader.skipIfMatches(WasmKind.coreModulePreamble) else { throw reader.malformed("not a core module") }
        while !reader.isAtEnd {
            let id = try reader.byte()
            var section = try reader.section(Int(try reader.u32()))
            switch id {
            case 0: self.customSection(section)
            case 1: try self.typeSection(&section)
            case 2: try self.importSection(&section)
            case 3: try self.functionSection(&section)
            case 4: try self.tableSection(&section)
            case 5: try self.memorySection(&section)
            case 6: self.globalSection = section
            case 7: self.exportSection = section
            case 8: self.summary.hasStart = true
            case 13: try self.tagSection(&section)
            default: break
            }
        }
        if var section = self.exportSection { try self.exports(&section) }
        return self.summary
    }

    /// Custom sections need not be valid: what cannot be read is ignored.
    private mutating func customSection(_ section: ByteReader) {
        var reader = section
        guard (try? reader.name()) == "name" else { return }
        while !reader.isAtEnd {
            guard let id = try? reader.byte(), let size = try? reader.u32(),
                var subsection = try? reader.section(Int(size))
            else { return }
            if id == 0 {
                self.summary.name = try? subsection.name()
                return
            }
        }
    }

    private func count(_ reader: inout ByteReader, already: Int) throws(ComponentError) -> Int {
        let count = try reader.count()
        guard already + count <= Limits.coreModuleItems else {
            throw ComponentError(.unsupported, "a core module of more than 1,000,000 items", offset: reader.offset)
        }
        return count
    }

    private func tooManyTypes(at offset: Int) -> ComponentError {
        ComponentError(.unsupported, "a core module of more than 1,000,000 types", offset: offset)
    }

    private mutating func typeSection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.types.count)
        self.types.reserveCapacity(self.types.count + count)
        self.typeEnd = section.end
        for _ in 0..<count {
            let start = section.offset
            if try CoreTypeReader.skipPlainFunction(&section) {
                self.types.append((start, nil))
                continue
            }
            let group = try CoreTypeReader.recursiveType(&section)
            let first = self.types.count
            guard first + group.count <= Limits.coreModuleItems else { throw self.tooManyTypes(at: start) }
            var numbers: [Int: Int] = [:]
            for index in Set(group.flatMap(\.references)) where index < first {
                numbers[index] = try self.type(index, at: start)
            }
            let number = try self.store.add(group, first: first) { (index) throws(ComponentError) -> Int in
                guard let number = numbers[index] else {
                    throw ComponentError(.invalid, "unknown type \(index): type index out of bounds", offset: start)
                }
                return number
            }
            for place in group.indices { self.types.append((start, number + place)) }
        }
    }

    /// The number of a type. Those that refer to others have theirs from the start, so this never goes deep.
    private mutating func type(_ index: Int, at offset: Int) throws(ComponentError) -> Int {
        guard self.types.indices.contains(index) else {
            throw ComponentError(.invalid, "unknown type \(index): type index out of bounds", offset: offset)
        }
        if let number = self.types[index].number { return number }
        var reader = ByteReader(self.bytes, range: self.types[index].offset..<self.typeEnd)
        let number = try self.store.add(try CoreTypeReader.recursiveType(&reader), first: index) { _ in 0 }
        self.types[index].number = number
        return number
    }

    private mutating func value(_ type: CoreValueType, at offset: Int) throws(ComponentError) -> CoreValueType {
        guard case .reference(let isNullable, .concrete(let index)) = type else { return type }
        return .reference(isNullable: isNullable, .concrete(try self.type(index, at: offset)))
    }

    private mutating func table(_ type: CoreTableType, at offset: Int) throws(ComponentError) -> CoreTableType {
        CoreTableType(element: try self.value(type.element, at: offset), limits: type.limits)
    }

    private mutating func global(_ type: CoreGlobalType, at offset: Int) throws(ComponentError) -> CoreGlobalType {
        CoreGlobalType(
            value: try self.value(type.value, at: offset), isMutable: type.isMutable, isShared: type.isShared)
    }

    /// A function's type by its number, where planning finds it.
    private mutating func functionType(_ number: Int) -> CoreEntityType {
        self.summary.functionTypes[number] = .some(self.store.numbers(number))
        return .function(number)
    }

    private mutating func importSection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.summary.imports.count)
        self.summary.imports.reserveCapacity(count)
        for _ in 0..<count {
            let module = try section.name()
            let name = try section.name()
            let start = section.offset
            let type: CoreEntityType
            switch try CoreTypeReader.entity(&section) {
            case .function(let index):
                type = self.functionType(try self.type(index, at: start))
                self.functionTypes.append(UInt32(index))
            case .table(let table):
                let table = try self.table(table, at: start)
                self.tables.append(table)
                type = .table(table)
            case .memory(let memory):
                self.memories.append(memory)
                type = .memory(memory)
            case .global(let global):
                let global = try self.global(global, at: start)
                self.globals.append(global)
                type = .global(global)
            case .tag(let index):
                let tag = try self.type(index, at: start)
                self.tags.append(tag)
                type = .tag(tag)
            }
            self.summary.imports.append(.init(module: module, name: name, type: type))
        }
    }

    private mutating func functionSection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.functionTypes.count)
        self.functionTypes.reserveCapacity(self.functionTypes.count + count)
        for _ in 0..<count { self.functionTypes.append(try section.u32()) }
    }

    private mutating func tableSection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.tables.count)
        for _ in 0..<count {
            let start = section.offset
            let hasInitialiser = section.skipIfMatches([0x40, 0x00])
            self.tables.append(try self.table(try CoreTypeReader.tableType(&section), at: start))
            if hasInitialiser { try CoreExpression.skip(&section) }
        }
    }

    private mutating func memorySection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.memories.count)
        self.summary.definedMemories += count
        for _ in 0..<count {
            let memory = try CoreTypeReader.memoryType(&section)
            self.memories.append(memory)
            self.summary.largestMemory = max(self.summary.largestMemory, memory.initialBytes)
        }
    }

    private mutating func tagSection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.tags.count)
        self.summary.definesTags = self.summary.definesTags || count > 0
        for _ in 0..<count {
            let start = section.offset
            self.tags.append(try self.type(try CoreTypeReader.tagType(&section), at: start))
        }
    }

    /// Read only for modules that export a global.
    private mutating func readGlobals() throws(ComponentError) {
        guard var section = self.globalSection else { return }
        self.globalSection = nil
        let count = try self.count(&section, already: self.globals.count)
        for _ in 0..<count {
            let start = section.offset
            self.globals.append(try self.global(try CoreTypeReader.globalType(&section), at: start))
            try CoreExpression.skip(&section)
        }
    }

    private mutating func exports(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: 0)
        self.summary.exports.reserveCapacity(count)
        for _ in 0..<count {
            let name = try section.name()
            let start = section.offset
            let sort = try section.byte()
            let index = try section.u32()
            func unknown(_ what: String) -> ComponentError {
                ComponentError(.invalid, "unknown \(what) \(index): \(what) index out of bounds", offset: start)
            }
            let type: CoreEntityType
            switch sort {
            case 0x00:
                guard let function = self.functionTypes[checked: index] else { throw unknown("function") }
                type = self.functionType(try self.type(Int(function), at: start))
            case 0x01:
                guard let table = self.tables[checked: index] else { throw unknown("table") }
                type = .table(table)
            case 0x02:
                guard let memory = self.memories[checked: index] else { throw unknown("memory") }
                type = .memory(memory)
            case 0x03:
                try self.readGlobals()
                guard let global = self.globals[checked: index] else { throw unknown("global") }
                type = .global(global)
            case 0x04:
                guard let tag = self.tags[checked: index] else { throw unknown("tag") }
                type = .tag(tag)
            default:
                throw ComponentError(.malformed, "invalid leading byte (\(hex(sort))) for external kind", offset: start)
            }
            guard self.summary.exports.add(name, type) else {
                throw ComponentError(.invalid, "duplicate export name `\(name)` already defined", offset: start)
            }
        }
    }
}
