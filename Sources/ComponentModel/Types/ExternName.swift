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

    /// Parses a name; `nil` if it follows none of the forms.
    package init?(_ text: String) {
        guard let kind = ExternName.parse(text) else { return nil }
        self.text = text
        self.kind = kind
    }

    private static func parse(_ text: String) -> Kind? {
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            let annotation = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            switch annotation {
            case "constructor", "resource-drop":
                guard Label.isValid(rest) else { return nil }
                return annotation == "constructor"
                    ? .constructor(resource: String(rest)) : .resourceDrop(resource: String(rest))
            case "method", "static":
                let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
                guard parts.count == 2, Label.isValid(parts[0]), Label.isValid(parts[1]) else { return nil }
                return annotation == "method"
                    ? .method(resource: String(parts[0]), name: String(parts[1]))
                    : .static(resource: String(parts[0]), name: String(parts[1]))
            default:
                return nil
            }
        }
        if Label.isValid(text[...]) { return .plain }
        for prefix in ["url=<", "locked-dep=<", "unlocked-dep=<", "integrity=<"] where text.hasPrefix(prefix) {
            return text.contains(">") ? .dependency : nil
        }
        return InterfaceName(text).map { .interface($0) }
    }

    /// What must differ between two names of one scope (Explainer.md, "Name Uniqueness").
    package var uniquenessKey: String {
        switch self.kind {
        case .method(let resource, let name), .static(let resource, let name):
            let resource = resource.lowercased()
            let name = name.lowercased()
            return resource == name ? name : "\(resource).\(name)"
        case .plain, .constructor, .resourceDrop, .interface, .dependency:
            return self.text.lowercased()
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
        var name = text[...]
        var version: String?
        if let at = name.firstIndex(of: "@") {
            let suffix = name[name.index(after: at)...]
            guard InterfaceName.isVersion(suffix) else { return nil }
            version = String(suffix)
            name = name[..<at]
        }
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let path = name[name.index(after: colon)...]
        guard let slash = path.firstIndex(of: "/") else { return nil }
        let namespace = name[..<colon]
        let package = path[..<slash]
        let interface = path[path.index(after: slash)...]
        guard Label.isLowercaseWords(namespace), Label.isLowercaseWords(package), Label.isValid(interface) else {
            return nil
        }
        self.namespace = String(namespace)
        self.package = String(package)
        self.interface = String(interface)
        self.version = version
    }

    /// A semantic version, or the canonical `1`, `0.2` forms that stand for all that are compatible.
    private static func isVersion(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"):
                true
            default: false
            }
        }
    }
}

/// Labels: words of lower-case or of upper-case letters and digits, joined by single hyphens.
enum Label {
    static func isValid(_ text: Substring) -> Bool {
        Label.check(text, allowsAcronyms: true)
    }

    static func isLowercaseWords(_ text: Substring) -> Bool {
        Label.check(text, allowsAcronyms: false)
    }

    private static func check(_ text: Substring, allowsAcronyms: Bool) -> Bool {
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
