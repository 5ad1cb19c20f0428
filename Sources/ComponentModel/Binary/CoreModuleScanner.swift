/// What planning needs to know of a core module: its imports, exports, and the types of the functions among them.
///
/// The engine validates the module when it compiles it; code is never looked at here.
struct CoreModuleSummary: Sendable {
    enum Kind: Hashable, Sendable {
        /// The type is `nil` if some value is not a number.
        case function(CoreFunctionType?)
        case table
        case memory(is64: Bool, isShared: Bool)
        case global
        case tag

        var sort: CoreSort {
            switch self {
            case .function: .function
            case .table: .table
            case .memory: .memory
            case .global: .global
            case .tag: .tag
            }
        }
    }

    struct Import: Sendable {
        let module: String
        let name: String
        let kind: Kind
    }

    var imports: [Import] = []
    var exports: [String: Kind] = [:]
    /// Memories that the module defines, not imports.
    var definedMemories = 0
    /// From the name section.
    var name: String?
}

/// Scans the sections of a core module.
struct CoreModuleScanner {
    private let bytes: UnsafeRawBufferPointer
    private let range: Range<Int>
    /// Where each type stands; decoded on demand.
    private var typeOffsets: [Int] = []
    private var typeEnd = 0
    private var functionTypes: [UInt32] = []
    private var memories: [CoreModuleSummary.Kind] = []
    private var exportSection: ByteReader?
    private var summary = CoreModuleSummary()

    static func scan(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) throws(ComponentError) -> CoreModuleSummary {
        var scanner = CoreModuleScanner(bytes, range)
        return try scanner.scan()
    }

    private init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        self.range = range
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
            case 5: try self.memorySection(&section)
            case 7: self.exportSection = section
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

    private mutating func typeSection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.typeOffsets.count)
        for _ in 0..<count {
            let start = section.offset
            let added = try CoreTypeReader.skipRecursiveType(&section)
            guard self.typeOffsets.count + added <= Limits.coreModuleItems else {
                throw section.malformed("too many types")
            }
            // Types of a recursion group are never plain number functions that a component could use.
            let isGroup = self.bytes[start] == 0x4e
            for _ in 0..<added { self.typeOffsets.append(isGroup ? -1 : start) }
        }
        self.typeEnd = section.end
    }

    private func functionType(_ index: UInt32, at offset: Int) throws(ComponentError) -> CoreFunctionType? {
        guard let start = self.typeOffsets[checked: index] else {
            throw ComponentError(.malformed, "core module has no type \(index)", offset: offset)
        }
        guard start >= 0 else { return nil }
        var reader = ByteReader(self.bytes, range: start..<self.typeEnd)
        return try CoreTypeReader.functionType(&reader)
    }

    private mutating func importSection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.summary.imports.count)
        self.summary.imports.reserveCapacity(count)
        for _ in 0..<count {
            let module = try section.name()
            let name = try section.name()
            let start = section.offset
            let kind: CoreModuleSummary.Kind
            switch try CoreTypeReader.externType(&section) {
            case .function(let type):
                kind = .function(try self.functionType(type, at: start))
                self.functionTypes.append(type)
            case .table: kind = .table
            case .memory(let is64, let isShared):
                kind = .memory(is64: is64, isShared: isShared)
                self.memories.append(kind)
            case .global: kind = .global
            case .tag: kind = .tag
            }
            self.summary.imports.append(.init(module: module, name: name, kind: kind))
        }
    }

    private mutating func functionSection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.functionTypes.count)
        self.functionTypes.reserveCapacity(self.functionTypes.count + count)
        for _ in 0..<count { self.functionTypes.append(try section.u32()) }
    }

    private mutating func memorySection(_ section: inout ByteReader) throws(ComponentError) {
        let count = try self.count(&section, already: self.memories.count)
        self.summary.definedMemories += count
        for _ in 0..<count {
            guard case .memory(let is64, let isShared) = try CoreTypeReader.memoryType(&section) else { continue }
            self.memories.append(.memory(is64: is64, isShared: isShared))
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
            let kind: CoreModuleSummary.Kind
            switch sort {
            case 0x00:
                guard let type = self.functionTypes[checked: index] else {
                    throw ComponentError(.malformed, "core module has no function \(index)", offset: start)
                }
                kind = .function(try self.functionType(type, at: start))
            case 0x01: kind = .table
            case 0x02:
                guard let memory = self.memories[checked: index] else {
                    throw ComponentError(.malformed, "core module has no memory \(index)", offset: start)
                }
                kind = memory
            case 0x03: kind = .global
            case 0x04: kind = .tag
            default: throw ComponentError(.malformed, "unknown kind \(sort) of core export", offset: start)
            }
            guard self.summary.exports.updateValue(kind, forKey: name) == nil else {
                throw ComponentError(.malformed, "core module exports '\(name)' twice", offset: start)
            }
        }
    }
}

extension Array {
    /// The element at an index that came from a file; `nil` if there is none.
    subscript(checked index: UInt32) -> Element? {
        Int(index) < self.count ? self[Int(index)] : nil
    }
}
