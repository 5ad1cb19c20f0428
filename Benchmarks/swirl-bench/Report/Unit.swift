/// What a measured number counts.
enum Unit: String, Codable, Sendable {
    case requestsPerSecond
    case nanoseconds
    case milliseconds
    case bytes

    /// The number with its unit, to three or four digits.
    func text(_ value: Double) -> String {
        switch self {
        case .requestsPerSecond: "\(value < 100 ? Decimal.text(value, digits: 1) : Decimal.grouped(value)) req/s"
        case .nanoseconds:
            switch value {
            case ..<1_000: "\(Decimal.text(value, digits: 0)) ns"
            case ..<1_000_000: "\(Decimal.text(value / 1_000, digits: value < 100_000 ? 2 : 1)) µs"
            default: "\(Decimal.text(value / 1_000_000, digits: 2)) ms"
            }
        case .milliseconds: "\(Decimal.text(value, digits: value < 10 ? 2 : 0)) ms"
        case .bytes:
            value < 1_048_576
                ? "\(Decimal.text(value / 1024, digits: 0)) KiB" : "\(Decimal.text(value / 1_048_576, digits: 1)) MiB"
        }
    }
}
