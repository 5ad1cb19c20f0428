/// One S-expression of a script: an atom, a string or a list, with the bytes that it was written as.
package struct Form: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// A keyword, number, identifier (`$x`) or anything else that is neither string nor list.
        case atom(String)
        /// A string's bytes, escapes resolved; they need not be UTF-8.
        case string([UInt8])
        case list([Form])
    }

    package let kind: Kind
    /// Bytes in the file, from the first to behind the last: parentheses and quotes included.
    package let range: Range<Int>

    package init(_ kind: Kind, range: Range<Int>) {
        self.kind = kind
        self.range = range
    }

    /// The text of an atom.
    package var atom: String? {
        guard case .atom(let text) = self.kind else { return nil }
        return text
    }

    /// The bytes of a string.
    package var string: [UInt8]? {
        guard case .string(let bytes) = self.kind else { return nil }
        return bytes
    }

    /// The string as text; bytes that are not UTF-8 are replaced.
    package var text: String? { self.string.map { String(decoding: $0, as: UTF8.self) } }

    /// The members of a list.
    package var members: [Form]? {
        guard case .list(let members) = self.kind else { return nil }
        return members
    }

    /// The atom that a list starts with.
    package var keyword: String? { self.members?.first?.atom }

    /// The name without its `$` of an atom that is an identifier; `$"any text"` included.
    package var identifier: String? {
        guard let atom = self.atom, atom.hasPrefix("$") else { return nil }
        return String(atom.dropFirst())
    }
}
