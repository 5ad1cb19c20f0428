/// A version as in Semantic Versioning 2.0.
package struct SemanticVersion: Hashable, Sendable, CustomStringConvertible {
    package let major: UInt64
    package let minor: UInt64
    package let patch: UInt64
    /// What follows `-`, empty in a release.
    package let prerelease: String
    /// What follows `+`; says nothing about order.
    package let build: String

    package init(_ major: UInt64, _ minor: UInt64, _ patch: UInt64, prerelease: String = "", build: String = "") {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
        self.build = build
    }

    package var description: String {
        var text = "\(self.major).\(self.minor).\(self.patch)"
        if !self.prerelease.isEmpty { text += "-\(self.prerelease)" }
        if !self.build.isEmpty { text += "+\(self.build)" }
        return text
    }

    /// Reads a version at the beginning of `text`.
    ///
    /// Stops before a `.` that no version character follows, as in `use a:b/c@1.0.0.{d}`.
    /// - Returns: the version and how many bytes it takes, nil when there is none.
    static func read(_ text: ArraySlice<UInt8>) -> (version: SemanticVersion, length: Int)? {
        var position = text.startIndex
        var numbers: [UInt64] = []
        while numbers.count < 3 {
            if !numbers.isEmpty {
                guard position < text.endIndex, text[position] == UInt8(ascii: ".") else { return nil }
                position += 1
            }
            let start = position
            while position < text.endIndex, Self.isDigit(text[position]) { position += 1 }
            let digits = text[start..<position]
            guard let number = UInt64(String(decoding: digits, as: UTF8.self)),
                digits.count == 1 || digits.first != UInt8(ascii: "0")
            else { return nil }
            numbers.append(number)
        }
        var suffixes = ["", ""]
        for (index, mark) in [UInt8(ascii: "-"), UInt8(ascii: "+")].enumerated() {
            guard position < text.endIndex, text[position] == mark else { continue }
            let start = position + 1
            var end = start
            while end < text.endIndex {
                let isDot = text[end] == UInt8(ascii: ".")
                let dotContinues = isDot && end > start && end + 1 < text.endIndex && Self.isWord(text[end + 1])
                guard Self.isWord(text[end]) || dotContinues else { break }
                end += 1
            }
            guard end > start else { return nil }
            suffixes[index] = String(decoding: text[start..<end], as: UTF8.self)
            position = end
        }
        let version = SemanticVersion(
            numbers[0], numbers[1], numbers[2], prerelease: suffixes[0], build: suffixes[1])
        return (version, position - text.startIndex)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        self.isDigit(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
    }
}

extension SemanticVersion {
    /// What compatible versions have in common: `2`, `0.3`, `0.0.4`. A pre-release goes with its release.
    package var releaseLine: String {
        switch (self.major, self.minor) {
        case (0, 0): "0.0.\(self.patch)"
        case (0, let minor): "0.\(minor)"
        case (let major, _): "\(major)"
        }
    }

    /// What the version adds to the identity of resources: `@0.3`, `@2`; nothing up to 0.2.
    ///
    /// The planner of components says the same, which a test compares: see `VersionText.resourceLine` of the target
    /// ComponentModel.
    package var resourceLine: String { self.major == 0 && self.minor < 3 ? "" : "@\(self.releaseLine)" }

    /// The number that tells release lines of one package apart: 2 of 2.1.0, 3 of 0.3.0.
    var lineNumber: UInt64 { self.major > 0 ? self.major : self.minor > 0 ? self.minor : self.patch }
}

extension SemanticVersion: Comparable {
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        let numbers = [(left.major, right.major), (left.minor, right.minor), (left.patch, right.patch)]
        for (a, b) in numbers where a != b { return a < b }
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return !left.prerelease.isEmpty && right.prerelease.isEmpty
        }
        let leftWords = left.prerelease.split(separator: ".")
        let rightWords = right.prerelease.split(separator: ".")
        for (a, b) in zip(leftWords, rightWords) where a != b {
            switch (UInt64(a), UInt64(b)) {
            case (let x?, let y?): return x < y
            case (_?, nil): return true
            case (nil, _?): return false
            case (nil, nil): return a < b
            }
        }
        return leftWords.count < rightWords.count
    }
}
