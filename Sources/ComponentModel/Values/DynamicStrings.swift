/// Strings of dynamic values, in each encoding of the Canonical ABI.
enum DynamicStrings {
    /// In the length of a string in the encoding `latin1+utf16`: it is UTF-16.
    private static let utf16Tag: UInt32 = 1 << 31

    static func lift(_ context: ValueContext, _ pointer: UInt32, _ length: UInt32) throws -> String {
        switch context.encoding {
        case .utf8:
            let bytes = try self.bytes(context, pointer, Int(length), alignment: 1)
            guard let string = String(validating: bytes, as: UTF8.self) else {
                throw GuestFault("string at 0x\(String(pointer, radix: 16)) of \(length) bytes is not UTF-8")
            }
            return string
        case .utf16: return try self.liftUTF16(context, pointer, Int(length))
        case .latin1OrUTF16:
            guard length & self.utf16Tag == 0 else {
                return try self.liftUTF16(context, pointer, Int(length ^ self.utf16Tag))
            }
            let bytes = try self.bytes(context, pointer, Int(length), alignment: 2)
            var scalars = String.UnicodeScalarView()
            scalars.append(contentsOf: bytes.lazy.map { Unicode.Scalar($0) })
            return String(scalars)
        }
    }

    private static func liftUTF16(_ context: ValueContext, _ pointer: UInt32, _ units: Int) throws -> String {
        let bytes = try self.bytes(context, pointer, units * 2, alignment: 2)
        let codeUnits = (0..<units).map { index -> UInt16 in
            UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        }
        guard let string = String(validating: codeUnits, as: UTF16.self) else {
            throw GuestFault("string at 0x\(String(pointer, radix: 16)) of \(units) code units is not UTF-16")
        }
        return string
    }

    private static func bytes(
        _ context: ValueContext, _ pointer: UInt32, _ count: Int, alignment: Int
    ) throws -> UnsafeRawBufferPointer {
        let view = try context.view(pointer, size: count, alignment: alignment)
        try context.instance.chargeLift(count)
        return UnsafeRawBufferPointer(start: view.base, count: count)
    }

    static func lower(_ context: ValueContext, _ string: String) throws -> (UInt32, UInt32) {
        switch context.encoding {
        case .utf8:
            let utf8 = Array(string.utf8)
            return (try self.copy(context, utf8, alignment: 1), UInt32(utf8.count))
        case .utf16:
            let (pointer, units) = try self.lowerUTF16(context, string)
            return (pointer, units)
        case .latin1OrUTF16:
            guard string.unicodeScalars.allSatisfy({ $0.value < 256 }) else {
                let (pointer, units) = try self.lowerUTF16(context, string)
                return (pointer, units | self.utf16Tag)
            }
            let bytes = string.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            return (try self.copy(context, bytes, alignment: 2), UInt32(bytes.count))
        }
    }

    private static func lowerUTF16(_ context: ValueContext, _ string: String) throws -> (UInt32, UInt32) {
        var bytes: [UInt8] = []
        for unit in string.utf16 {
            bytes.append(UInt8(truncatingIfNeeded: unit))
            bytes.append(UInt8(truncatingIfNeeded: unit >> 8))
        }
        return (try self.copy(context, bytes, alignment: 2), UInt32(bytes.count / 2))
    }

    private static func copy(_ context: ValueContext, _ bytes: [UInt8], alignment: Int) throws -> UInt32 {
        guard bytes.count < 1 << 31 else { throw HostLimitError("a string of \(bytes.count) bytes is too long") }
        let pointer = try context.allocate(size: bytes.count, alignment: alignment)
        let view = try context.view(pointer, size: bytes.count, alignment: alignment)
        bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { view.base.copyMemory(from: base, byteCount: source.count) }
        }
        return pointer
    }
}
