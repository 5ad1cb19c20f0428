/// An entry of `allowed_outbound_hosts` as written: its variables have no values yet.
package struct AllowedHostTemplate: Sendable, Hashable {
    package let text: String
    package let template: Template
    /// The entry, when it has no variables.
    private let literal: AllowedHost?

    /// Throws ``Template/ParseError``, or ``AllowedHost/ParseError`` for an entry without variables.
    package init(_ text: String) throws {
        self.text = text
        self.template = try Template(text)
        self.literal = self.template.isLiteral ? try AllowedHost(text) : nil
    }

    /// The entry with values for its variables; nil when these leave nothing (`https://` alone), so that a variable
    /// can switch an entry off. Throws what `value` throws, and ``AllowedHost/ParseError``.
    package func resolved(_ value: (String) throws -> String) throws -> AllowedHost? {
        if let literal = self.literal { return literal }
        let text = try self.template.resolved(value)
        return Self.isSwitchedOff(text) ? nil : try AllowedHost(text)
    }

    /// Whether the variables of an entry left nothing of it.
    static func isSwitchedOff(_ text: String) -> Bool {
        ["", "http://", "https://"].contains(text)
    }
}

extension AllowedHost {
    /// `*.spin.internal` becomes an entry for each component: requests to others are refused at once.
    package func expanded(componentIDs: [String]) -> [AllowedHost] {
        guard case .below(ServiceChaining.suffix) = self.host else { return [self] }
        return componentIDs.map { id in
            var entry = self
            entry.host = .exactly(.domain(id + ServiceChaining.suffix))
            return entry
        }
    }
}
