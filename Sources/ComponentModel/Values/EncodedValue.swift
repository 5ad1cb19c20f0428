/// A value that is written down in a component (Binary.md, "Value Definitions").
///
/// It stays as its bytes have it, which are many times smaller, until somebody uses it.
package struct EncodedValue: Hashable, Sendable {
    package let type: ValueType
    let bytes: [UInt8]

    /// - Throws: ``ComponentError`` for what validation would have refused.
    package func decoded() throws(ComponentError) -> ComponentValue {
        let result = self.bytes.withUnsafeBytes { buffer in
            Result { () throws(ComponentError) in
                try ValueDecoder.value(of: self.type, buffer, range: 0..<buffer.count)
            }
        }
        return try result.get()
    }
}

/// Reads a value of a type from its bytes.
struct ValueDecoder {
    private var reader: ByteReader

    /// The value in a range of `bytes`, which it must fill. Offsets of errors are those of `bytes`.
    static func value(
        of type: ValueType, _ bytes: UnsafeRawBufferPointer, range: Range<Int>
    ) throws(ComponentError) -> ComponentValue {
        var decoder = ValueDecoder(reader: ByteReader(bytes, range: range))
        let value = try decoder.value(type)
        try decoder.reader.finish("the value")
        return value
    }

    private mutating func value(_ type: ValueType) throws(ComponentError) -> ComponentValue {
        switch type {
        case .bool: return .bool(try self.reader.boolean("a value"))
        case .s8: return .s8(Int8(bitPattern: try self.reader.byte()))
        case .u8: return .u8(try self.reader.byte())
        case .s16: return .s16(Int16(truncatingIfNeeded: try self.reader.signed(bits: 16)))
        case .u16: return .u16(UInt16(truncatingIfNeeded: try self.reader.unsigned(bits: 16)))
        case .s32: return .s32(Int32(truncatingIfNeeded: try self.reader.signed(bits: 32)))
        case .u32: return .u32(try self.reader.u32())
        case .s64: return .s64(try self.reader.signed(bits: 64))
        case .u64: return .u64(try self.reader.unsigned(bits: 64))
        case .f32: return .f32(try self.f32())
        case .f64: return .f64(try self.f64())
        case .char: return .char(try self.char())
        case .string: return .string(try self.reader.text("string", limit: Limits.encodedValues))
        case .list(let element): return .list(try self.values(try self.reader.count()) { _ in element })
        case .record(let fields):
            let values = try self.values(fields.count) { fields[$0].type }
            return .record(zip(fields, values).map { ComponentValue.Field($0.name, $1) })
        case .tuple(let types): return .tuple(try self.values(types.count) { types[$0] })
        case .flags(let labels): return .flags(try self.flags(labels))
        case .variant, .enum, .option, .result: return try self.variant(type)
        case .fixedList, .own, .borrow, .stream, .future, .errorContext:
            throw self.reader.malformed("the binary format has no values of type \(type.kindName)")
        }
    }

    private mutating func values(
        _ count: Int, _ type: (Int) -> ValueType
    ) throws(ComponentError) -> [ComponentValue] {
        var values: [ComponentValue] = []
        values.reserveCapacity(count)
        for index in 0..<count { values.append(try self.value(type(index))) }
        return values
    }

    /// Options and results begin with one byte, variants and enums with a number.
    private mutating func variant(_ type: ValueType) throws(ComponentError) -> ComponentValue {
        guard let cases = VariantCases(type) else { throw self.reader.malformed("a value of an unknown variant") }
        let start = self.reader.offset
        let index: Int
        switch type {
        case .option, .result: index = Int(try self.reader.byte())
        default: index = Int(try self.reader.u32())
        }
        guard index < cases.count else {
            throw ComponentError(
                .malformed, "discriminant \(index) of a value of type \(type.kindName) is not below \(cases.count)",
                offset: start)
        }
        var payload: ComponentValue?
        if let type = cases.payload(index) { payload = try self.value(type) }
        return cases.value(index, payload)
    }

    /// Bits beyond the labels mean nothing.
    private mutating func flags(_ labels: [String]) throws(ComponentError) -> [String] {
        var set: [String] = []
        var byte: UInt8 = 0
        for (index, label) in labels.enumerated() {
            if index % 8 == 0 { byte = try self.reader.byte() }
            if byte >> UInt8(index % 8) & 1 == 1 { set.append(label) }
        }
        return set
    }

    // MARK: Numbers and text

    private mutating func f32() throws(ComponentError) -> Float {
        let start = self.reader.offset
        let value = Float(bitPattern: UInt32(truncatingIfNeeded: try self.littleEndian(4)))
        guard !value.isNaN || value.bitPattern == Float.nan.bitPattern else { throw Self.nan(at: start) }
        return value
    }

    private mutating func f64() throws(ComponentError) -> Double {
        let start = self.reader.offset
        let value = Double(bitPattern: try self.littleEndian(8))
        guard !value.isNaN || value.bitPattern == Double.nan.bitPattern else { throw Self.nan(at: start) }
        return value
    }

    private static func nan(at offset: Int) -> ComponentError {
        ComponentError(.malformed, "a value is a NaN other than the canonical one", offset: offset)
    }

    private mutating func littleEndian(_ count: UInt64) throws(ComponentError) -> UInt64 {
        var bits: UInt64 = 0
        for index in 0..<count { bits |= UInt64(try self.reader.byte()) << (8 * index) }
        return bits
    }

    /// One scalar in UTF-8.
    private mutating func char() throws(ComponentError) -> Unicode.Scalar {
        let start = self.reader.offset
        var bytes = [try self.reader.byte()]
        let count = (~bytes[0]).leadingZeroBitCount
        for _ in 1..<max(1, min(count, 4)) { bytes.append(try self.reader.byte()) }
        guard let scalars = String(validating: bytes, as: UTF8.self)?.unicodeScalars, scalars.count == 1,
            let scalar = scalars.first
        else {
            throw ComponentError(.malformed, "malformed UTF-8 encoding of a char", offset: start)
        }
        return scalar
    }
}
