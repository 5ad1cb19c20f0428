/// The little that Swirl reads of a core module itself.
package enum ModuleBinary {
    private static let startSection: UInt8 = 8

    /// Whether a binary has a start section. The answer for a malformed one does not matter.
    ///
    /// Source: https://webassembly.github.io/spec/core/binary/modules.html
    package static func hasStart(_ wasm: UnsafeRawBufferPointer) -> Bool {
        var rest = wasm.dropFirst(8)
        while let identifier = rest.popFirst() {
            if identifier == Self.startSection {
                return true
            }
            guard let size = Self.size(&rest), size <= rest.count else {
                return false
            }
            rest = rest.dropFirst(size)
        }
        return false
    }

    /// An unsigned LEB128 number of 32 bits.
    private static func size(_ bytes: inout Slice<UnsafeRawBufferPointer>) -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard let byte = bytes.popFirst() else {
                return nil
            }
            value |= Int(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                return value
            }
        }
        return nil
    }
}
