/// Passes over text in raw memory that only look: where ASCII ends, whether it is well-formed, how long it becomes.
///
/// Text of the web is mostly ASCII, which is read 32 bytes at a step. Loops over UTF-16 are branch-free with 16-bit sums,
/// so that the compiler makes vectors of them. It does not of `SIMD16`'s comparisons: those are calls, one for each lane.
/// Little-endian, as Wasm is.
package enum TextScan {
    private static let highBits: UInt64 = 0x8080_8080_8080_8080
    /// Units that are summed up in 16 bits.
    private static let block = 4096

    /// How many bytes from the start are ASCII.
    @inline(__always)
    package static func asciiPrefix(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int {
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
    package static func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
        Self.utf8Boundary(bytes, from: 0, notBefore: bytes.count) != nil
    }

    /// The first boundary of a character at or after `target`; nil when what lies before it is ill-formed.
    ///
    /// - Parameter start: a boundary.
    package static func utf8Boundary(_ bytes: UnsafeRawBufferPointer, from start: Int, notBefore target: Int) -> Int? {
        guard let base = bytes.baseAddress else { return start }
        let count = bytes.count
        let head = UnsafeRawBufferPointer(start: base, count: min(target, count))
        var index = start
        while true {
            index = Self.asciiPrefix(head, from: index)
            // Text in another script is not ASCII for long: stay here as long as it is not.
            while index < head.count {
                let lead = base.load(fromByteOffset: index, as: UInt8.self)
                if lead < 0x80 { break }
                let length = Self.sequenceLength(base, index, count)
                guard length > 0 else { return nil }
                index &+= length
            }
            guard index < head.count else { return index }
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
    package static func isUTF16(_ base: UnsafeRawPointer, units: Int) -> Bool {
        guard units > 0 else { return true }
        // The first half of a pair stands exactly before each second half: no unit needs to know more than the next.
        let last = units &- 1
        var wrong: UInt16 = Self.isTail(Self.unit(base, 0)) | Self.isLead(Self.unit(base, last))
        let next = base + 2
        var index = 0
        while index < last {
            let end = min(index &+ Self.block, last)
            while index < end {
                wrong |= Self.isLead(Self.unit(base, index)) ^ Self.isTail(Self.unit(next, index))
                index &+= 1
            }
        }
        return wrong == 0
    }

    /// Bytes that well-formed UTF-16 takes as UTF-8; for other text, no more than three for each unit.
    package static func utf8Length(utf16 base: UnsafeRawPointer, units: Int) -> Int {
        var length = units
        var index = 0
        while index < units {
            let end = min(index &+ Self.block, units)
            var more: UInt16 = 0
            while index < end {
                let unit = Self.unit(base, index)
                // Half of a pair is half of four bytes.
                more &+= (unit >= 0x80 ? 1 : 0) &+ (unit >= 0x800 ? 1 : 0) &- (unit & 0xF800 == 0xD800 ? 1 : 0)
                index &+= 1
            }
            length &+= Int(more)
        }
        return length
    }

    /// Bytes that Latin-1 takes as UTF-8.
    package static func utf8Length(latin1 bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var length = bytes.count
        var index = 0
        while index < bytes.count {
            let end = min(index &+ Self.block, bytes.count)
            var more: UInt16 = 0
            while index < end {
                more &+= UInt16(base.load(fromByteOffset: index, as: UInt8.self) >> 7)
                index &+= 1
            }
            length &+= Int(more)
        }
        return length
    }

    /// Whether some code unit is beyond Latin-1.
    package static func exceedsLatin1(utf16 base: UnsafeRawPointer, units: Int) -> Bool {
        var index = 0
        while index < units {
            let end = min(index &+ Self.block, units)
            var bits: UInt16 = 0
            while index < end {
                bits |= Self.unit(base, index)
                index &+= 1
            }
            if bits > 0xFF { return true }
        }
        return false
    }

    /// Bits that some of the 16 code units at `base` have, in four lanes of 16 bits.
    @inline(__always)
    package static func bitsOf16Units(_ base: UnsafeRawPointer) -> UInt64 {
        let one = base.loadUnaligned(as: UInt64.self) | base.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        let two =
            base.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            | base.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
        return one | two
    }

    @inline(__always)
    private static func unit(_ base: UnsafeRawPointer, _ index: Int) -> UInt16 {
        base.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self)
    }

    /// 1 for the first half of a surrogate pair.
    @inline(__always)
    private static func isLead(_ unit: UInt16) -> UInt16 { unit & 0xFC00 == 0xD800 ? 1 : 0 }

    /// 1 for the second half of a surrogate pair.
    @inline(__always)
    private static func isTail(_ unit: UInt16) -> UInt16 { unit & 0xFC00 == 0xDC00 ? 1 : 0 }
}
