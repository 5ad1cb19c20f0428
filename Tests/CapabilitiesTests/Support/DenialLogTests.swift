import Capabilities
import Testing

/// What the operator reads about what a component was refused.
@Suite struct DenialLogTests {
    @Test(arguments: [
        ("cache", "\"cache\""), ("a\"b\n", "\"a\\\"b\\n\""), ("", "\"\""),
        (String(repeating: "x", count: 64), "\"" + String(repeating: "x", count: 64) + "\""),
        (String(repeating: "x", count: 65), "\"" + String(repeating: "x", count: 64) + "…\""),
        ("e" + String(repeating: "\u{301}", count: 100), "\"e" + String(repeating: "\u{301}", count: 63) + "…\""),
    ])
    func quotesNames(_ name: String, _ quoted: String) {
        #expect(DenialLog.quoted(name).unicodeScalars.elementsEqual(quoted.unicodeScalars))
    }

    /// What nobody reads is not made: a guest decides how often, and how long its names are.
    @Test func makesNoTextForNobody() {
        let log = LogCollector()
        let denials = DenialLog(component: "guest", logger: log.logger)
        var made = 0
        func text() -> String {
            made += 1
            return "the store"
        }
        for _ in 0..<100 { denials.report(text(), line: "x") }
        #expect(log.count == 10)
        #expect(made == 10)
        DenialLog(component: "guest", logger: nil).report(text(), line: "x")
        #expect(made == 10)
    }
}
