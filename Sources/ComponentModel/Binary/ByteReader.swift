/// Reads a range of a file, checked; offsets are those of the file. It never copies more than a name.
package struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    let end: Int

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        self.offset = 0
        self.end = bytes.count
    }

    /// A reader of `range`, which lies within the file.
    init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) {
        self.bytes = bytes
        self.offset = range.lowerBound
        self.end = range.upperBound
    }

    var isAtEnd: Bool { self.offset >= self.end }
    var remaining: Int { self.end - self.offset }

    func malformed(_ message: String) -> ComponentError {
        ComponentError(.malformed, message, offset: self.offset)
    }

    func peek() -> UInt8? {
        self.isAtEnd ? nil : self.bytes[self.offset]
    }

    mutating func byte() throws(ComponentError) -> UInt8 {
        guard !self.isAtEnd else { throw self.malformed("unexpected end-of-file") }
        defer { self.offset += 1 }
        return self.bytes[self.offset]
    }

    mutating func skip(_ count: Int) throws(ComponentError) {
        guard count >= 0, count <= self.remaining else { throw self.malformed("unexpected end-of-file") }
        self.offset += count
    }

    /// Unsigned LEB128 of at most 32 bits.
    package mutating func u32() throws(ComponentError) -> UInt32 {
        let first = try self.byte()
        if first < 0x80 { return UInt32(first) }
        var result = UInt32(first & 0x7f)
        var shift: UInt32 = 7
        while true {
            let byte = try self.byte()
            if shift == 28, byte > 0x0f { throw self.tooLarge(byte) }
            result |= UInt32(byte & 0x7f) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    /// For the last byte of an integer.
    private func tooLarge(_ byte: UInt8) -> ComponentError {
        let message = byte < 0x80 ? "integer too large" : "integer representation too long"
        return ComponentError(.malformed, message, offset: self.offset - 1)
    }

    /// Signed LEB128 of at most `bits` bits, 64 or fewer.
    package mutating func signed(bits: Int) throws(ComponentError) -> Int64 {
        var result: Int64 = 0
        var shift = 0
        while true {
            let byte = try self.byte()
            // Of ten bytes the last is the sign alone.
            if shift == 63, byte != 0x00, byte != 0x7f { throw self.tooLarge(byte) }
            result |= Int64(byte & 0x7f) << Int64(shift)
            shift += 7
            if byte < 0x80 {
                if shift < 64, byte & 0x40 != 0 { result |= -1 << Int64(shift) }
                break
            }
            guard shift < bits else {
                throw ComponentError(.malformed, "integer representation too long", offset: self.offset - 1)
            }
        }
        if bits < 64 {
            let bound: Int64 = 1 << Int64(bits - 1)
            guard result >= -bound, result < bound else {
                throw ComponentError(.malformed, "integer too large", offset: self.offset - 1)
            }
        }
        return result
    }

    /// Unsigned LEB128 of at most `bits` bits, 64 or fewer.
    mutating func unsigned(bits: Int) throws(ComponentError) -> UInt64 {
        var result: UInt64 = 0
        var shift = 0
        while true {
            let byte = try self.byte()
            // The last byte has room for the bits that are left.
            if shift + 7 >= bits, byte >> UInt8(bits - shift) != 0 { throw self.tooLarge(byte) }
            result |= UInt64(byte & 0x7f) << UInt64(shift)
            if byte < 0x80 { return result }
            shift += 7
        }
    }

    mutating func u64() throws(ComponentError) -> UInt64 { try self.unsigned(bits: 64) }

    /// A byte that is 0 or 1.
    mutating func boolean(_ what: String) throws(ComponentError) -> Bool {
        let start = self.offset
        switch try self.byte() {
        case 0: return false
        case 1: return true
        case let byte:
            throw ComponentError(.malformed, "invalid boolean value \(hex(byte)) for \(what)", offset: start)
        }
    }

    /// Length of a vector whose elements take at least one byte each.
    package mutating func count() throws(ComponentError) -> Int {
        let start = self.offset
        let count = Int(try self.u32())
        guard count <= self.remaining else {
            throw ComponentError(
                .malformed, "unexpected end-of-file: \(count) elements do not fit into the section", offset: start)
        }
        return count
    }

    package mutating func name() throws(ComponentError) -> String {
        try self.text("name", limit: Limits.nameLength)
    }

    /// UTF-8 after its length in bytes; `what` is what messages call it.
    mutating func text(_ what: String, limit: Int) throws(ComponentError) -> String {
        let start = self.offset
        let length = Int(try self.u32())
        guard length <= self.remaining else {
            throw self.malformed("unexpected end-of-file: a \(what) runs past the end of the section")
        }
        guard length <= limit else {
            throw ComponentError(.malformed, "\(what) of \(length) bytes is too long", offset: start)
        }
        let slice = UnsafeRawBufferPointer(rebasing: self.bytes[self.offset..<(self.offset + length)])
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw self.malformed("malformed UTF-8 encoding of a \(what)")
        }
        self.offset += length
        return text
    }

    /// A reader of the next `length` bytes, which this reader skips.
    mutating func section(_ length: Int) throws(ComponentError) -> ByteReader {
        let start = self.offset
        try self.skip(length)
        return ByteReader(self.bytes, range: start..<self.offset)
    }

    /// Fails if the section holds more than was read.
    func finish(_ what: String) throws(ComponentError) {
        guard self.isAtEnd else { throw self.malformed("\(what) is longer than its contents") }
    }

    /// Whether the next bytes are `expected`; skips them if so.
    mutating func skipIfMatches(_ expected: [UInt8]) -> Bool {
        guard self.remaining >= expected.count else { return false }
        for (index, byte) in expected.enumerated() where self.bytes[self.offset + index] != byte { return false }
        self.offset += expected.count
        return true
    }
}
