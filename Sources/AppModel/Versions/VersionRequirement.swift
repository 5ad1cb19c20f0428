/// Which versions will do, as Rust's `semver` writes it: `1.2`, `^1.2.3`, `>=0.1.0, <0.3`, `1.*`, `*`.
package struct VersionRequirement: Sendable, Hashable, CustomStringConvertible {
    fileprivate enum Operation: Sendable, Hashable {
        case exact, greater, greaterOrEqual, less, lessOrEqual, tilde, caret
    }

    fileprivate struct Comparator: Sendable, Hashable {
        var operation: Operation
        var major: UInt64
        var minor: UInt64?
        var patch: UInt64?
        var prerelease: String
    }

    package let description: String
    /// All must hold; none for `*`.
    private let comparators: [Comparator]

    package init?(_ text: String) {
        self.description = text
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        if parts.count == 1, ["*", "x", "X"].contains(text.trimmingWhitespace()) {
            self.comparators = []
            return
        }
        var comparators: [Comparator] = []
        for part in parts {
            guard let comparator = Self.comparator(part.trimmingWhitespace()) else { return nil }
            comparators.append(comparator)
        }
        self.comparators = comparators
    }

    /// This version and no other one.
    package init(exactly version: SemanticVersion) {
        self.description = version.description
        self.comparators = [
            Comparator(
                operation: .exact, major: version.major, minor: version.minor, patch: version.patch,
                prerelease: version.prerelease)
        ]
    }

    private static func comparator(_ text: String) -> Comparator? {
        let marks: [(String, Operation)] = [
            (">=", .greaterOrEqual), ("<=", .lessOrEqual), ("=", .exact), (">", .greater), ("<", .less), ("^", .caret),
            ("~", .tilde),
        ]
        let mark = marks.first { text.hasPrefix($0.0) }
        let version = mark.map { String(text.dropFirst($0.0.utf8.count)).trimmingWhitespace() } ?? text
        guard let parts = SemanticVersion.parts(of: version, isPartial: true) else { return nil }
        let hasWildcard = version.split(separator: ".").contains { ["*", "x", "X"].contains($0) }
        return Comparator(
            operation: mark?.1 ?? (hasWildcard ? .exact : .caret), major: parts.major, minor: parts.minor,
            patch: parts.patch, prerelease: parts.prerelease)
    }

    /// Whether a version will do. A pre-release only does where one of the same release is named.
    package func matches(_ version: SemanticVersion) -> Bool {
        guard self.comparators.allSatisfy({ $0.matches(version) }) else { return false }
        return version.prerelease.isEmpty
            || self.comparators.contains {
                !$0.prerelease.isEmpty && $0.major == version.major && $0.minor == version.minor
                    && $0.patch == version.patch
            }
    }
}

extension VersionRequirement.Comparator {
    fileprivate func matches(_ version: SemanticVersion) -> Bool {
        switch self.operation {
        case .exact: self.isExact(version)
        case .greater: self.isBelow(version)
        case .greaterOrEqual: self.isExact(version) || self.isBelow(version)
        case .less: self.isAbove(version)
        case .lessOrEqual: self.isExact(version) || self.isAbove(version)
        case .tilde: self.isTilde(version)
        case .caret: self.isCaret(version)
        }
    }

    private func isExact(_ version: SemanticVersion) -> Bool {
        self.major == version.major && self.minor ?? version.minor == version.minor
            && self.patch ?? version.patch == version.patch && self.prerelease == version.prerelease
    }

    private func isBelow(_ version: SemanticVersion) -> Bool {
        if version.major != self.major { return version.major > self.major }
        guard let minor = self.minor else { return false }
        if version.minor != minor { return version.minor > minor }
        guard let patch = self.patch else { return false }
        if version.patch != patch { return version.patch > patch }
        return SemanticVersion.order(version.prerelease, self.prerelease) > 0
    }

    private func isAbove(_ version: SemanticVersion) -> Bool {
        if version.major != self.major { return version.major < self.major }
        guard let minor = self.minor else { return false }
        if version.minor != minor { return version.minor < minor }
        guard let patch = self.patch else { return false }
        if version.patch != patch { return version.patch < patch }
        return SemanticVersion.order(version.prerelease, self.prerelease) < 0
    }

    private func isTilde(_ version: SemanticVersion) -> Bool {
        guard version.major == self.major, self.minor ?? version.minor == version.minor else { return false }
        if let patch = self.patch, version.patch != patch { return version.patch > patch }
        return SemanticVersion.order(version.prerelease, self.prerelease) >= 0
    }

    private func isCaret(_ version: SemanticVersion) -> Bool {
        guard version.major == self.major else { return false }
        guard let minor = self.minor else { return true }
        guard let patch = self.patch else {
            return self.major > 0 ? version.minor >= minor : version.minor == minor
        }
        if self.major > 0 {
            if version.minor != minor { return version.minor > minor }
            if version.patch != patch { return version.patch > patch }
        } else if minor > 0 {
            guard version.minor == minor else { return false }
            if version.patch != patch { return version.patch > patch }
        } else {
            guard version.minor == minor, version.patch == patch else { return false }
        }
        return SemanticVersion.order(version.prerelease, self.prerelease) >= 0
    }
}
