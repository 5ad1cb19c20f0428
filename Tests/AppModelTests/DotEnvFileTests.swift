import AppModel
import Testing

@Suite struct DotEnvFileTests {
    @Test(arguments: [
        ("A=b", "b"), ("  A = b  ", "b"), ("export A=b", "b"), ("A=", ""), ("A=b # comment", "b"), ("A=b#c", "b#c"),
        ("A='x $Y \\n'", "x $Y \\n"), ("A=\"x\\ny\"", "x\ny"), ("A=\"a \\\"b\\\" # c\"", "a \"b\" # c"),
        ("B=1\nA=$B-${B}", "1-1"), ("A=$HOME", "/home"), ("A=$none", ""), ("A=\\$B", "$B"), ("A=$", "$"),
        ("A=\"two\nlines\"", "two\nlines"), ("A=1\nA=2", "2"), ("# A=1\n\nA=2\r\n", "2"), ("A=a\"b\"'c'", "abc"),
        ("A=\" x \"", " x "),
    ])
    func values(text: String, expected: String) {
        let file = DotEnvFile(text, environment: ["HOME": "/home"])
        #expect(file.values["A"] == expected)
        #expect(file.malformedLines.isEmpty)
    }

    @Test func tellsWhatItCannotRead() {
        let file = DotEnvFile("A=1\nnonsense\nB C=1\nD=\"open\nE=2", environment: [:])
        #expect(file.values == ["A": "1"])
        #expect(file.malformedLines == [2, 3, 4])
    }
}
