/// Byte classes of RFC 9110 and RFC 3986, and comparisons that make no `String`.
package enum Bytes {
    package static let tab: UInt8 = 0x09
    package static let lineFeed: UInt8 = 0x0a
    package static let carriageReturn: UInt8 = 0x0d
    package static let space: UInt8 = 0x20
    package static let colon: UInt8 = 0x3a

    /// Whether the byte may be part of a method or a field name (`tchar`, RFC 9110 5.6.2).
    @inline(__always)
    package static func isToken(_ byte: UInt8) -> Bool {
        // One bit a character: no table in memory, no bounds check.
        let mask: UInt64 = byte < 64 ? 0x03ff_6cfa_0000_0000 : 0x57ff_ffff_c7ff_fffe
        return byte < 128 && (mask &>> UInt64(byte & 63)) & 1 != 0
    }

    /// Whether the byte may be part of an authority without userinfo (RFC 3986 3.2.2 and 3.2.3).
    @inline(__always)
    package static func isAuthority(_ byte: UInt8) -> Bool {
        let mask: UInt64 = byte < 64 ? 0x2fff_7ff2_0000_0000 : 0x47ff_fffe_afff_fffe
        return byte < 128 && (mask &>> UInt64(byte & 63)) & 1 != 0
    }

    /// Whether the bytes are `host[:port]`, the host not empty and without userinfo, the port at most 65,535
    /// (RFC 9110 4.2.1 and 7.2).
    package static func isHostAndPort(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var end = 0
        if bytes.first == 0x5b {
            end = 1
            while end < bytes.count, Self.hexValue(bytes[end]) != nil || bytes[end] == Self.colon || bytes[end] == 0x2e
            {
                end &+= 1
            }
            guard end > 1, end < bytes.count, bytes[end] == 0x5d else {
                return false
            }
            end &+= 1
        } else {
            while end < bytes.count, bytes[end] != Self.colon {
                // No comma: neither a list nor two fields that somebody joined.
                guard Self.isAuthority(bytes[end]), bytes[end] != 0x2c, bytes[end] != 0x5b, bytes[end] != 0x5d else {
                    return false
                }
                end &+= 1
            }
            guard end > 0 else {
                return false
            }
        }
        guard end < bytes.count else {
            return true
        }
        guard bytes[end] == Self.colon else {
            return false
        }
        // A colon without a port is the default port (RFC 3986 3.2.3).
        let port = UnsafeRawBufferPointer(rebasing: bytes[(end &+ 1)...])
        return port.isEmpty || Self.decimal(port).map { $0 <= 65_535 } ?? false
    }

    @inline(__always)
    package static func isUpper(_ byte: UInt8) -> Bool {
        byte &- 0x41 < 26
    }

    @inline(__always)
    package static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    @inline(__always)
    package static func lowered(_ byte: UInt8) -> UInt8 {
        Self.isUpper(byte) ? byte | 0x20 : byte
    }

    /// The value of a hexadecimal digit, `nil` for any other byte.
    @inline(__always)
    package static func hexValue(_ byte: UInt8) -> Int? {
        if Self.isDigit(byte) {
            return Int(byte &- 0x30)
        }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? Int(letter) + 10 : nil
    }

    /// Whether every byte may stand in a field value: no control character but the tab (RFC 9110 5.5).
    package static func isFieldValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        let count = bytes.count
        // Eight bytes at a time: a value is long where it matters (cookies, tokens) and has no control characters.
        while count &- index >= 8 {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let ones: UInt64 = 0x0101_0101_0101_0101
            let high: UInt64 = 0x8080_8080_8080_8080
            let controls = (word &- ones &* 0x20) & ~word & high
            let delete = word ^ (ones &* 0x7f)
            if controls | ((delete &- ones) & ~delete & high) != 0 {
                break
            }
            index &+= 8
        }
        while index < count {
            let byte = bytes[index]
            if (byte < 0x20 && byte != Self.tab) || byte == 0x7f {
                return false
            }
            index &+= 1
        }
        return true
    }

    /// Whether the bytes are `lowercase`, letters compared without case.
    @inline(__always)
    package static func equal(_ bytes: UnsafeRawBufferPointer, _ lowercase: StaticString) -> Bool {
        guard bytes.count == lowercase.utf8CodeUnitCount else {
            return false
        }
        let other = lowercase.utf8Start
        for index in 0..<bytes.count where Self.lowered(bytes[index]) != other[index] {
            return false
        }
        return true
    }

    /// Whether two byte strings are equal, letters compared without case.
    package static func equal(_ left: UnsafeRawBufferPointer, ignoringCase right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else {
            return false
        }
        for index in 0..<left.count where Self.lowered(left[index]) != Self.lowered(right[index]) {
            return false
        }
        return true
    }

    /// The bytes without spaces and tabs at both ends.
    @inline(__always)
    package static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var start = 0
        var end = bytes.count
        while start < end, bytes[start] == Self.space || bytes[start] == Self.tab {
            start &+= 1
        }
        while end > start, bytes[end &- 1] == Self.space || bytes[end &- 1] == Self.tab {
            end &-= 1
        }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// A decimal number without sign, `nil` when it is empty, has another character, or does not fit.
    package static func decimal(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !bytes.isEmpty else {
            return nil
        }
        var value = 0
        for byte in bytes {
            guard Self.isDigit(byte) else {
                return nil
            }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte &- 0x30))
            guard !overflow, !carry else {
                return nil
            }
            value = sum
        }
        return value
    }

    /// Calls `body` with each element of a comma-separated list, blanks trimmed, empty elements left out.
    package static func forEachListElement(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        var start = 0
        for index in 0...bytes.count where index == bytes.count || bytes[index] == 0x2c {
            let element = Self.trimmed(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
            if !element.isEmpty {
                body(element)
            }
            start = index &+ 1
        }
    }
}
