import NIOCore

/// Numbers as replies have them.
enum RESPNumber {
    static func double(_ text: String) -> Double? {
        switch text {
        case "inf", "+inf": .infinity
        case "-inf": -.infinity
        case "nan": .nan
        default: Double(text)
        }
    }

    static func integer(_ digits: ByteBufferView) throws(RESPReader.Fault) -> Int64 {
        var digits = digits[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.count <= 19 else { throw RESPReader.Fault(description: "a malformed number") }
        var value: Int64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39 else { throw RESPReader.Fault(description: "a malformed number") }
            let (product, overflows) = value.multipliedReportingOverflow(by: 10)
            // Downwards: the smallest number has no positive counterpart.
            let (sum, overflowsToo) = product.subtractingReportingOverflow(Int64(digit &- 0x30))
            guard !overflows, !overflowsToo else {
                throw RESPReader.Fault(description: "a number that is out of range")
            }
            value = sum
        }
        if isNegative { return value }
        guard value != .min else { throw RESPReader.Fault(description: "a number that is out of range") }
        return -value
    }
}
