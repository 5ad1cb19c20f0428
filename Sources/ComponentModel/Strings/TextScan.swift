/// Passes over text in raw memory that only look: where ASCII ends, whether it is well-formed, how long it becomes.
///
/// All of them read 32 bytes at a step where they can; text of the web is mostly ASCII. Little-endian, as Wasm is.
enum TextScan {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// How many bytes from the start are ASCII.
    @inline(__always)
    static func asciiPrefix(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let count = bytes.count
        var index = start
        while index &+ 32 <= count {
            let one = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let two = base.loadUnaligned(fromByteOffset: index &+ 8, as: UInt64.self)
            let three = base.loadUnaligned(fromByteOffset: index &+ 16, as: UInt64.self)
            let four = base.loadUnaligned(fromByteOffset: index &+ 24, as: UInt64.self)
            guard (one | two | three | four) & Self.highBits == 0 else { break }
            index &+= 32
        }
        while index < count, base.load(fromByteOffset: index, as: UInt8.self) < 0x80 { index &+= 1 }
        return index
    }

    /// Whether `bytes` are well-formed UTF-8 (Unicode 16, table 3-7).
    static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        let count = bytes.count
        var index = 0
        while true {
            index = Self.asciiPrefix(bytes, from: index)
            // Text in another script is not ASCII for long: stay here as long as it is not.
            while index < count {
                let lead = base.load(fromByteOffset: index, as: UInt8.self)
                if lead < 0x80 { break }
                let length = Self.sequenceLength(base, index, count)
                guard length > 0 else { return false }
                index &+= length
            }
            guard index < count else { return true }
        }
    }

    /// Bytes of the sequence at `index`, whose first byte is not ASCII; 0 when it is ill-formed.
    @inline(__always)
    private static func sequenceLength(_ base: UnsafeRawPointer, _ index: Int, _ count: Int) -> Int {
        @inline(__always) func byte(_ offset: Int) -> UInt8 {
            base.load(fromByteOffset: index &+ offset, as: UInt8.self)
        }
        @inline(__always) func isTail(_ offset: Int) -> Bool { byte(offset) & 0xC0 == 0x80 }
        let lead = byte(0)
        switch lead {
        case 0xC2...0xDF:
            return index &+ 2 <= count && isTail(1) ? 2 : 0
        case 0xE0...0xEF:
            guard index &+ 3 <= count, isTail(1), isTail(2) else { return 0 }
            // Overlong forms and surrogates.
            if lead == 0xE0, byte(1) < 0xA0 { return 0 }
            if lead == 0xED, byte(1) >= 0xA0 { return 0 }
            return 3
        case 0xF0...0xF4:
            guard index &+ 4 <= count, isTail(1), isTail(2), isTail(3) else { return 0 }
            // Overlong forms, and what is above U+10FFFF.
            if lead == 0xF0, byte(1) < 0x90 { return 0 }
            if lead == 0xF4, byte(1) >= 0x90 { return 0 }
            return 4
        default: return 0
        }
    }

    /// Whether each surrogate of `units` UTF-16 code units is half of a pair.
    static func isUTF16(_ base: UnsafeRawPointer, units: Int) -> Bool {
        var index = 0
        while index < units {
            if index &+ 16 <= units {
                let block = base.loadUnaligned(fromByteOffset: index &* 2, as: SIMD16<UInt16>.self)
                if !any((block & 0xF800) .== 0xD800) {
                    index &+= 16
                    continue
                }
            }
            let unit = base.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
            index &+= 1
            guard unit & 0xF800 == 0xD800 else { continue }
            guard unit < 0xDC00, index < units,
                base.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self) & 0xFC00 == 0xDC00
            else { return false }
            index &+= 1
        }
        return true
    }

    /// Bytes that well-formed UTF-16 takes as UTF-8; nil where it is ill-formed.
    static func utf8Length(utf16 base: UnsafeRawPointer, units: Int) -> Int? {
        guard Self.isUTF16(base, units: units) else { return nil }
        var length = units
        var index = 0
        while index &+ 16 <= units {
            let block = base.loadUnaligned(fromByteOffset: index &* 2, as: SIMD16<UInt16>.self)
            index &+= 16
            guard any(block .>= 0x80) else { continue }
            let two = SIMD16<UInt16>(repeating: 0).replacing(with: 1, where: block .>= 0x80)
            let three = SIMD16<UInt16>(repeating: 0).replacing(with: 1, where: block .>= 0x800)
            // Half of a pair is half of four bytes.
            let half = SIMD16<UInt16>(repeating: 0).replacing(with: 1, where: (block & 0xF800) .== 0xD800)
            length &+= Int((two &+ three &- half).wrappedSum())
        }
        while index < units {
            let unit = base.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
            index &+= 1
            if unit >= 0x80 { length &+= 1 }
            if unit >= 0x800, unit & 0xF800 != 0xD800 { length &+= 1 }
        }
        return length
    }

    /// Bytes that Latin-1 takes as UTF-8.
    static func utf8Length(latin1 bytes: UnsafeRawBufferPointer) -> Int {
        bytes.reduce(bytes.count) { $0 &+ Int($1 >> 7) }
    }

    /// Whether some code unit is beyond Latin-1.
    static func exceedsLatin1(utf16 base: UnsafeRawPointer, units: Int) -> Bool {
        var index = 0
        while index &+ 16 <= units {
            if any(base.loadUnaligned(fromByteOffset: index &* 2, as: SIMD16<UInt16>.self) .> 0xFF) { return true }
            index &+= 16
        }
        while index < units {
            if base.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self) > 0xFF { return true }
            index &+= 1
        }
        return false
    }
}
