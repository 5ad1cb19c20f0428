import Executor
import Testing

struct GuestReportTests {
    @Test(arguments: [
        ("no", "\"no\""),
        ("", "\"\""),
        ("größer 的", "\"größer 的\""),
        ("two\nlines\r\n\"of\" it", "\"two\\nlines\\r\\n\\\"of\\\" it\""),
        ("\u{1B}[2J\u{9B}2J", "\"\\u{1B}[2J\\u{009B}2J\""),
        ("a\u{202E}b\u{2028}c", "\"a\\u{202E}b\\u{2028}c\""),
    ])
    func quotesTextsOfGuests(text: String, quoted: String) {
        #expect(GuestReport.quoted(text) == quoted)
    }

    @Test(arguments: ["x", "\u{301}"]) func shortensTextsOfGuests(scalar: String) {
        let quoted = GuestReport.quoted("e" + String(repeating: scalar, count: 100_000))
        #expect(quoted == "\"e" + String(repeating: scalar, count: 255) + "…\"")
    }
}
