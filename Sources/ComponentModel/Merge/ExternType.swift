/// The type of a core import or definition, with type indices of its own module.
enum ExternType {
    enum Kind: UInt8 {
        case function
        case table
        case memory
        case global
        case tag
    }

    case function(UInt32)
    case table(TableType)
    case memory(MemoryType)
    case global(GlobalType)
    case tag(UInt32)

    init(_ reader: inout ByteReader) throws(ComponentError) {
        switch try reader.byte() {
        case 0: self = .function(try reader.u32())
        case 1: self = .table(try TableType(&reader))
        case 2: self = .memory(try MemoryType(&reader))
        case 3: self = .global(try GlobalType(&reader))
        case 4:
            guard try reader.byte() == 0 else { throw reader.malformed("a tag's attribute is not known") }
            self = .tag(try reader.u32())
        default: throw reader.malformed("the kind of an import is not known")
        }
    }

    var kind: Kind {
        switch self {
        case .function: .function
        case .table: .table
        case .memory: .memory
        case .global: .global
        case .tag: .tag
        }
    }
}

/// The type of a core value.
struct ModuleValueType: Hashable {
    /// The code of a number or of an abstract, nullable reference; 0x63 or 0x64 for other references.
    let code: UInt8
    /// Of other references: an abstract heap type, negative, or a type index.
    let heap: Int64

    init(_ reader: inout ByteReader) throws(ComponentError) {
        let code = try reader.byte()
        switch code {
        case 0x69...0x74, 0x7b...0x7f: (self.code, self.heap) = (code, 0)
        case 0x63, 0x64:
            let heap = try reader.signed(bits: 33)
            guard heap >= 0 || (-23 ... -12).contains(heap) else { throw reader.malformed("a heap type is not known") }
            // `(ref null func)` is `funcref`.
            if code == 0x63, heap < 0 {
                (self.code, self.heap) = (UInt8(truncatingIfNeeded: heap) & 0x7f, 0)
            } else {
                (self.code, self.heap) = (code, heap)
            }
        default: throw reader.malformed("a value type is not known")
        }
    }

    private init(code: UInt8, heap: Int64) {
        self.code = code
        self.heap = heap
    }

    static let functionReference = ModuleValueType(code: 0x70, heap: 0)

    /// The same type with the type indices of the merged module.
    func mapped(_ types: [UInt32]) throws(NotMergeable) -> ModuleValueType {
        guard self.code == 0x63 || self.code == 0x64, self.heap >= 0 else { return self }
        guard let index = UInt32(exactly: self.heap), let mapped = types[checked: index] else {
            throw NotMergeable("a type index is out of range")
        }
        return ModuleValueType(code: self.code, heap: Int64(mapped))
    }

    func write(to output: MergedBinary) {
        output.byte(self.code)
        if self.code == 0x63 || self.code == 0x64 { output.signed(self.heap) }
    }
}

/// Smallest and largest size of a table or memory.
struct ModuleLimits: Hashable {
    /// As in the binary format: has a maximum, is shared, is of 64 bits, has a page size.
    let flags: UInt8
    let minimum: UInt64
    let maximum: UInt64?
    let pageSizeLog2: UInt32?

    init(_ reader: inout ByteReader) throws(ComponentError) {
        self.flags = try reader.byte()
        guard self.flags & 0xf0 == 0 else { throw reader.malformed("unknown limits") }
        self.minimum = try reader.u64()
        self.maximum = self.flags & 0x01 == 0 ? nil : try reader.u64()
        self.pageSizeLog2 = self.flags & 0x08 == 0 ? nil : try reader.u32()
        if let maximum = self.maximum, maximum < self.minimum { throw reader.malformed("limits contradict") }
    }

    init(exactly size: UInt64) {
        self.flags = 0x01
        self.minimum = size
        self.maximum = size
        self.pageSizeLog2 = nil
    }

    /// Whether what has these limits may be imported with the limits `wanted`.
    func matches(_ wanted: ModuleLimits) -> Bool {
        guard self.flags & 0x0e == wanted.flags & 0x0e, self.pageSizeLog2 == wanted.pageSizeLog2,
            self.minimum >= wanted.minimum
        else { return false }
        guard let largest = wanted.maximum else { return true }
        return self.maximum.map { $0 <= largest } ?? false
    }

    func write(to output: MergedBinary) {
        output.byte(self.flags)
        output.unsigned(self.minimum)
        if let maximum = self.maximum { output.unsigned(maximum) }
        if let pageSizeLog2 = self.pageSizeLog2 { output.u32(pageSizeLog2) }
    }
}

struct MemoryType: Hashable {
    let limits: ModuleLimits

    init(_ reader: inout ByteReader) throws(ComponentError) {
        self.limits = try ModuleLimits(&reader)
        // Other memories are rare, and their bounds are the engine's to check.
        guard self.limits.flags & 0x0e == 0, max(self.limits.minimum, self.limits.maximum ?? 0) <= 65536 else {
            throw reader.malformed("a memory is not of 32 bits, unshared, within 4 GiB")
        }
    }

    /// Bytes that every instance has from the beginning.
    var byteCount: UInt64 { self.limits.minimum << 16 }
}

struct TableType: Hashable {
    let element: ModuleValueType
    let limits: ModuleLimits

    init(_ reader: inout ByteReader) throws(ComponentError) {
        self.element = try ModuleValueType(&reader)
        self.limits = try ModuleLimits(&reader)
        guard self.limits.flags & 0x0e == 0, max(self.limits.minimum, self.limits.maximum ?? 0) <= UInt32.max else {
            throw reader.malformed("a table is not of 32 bits")
        }
    }

    init(element: ModuleValueType, limits: ModuleLimits) {
        self.element = element
        self.limits = limits
    }

    func mapped(_ types: [UInt32]) throws(NotMergeable) -> TableType {
        TableType(element: try self.element.mapped(types), limits: self.limits)
    }

    func write(to output: MergedBinary) {
        self.element.write(to: output)
        self.limits.write(to: output)
    }
}

struct GlobalType: Hashable {
    let value: ModuleValueType
    let isMutable: Bool

    init(_ reader: inout ByteReader) throws(ComponentError) {
        self.value = try ModuleValueType(&reader)
        switch try reader.byte() {
        case 0: self.isMutable = false
        case 1: self.isMutable = true
        default: throw reader.malformed("a global is of an unknown kind")
        }
    }

    private init(value: ModuleValueType, isMutable: Bool) {
        self.value = value
        self.isMutable = isMutable
    }

    func mapped(_ types: [UInt32]) throws(NotMergeable) -> GlobalType {
        GlobalType(value: try self.value.mapped(types), isMutable: self.isMutable)
    }

    func write(to output: MergedBinary) {
        self.value.write(to: output)
        output.byte(self.isMutable ? 1 : 0)
    }
}
