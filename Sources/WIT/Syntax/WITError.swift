/// What is wrong in a WIT file, where, and what was expected instead.
package struct WITError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which rule is broken.
    package enum Kind: Hashable, Sendable {
        /// A character or token that the language does not have.
        case lexical
        /// A token in a place where another is needed.
        case syntax
        /// A name that nothing defines.
        case unresolved
        /// A name defined twice.
        case duplicate
        /// A definition that needs itself.
        case cycle
        /// A feature gate that is misused.
        case gate
        /// A type used where its kind is not allowed.
        case type
        /// Valid WIT that this version cannot process.
        case unsupported
        /// A file or folder that cannot be read or written.
        case file
    }

    package let kind: Kind
    package let location: SourceLocation
    /// What is wrong, as a clause.
    package let message: String
    /// What would have been right, as a noun phrase.
    package let expected: String?

    package init(_ kind: Kind, _ location: SourceLocation, _ message: String, expected: String? = nil) {
        self.kind = kind
        self.location = location
        self.message = message
        self.expected = expected
    }

    package var description: String {
        let expectation = self.expected.map { "; expected \($0)" } ?? ""
        return "\(self.location): error: \(self.message)\(expectation)"
    }
}
