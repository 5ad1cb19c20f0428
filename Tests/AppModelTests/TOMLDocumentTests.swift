import AppModel
import Testing

@Suite struct TOMLDocumentTests {
    @Test func keepsOrderAndPlaces() throws {
        let document = try TOMLDocument(
            """
            zebra = 1
            apple = "x"

            [table.inner]
            b = [ 1.5, true ]
            a = 1979-05-27T07:32:00Z
            [[list]]
            n = 1
              [[list]]
            n = 2
            """)
        #expect(document.root.entries.map(\.key) == ["zebra", "apple", "table", "list"])
        #expect(document.root.entry("apple")?.keyPosition == SourcePosition(line: 2, column: 1))
        #expect(document.root["apple"]?.position == SourcePosition(line: 2, column: 9))
        let inner = try #require(document.root["table"]?.table?["inner"])
        #expect(inner.table?.entries.map(\.key) == ["b", "a"])
        #expect(inner.position.line == 4)
        #expect(inner.table?["a"]?.kindInWords == "a date or time")
        let list = try #require(document.root["list"]?.array)
        #expect(list.map(\.position) == [SourcePosition(line: 7, column: 1), SourcePosition(line: 9, column: 3)])
    }

    @Test(arguments: [
        ("a = ", 1, 5), ("a = 1\nb = \"x\n", 2, 7), ("[a]\n[a]\n", 2, 1), ("a = 1\na = 2\n", 2, 5),
        ("x = [1, 2", 1, 10), ("\u{FEFF}a = =", 1, 5),
    ])
    func tellsWhereItIsWrong(text: String, line: Int, column: Int) {
        let error = #expect(throws: TOMLDocument.ParseError.self) { try TOMLDocument(text) }
        #expect(error?.position.line == line)
        #expect(abs((error?.position.column ?? 0) - column) <= 1, "\(String(describing: error))")
        #expect(error?.message.isEmpty == false)
    }

    /// Deep nesting would overflow the stack when it is freed: refused before it is parsed.
    @Test(arguments: [
        "[" + Array(repeating: "a", count: 100_000).joined(separator: ".") + "]",
        Array(repeating: "a", count: 100_000).joined(separator: ".") + " = 1",
        "x = " + String(repeating: "[", count: 100_000),
        "x = " + String(repeating: "{a=", count: 100_000),
        "x = \"\n" + Array(repeating: "a", count: 100_000).joined(separator: ".") + " = 1",
    ])
    func refusesDeepNesting(text: String) {
        #expect(throws: TOMLDocument.ParseError.self) { try TOMLDocument(text) }
    }

    @Test func dotsInStringsAndCommentsAreNoKeys() throws {
        let dots = String(repeating: ".", count: 500)
        let document = try TOMLDocument(
            "a = \"\(dots)\" # \(dots)\nb = '\(dots)'\nc = \"\"\"\n\(dots)\"\(dots)\\\"\"\"\"\nd = '''\(dots)\n\(dots)'''\ne = 1")
        #expect(document.root.entries.count == 5)
    }

    @Test func findsPlacesInsideValues() throws {
        let document = try TOMLDocument("a = \"x {{ one }} {{  two }}\"\nb = \"\"\"\nx\n {{three}}\"\"\"")
        let a = try #require(document.root["a"])
        let b = try #require(document.root["b"])
        let isSpace: (Unicode.Scalar) -> Bool = { $0 == " " }
        #expect(document.position(of: "{{", occurrence: 0, in: a, skipping: isSpace) == SourcePosition(line: 1, column: 11))
        #expect(document.position(of: "{{", occurrence: 1, in: a, skipping: isSpace) == SourcePosition(line: 1, column: 22))
        #expect(document.position(of: "{{", occurrence: 0, in: b, skipping: isSpace) == SourcePosition(line: 4, column: 4))
    }
}
