/// A component that is composed into another one, or around it (`spin-parity.md` 1.11).
package struct Dependency: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        /// The newest version that a requirement admits; `package` is nil when the dependency's name says it.
        case registry(requirement: String, package: String?, registry: String?)
        /// A path relative to the manifest.
        case local(path: String)
        case remote(url: String, digest: String)
        /// The source of another component of the application.
        case component(String)
    }

    /// What the main component imports; nil for dependencies of triggers.
    package var name: DependencyName?
    package var source: Source
    /// The export that satisfies the import, where it has another name.
    package var export: String?
    package var inherit: Inheritance?
    package var field: String
    package var position: SourcePosition
}

/// Which of a component's permissions its dependency gets: none, unless something is said.
package enum Inheritance: Sendable, Hashable {
    case all
    case some([String])

    /// What can be given on.
    package static let capabilities = [
        "ai_models", "allowed_outbound_hosts", "environment", "files", "key_value_stores", "sqlite_databases",
        "variables",
    ]
}

/// What a dependency satisfies: `plain-name`, `ns:pkg`, `ns:pkg@1.0.0`, `ns:pkg/interface`, `ns:pkg/interface@1.0.0`.
package struct DependencyName: Sendable, Hashable, CustomStringConvertible {
    package struct ParseError: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    package let text: String
    /// `ns:pkg`; nil for a plain name.
    package let package: String?
    package let interface: String?
    package let version: SemanticVersion?

    package init(_ text: String) throws(ParseError) {
        self.text = text
        guard text.contains(where: { ":/@".contains($0) }) else {
            if let problem = Identifier.kebab.problem(with: text) { throw ParseError(description: problem) }
            (self.package, self.interface, self.version) = (nil, nil, nil)
            return
        }
        var rest = text[...]
        if let at = rest.lastIndex(of: "@") {
            let digits = rest[rest.index(after: at)...]
            guard let version = SemanticVersion(String(digits)) else {
                throw ParseError(description: "`\(digits)` is no version such as `1.2.3`")
            }
            self.version = version
            rest = rest[..<at]
        } else {
            self.version = nil
        }
        if let slash = rest.firstIndex(of: "/") {
            let interface = String(rest[rest.index(after: slash)...])
            if let problem = Identifier.kebab.problem(with: interface) {
                throw ParseError(description: "the interface `\(interface)` \(problem)")
            }
            self.interface = interface
            rest = rest[..<slash]
        } else {
            self.interface = nil
        }
        guard Self.isPackage(rest) else {
            throw ParseError(description: "`\(rest)` is no package name such as `namespace:package`")
        }
        self.package = String(rest)
    }

    /// `namespace:package`, both kebab-case.
    package static func isPackage(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { Identifier.kebab.problem(with: String($0)) == nil }
    }

    package var description: String { self.text }

    /// Whether both could be satisfied by different components: what one names, the other does not.
    func isDisjoint(from other: DependencyName) -> Bool {
        guard let package = self.package, package == other.package else { return true }
        if let left = self.version, let right = other.version, left.compatibilityRange != right.compatibilityRange {
            return true
        }
        if let left = self.interface, let right = other.interface, left != right { return true }
        return false
    }
}
