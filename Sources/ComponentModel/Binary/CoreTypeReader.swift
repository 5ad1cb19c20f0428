/// Reads core types (WebAssembly 3.0, with the shared types of the threads proposal). Type indices stay those of the
/// file.
enum CoreTypeReader {
    /// Reads one entry of a type section: a recursion group, which a plain type is too.
    static func recursiveType(_ reader: inout ByteReader) throws(ComponentError) -> [CoreSubtype] {
        guard reader.peek() == 0x4e else { return [try CoreTypeReader.subtype(&reader)] }
        try reader.skip(1)
        let count = try reader.count()
        var types: [CoreSubtype] = []
        types.reserveCapacity(count)
        for _ in 0..<count { types.append(try CoreTypeReader.subtype(&reader)) }
        return types
    }

    /// Skips a function type of numbers that stands alone, as nearly all are; false, and nothing skipped, for others.
    static func skipPlainFunction(_ reader: inout ByteReader) throws(ComponentError) -> Bool {
        let start = reader
        guard try reader.byte() == 0x60 else {
            reader = start
            return false
        }
        for _ in 0..<2 {
            let count = try reader.count()
            for _ in 0..<count {
                guard (0x7c...0x7f).contains(try reader.byte()) else {
                    reader = start
                    return false
                }
            }
        }
        return true
    }

    private static func subtype(_ reader: inout ByteReader) throws(ComponentError) -> CoreSubtype {
        let start = reader.offset
        var isFinal = true
        var supertypes: [Int] = []
        if let form = reader.peek(), form == 0x50 || form == 0x4f {
            try reader.skip(1)
            isFinal = form == 0x4f
            let count = try reader.count()
            guard count <= 1 else {
                throw ComponentError(.malformed, "a core type has more than one supertype", offset: start)
            }
            for _ in 0..<count { supertypes.append(Int(try reader.u32())) }
        }
        var isShared = false
        if reader.peek() == 0x65 {
            try reader.skip(1)
            isShared = true
        }
        let composite = try CoreTypeReader.composite(&reader)
        return CoreSubtype(isFinal: isFinal, supertypes: supertypes, composite: composite, isShared: isShared)
    }

    private static func composite(_ reader: inout ByteReader) throws(ComponentError) -> CoreCompositeType {
        let start = reader.offset
        switch try reader.byte() {
        case 0x60:
            let parameters = try CoreTypeReader.valueTypes(&reader)
            return .function(parameters: parameters, results: try CoreTypeReader.valueTypes(&reader))
        case 0x5f:
            let count = try reader.count()
            var fields: [CoreFieldType] = []
            for _ in 0..<count { fields.append(try CoreTypeReader.field(&reader)) }
            return .structure(fields)
        case 0x5e: return .array(try CoreTypeReader.field(&reader))
        case 0x5d:
            let type = try reader.signed(bits: 33)
            guard type >= 0 else {
                throw ComponentError(
                    .malformed, "unknown continuation type: expected the index of a function type", offset: start + 1)
            }
            return .continuation(Int(type))
        case let byte:
            throw ComponentError(.malformed, "invalid leading byte (\(hex(byte))) for type definition", offset: start)
        }
    }

    private static func field(_ reader: inout ByteReader) throws(ComponentError) -> CoreFieldType {
        let storage: CoreFieldType.Storage
        switch reader.peek() {
        case 0x78:
            try reader.skip(1)
            storage = .i8
        case 0x77:
            try reader.skip(1)
            storage = .i16
        default: storage = .value(try CoreTypeReader.valueType(&reader))
        }
        return CoreFieldType(storage: storage, isMutable: try CoreTypeReader.flag(&reader, "mutability"))
    }

    private static func flag(_ reader: inout ByteReader, _ what: String) throws(ComponentError) -> Bool {
        let start = reader.offset
        switch try reader.byte() {
        case 0: return false
        case 1: return true
        case let byte: throw ComponentError(.malformed, "malformed \(what) \(hex(byte))", offset: start)
        }
    }

    private static func valueTypes(_ reader: inout ByteReader) throws(ComponentError) -> [CoreValueType] {
        let count = try reader.count()
        var types: [CoreValueType] = []
        types.reserveCapacity(count)
        for _ in 0..<count { types.append(try CoreTypeReader.valueType(&reader)) }
        return types
    }

    static func valueType(_ reader: inout ByteReader) throws(ComponentError) -> CoreValueType {
        let start = reader.offset
        let byte = try reader.byte()
        if let number = CoreType(rawValue: byte) { return .number(number) }
        switch byte {
        case 0x7b: return .vector
        case 0x63, 0x64: return .reference(isNullable: byte == 0x63, try CoreTypeReader.heapType(&reader))
        case 0x65:
            let code = try reader.byte()
            if let type = CoreHeapType.Abstract(rawValue: code) {
                return .reference(isNullable: true, .abstract(type, isShared: true))
            }
        default:
            if let type = CoreHeapType.Abstract(rawValue: byte) {
                return .reference(isNullable: true, .abstract(type, isShared: false))
            }
        }
        throw ComponentError(.malformed, "unknown core value type \(hex(byte))", offset: start)
    }

    private static func heapType(_ reader: inout ByteReader) throws(ComponentError) -> CoreHeapType {
        let start = reader.offset
        if reader.peek() == 0x65 {
            try reader.skip(1)
            let code = try reader.byte()
            guard let type = CoreHeapType.Abstract(rawValue: code) else {
                throw ComponentError(.malformed, "unknown core heap type \(hex(code))", offset: start)
            }
            return .abstract(type, isShared: true)
        }
        let code = try reader.signed(bits: 33)
        if code >= 0 { return .concrete(Int(code)) }
        guard code >= -64, let type = CoreHeapType.Abstract(rawValue: UInt8(code + 128)) else {
            let byte = reader.bytes[start]
            throw ComponentError(.malformed, "unknown core heap type \(hex(byte))", offset: start)
        }
        return .abstract(type, isShared: false)
    }

    // MARK: Imports and exports

    static func entity(_ reader: inout ByteReader) throws(ComponentError) -> CoreEntityType {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return .function(Int(try reader.u32()))
        case 0x01: return .table(try CoreTypeReader.tableType(&reader))
        case 0x02: return .memory(try CoreTypeReader.memoryType(&reader))
        case 0x03: return .global(try CoreTypeReader.globalType(&reader))
        case 0x04: return .tag(try CoreTypeReader.tagType(&reader))
        case let byte:
            throw ComponentError(.malformed, "invalid leading byte (\(hex(byte))) for external kind", offset: start)
        }
    }

    static func tagType(_ reader: inout ByteReader) throws(ComponentError) -> Int {
        let start = reader.offset
        guard try reader.byte() == 0 else { throw ComponentError(.malformed, "invalid tag attributes", offset: start) }
        return Int(try reader.u32())
    }

    static func globalType(_ reader: inout ByteReader) throws(ComponentError) -> CoreGlobalType {
        let value = try CoreTypeReader.valueType(&reader)
        let start = reader.offset
        let flags = try reader.byte()
        guard flags <= 3 else { throw ComponentError(.malformed, "malformed mutability \(hex(flags))", offset: start) }
        return CoreGlobalType(value: value, isMutable: flags & 1 != 0, isShared: flags & 2 != 0)
    }

    static func tableType(_ reader: inout ByteReader) throws(ComponentError) -> CoreTableType {
        let element = try CoreTypeReader.valueType(&reader)
        let start = reader.offset
        let flags = try reader.byte()
        guard flags <= 0x07 else {
            throw ComponentError(.malformed, "unknown limits flags \(hex(flags))", offset: start)
        }
        return CoreTableType(element: element, limits: try CoreTypeReader.limits(&reader, flags))
    }

    static func memoryType(_ reader: inout ByteReader) throws(ComponentError) -> CoreMemoryType {
        let start = reader.offset
        let flags = try reader.byte()
        guard flags <= 0x0f else {
            throw ComponentError(.malformed, "unknown limits flags \(hex(flags))", offset: start)
        }
        let limits = try CoreTypeReader.limits(&reader, flags)
        return CoreMemoryType(limits: limits, pageSize: flags & 0x08 != 0 ? try reader.u32() : 16)
    }

    private static func limits(_ reader: inout ByteReader, _ flags: UInt8) throws(ComponentError) -> CoreLimits {
        let minimum = try reader.u64()
        return CoreLimits(
            minimum: minimum, maximum: flags & 0x01 != 0 ? try reader.u64() : nil,
            addressType: flags & 0x04 != 0 ? .i64 : .i32, isShared: flags & 0x02 != 0)
    }
}

/// A byte as messages show it.
func hex(_ byte: UInt8) -> String { "0x" + String(byte, radix: 16) }
