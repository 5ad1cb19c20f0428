import HTTP
import NIOCore
import Testing

@Suite struct HTTPFieldsTests {
    @Test func comparesNamesWithoutCase() {
        var fields = HTTPFields()
        fields.append("X-One", "1")
        fields.append("x-two", "2")
        fields.append("x-ONE", "3")
        #expect(fields.count == 3)
        #expect(fields.name(at: 0) == "x-one")
        let raw = fields.withRawName(at: 0) { String(decoding: $0, as: UTF8.self) }
        #expect(raw == "X-One")
        #expect(fields.first("X-ONE") == "1")
        #expect(fields.all("x-one") == ["1", "3"])
        #expect(!fields.contains("x-on"))
        fields.removeAll("X-one")
        #expect(fields == ["x-two": "2"])
        fields.set("X-Two", "")
        #expect(fields == ["x-two": ""])
    }

    @Test(arguments: ["", "a b", "a:", "a\r", "é", "a\u{0}"]) func refusesNames(_ name: String) {
        var fields: HTTPFields = ["a": "b"]
        let isAccepted = fields.append(name, "v")
        #expect(!isAccepted)
        #expect(fields == ["a": "b"])
        #expect(throws: HTTPFieldError.self) { try fields.add(name: name.utf8, value: "v".utf8) }
    }

    @Test(arguments: ["a\r\nb", "a\n", "\u{0}", "12345678\u{1}", "1234567\r", "\u{7f}"])
    func refusesValues(_ value: String) {
        var fields: HTTPFields = ["a": "b"]
        let isAccepted = fields.append("n", value)
        #expect(!isAccepted)
        fields.append("n", "ok é\t")
        #expect(fields.value(at: 1) == "ok é\t")
    }

    @Test func keepsBytesThatAreNotUTF8() {
        var fields = HTTPFields()
        fields.append(name: "n".utf8, value: [0xff, 0x80])
        let bytes = fields.withValue(at: 0) { Array($0) }
        #expect(bytes == [0xff, 0x80])
    }

    @Test func wrongIndexGivesNothing() {
        let fields: HTTPFields = ["a": "b"]
        #expect(fields.name(at: 1).isEmpty)
        #expect(fields.value(at: -1).isEmpty)
        #expect(fields.firstIndex(of: "a", from: 5) == nil)
    }

    @Test func parsedFieldsCanBeChanged() {
        var parser = HTTP1RequestParser()
        var buffer = ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n")
        guard case .head(var head) = parser.next(&buffer) else {
            Issue.record("no head")
            return
        }
        let before = head.fields
        head.fields.append("y", "2")
        head.fields.removeAll("host")
        #expect(head.fields == ["x": "1", "y": "2"])
        #expect(before == ["host": "a", "x": "1"])
    }
}
