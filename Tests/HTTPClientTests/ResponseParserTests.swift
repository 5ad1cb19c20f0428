import HTTP
import HTTPClient
import NIOCore
import Testing

/// The response parser on whole and cut inputs.
@Suite struct ResponseParserTests {
    /// Everything the parser makes of `text`, fed in pieces of `size` bytes; body pieces are joined.
    private func parse(_ text: String, size: Int, isHead: Bool = false, closes: Bool = false) -> String {
        var parser = HTTP1ResponseParser()
        parser.begin(isHeadRequest: isHead)
        var result = ""
        var body = ""
        var buffer = ByteBuffer()
        let bytes = Array(text.utf8)
        func take(_ event: HTTP1ResponseParser.Event) -> Bool {
            switch event {
            case .needMore: return false
            case .informational(let status): result += "<\(status)>"
            case .head(let head):
                result += "\(head.status) \(head.framing) \(head.isKeepAlive ? "keep" : "close")"
            case .body(let slice): body += String(buffer: slice)
            case .end(let trailers):
                result += " [\(body)]" + (trailers.map { " {\($0)}" } ?? "")
                return false
            case .failure(let error):
                result += " ! \(error)"
                return false
            }
            return true
        }
        for start in stride(from: 0, to: bytes.count, by: size) {
            buffer.writeBytes(bytes[start..<min(start + size, bytes.count)])
            while take(parser.next(&buffer)) {}
        }
        if closes { _ = take(parser.close()) }
        return result
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var result: String
        var isHead = false
        var closes = false
        var testDescription: String { self.text.debugDescription }
    }

    static let good: [Case] = [
        Case(text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", result: "200 length(5) keep [hello]"),
        Case(text: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", result: "200 length(0) keep []"),
        Case(
            text: "HTTP/1.1 200 \r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nab", result: "200 length(2) keep [ab]"
        ),
        Case(text: "HTTP/1.1 204 No\r\ncontent-length: 7\r\n\r\n", result: "204 none keep []"),
        Case(text: "HTTP/1.1 304 No\r\n\r\n", result: "304 none keep []"),
        Case(text: "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", result: "200 none keep []", isHead: true),
        Case(
            text: "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nrest", result: "200 untilClose close [rest]",
            closes: true),
        Case(text: "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", result: "200 length(1) close [x]"),
        Case(
            text: "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\nx",
            result: "200 length(1) keep [x]"),
        Case(
            text:
                "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3;a=\"b\"\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
            result: "200 chunked keep [abc0123456789]"),
        Case(
            text:
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-sum: 1\r\ncontent-length: 4\r\n\r\n",
            result: "200 chunked keep [a] {x-sum: 1}"),
        Case(
            text:
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nz",
            result: "<100><103>200 length(1) keep [z]"),
    ]

    @Test(arguments: good) func parses(_ item: Case) {
        for size in [1, 2, 3, 7, 4096] {
            #expect(self.parse(item.text, size: size, isHead: item.isHead, closes: item.closes) == item.result)
        }
    }

    static let bad: [String] = [
        "HTTP/1.1 200 OK\ncontent-length: 0\n\n",
        "HTTP/1.1 200 OK\r\na: b\rc\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 3, 4\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: +3\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\na : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\na: \u{1}\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 099 No\r\n\r\n", "http/1.1 200 OK\r\n\r\n", "SSH-2.0-x\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\na\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1000000000000000\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0x1\r\na\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n 1\r\na\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n",
    ]

    @Test(arguments: bad) func refuses(_ text: String) {
        let whole = self.parse(text, size: 4096)
        #expect(whole.contains("!"))
        #expect(self.parse(text, size: 1).contains("!"))
    }

    @Test func refusesBytesWithoutRequest() {
        var parser = HTTP1ResponseParser()
        parser.begin(isHeadRequest: false)
        var buffer = ByteBuffer(string: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1 200 smuggled\r\n\r\n")
        guard case .head = parser.next(&buffer), case .end = parser.next(&buffer) else {
            Issue.record("the first response was not parsed")
            return
        }
        guard case .failure(.protocolError) = parser.next(&buffer) else {
            Issue.record("a second response was accepted")
            return
        }
    }

    @Test func boundsHeads() {
        let long = "HTTP/1.1 200 OK\r\na: " + String(repeating: "x", count: 70_000)
        #expect(self.parse(long, size: 4096).contains("larger than 65536"))
        let many = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 200)
        #expect(self.parse(many, size: 4096).contains("!"))
        let endless = String(repeating: "HTTP/1.1 103 Hints\r\n\r\n", count: 100)
        #expect(self.parse(endless, size: 4096).contains("without end"))
    }

    @Test(arguments: [
        ("", ClientError.connectionTerminated), ("HTTP/1.1 2", .responseIncomplete),
        ("HTTP/1.1 100 C\r\n\r\n", .responseIncomplete),
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc", .responseIncomplete),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n", .responseIncomplete),
    ])
    func noticesEarlyEnds(_ text: String, _ error: ClientError) {
        #expect(self.parse(text, size: 4096, closes: true).contains("\(error)"))
    }
}
