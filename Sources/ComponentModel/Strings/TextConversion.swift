/// Conversions between encodings in raw memory, bounded by both buffers whatever the text says.
///
/// Each reads on from an offset in the source and writes on at one in the destination, and stops where the text ends,
/// where room ends, or where it is told to; the offsets say how far it came.
struct TextConversion {
    let source: UnsafeRawBufferPointer
    let destination: UnsafeMutableRawBufferPointer
    /// Bytes read and written.
    var read = 0
    var written = 0

    init(_ source: UnsafeRawBufferPointer, to destination: UnsafeMutableRawBufferPointer) {
        self.source = source
        self.destination = destination
    }

    /// Why a conversion came to an end.
    enum End {
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
    mutating func narrowUTF16ToASCII() -> End {
        self.narrowUTF16(limit: 0x7F)
    }

    /// UTF-16 to Latin-1, up to the first character that is not.
    mutating func narrowUTF16ToLatin1() -> End {
        self.narrowUTF16(limit: 0xFF)
    }

    private mutating func narrowUTF16(limit: UInt16) -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        let (count, room) = (self.source.count, self.destination.count)
        while self.read &+ 32 <= count, self.written &+ 16 <= room {
            let block = from.loadUnaligned(fromByteOffset: self.read, as: SIMD16<UInt16>.self)
            guard !any(block .> limit) else { break }
            to.storeBytes(
                of: SIMD16<UInt8>(truncatingIfNeeded: block), toByteOffset: self.written, as: SIMD16<UInt8>.self)
            self.read &+= 32
            self.written &+= 16
        }
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

    /// UTF-16 to UTF-8.
    mutating func utf16ToUTF8() -> End {
        while true {
            let end = self.narrowUTF16ToASCII()
            guard case .unrepresentable = end, let from = self.source.baseAddress else { return end }
            // Not ASCII: most likely a run of such.
            while self.read &+ 2 <= self.source.count {
                let unit = from.loadUnaligned(fromByteOffset: self.read, as: UInt16.self)
                if unit < 0x80 { break }
                var scalar = UInt32(unit)
                var length = 2
                if unit & 0xF800 == 0xD800 {
                    guard unit < 0xDC00, self.read &+ 4 <= self.source.count else { return .illFormed }
                    let low = from.loadUnaligned(fromByteOffset: self.read &+ 2, as: UInt16.self)
                    guard low & 0xFC00 == 0xDC00 else { return .illFormed }
                    scalar = 0x10000 &+ (UInt32(unit & 0x3FF) << 10 | UInt32(low & 0x3FF))
                    length = 4
                }
                guard self.writeUTF8(scalar) else { return .full }
                self.read &+= length
            }
        }
    }

    /// Latin-1 to UTF-8.
    mutating func latin1ToUTF8() -> End {
        guard let from = self.source.baseAddress else { return .done }
        while self.read < self.source.count {
            let prefix = TextScan.asciiPrefix(self.source, from: self.read) &- self.read
            if prefix > 0 {
                guard self.copy(prefix) else { return .full }
            } else {
                guard self.writeUTF8(UInt32(from.load(fromByteOffset: self.read, as: UInt8.self))) else { return .full }
                self.read &+= 1
            }
        }
        return .done
    }

    /// ASCII as it is, up to the first byte that is none.
    mutating func copyASCII() -> End {
        let prefix = TextScan.asciiPrefix(self.source, from: self.read) &- self.read
        guard self.copy(prefix) else { return .full }
        return self.read == self.source.count ? .done : .unrepresentable
    }

    private mutating func copy(_ count: Int) -> Bool {
        guard self.written &+ count <= self.destination.count else { return false }
        guard count > 0, let from = self.source.baseAddress, let to = self.destination.baseAddress else { return true }
        (to + self.written).copyMemory(from: from + self.read, byteCount: count)
        self.read &+= count
        self.written &+= count
        return true
    }

    /// Writes a scalar that is not ASCII. False when there is no room.
    @inline(__always)
    private mutating func writeUTF8(_ scalar: UInt32) -> Bool {
        guard let base = self.destination.baseAddress else { return false }
        let length = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
        guard self.written &+ length <= self.destination.count else { return false }
        let to = base + self.written
        @inline(__always) func put(_ offset: Int, _ lead: UInt32, _ bits: UInt32) {
            to.storeBytes(of: UInt8(truncatingIfNeeded: lead | bits), toByteOffset: offset, as: UInt8.self)
        }
        switch length {
        case 2:
            put(0, 0xC0, scalar >> 6)
        case 3:
            put(0, 0xE0, scalar >> 12)
            put(1, 0x80, scalar >> 6 & 0x3F)
        default:
            put(0, 0xF0, scalar >> 18)
            put(1, 0x80, scalar >> 12 & 0x3F)
            put(2, 0x80, scalar >> 6 & 0x3F)
        }
        put(length &- 1, 0x80, scalar & 0x3F)
        self.written &+= length
        return true
    }

    // MARK: To UTF-16 and Latin-1

    /// Bytes to 16-bit units with the same numbers.
    mutating func widen() -> End {
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
    mutating func utf8ToUTF16() -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        let count = self.source.count
        while true {
            let ascii = TextScan.asciiPrefix(self.source, from: self.read)
            guard case .done = self.widen(from, to, upTo: ascii) else { return .full }
            while self.read < count {
                if from.load(fromByteOffset: self.read, as: UInt8.self) < 0x80 { break }
                guard let (scalar, length) = self.scalar(from) else { return .illFormed }
                if scalar < 0x10000 {
                    guard self.written &+ 2 <= self.destination.count else { return .full }
                    to.storeBytes(of: UInt16(truncatingIfNeeded: scalar), toByteOffset: self.written, as: UInt16.self)
                    self.written &+= 2
                } else {
                    guard self.written &+ 4 <= self.destination.count else { return .full }
                    let bits = scalar &- 0x10000
                    let pair = (0xD800 | bits >> 10) | (0xDC00 | bits & 0x3FF) << 16
                    to.storeBytes(of: pair, toByteOffset: self.written, as: UInt32.self)
                    self.written &+= 4
                }
                self.read &+= length
            }
            guard self.read < count else { return .done }
        }
    }

    /// UTF-8 to Latin-1, up to the first character that is not.
    mutating func utf8ToLatin1() -> End {
        guard let from = self.source.baseAddress, let to = self.destination.baseAddress else { return .done }
        while true {
            let end = self.copyASCII()
            guard case .unrepresentable = end else { return end }
            while self.read < self.source.count {
                if from.load(fromByteOffset: self.read, as: UInt8.self) < 0x80 { break }
                guard let (scalar, length) = self.scalar(from) else { return .illFormed }
                guard scalar < 0x100 else { return .unrepresentable }
                guard self.written < self.destination.count else { return .full }
                to.storeBytes(of: UInt8(truncatingIfNeeded: scalar), toByteOffset: self.written, as: UInt8.self)
                self.read &+= length
                self.written &+= 1
            }
        }
    }

    /// The scalar at the reading position, whose first byte is not ASCII, and its bytes; nil when it is ill-formed.
    @inline(__always)
    private func scalar(_ from: UnsafeRawPointer) -> (UInt32, Int)? {
        let left = self.source.count &- self.read
        @inline(__always) func byte(_ offset: Int) -> UInt32 {
            UInt32(from.load(fromByteOffset: self.read &+ offset, as: UInt8.self))
        }
        @inline(__always) func isTail(_ offset: Int) -> Bool { byte(offset) & 0xC0 == 0x80 }
        let lead = byte(0)
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
