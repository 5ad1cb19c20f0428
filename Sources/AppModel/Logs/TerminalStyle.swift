/// How a word stands out on a terminal.
package enum TerminalStyle: String, Sendable {
    case error = "1;31"
    case warning = "1;33"
    case step = "1;32"

    /// - Parameter isColoured: see ``OutputDescriptor/isColoured(_:)``.
    package func applied(to text: String, isColoured: Bool) -> String {
        isColoured ? "\u{1B}[\(self.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension OutputDescriptor {
    /// Colour only where a person looks, never with `NO_COLOR` (no-color.org), nor where the terminal has none.
    package func isColoured(_ environment: [String: String]) -> Bool {
        self.isTerminal && Self.mayColour(environment)
    }

    package static func mayColour(_ environment: [String: String]) -> Bool {
        (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }
}
