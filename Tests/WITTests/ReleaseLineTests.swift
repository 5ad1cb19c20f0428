import ComponentModel
import Testing
import WIT

/// The generator and the planner each say how versions mark resources: they must say the same.
@Suite struct ReleaseLineTests {
    @Test(arguments: [
        ("0.0.1", ""), ("0.1.9", ""), ("0.2.0", ""), ("0.2.10", ""), ("0.2.0-draft2", ""), ("0.3.0", "@0.3"),
        ("0.3.0-rc-2026-03-15", "@0.3"), ("0.30.1", "@0.30"), ("0.4.0", "@0.4"), ("1.0.0", "@1"), ("2.3.4", "@2"),
        ("10.0.0", "@10"),
    ])
    func bothSaySo(version: String, line: String) throws {
        let parsed = try #require(try Parser.parse("package a:b@\(version);", path: "v.wit").packageName?.version)
        #expect(parsed.resourceLine == line)
        #expect(VersionText.resourceLine(version) == line)
    }
}
