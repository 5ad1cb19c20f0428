extension Double {
    /// The shortest digits that mean this number, as Rust and so Spin writes it: `3`, `0.1`, `-0`, `inf`, `NaN`, and no
    /// exponent however many zeros that takes (323 at most).
    package var textWithoutExponent: String {
        guard self.isFinite else { return self.isNaN ? "NaN" : "\(self)" }
        let parts = "\(self.magnitude)".split(separator: "e")
        let mantissa = (parts.first ?? "0").split(separator: ".")
        let whole = mantissa.first ?? "0"
        let fraction = mantissa.dropFirst().first.flatMap { $0 == "0" ? nil : $0 } ?? ""
        let exponent = parts.dropFirst().first.flatMap { Int($0) } ?? 0
        let digits = whole + fraction
        // Where the point is among the digits.
        let point = whole.count + exponent
        let text: String
        if point >= digits.count {
            text = digits + String(repeating: "0", count: point - digits.count)
        } else if point > 0 {
            text = digits.prefix(point) + "." + digits.dropFirst(point)
        } else {
            text = "0." + String(repeating: "0", count: -point) + digits
        }
        return (self.sign == .minus ? "-" : "") + text
    }
}
