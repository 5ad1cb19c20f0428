import Testing
import Wast

/// Reading S-expressions.
@Suite struct FormReaderTests {
    private func read(_ text: String) throws(TextError) -> [Form] { try FormReader.read(Array(text.utf8)) }

    @Test func readsNestedLists() throws {
        let forms = try self.read("(a (b \"c\") $d) e")
        #expect(forms.map(\.range) == [0..<14, 15..<16])
        #expect(forms[0].members?.map(\.keyword) == [nil, "b", nil])
        #expect(forms[0].members?.last?.identifier == "d")
        #expect(forms[1].atom == "e")
    }

    @Test func leavesCommentsAndAnnotationsOut() throws {
        let forms = try self.read("(a ;; (b\n (; (c \" ;) d (@custom \"x\" (y))) (; (; ;) ;)")
        #expect(forms.count == 1)
        #expect(forms[0].members?.map(\.atom) == ["a", "d"])
    }

    @Test(
        arguments: [
            ("\"\"", []), ("\"a\\n\\t\\r\"", [0x61, 0x0A, 0x09, 0x0D]), ("\"\\00\\fF\"", [0x00, 0xFF]),
            ("\"\\\"\\'\\\\\"", [0x22, 0x27, 0x5C]), ("\"\\u{1F642}\"", [0xF0, 0x9F, 0x99, 0x82]),
            ("\"(;)\"", [0x28, 0x3B, 0x29]),
        ] as [(String, [UInt8])])
    func resolvesEscapes(text: String, bytes: [UInt8]) throws {
        #expect(try self.read(text).first?.string == bytes)
    }

    @Test func knowsLines() {
        let file = SourceFile(name: "f", bytes: Array("a\nbc\n\nd".utf8))
        #expect((0...6).map(file.line(of:)) == [1, 1, 2, 2, 2, 3, 4])
    }

    /// The assembler's messages have the lines and columns of the file.
    @Test func keepsThePlaceOfAPart() {
        let file = SourceFile(name: "f", bytes: Array("x\n  (component definition $a)".utf8))
        let text = String(decoding: file.text(4..<29, blanks: [15..<25]), as: UTF8.self)
        #expect(text == "\n  (component            $a)")
    }
}
