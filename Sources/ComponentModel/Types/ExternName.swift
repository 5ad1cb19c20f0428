/// The name of an import or export (Explainer.md, "Import and Export Definitions").
package struct ExternName: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// `run`
        case plain
        /// `[constructor]fields`
        case constructor(resource: String)
        /// `[method]fields.get`
        case method(resource: String, name: String)
        /// `[static]fields.from-list`
        case `static`(resource: String, name: String)
        /// `[resource-drop]fields`, as host bindings name a resource's destructor
        case resourceDrop(resource: String)
        /// `wasi:http/types@0.2.0`
        case interface(InterfaceName)
        /// `url=<…>`, `locked-dep=<…>`, `unlocked-dep=<…>`, `integrity=<…>`: never satisfied by a host
        case dependency
    }

    /// The name as written.
    package let text: String
    package let kind: Kind

    /// The interface, if the name is one.
    package var interface: InterfaceName? {
        guard case .interface(let name) = self.kind else { return nil }
        return name
    }

    package var description: String { self.text }

    /// Why a text is no name.
    struct Problem: Error {
        let message: String
    }

    /// Parses a name; `nil` if it follows none of the forms.
    package init?(_ text: String) {
        do {
            try self.init(validating: text)
        } catch {
            return nil
        }
    }

    init(validating text: String) throws(Problem) {
        self.kind = try ExternName.parse(text)
        self.text = text
    }

    private static func parse(_ text: String) throws(Problem) -> Kind {
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            return try ExternName.annotated(
                text[text.index(after: text.startIndex)..<close], text[text.index(after: close)...])
        }
        for (prefix, parse) in DependencyName.forms where text.hasPrefix(prefix) {
            try parse(text.dropFirst(prefix.count))
            return .dependency
        }
        if text.contains(":") { return .interface(try InterfaceName(validating: text)) }
        try Label.check(text[...])
        return .plain
    }

    private static func annotated(_ annotation: Substring, _ rest: Substring) throws(Problem) -> Kind {
        switch annotation {
        case "constructor", "resource-drop":
            try Label.check(rest)
            return annotation == "constructor"
                ? .constructor(resource: String(rest)) : .resourceDrop(resource: String(rest))
        case "method", "static":
            guard let dot = rest.firstIndex(of: ".") else {
                throw Problem(message: "failed to find `.` character in `\(rest)`")
            }
            let resource = rest[..<dot]
            let name = rest[rest.index(after: dot)...]
            try Label.check(resource)
            try Label.check(name)
            return annotation == "method"
                ? .method(resource: String(resource), name: String(name))
                : .static(resource: String(resource), name: String(name))
        default:
            throw Problem(
                message: "unknown annotation `[\(annotation)]`; `\(rest)` is annotated with none that is known")
        }
    }

    /// What must differ between two names of one scope (Explainer.md, "Name Uniqueness").
    package var uniquenessKey: CoreName {
        // Labels alone have acronyms: what is no label differs by its case, too.
        switch self.kind {
        case .method(let resource, let name), .static(let resource, let name):
            let resource = resource.lowercased()
            let name = name.lowercased()
            return CoreName(resource == name ? name : "\(resource).\(name)")
        case .plain, .constructor, .resourceDrop: return CoreName(self.text.lowercased())
        case .interface(let name):
            let labels = name.unversioned.lowercased()
            return CoreName(name.version.map { "\(labels)@\($0)" } ?? labels)
        case .dependency: return CoreName(self.text)
        }
    }
}

/// `namespace:package/interface@version`.
package struct InterfaceName: Hashable, Sendable, CustomStringConvertible {
    package let namespace: String
    package let package: String
    package let interface: String
    /// Without the `@`.
    package let version: String?

    /// `wasi:io/streams`
    package var unversioned: String { "\(self.namespace):\(self.package)/\(self.interface)" }

    package var description: String { self.version.map { "\(self.unversioned)@\($0)" } ?? self.unversioned }

    package init?(_ text: String) {
        do {
            try self.init(validating: text)
        } catch {
            return nil
        }
    }

    init(validating text: String) throws(ExternName.Problem) {
        var name = text[...]
        var version: String?
        if let at = name.firstIndex(of: "@") {
            let suffix = name[name.index(after: at)...]
            // `1`, `0.2`: stand for all versions that are compatible.
            if !VersionText.isCanonicalPrefix(suffix) { try VersionText.check(suffix) }
            version = String(suffix)
            name = name[..<at]
        }
        guard let colon = name.firstIndex(of: ":") else {
            throw ExternName.Problem(message: "`\(text)` has no `:` after a namespace")
        }
        let namespace = name[..<colon]
        try Label.check(namespace, allowsAcronyms: false)
        let path = name[name.index(after: colon)...]
        let package = path.prefix { $0 != "/" && $0 != ":" }
        try Label.check(package, allowsAcronyms: false)
        let rest = path[package.endIndex...]
        guard rest.first == "/" else {
            throw ExternName.Problem(message: "expected `/` after package name")
        }
        let projection = rest.dropFirst()
        let interface = projection.prefix { $0 != "/" }
        try Label.check(interface)
        guard interface.endIndex == projection.endIndex else {
            throw ExternName.Problem(message: "trailing characters found: `\(projection[interface.endIndex...])`")
        }
        self.namespace = String(namespace)
        self.package = String(package)
        self.interface = String(interface)
        self.version = version
    }
}

/// Labels: words of lower-case or of upper-case letters and digits, joined by single hyphens.
enum Label {
    static func isValid(_ text: Substring) -> Bool {
        Label.matches(text, allowsAcronyms: true)
    }

    static func check(_ text: Substring, allowsAcronyms: Bool = true) throws(ExternName.Problem) {
        guard Label.matches(text, allowsAcronyms: allowsAcronyms) else {
            let rule = allowsAcronyms ? "" : ", in lower case"
            throw ExternName.Problem(
                message: "`\(text)` is not in kebab case: expected words-joined-by-hyphens\(rule)")
        }
    }

    private static func matches(_ text: Substring, allowsAcronyms: Bool) -> Bool {
        var isFirstWord = true
        for word in text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false) {
            guard let first = word.first else { return false }
            if isFirstWord, Label.isDigit(first) { return false }
            isFirstWord = false
            let isLower = word.allSatisfy { Label.isDigit($0) || Label.isLower($0) }
            let isUpper = allowsAcronyms && word.allSatisfy { Label.isDigit($0) || Label.isUpper($0) }
            guard isLower || isUpper else { return false }
        }
        return !isFirstWord
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
