/// The shim module of wit-component: exported functions that only call through a table, which is exported too.
///
/// A main module is instantiated with the shim's functions before the host functions that they stand for can be made
/// (they need the main module's memory); the fixup module then puts those into the table.
struct ShimModule {
    /// Export name to table slot and type.
    let functions: [CoreName: (slot: Int, type: CoreFunctionType)]
    let tableSize: Int

    static let tableExport: CoreName = "$imports"

    /// `nil` if the module differs from the pattern in any way.
    init?(_ bytes: UnsafeRawBufferPointer, range: Range<Int>, summary: CoreModuleSummary) {
        guard summary.imports.isEmpty, summary.kind(ofExport: ShimModule.tableExport)?.sort == .table,
            let sections = ModuleSections(bytes, range: range, allowed: [1, 3, 4, 7, 10]),
            let shim = try? ShimModule(sections, summary)
        else { return nil }
        self = shim
    }

    private struct Differs: Error {}

    private init(_ sections: ModuleSections, _ summary: CoreModuleSummary) throws {
        func require(_ condition: Bool) throws {
            if !condition { throw Differs() }
        }
        self.tableSize = try ShimModule.table(try sections.reader(4))

        // Type index of each function.
        var functionSection = try sections.reader(3)
        var types: [UInt32] = []
        for _ in 0..<(try functionSection.count()) { types.append(try functionSection.u32()) }
        try functionSection.finish("")

        // Each function passes its parameters on to a slot of the table.
        var code = try sections.reader(10)
        try require(try code.count() == types.count)
        var bodies: [ByteReader] = []
        for _ in types { bodies.append(try code.section(Int(try code.u32()))) }
        try code.finish("")

        var exports = try sections.reader(7)
        var functions: [CoreName: (slot: Int, type: CoreFunctionType)] = [:]
        for _ in 0..<(try exports.count()) {
            let name = CoreName(try exports.name())
            let sort = try exports.byte()
            let index = try exports.u32()
            if name == ShimModule.tableExport {
                try require(sort == 0x01 && index == 0)
                continue
            }
            guard sort == 0x00, let typeIndex = types[checked: index], let body = bodies[checked: index],
                case .function(let type?) = summary.kind(ofExport: name)
            else { throw Differs() }
            let slot = try ShimModule.slot(body, parameters: type.parameters.count, type: typeIndex)
            try require(slot < self.tableSize)
            functions[name] = (slot, type)
        }
        try exports.finish("")
        self.functions = functions
    }

    /// The size of the module's only table, which must be a fixed number of function references.
    private static func table(_ section: ByteReader) throws -> Int {
        var reader = section
        guard try reader.count() == 1, try reader.byte() == 0x70, try reader.byte() == 0x01 else { throw Differs() }
        let minimum = try reader.u32()
        guard try reader.u32() == minimum else { throw Differs() }
        try reader.finish("")
        return Int(minimum)
    }

    /// The slot that a body calls: `local.get` of each parameter, `i32.const slot`, `call_indirect`, `end`.
    private static func slot(_ body: ByteReader, parameters: Int, type: UInt32) throws -> Int {
        var reader = body
        func require(_ condition: Bool) throws {
            if !condition { throw Differs() }
        }
        try require(try reader.u32() == 0)
        for parameter in 0..<parameters {
            try require(try reader.byte() == 0x20)
            try require(try reader.u32() == parameter)
        }
        try require(try reader.byte() == 0x41)
        let slot = try reader.signed(bits: 32)
        try require(slot >= 0)
        try require(try reader.byte() == 0x11)
        try require(try reader.u32() == type)
        try require(try reader.u32() == 0)
        try require(try reader.byte() == 0x0b)
        try reader.finish("")
        return Int(slot)
    }
}

/// The fixup module of wit-component: it does nothing but fill the shim's table with functions that it imports.
struct FixupModule {
    /// Index among the imports of the table.
    let tableImport: Int
    /// Slot to index among the imports of the function that it gets.
    let slots: [Int: Int]

    private struct Differs: Error {}

    /// `nil` if the module differs from the pattern in any way.
    init?(_ bytes: UnsafeRawBufferPointer, range: Range<Int>, summary: CoreModuleSummary) {
        guard summary.exports.isEmpty,
            let sections = ModuleSections(bytes, range: range, allowed: [1, 2, 9]),
            let fixup = try? FixupModule(sections, summary)
        else { return nil }
        self = fixup
    }

    private init(_ sections: ModuleSections, _ summary: CoreModuleSummary) throws {
        var tables: [Int] = []
        var functions: [Int] = []
        for (index, imported) in summary.imports.enumerated() {
            switch imported.type {
            case .table: tables.append(index)
            case .function: functions.append(index)
            case .memory, .global, .tag: throw Differs()
            }
        }
        guard let table = tables.first, tables.count == 1 else { throw Differs() }
        self.tableImport = table

        // One active segment of table 0 from a constant offset on.
        var reader = try sections.reader(9)
        guard try reader.count() == 1, try reader.u32() == 0, try reader.byte() == 0x41 else { throw Differs() }
        let start = try reader.signed(bits: 32)
        guard start >= 0, try reader.byte() == 0x0b else { throw Differs() }
        var slots: [Int: Int] = [:]
        for index in 0..<(try reader.count()) {
            guard let function = functions[checked: try reader.u32()] else { throw Differs() }
            slots[Int(start) + index] = function
        }
        try reader.finish("")
        self.slots = slots
    }
}

/// The sections of a core module that has each at most once.
private struct ModuleSections {
    private var readers: [UInt8: ByteReader] = [:]

    /// `nil` if there is a section beside custom ones that is not in `allowed`.
    init?(_ bytes: UnsafeRawBufferPointer, range: Range<Int>, allowed: Set<UInt8>) {
        var reader = ByteReader(bytes, range: range)
        guard reader.skipIfMatches(WasmKind.coreModulePreamble) else { return nil }
        while !reader.isAtEnd {
            guard let id = try? reader.byte(), let size = try? reader.u32(),
                let section = try? reader.section(Int(size))
            else { return nil }
            if id == 0 { continue }
            guard allowed.contains(id), self.readers.updateValue(section, forKey: id) == nil else { return nil }
        }
    }

    func reader(_ id: UInt8) throws(ComponentError) -> ByteReader {
        guard let reader = self.readers[id] else { throw ComponentError(.malformed, "section is missing", offset: 0) }
        return reader
    }
}
