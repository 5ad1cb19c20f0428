import Testing
import WIT

@Suite struct SemanticVersionTests {
    @Test func ordersAsTheSpecificationSays() throws {
        let versions = [
            "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "1.10.0", "2.0.0",
        ]
        let parsed = try versions.map { version in
            try #require(try Parser.parse("package a:b@\(version);", path: "v.wit").packageName?.version)
        }
        #expect(parsed.map(\.description) == versions)
        #expect(parsed == parsed.sorted())
        #expect(zip(parsed, parsed.dropFirst()).allSatisfy(<))
    }
}
