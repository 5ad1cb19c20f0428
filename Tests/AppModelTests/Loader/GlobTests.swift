import AppLoader
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("*.txt", "a.txt", true), ("*.txt", "a.txt.gz", false), ("*", ".hidden", true), ("*", "", true),
        ("a?c", "abc", true), ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false),
        ("[!a-c]x", "dx", true), ("[]]", "]", true), ("[a-]", "-", true), ("a*b*c", "a1b2c", true),
        ("a*b*c", "ac", false),
        ("dir/*", "dir/a", true), ("dir/**/*.map", "dir/a.map", true), ("dir/**/*.map", "dir/x/y/a.map", true),
        ("dir/**/*.map", "other/a.map", false), ("**/a", "a", true), ("**/a", "x/y/a", true), ("**/a", "xa", false),
        ("dir/**", "dir/x/y", true), ("**/**/a", "b/a", true), ("ä*", "äö", true),
    ])
    func matches(pattern: String, text: String, expected: Bool) throws {
        #expect(try Glob(pattern).matches(text) == expected)
        #expect(try Glob(pattern).matches(text, separated: true) == expected)
    }

    /// In `exclude_files` a star crosses slashes, in `files` it does not.
    @Test(arguments: [("*.map", "a/b.map"), ("a?b", "a/b"), ("a[/]b", "a/b"), ("dir/*", "dir/x/y")])
    func starsAndSlashes(pattern: String, text: String) throws {
        #expect(try Glob(pattern).matches(text))
        #expect(try !Glob(pattern).matches(text, separated: true))
    }

    @Test(arguments: ["a**", "**a", "a/b**/c", "[abc", "["])
    func refuses(pattern: String) {
        #expect(throws: Glob.ParseError.self) { try Glob(pattern) }
    }

    @Test(.timeLimit(.minutes(1)))
    func costsNoExponentialTime() throws {
        let glob = try Glob(String(repeating: "*a", count: 50) + "b")
        #expect(!glob.matches(String(repeating: "a", count: 2000)))
    }
}
