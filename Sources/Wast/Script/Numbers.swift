/// Numbers as WebAssembly's text format writes them.
enum Numbers {
    /// An integer of either sign's range, as its bits: `0xffffffff` and `-1` are the same `Int32`.
    static func integer<T: FixedWidthInteger>(_ text: String) throws(RunFailure) -> T {
        var digits = text.filter { $0 != "_" }
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
        let radix = digits.hasPrefix("0x") ? 16 : 10
        if radix == 16 { digits.removeFirst(2) }
        guard let magnitude = UInt64(digits, radix: radix) else { throw .script("'\(text)' is no integer") }
        let bits = T.bitWidth
        guard magnitude >> UInt64(bits - 1) <= 1 else { throw .script("'\(text)' does not fit \(bits) bits") }
        return T(truncatingIfNeeded: isNegative ? 0 &- magnitude : magnitude)
    }

    static func float32(_ text: String) throws(RunFailure) -> UInt32 {
        if let nan = try self.nan(text, exponentBits: 8, fractionBits: 23) { return UInt32(truncatingIfNeeded: nan) }
        guard let value = Float(text.filter { $0 != "_" }) else { throw .script("'\(text)' is no number") }
        return value.bitPattern
    }

    static func float64(_ text: String) throws(RunFailure) -> UInt64 {
        if let nan = try self.nan(text, exponentBits: 11, fractionBits: 52) { return nan }
        guard let value = Double(text.filter { $0 != "_" }) else { throw .script("'\(text)' is no number") }
        return value.bitPattern
    }

    private static func nan(_ text: String, exponentBits: Int, fractionBits: Int) throws(RunFailure) -> UInt64? {
        var rest = text[...]
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
        guard rest.hasPrefix("nan") else { return nil }
        var fraction: UInt64 = 1 << UInt64(fractionBits - 1)
        if rest.hasPrefix("nan:0x") {
            guard let payload = UInt64(rest.dropFirst(6).filter { $0 != "_" }, radix: 16),
                payload >> UInt64(fractionBits) == 0
            else { throw .script("'\(text)' is no number") }
            fraction = payload
        } else if rest != "nan" {
            throw .script("'\(text)' is no number")
        }
        let exponent = ((UInt64(1) << UInt64(exponentBits)) - 1) << UInt64(fractionBits)
        let sign = isNegative ? UInt64(1) << UInt64(exponentBits + fractionBits) : 0
        return sign | exponent | fraction
    }
}
