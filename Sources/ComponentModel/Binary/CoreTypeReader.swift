/// Reads core types, as far as planning needs them.
enum CoreTypeReader {
    /// Kind and type of a core import or export.
    enum Extern {
        case function(type: UInt32)
        case table
        case memory(is64: Bool, isShared: Bool)
        case global
        case tag
    }

    /// Reads one entry of a type section and says how many types it defines.
    static func skipRecursiveType(_ reader: inout ByteReader) throws(ComponentError) -> Int {
        guard reader.peek() == 0x4e else {
            try CoreTypeReader.skipSubtype(&reader)
            return 1
        }
        try reader.skip(1)
        let count = try reader.count()
        for _ in 0..<count { try CoreTypeReader.skipSubtype(&reader) }
        return count
    }

    private static func skipSubtype(_ reader: inout ByteReader) throws(ComponentError) {
        let start = reader.offset
        switch try reader.byte() {
        case 0x50, 0x4f:
            let count = try reader.count()
            for _ in 0..<count { _ = try reader.u32() }
            try CoreTypeReader.skipCompositeType(&reader, form: try reader.byte(), at: start)
        case let form:
            try CoreTypeReader.skipCompositeType(&reader, form: form, at: start)
        }
    }

    private static func skipCompositeType(_ reader: inout ByteReader, form: UInt8, at start: Int)
        throws(ComponentError)
    {
        switch form {
        case 0x60:
            for _ in 0..<2 {
                let count = try reader.count()
                for _ in 0..<count { _ = try CoreTypeReader.valueType(&reader) }
            }
        case 0x5f:
            let count = try reader.count()
            for _ in 0..<count { try CoreTypeReader.skipFieldType(&reader) }
        case 0x5e:
            try CoreTypeReader.skipFieldType(&reader)
        default:
            throw ComponentError(.malformed, "unknown form \(form) of core type", offset: start)
        }
    }

    private static func skipFieldType(_ reader: inout ByteReader) throws(ComponentError) {
        if let storage = reader.peek(), storage == 0x78 || storage == 0x77 {
            try reader.skip(1)
        } else {
            _ = try CoreTypeReader.valueType(&reader)
        }
        try reader.skip(1)
    }

    /// A value type; `nil` if it is not a number.
    static func valueType(_ reader: inout ByteReader) throws(ComponentError) -> CoreType? {
        let start = reader.offset
        let byte = try reader.byte()
        switch byte {
        case 0x7c...0x7f: return CoreType(rawValue: byte)
        // v128 and the abstract reference types.
        case 0x7b, 0x69...0x74: return nil
        case 0x63, 0x64:
            _ = try reader.signed(bits: 33)
            return nil
        default: throw ComponentError(.malformed, "unknown core value type \(byte)", offset: start)
        }
    }

    /// The function type at the reader; `nil` if it is something else or has values that are not numbers.
    static func functionType(_ reader: inout ByteReader) throws(ComponentError) -> CoreFunctionType? {
        guard try reader.byte() == 0x60 else { return nil }
        var type = CoreFunctionType([])
        for isResult in [false, true] {
            let count = try reader.count()
            for _ in 0..<count {
                guard let value = try CoreTypeReader.valueType(&reader) else { return nil }
                if isResult { type.results.append(value) } else { type.parameters.append(value) }
            }
        }
        return type
    }

    static func externType(_ reader: inout ByteReader) throws(ComponentError) -> Extern {
        let start = reader.offset
        switch try reader.byte() {
        case 0x00: return .function(type: try reader.u32())
        case 0x01:
            try CoreTypeReader.skipTableType(&reader)
            return .table
        case 0x02: return try CoreTypeReader.memoryType(&reader)
        case 0x03:
            _ = try CoreTypeReader.valueType(&reader)
            try reader.skip(1)
            return .global
        case 0x04:
            try reader.skip(1)
            _ = try reader.u32()
            return .tag
        case let byte: throw ComponentError(.malformed, "unknown kind \(byte) of core import or export", offset: start)
        }
    }

    private static func skipTableType(_ reader: inout ByteReader) throws(ComponentError) {
        _ = try CoreTypeReader.valueType(&reader)
        _ = try CoreTypeReader.limits(&reader)
    }

    static func memoryType(_ reader: inout ByteReader) throws(ComponentError) -> Extern {
        let flags = try CoreTypeReader.limits(&reader)
        return .memory(is64: flags & 0x04 != 0, isShared: flags & 0x02 != 0)
    }

    private static func limits(_ reader: inout ByteReader) throws(ComponentError) -> UInt8 {
        let flags = try reader.byte()
        guard flags & 0xf0 == 0 else { throw reader.malformed("unknown limits flags \(flags)") }
        _ = try reader.u64()
        if flags & 0x01 != 0 { _ = try reader.u64() }
        // Custom page size.
        if flags & 0x08 != 0 { _ = try reader.u32() }
        return flags
    }
}
