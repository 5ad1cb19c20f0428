/// The values that switch an option on or off through the environment, as Spin reads them.
enum BoolishValue {
    /// Nil when the text is neither.
    static func parse(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "y", "t", "on", "1": true
        case "false", "no", "n", "f", "off", "0": false
        default: nil
        }
    }

    /// The switch that a variable sets; off when it is not set. Throws a usage error for any other text.
    static func read(_ name: String, from environment: [String: String]) throws(CommandError) -> Bool {
        guard let text = environment[name] else { return false }
        guard let value = Self.parse(text) else {
            throw CommandError(
                "the environment variable \(name) must be `true` or `false`, not `\(text)`", exitCode: 2)
        }
        return value
    }
}
