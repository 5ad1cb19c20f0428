/// Checks versions (semver.org) in names.
package enum VersionText {
    private static let zero = UInt8(ascii: "0")
    private static let nine = UInt8(ascii: "9")

    static func check(_ text: Substring) throws(ExternName.Problem) {
        func problem(_ message: String) -> ExternName.Problem {
            ExternName.Problem(message: "`\(text)` is not a valid semver: \(message)")
        }
        guard !text.isEmpty else { throw problem("empty string, expected a semver version") }
        var rest = text.utf8[...]
        for (index, part) in ["major", "minor", "patch"].enumerated() {
            let digits = rest.prefix { (self.zero...self.nine).contains($0) }
            guard let first = digits.first else {
                guard let next = rest.first else {
                    throw problem("unexpected end of input while parsing \(part) version number")
                }
                throw problem(
                    "unexpected character '\(Character(UnicodeScalar(next)))' while parsing \(part) version number")
            }
            guard digits.count == 1 || first != self.zero else {
                throw problem("invalid leading zero in \(part) version number")
            }
            guard UInt64(Substring(digits)) != nil else {
                throw problem("value of \(part) version number exceeds 64 bits")
            }
            rest = rest[digits.endIndex...]
            guard index < 2 else { break }
            guard let next = rest.first else {
                throw problem("unexpected end of input while parsing \(part) version number")
            }
            guard next == UInt8(ascii: ".") else {
                throw problem(
                    "unexpected character '\(Character(UnicodeScalar(next)))' after \(part) version number")
            }
            rest = rest.dropFirst()
        }
        if rest.first == UInt8(ascii: "-") {
            let end = rest.firstIndex(of: UInt8(ascii: "+")) ?? rest.endIndex
            try self.identifiers(rest[..<end].dropFirst(), "pre-release", forbidsLeadingZeros: true, problem)
            rest = rest[end...]
        }
        if rest.first == UInt8(ascii: "+") {
            try self.identifiers(rest.dropFirst(), "build metadata", forbidsLeadingZeros: false, problem)
            rest = rest[rest.endIndex...]
        }
        if let next = rest.first {
            throw problem("unexpected character '\(Character(UnicodeScalar(next)))' after patch version number")
        }
    }

    private static func identifiers(
        _ text: Substring.UTF8View, _ what: String, forbidsLeadingZeros: Bool,
        _ problem: (String) -> ExternName.Problem
    ) throws(ExternName.Problem) {
        for part in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard !part.isEmpty else { throw problem("empty identifier segment in \(what) identifier") }
            var isNumber = true
            for byte in part {
                let isDigit = (self.zero...self.nine).contains(byte)
                isNumber = isNumber && isDigit
                let letter = byte | 0x20
                guard isDigit || byte == UInt8(ascii: "-") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                else {
                    throw problem("unexpected character in \(what) identifier")
                }
            }
            guard !forbidsLeadingZeros || !isNumber || part.count == 1 || part.first != self.zero else {
                throw problem("invalid leading zero in \(what) identifier")
            }
        }
    }

    /// `canonversion` of Explainer.md: the part of a version that says what it is compatible with.
    static func isCanonicalPrefix(_ text: Substring) -> Bool {
        if text == "0.0.0" { return true }
        func isNumber(_ text: Substring) -> Bool {
            text.first != "0" && !text.isEmpty && text.utf8.allSatisfy { (self.zero...self.nine).contains($0) }
        }
        if text.hasPrefix("0.0.") { return isNumber(text.dropFirst(4)) }
        return isNumber(text.hasPrefix("0.") ? text.dropFirst(2) : text)
    }
}
