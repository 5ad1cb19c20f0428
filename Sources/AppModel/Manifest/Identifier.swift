/// The rules of the names in a manifest (`spin-parity.md` 1.1).
package enum Identifier: Sendable {
    /// Words joined by `-`, each all lower-case or all upper-case: component ids.
    case kebab
    /// The same joined by `_`.
    case snake
    /// Joined by `_`, lower-case only: variables.
    case lowerSnake

    private var separator: Character { self == .kebab ? "-" : "_" }
    private var wrongSeparator: Character { self == .kebab ? "_" : "-" }

    /// What is wrong with a name, or nil when it is right.
    package func problem(with name: String) -> String? {
        guard !name.isEmpty else { return "must not be empty" }
        if name.contains(self.wrongSeparator) {
            return "words must be separated with `\(self.separator)`, not `\(self.wrongSeparator)`"
        }
        for word in name.split(separator: self.separator, omittingEmptySubsequences: false) {
            guard let first = word.first else {
                return "must not begin or end with `\(self.separator)`, nor hold two in a row"
            }
            guard first.isASCII, first.isLetter else {
                return "each word must start with an ASCII letter, `\(word)` starts with `\(first)`"
            }
            for character in word {
                guard character.isASCII, character.isLetter || character.isNumber else {
                    return "only ASCII letters, digits and `\(self.separator)` are allowed, not `\(character)`"
                }
                guard character.isNumber || character.isUppercase == first.isUppercase else {
                    return "each word must be all lower-case or all upper-case, `\(word)` mixes them"
                }
            }
            if self == .lowerSnake, first.isUppercase { return "must be lower-case" }
        }
        return nil
    }

    /// A right name made from a wrong one, or nil when there is no obvious one.
    package func corrected(_ name: String) -> String? {
        var result = ""
        for character in name.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                result.append(character)
            } else if !result.isEmpty, result.last != self.separator {
                result.append(self.separator)
            }
        }
        while result.last == self.separator { result.removeLast() }
        return self.problem(with: result) == nil ? result : nil
    }
}
