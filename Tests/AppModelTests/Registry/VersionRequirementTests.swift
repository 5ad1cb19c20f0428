import AppModel
import Testing

@Suite struct VersionRequirementTests {
    /// As `semver` 1.0 of Rust decides.
    @Test(arguments: [
        ("1.2.3", ["1.2.3", "1.2.4", "1.9.0"], ["1.2.2", "2.0.0", "1.3.0-rc.1"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2", "1.0.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4", "0.0.2"]),
        ("1", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0"]),
        ("0", ["0.0.1", "0.9.9"], ["1.0.0"]),
        ("0.0", ["0.0.1"], ["0.1.0"]),
        ("1.2", ["1.2.0", "1.3.0"], ["1.1.9", "2.0.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]),
        ("~1.2", ["1.2.0"], ["1.3.0"]),
        ("~1", ["1.9.0"], ["2.0.0"]),
        ("=1.2.3", ["1.2.3"], ["1.2.4", "1.2.3-rc.1"]),
        ("=1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("1.*", ["1.0.0", "1.7.0"], ["2.0.0"]),
        ("1.2.*", ["1.2.7"], ["1.3.0"]),
        ("*", ["0.0.1", "9.9.9"], ["1.0.0-rc.1"]),
        (">1.2", ["1.3.0", "2.0.0"], ["1.2.9"]),
        (">=1.2", ["1.2.0"], ["1.1.9"]),
        ("<1.2", ["1.1.9"], ["1.2.0"]),
        ("<=1.2", ["1.2.9"], ["1.3.0"]),
        (">=0.1.0, <0.3", ["0.1.0", "0.2.9"], ["0.3.0", "0.0.9"]),
        ("1.2.3-rc.1", ["1.2.3-rc.1", "1.2.3-rc.2", "1.2.3", "1.4.0"], ["1.2.3-beta", "1.2.4-rc.2"]),
        (">=1.0.0-alpha", ["1.0.0-alpha.1", "1.0.0"], ["1.0.1-alpha"]),
    ])
    func matches(text: String, good: [String], bad: [String]) throws {
        let requirement = try #require(VersionRequirement(text))
        for version in good { #expect(requirement.matches(try #require(SemanticVersion(version))), "\(version)") }
        for version in bad { #expect(!requirement.matches(try #require(SemanticVersion(version))), "\(version)") }
    }

    @Test(arguments: ["", "a", "1.2.3.4", "^^1", "1,,2", "1 2", "*, 1", ">", "1.*.3", "01"])
    func refuses(text: String) {
        #expect(VersionRequirement(text) == nil)
    }

    @Test func exactlyOneVersion() throws {
        let version = try #require(SemanticVersion("1.2.3-rc.1"))
        let requirement = VersionRequirement(exactly: version)
        #expect(requirement.matches(version))
        #expect(!requirement.matches(try #require(SemanticVersion("1.2.3"))))
    }

    /// The order in semver.org, section 11.
    @Test func ordersVersions() throws {
        let sorted = [
            "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "2.0.0", "10.0.0",
        ].compactMap { SemanticVersion($0) }
        #expect(sorted.shuffled().sorted() == sorted)
    }
}
