import Foundation

/// Numbers as the table shows them.
enum Decimal {
    static func text(_ value: Double, digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    /// A ratio: two digits after the point, more when it is small.
    static func ratio(_ value: Double) -> String {
        self.text(value, digits: value < 0.1 ? 4 : 2)
    }

    /// A whole number with a comma before each three digits.
    static func grouped(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        var text = ""
        for (index, digit) in self.text(value, digits: 0).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3), digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }
}
