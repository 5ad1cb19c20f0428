/// What a ratio, or a value that has none, should come to. Shown, never enforced.
struct Goal: Codable, Sendable, CustomStringConvertible {
    enum Bound: String, Codable, Sendable {
        case atLeast
        case atMost
    }

    let bound: Bound
    let limit: Double
    /// Set when the goal is for the value itself.
    let unit: Unit?

    static func atLeast(_ ratio: Double) -> Goal { Goal(bound: .atLeast, limit: ratio, unit: nil) }
    static func atMost(_ ratio: Double) -> Goal { Goal(bound: .atMost, limit: ratio, unit: nil) }
    static func atMost(_ value: Double, _ unit: Unit) -> Goal { Goal(bound: .atMost, limit: value, unit: unit) }

    var description: String {
        "\(self.bound == .atLeast ? "≥" : "≤") \(self.unit?.text(self.limit) ?? Decimal.text(self.limit, digits: 2))"
    }
}
