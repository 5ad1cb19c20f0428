import ComponentModel
import Testing

/// Which implementation serves which version of an interface.
@Suite struct HostRegistryTests {
    @Test(arguments: [
        ("0.2.0", true), ("0.2.9", true), ("0.2.10", true), ("0.2.0+build.5", true), ("0.3.0", false),
        ("0.1.9", false), ("0.2.0-rc-2023-11-10", false), ("0.3.0-rc.1", false), ("0.2.5-rc.1", true), ("1.0.0", false),
        ("0.2", false), ("", false), ("0.2.x", false), ("0.2.0.0", false), ("-0.2.0", false), ("0.+2.0", false),
        ("99999999999999999999.0.0", false),
    ])
    func rangesHoldTheirVersions(version: String, isServed: Bool) {
        #expect(VersionRange(from: "0.2.0", below: "0.3.0").contains(version) == isServed)
    }

    @Test func versionsHaveTheOrderOfSemanticVersioning() throws {
        let ordered = [
            "0.2.0-rc-2023-11-10", "0.2.0-rc-2023-12-05", "0.2.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
            "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0", "10.0.0",
        ]
        let versions = try ordered.map { try #require(SemanticVersion($0)) }
        for (index, version) in versions.enumerated() {
            for later in versions[(index + 1)...] {
                #expect(version < later)
                #expect(!(later < version))
            }
        }
    }

    private static func interface(_ name: String, _ versions: [VersionRange], _ functions: [String]) -> HostInterface {
        HostInterface(
            name: name, versions: versions,
            resources: ["r": HostResourceType(interface: name, name: "r")],
            functions: functions.map { HostFunction(name: $0, signature: "()") { _ in } })
    }

    private let registry = HostRegistry(
        [
            Self.interface("a:b/c", [VersionRange(from: "1.0.0", below: "2.0.0")], ["old"]),
            Self.interface("a:b/c", [VersionRange(from: "2.0.0", below: "3.0.0")], ["new"]),
            Self.interface("a:b/plain", [], ["f"]),
            Self.interface("later:x/y", [VersionRange(from: "1.0.0", below: "2.0.0")], ["f"]),
        ], announced: ["later:"])

    @Test(arguments: [
        ("a:b/c", "1.5.0", "old", "function"), ("a:b/c", "2.5.0", "new", "function"),
        ("a:b/c", "2.5.0", "old", "unknown function"), ("a:b/c", "3.0.0", "new", "unknown version"),
        ("a:b/c", nil, "new", "unknown version"), ("a:b/plain", nil, "f", "function"),
        ("a:b/plain", "1.0.0", "f", "unknown version"), ("a:b/d", "1.0.0", "f", "unknown interface"),
        ("later:x/y", "1.0.0", "f", "function"), ("later:x/y", "2.0.0", "f", "not yet"),
        ("later:z/z", "1.0.0", "f", "not yet"), ("laterz:z/z", "1.0.0", "f", "unknown interface"),
    ])
    func importsAreResolved(interface: String, version: String?, function: String, expected: String) {
        let found =
            switch self.registry.resolve(interface: interface, version: version, function: function) {
            case .function: "function"
            case .notProvidedYet: "not yet"
            case .unknownInterface: "unknown interface"
            case .unknownVersion: "unknown version"
            case .unknownFunction: "unknown function"
            }
        #expect(found == expected)
    }

    @Test func resourcesAreTheSameInAllVersions() {
        let old = self.registry.resource(interface: "a:b/c", version: "1.0.0", name: "r")
        #expect(old != nil)
        #expect(old == self.registry.resource(interface: "a:b/c", version: "2.0.0", name: "r"))
        #expect(old != self.registry.resource(interface: "a:b/plain", version: nil, name: "r"))
        #expect(self.registry.resource(interface: "a:b/c", version: "3.0.0", name: "r") == nil)
    }
}
