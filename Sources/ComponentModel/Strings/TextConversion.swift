/// Conversions between encodings in raw memory, bounded by both buffers whatever the text says.
///
/// Each reads on from an offset in the source and writes on at one in the destination, and stops where the text ends,
/// where room ends, or where it is told to; the offsets say how far it came.
package struct TextConversion {
    package let source: UnsafeRawBufferPointer
    package let destination: UnsafeMutableRawBufferPointer
    /// Bytes read and written.
    package var read = 0
    package var written = 0

    package init(_ source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawBufferPointer) {
        self.source = source
        self.destination = destination
    }

    /// Bytes of UTF-8 that are checked before they are copied.
    private static let step = 16384

    /// Why a conversion came to an end.
    package enum End {
        /// The source is used up.
        case done
        /// What comes next does not fit the destination's encoding.
        case unrepresentable
        case illFormed
        /// The destination is full, which a correct size rules out.
        case full
    }

    // MARK: To UTF-8

    /// UTF-16 to ASCII, up to the first character that is not.
    package mutating func narrowUTF16ToASCII() -> End {
        self.narrowUTF16(limit: 0x7F)
    }

    /// UTF-16 to Latin-1, up to the first character that is not.
    package mutating func narrowUTF16ToLatin1() -> End {
        self.narrowUTF16(limit: 0xFF)
    }

    @inline(__always)
    private mutating func narrowUTF16(limit: UInt16) -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        self.narrowBlocks(from, to, limit: limit)
        let (count, room) = (self.source.count, self.destination.count)
        while self.read &+ 2 <= count {
            let unit = from.loadUnaligned(fromByteOffset: self.read, as: UInt16.self)
            guard unit <= limit else { return .unrepresentable }
            guard self.written < room else { return .full }
            to.storeBytes(of: UInt8(truncatingIfNeeded: unit), toByteOffset: self.written, as: UInt8.self)
            self.read &+= 2
            self.written &+= 1
        }
        return .done
    }

    /// Narrows 16 units at a step, as long as there is room and none is above the limit, which is all bits below one.
    @inline(__always)
    private mutating func narrowBlocks(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, limit: UInt16) {
        let above = 0x0001_0001_0001_0001 &* UInt64(~limit)
        let steps = min((self.source.count &- self.read) / 32, (self.destination.count &- self.written) / 16)
        var step = 0
        while step < steps {
            let block = from + (self.read &+ step &* 32)
            guard TextScan.bitsOf16Units(block) & above == 0 else { break }
            (to + (self.written &+ step &* 16)).storeBytes(
                of: SIMD16<UInt8>(truncatingIfNeeded: block.loadUnaligned(as: SIMD16<UInt16>.self)),
                as: SIMD16<UInt8>.self)
            step &+= 1
        }
        self.read &+= step &* 32
        self.written &+= step &* 16
    }

    /// UTF-16 to UTF-8.
    package mutating func utf16ToUTF8() -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        let (count, room) = (self.source.count, self.destination.count)
        while true {
            self.narrowBlocks(from, to, limit: 0x7F)
            // Not all ASCII: some units one by one, no room asked for each, then look again.
            // The last of 16 may be the first half of a pair.
            guard self.read &+ 34 <= count, self.written &+ 49 <= room else { break }
            let end = self.read &+ 32
            var (read, written) = (self.read, self.written)
            while read < end {
                guard Self.putUTF16(from, &read, to, &written) else { return .illFormed }
            }
            (self.read, self.written) = (read, written)
        }
        while self.read &+ 2 <= count {
            let unit = from.loadUnaligned(fromByteOffset: self.read, as: UInt16.self)
            let isPair = unit & 0xF800 == 0xD800
            guard !isPair || self.read &+ 4 <= count else { return .illFormed }
            guard self.written &+ (isPair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3) <= room else { return .full }
            guard Self.putUTF16(from, &self.read, to, &self.written) else { return .illFormed }
        }
        return .done
    }

    /// Turns one character at the reading position into UTF-8; false when it is half of a pair.
    ///
    /// Looks at two units and writes up to four bytes: that they are there is for the caller to know.
    @inline(__always)
    private static func putUTF16(
        _ from: UnsafeRawPointer, _ read: inout Int, _ to: UnsafeMutableRawPointer, _ written: inout Int
    ) -> Bool {
        let unit = UInt32(from.loadUnaligned(fromByteOffset: read, as: UInt16.self))
        let at = to + written
        @inline(__always) func put(_ offset: Int, _ lead: UInt32, _ bits: UInt32) {
            at.storeBytes(of: UInt8(truncatingIfNeeded: lead | bits), toByteOffset: offset, as: UInt8.self)
        }
        if unit < 0x80 {
            put(0, 0, unit)
            written &+= 1
        } else if unit < 0x800 {
            put(0, 0xC0, unit >> 6)
            put(1, 0x80, unit & 0x3F)
            written &+= 2
        } else if unit & 0xF800 != 0xD800 {
            put(0, 0xE0, unit >> 12)
            put(1, 0x80, unit >> 6 & 0x3F)
            put(2, 0x80, unit & 0x3F)
            written &+= 3
        } else {
            guard unit < 0xDC00 else { return false }
            let low = UInt32(from.loadUnaligned(fromByteOffset: read &+ 2, as: UInt16.self))
            guard low & 0xFC00 == 0xDC00 else { return false }
            let scalar = 0x10000 &+ ((unit & 0x3FF) << 10 | low & 0x3FF)
            put(0, 0xF0, scalar >> 18)
            put(1, 0x80, scalar >> 12 & 0x3F)
            put(2, 0x80, scalar >> 6 & 0x3F)
            put(3, 0x80, scalar & 0x3F)
            written &+= 4
            read &+= 2
        }
        read &+= 2
        return true
    }

    /// Latin-1 to UTF-8.
    package mutating func latin1ToUTF8() -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        let (count, room) = (self.source.count, self.destination.count)
        while self.read < count {
            let prefix = TextScan.asciiPrefix(self.source, from: self.read) &- self.read
            if prefix > 0 { guard self.copy(prefix) else { return .full } }
            // One or two bytes each, without a branch while there is room for two; then look for ASCII again.
            let end = min(self.read &+ 32, count)
            var (read, written) = (self.read, self.written)
            while read < end, written &+ 2 <= room {
                let unit = from.load(fromByteOffset: read, as: UInt8.self)
                let isLong = unit >> 7
                let pair = UInt16(unit >> 6 | 0xC0) | UInt16(unit & 0x3F | 0x80) << 8
                to.storeBytes(of: isLong == 0 ? UInt16(unit) : pair, toByteOffset: written, as: UInt16.self)
                read &+= 1
                written &+= 1 &+ Int(isLong)
            }
            (self.read, self.written) = (read, written)
            guard read < end else { continue }
            let unit = from.load(fromByteOffset: read, as: UInt8.self)
            guard unit < 0x80, written < room else { return .full }
            to.storeBytes(of: unit, toByteOffset: written, as: UInt8.self)
            self.read &+= 1
            self.written &+= 1
        }
        return .done
    }

    /// ASCII as it is, up to the first byte that is none.
    package mutating func copyASCII() -> End {
        let prefix = TextScan.asciiPrefix(self.source, from: self.read) &- self.read
        guard self.copy(prefix) else { return .full }
        return self.read == self.source.count ? .done : .unrepresentable
    }

    /// UTF-8 as it is, checked.
    package mutating func copyUTF8() -> End {
        while self.read < self.source.count {
            // What was checked is still in the processor's cache when it is copied.
            let end = min(self.read &+ Self.step, self.source.count)
            guard let boundary = TextScan.utf8Boundary(self.source, from: self.read, notBefore: end) else {
                return .illFormed
            }
            guard self.copy(boundary &- self.read) else { return .full }
        }
        return .done
    }

    /// Everything as it is.
    package mutating func copyAll() -> End {
        self.copy(self.source.count &- self.read) ? .done : .full
    }

    private mutating func copy(_ count: Int) -> Bool {
        guard self.written &+ count <= self.destination.count else { return false }
        guard count > 0, let from = self.source.baseAddress, let to = self.destination.baseAddress else { return true }
        (to + self.written).copyMemory(from: from + self.read, byteCount: count)
        self.read &+= count
        self.written &+= count
        return true
    }

    // MARK: To UTF-16 and Latin-1

    /// Bytes to 16-bit units with the same numbers.
    package mutating func widen() -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        return self.widen(from, to, upTo: self.source.count)
    }

    private mutating func widen(
        _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, upTo end: Int
    ) -> End {
        let room = self.destination.count
        while self.read &+ 16 <= end, self.written &+ 32 <= room {
            let block = from.loadUnaligned(fromByteOffset: self.read, as: SIMD16<UInt8>.self)
            to.storeBytes(
                of: SIMD16<UInt16>(truncatingIfNeeded: block), toByteOffset: self.written, as: SIMD16<UInt16>.self)
            self.read &+= 16
            self.written &+= 32
        }
        while self.read < end {
            guard self.written &+ 2 <= room else { return .full }
            let unit = UInt16(from.load(fromByteOffset: self.read, as: UInt8.self))
            to.storeBytes(of: unit, toByteOffset: self.written, as: UInt16.self)
            self.read &+= 1
            self.written &+= 2
        }
        return .done
    }

    /// UTF-8 to UTF-16.
    package mutating func utf8ToUTF16() -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        let (count, room) = (self.source.count, self.destination.count)
        while true {
            let ascii = TextScan.asciiPrefix(self.source, from: self.read)
            guard case .done = self.widen(from, to, upTo: ascii) else { return .full }
            var (read, written) = (self.read, self.written)
            let end = min(read &+ 32, count)
            while read < end {
                guard let (scalar, length) = Self.scalar(from, at: read, count) else { return .illFormed }
                if scalar < 0x10000 {
                    guard written &+ 2 <= room else { return .full }
                    to.storeBytes(of: UInt16(truncatingIfNeeded: scalar), toByteOffset: written, as: UInt16.self)
                    written &+= 2
                } else {
                    guard written &+ 4 <= room else { return .full }
                    let bits = scalar &- 0x10000
                    let pair = (0xD800 | bits >> 10) | (0xDC00 | bits & 0x3FF) << 16
                    to.storeBytes(of: pair, toByteOffset: written, as: UInt32.self)
                    written &+= 4
                }
                read &+= length
            }
            (self.read, self.written) = (read, written)
            guard read < count else { return .done }
        }
    }

    /// UTF-8 to Latin-1, up to the first character that is not.
    package mutating func utf8ToLatin1() -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        let (count, room) = (self.source.count, self.destination.count)
        while true {
            let prefix = self.copyASCII()
            guard case .unrepresentable = prefix else { return prefix }
            var (read, written) = (self.read, self.written)
            defer { (self.read, self.written) = (read, written) }
            let end = min(read &+ 32, count)
            while read < end {
                guard let (scalar, length) = Self.scalar(from, at: read, count) else { return .illFormed }
                guard scalar < 0x100 else { return .unrepresentable }
                guard written < room else { return .full }
                to.storeBytes(of: UInt8(truncatingIfNeeded: scalar), toByteOffset: written, as: UInt8.self)
                read &+= length
                written &+= 1
            }
        }
    }

    /// The scalar at an offset below `count`, and its bytes; nil when it is ill-formed.
    @inline(__always)
    private static func scalar(_ from: UnsafeRawPointer, at read: Int, _ count: Int) -> (UInt32, Int)? {
        let left = count &- read
        @inline(__always) func byte(_ offset: Int) -> UInt32 {
            UInt32(from.load(fromByteOffset: read &+ offset, as: UInt8.self))
        }
        @inline(__always) func isTail(_ offset: Int) -> Bool { byte(offset) & 0xC0 == 0x80 }
        let lead = byte(0)
        if lead < 0x80 { return (lead, 1) }
        switch lead {
        case 0xC2...0xDF:
            guard left >= 2, isTail(1) else { return nil }
            return ((lead & 0x1F) << 6 | byte(1) & 0x3F, 2)
        case 0xE0...0xEF:
            guard left >= 3, isTail(1), isTail(2) else { return nil }
            let scalar = (lead & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | byte(2) & 0x3F
            return scalar >= 0x800 && scalar & 0x1F_F800 != 0xD800 ? (scalar, 3) : nil
        case 0xF0...0xF4:
            guard left >= 4, isTail(1), isTail(2), isTail(3) else { return nil }
            let high = (lead & 0x07) << 18 | (byte(1) & 0x3F) << 12
            let scalar = high | (byte(2) & 0x3F) << 6 | byte(3) & 0x3F
            return scalar >= 0x10000 && scalar < 0x110000 ? (scalar, 4) : nil
        default: return nil
        }
    }
}
