/// A version by the rules of semver.org 2.0.0.
package struct SemanticVersion: Sendable, Hashable, CustomStringConvertible {
    package let major: UInt64
    package let minor: UInt64
    package let patch: UInt64
    /// What follows `-`; empty for a release.
    package let prerelease: String

    private init(major: UInt64, minor: UInt64, patch: UInt64, prerelease: String) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
    }

    /// Reads `1.2.3`, `1.2.3-rc.1`, `1.2.3+build`; nil for anything else.
    package init?(_ text: String) {
        guard let parts = Self.parts(of: text, isPartial: false), let minor = parts.minor, let patch = parts.patch
        else {
            return nil
        }
        self.init(major: parts.major, minor: minor, patch: patch, prerelease: parts.prerelease)
    }

    /// Versions of the same range may stand for each other.
    var compatibilityRange: SemanticVersion {
        guard self.prerelease.isEmpty else { return self }
        if self.major > 0 { return SemanticVersion(major: self.major, minor: 0, patch: 0, prerelease: "") }
        return SemanticVersion(
            major: 0, minor: self.minor, patch: self.minor > 0 ? 0 : self.patch, prerelease: "")
    }

    package var description: String {
        "\(self.major).\(self.minor).\(self.patch)" + (self.prerelease.isEmpty ? "" : "-\(self.prerelease)")
    }

    /// The parts of a version, or of one whose last parts may be missing or wildcards.
    static func parts(
        of text: String, isPartial: Bool
    ) -> (major: UInt64, minor: UInt64?, patch: UInt64?, prerelease: String)? {
        func isIdentifierList(_ text: Substring) -> Bool {
            text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            }
        }
        var rest = text[...]
        if let plus = rest.firstIndex(of: "+") {
            guard isIdentifierList(rest[rest.index(after: plus)...]) else { return nil }
            rest = rest[..<plus]
        }
        var prerelease = ""
        if let dash = rest.firstIndex(of: "-") {
            let identifiers = rest[rest.index(after: dash)...]
            guard isIdentifierList(identifiers) else { return nil }
            prerelease = String(identifiers)
            rest = rest[..<dash]
        }
        var numbers: [UInt64?] = []
        for part in rest.split(separator: ".", omittingEmptySubsequences: false) {
            if isPartial, !numbers.isEmpty, ["*", "x", "X"].contains(part) {
                numbers.append(nil)
                continue
            }
            let isPlain = part.utf8.allSatisfy(\.isDigit) && (part == "0" || !part.hasPrefix("0"))
            // A number behind a wildcard says nothing.
            guard isPlain, let number = UInt64(part), numbers.last.map({ $0 != nil }) ?? true else { return nil }
            numbers.append(number)
        }
        guard (isPartial ? 1...3 : 3...3).contains(numbers.count), let major = numbers.first.flatMap({ $0 }),
            prerelease.isEmpty || numbers.count == 3
        else { return nil }
        return (major, numbers.count > 1 ? numbers[1] : nil, numbers.count > 2 ? numbers[2] : nil, prerelease)
    }
}

/// The order of semver.org: a release comes after its pre-releases.
extension SemanticVersion: Comparable {
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        let (a, b) = ((left.major, left.minor, left.patch), (right.major, right.minor, right.patch))
        return a == b ? Self.order(left.prerelease, right.prerelease) < 0 : a < b
    }

    /// Below zero when the first pre-release comes before the second one, zero when they are the same.
    static func order(_ left: String, _ right: String) -> Int {
        if left == right { return 0 }
        if left.isEmpty || right.isEmpty { return left.isEmpty ? 1 : -1 }
        let (a, b) = (left.split(separator: "."), right.split(separator: "."))
        for (x, y) in zip(a, b) where x != y {
            switch (x.utf8.allSatisfy(\.isDigit), y.utf8.allSatisfy(\.isDigit)) {
            // Numbers of any length: the longer one is the greater.
            case (true, true): return (x.utf8.count, String(x)) < (y.utf8.count, String(y)) ? -1 : 1
            case (true, false): return -1
            case (false, true): return 1
            case (false, false): return Array(x.utf8).lexicographicallyPrecedes(Array(y.utf8)) ? -1 : 1
            }
        }
        return a.count < b.count ? -1 : 1
    }
}
