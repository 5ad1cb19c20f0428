/// Text with `{{ variable }}` places in it (`spin-parity.md` 1.4).
package struct Template: Sendable, Hashable {
    package enum Part: Sendable, Hashable {
        case literal(String)
        case variable(String)
    }

    /// Why a text is no template.
    package enum ParseError: Error, Hashable {
        /// The `occurrence`-th (from 0) `{{` has no `}}` after it.
        case unclosed(occurrence: Int)
    }

    package let parts: [Part]

    package init(_ text: String) throws(ParseError) {
        var parts: [Part] = []
        var rest = text[...]
        var occurrence = 0
        while !rest.isEmpty {
            if rest.hasPrefix("{{") {
                let inside = rest.dropFirst(2)
                guard let end = Self.find("}}", in: inside) else { throw .unclosed(occurrence: occurrence) }
                parts.append(.variable(String(Self.trimmed(inside[..<end]))))
                rest = inside[inside.index(end, offsetBy: 2)...]
                occurrence += 1
            } else {
                let end = Self.find("{{", in: rest) ?? rest.endIndex
                parts.append(.literal(String(rest[..<end])))
                rest = rest[end...]
            }
        }
        self.parts = parts
    }

    /// The variables used, in order, repeats included.
    package var variables: [String] {
        self.parts.compactMap { part in
            guard case .variable(let name) = part else { return nil }
            return name
        }
    }

    package var isLiteral: Bool { self.variables.isEmpty }

    /// The text with each variable replaced; the error of `value` is thrown on.
    package func resolved<Failure: Error>(_ value: (String) throws(Failure) -> String) throws(Failure) -> String {
        var result = ""
        for part in self.parts {
            switch part {
            case .literal(let text): result += text
            case .variable(let name): result += try value(name)
            }
        }
        return result
    }

    private static func find(_ pair: String, in text: Substring) -> String.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(pair) { return index }
            index = text.index(after: index)
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
