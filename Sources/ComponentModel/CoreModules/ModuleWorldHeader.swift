/// What stands before, or in, the component of a custom section `component-type:…`: the string encoding, and which of
/// the component's worlds is meant.
///
/// Source: wit-component, `metadata.rs`, as it is and as it was in 2023 (version 3: before the component stand the
/// version, the encoding and the world's name; the component is a whole package).
struct ModuleWorldHeader {
    /// Nil where the component holds one world.
    let name: String?
    let encoding: StringEncoding
    let component: Range<Int>

    private static let versionWithName: UInt8 = 3
    private static let encodingSection = "wit-component-encoding"

    /// - Parameter range: of the section's content in `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) throws(ComponentError) {
        var reader = ByteReader(bytes, range: range)
        guard range.isEmpty || bytes[range.lowerBound] != Self.versionWithName else {
            _ = try reader.byte()
            self.encoding = try Self.encoding(&reader)
            self.name = try reader.name()
            self.component = reader.offset..<range.upperBound
            return
        }
        self.name = nil
        self.component = range
        self.encoding = try Self.encoding(of: &reader) ?? .utf8
    }

    /// What the component's own custom section says; nil without one. Whether the rest is well-formed, others say.
    private static func encoding(of component: inout ByteReader) throws(ComponentError) -> StringEncoding? {
        guard component.remaining >= 8 else { return nil }
        try component.skip(8)
        while !component.isAtEnd {
            guard let id = try? component.byte(), let size = try? component.u32(),
                var section = try? component.section(Int(size))
            else { return nil }
            guard id == 0, let name = try? section.name(), name == self.encodingSection else { continue }
            _ = try section.byte()
            return try self.encoding(&section)
        }
        return nil
    }

    private static func encoding(_ reader: inout ByteReader) throws(ComponentError) -> StringEncoding {
        switch try reader.byte() {
        case 0: .utf8
        case 1: .utf16
        case 2: .latin1OrUTF16
        case let other: throw reader.malformed("\(other) is no string encoding of a world")
        }
    }
}
