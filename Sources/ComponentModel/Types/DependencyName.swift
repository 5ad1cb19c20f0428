/// Names that say where an import's implementation is to be found; tools act on them, no host does.
enum DependencyName {
    typealias Problem = ExternName.Problem

    /// How each begins, and the check of what follows.
    static let forms: [(prefix: String, check: @Sendable (Substring) throws(Problem) -> Void)] = [
        ("url=<", { (rest) throws(Problem) in try DependencyName.url(rest) }),
        ("integrity=<", { (rest) throws(Problem) in try DependencyName.integrity(rest) }),
        ("locked-dep=<", { (rest) throws(Problem) in try DependencyName.locked(rest) }),
        ("unlocked-dep=<", { (rest) throws(Problem) in try DependencyName.unlocked(rest) }),
    ]

    /// What stands before the closing bracket, and what after it.
    private static func bracketed(_ text: Substring) throws(Problem) -> (inside: Substring, rest: Substring) {
        guard let close = text.firstIndex(of: ">") else { throw Problem(message: "failed to find `>`") }
        return (text[..<close], text[text.index(after: close)...])
    }

    private static func url(_ text: Substring) throws(Problem) {
        let (url, rest) = try self.bracketed(text)
        guard !url.contains("<") else { throw Problem(message: "url cannot contain `<`") }
        try self.optionalHash(rest)
    }

    private static func optionalHash(_ rest: Substring) throws(Problem) {
        if rest.isEmpty { return }
        let form = ",integrity=<"
        guard rest.hasPrefix(form) else { throw Problem(message: "trailing characters found: `\(rest)`") }
        try self.integrity(rest.dropFirst(form.count))
    }

    /// Subresource integrity: hashes, separated by white space.
    private static func integrity(_ text: Substring) throws(Problem) {
        let (hashes, rest) = try self.bracketed(text)
        guard rest.isEmpty else { throw Problem(message: "trailing characters found: `\(rest)`") }
        let parts = hashes.split(whereSeparator: \.isWhitespace)
        guard !parts.isEmpty else { throw Problem(message: "integrity hash cannot be empty") }
        for part in parts {
            let options = part.split(separator: "?", omittingEmptySubsequences: false)
            guard let dash = options[0].firstIndex(of: "-") else {
                throw Problem(message: "expected `-` after hash algorithm")
            }
            guard ["sha256", "sha384", "sha512"].contains(options[0][..<dash]) else {
                throw Problem(message: "unrecognized hash algorithm: `\(options[0][..<dash])`")
            }
            let digest = options[0][options[0].index(after: dash)...]
            let body =
                digest.drop { $0 != "=" }.isEmpty ? digest : digest[..<(digest.firstIndex(of: "=") ?? digest.endIndex)]
            let padding = digest[body.endIndex...]
            let isBase64 = body.utf8.allSatisfy { byte in
                let letter = byte | 0x20
                return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "+")
                    || byte == UInt8(ascii: "/")
            }
            guard !body.isEmpty, isBase64, padding.count <= 2, padding.allSatisfy({ $0 == "=" }) else {
                throw Problem(message: "not valid base64: `\(digest)`")
            }
        }
    }

    private static func package(_ text: Substring) throws(Problem) -> Substring {
        let name = text.prefix { $0 != "@" }
        guard let colon = name.firstIndex(of: ":") else {
            throw Problem(message: "`\(name)` has no `:` after a namespace")
        }
        try Label.check(name[..<colon], allowsAcronyms: false)
        try Label.check(name[name.index(after: colon)...], allowsAcronyms: false)
        return text[name.endIndex...]
    }

    private static func locked(_ text: Substring) throws(Problem) {
        let (inside, rest) = try self.bracketed(text)
        let version = try self.package(inside)
        if !version.isEmpty { try VersionText.check(version.dropFirst()) }
        try self.optionalHash(rest)
    }

    /// A package with a range of versions; the range may hold the `>` of `>=`.
    private static func unlocked(_ text: Substring) throws(Problem) {
        guard text.last == ">" else { throw Problem(message: "failed to find `>`") }
        let range = try self.package(text.dropLast())
        if range.isEmpty || range == "@*" { return }
        guard range.hasPrefix("@{"), range.hasSuffix("}") else { throw Problem(message: "expected `@*` or `@{…}`") }
        var bounds = range.dropFirst(2).dropLast()[...]
        if bounds.hasPrefix(">=") {
            let lower = bounds.dropFirst(2).prefix { $0 != " " }
            try VersionText.check(lower)
            bounds = bounds[lower.endIndex...]
            if bounds.isEmpty { return }
            bounds = bounds.dropFirst()
        }
        guard bounds.hasPrefix("<") else { throw Problem(message: "expected `>=` or `<` at start of version range") }
        try VersionText.check(bounds.dropFirst())
    }
}
