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
}
