import HTTP
import Testing

/// Requests that must not get through, each with the status that answers it.
@Suite struct MalformedRequestTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        var status = 400
        var testDescription: String { self.name }

        init(_ name: String, _ text: String, _ status: Int = 400) {
            self.name = name
            self.text = text
            self.status = status
        }

        /// A request with one more header line.
        init(header: String, _ status: Int = 400) {
            self.init("header \(header.debugDescription)", "POST / HTTP/1.1\r\nHost: a\r\n\(header)\r\n\r\n", status)
        }

        /// A chunked request with that body.
        init(chunks: String, _ status: Int = 400) {
            self.init(
                "chunks \(chunks.debugDescription)",
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)", status)
        }
    }

    static let requestLines = [
        Case("TLS client hello", "\u{16}\u{3}\u{1}"),
        Case("leading blank", " GET / HTTP/1.1\r\n"),
        Case("leading line feed", "\nGET / HTTP/1.1\r\n"),
        Case("leading CR alone", "\rGET / HTTP/1.1\r\n"),
        Case("endless empty lines", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n"),
        Case("no target", "GET\r\n"),
        Case("no version", "GET /\r\n"),
        Case("no version, blank", "GET / \r\n"),
        Case("two blanks before the target", "GET  / HTTP/1.1\r\n"),
        Case("two blanks after the target", "GET /  HTTP/1.1\r\n"),
        Case("tab as a separator", "GET\t/\tHTTP/1.1\r\n"),
        Case("blank at the end", "GET / HTTP/1.1 \r\n"),
        Case("invalid method", "GE(T / HTTP/1.1\r\n"),
        Case("long method", String(repeating: "M", count: 65) + " / HTTP/1.1\r\n", 501),
        Case("bare line feed", "GET / HTTP/1.1\nHost: a\n\n"),
        Case("bare CR", "GET / HTTP/1.1\rHost: a\r\n"),
        Case("CR twice", "GET / HTTP/1.1\r\r\n"),
        Case("NUL in the target", "GET /\u{0} HTTP/1.1\r\n"),
        Case("DEL in the target", "GET /\u{7f} HTTP/1.1\r\n"),
        Case("fragment", "GET /a#b HTTP/1.1\r\n"),
        Case("relative target", "GET a HTTP/1.1\r\n"),
        Case("asterisk for GET", "GET * HTTP/1.1\r\n"),
        Case("authority form", "GET example.com:80 HTTP/1.1\r\n"),
        Case("CONNECT", "CONNECT example.com:443 HTTP/1.1\r\n", 501),
        Case("other scheme", "GET ftp://a/ HTTP/1.1\r\n"),
        Case("empty authority", "GET http:///a HTTP/1.1\r\n"),
        Case("userinfo", "GET http://user@a/ HTTP/1.1\r\n"),
        Case("lowercase version", "GET / http/1.1\r\n"),
        Case("HTTP/0.9", "GET / HTTP/0.9\r\n", 505),
        Case("HTTP/2", "PRI * HTTP/2.0\r\n", 505),
        Case("HTTP/1.10", "GET / HTTP/1.10\r\n"),
        Case("HTTP/11", "GET / HTTP/11\r\n"),
        Case("long target", "GET /" + String(repeating: "a", count: 16 * 1024) + " HTTP/1.1\r\n", 414),
        Case("endless request line", "GET /" + String(repeating: "a", count: 32 * 1024), 414),
    ]

    static let headers = [
        Case("no host", "GET / HTTP/1.1\r\n\r\n"),
        Case("host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
        Case("host twice in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"),
        Case("host that differs from the target's", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("host without the target's port", "GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("host with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
        Case("host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        Case("host with userinfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        Case("no host in the host field", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        Case("port alone", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n"),
        Case("two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n"),
        Case("port of letters", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"),
        Case("port too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"),
        Case("bracket not closed", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
        Case("bracket not opened", "GET / HTTP/1.1\r\nHost: ::1]\r\n\r\n"),
        Case("nothing in brackets", "GET / HTTP/1.1\r\nHost: []:80\r\n\r\n"),
        Case("name in brackets", "GET / HTTP/1.1\r\nHost: [name]\r\n\r\n"),
        Case("text behind brackets", "GET / HTTP/1.1\r\nHost: [::1]80\r\n\r\n"),
        Case("invalid host in 1.0", "GET / HTTP/1.0\r\nHost: a:b\r\n\r\n"),
        Case("target with a port alone", "GET http://:80/ HTTP/1.0\r\n\r\n"),
        Case("host list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        Case("first line folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"),
        Case(header: "X: a\r\n b"),
        Case(header: "X: a\r\n\tb"),
        Case(header: "X : a"),
        Case(header: "X\t: a"),
        Case(header: ": a"),
        Case(header: "X"),
        Case(header: "X Y: a"),
        Case(header: "X\u{0}: a"),
        Case(header: "X(: a"),
        Case(header: "é: a"),
        Case(header: "X: a\u{0}b"),
        Case(header: "X: a\rb"),
        Case(header: "X: a\nY: b"),
        Case(header: "X: 12345678\u{7f}"),
        Case(header: "X: 1234567\u{1}89"),
        Case(header: "X: a\r"),
        Case(header: "Expect: 200-maybe", 417),
        Case(header: "Expect: 100-continue, x", 417),
        Case(header: "X: " + String(repeating: "a", count: 64 * 1024), 431),
        Case(header: "X: " + String(repeating: "a", count: 128 * 1024), 431),
        Case(header: String(repeating: "X: a\r\n", count: 128), 431),
    ]

    static let framings = [
        Case(header: "Content-Length: 1\r\nTransfer-Encoding: chunked"),
        Case(header: "Transfer-Encoding: chunked\r\nContent-Length: 1"),
        Case(header: "Content-Length: 0\r\nTransfer-Encoding: chunked"),
        Case(header: "Content-Length: 1\r\nContent-Length: 2"),
        Case(header: "Content-Length: 1\r\nContent-Length: 1"),
        Case(header: "Content-Length: 1, 1"),
        Case(header: "Content-Length: +1"),
        Case(header: "Content-Length: -1"),
        Case(header: "Content-Length: 0x1"),
        Case(header: "Content-Length: 1 2"),
        Case(header: "Content-Length:"),
        Case(header: "Content-Length: 1.0"),
        Case(header: "Content-Length: 99999999999999999999"),
        Case(header: "Transfer-Encoding: gzip"),
        Case(header: "Transfer-Encoding: identity"),
        Case(header: "Transfer-Encoding: xchunked"),
        Case(header: "Transfer-Encoding: chunked\u{b}"),
        Case(header: "Transfer-Encoding: chunked, identity"),
        Case(header: "Transfer-Encoding: chunked, chunked"),
        Case(header: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        Case(header: "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
        Case(header: "Transfer-Encoding:"),
        Case(header: "Transfer-Encoding: \"chunked\""),
        Case(header: "Transfer-Encoding: gzip, chunked", 501),
        Case("transfer-encoding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ]

    static let bodies = [
        Case(chunks: "x\r\n"),
        Case(chunks: "\r\n"),
        Case(chunks: "-1\r\n"),
        Case(chunks: "0x1\r\n"),
        Case(chunks: " 1\r\n"),
        Case(chunks: "1 \r\n"),
        Case(chunks: "1\n"),
        Case(chunks: "1\rx"),
        Case(chunks: ";a\r\n"),
        Case(chunks: "ffffffffffffffff\r\n"),
        Case(chunks: "10000000000000000\r\n"),
        Case(chunks: "0000000000000001\r\n"),
        Case(chunks: "1;a\nb\r\n"),
        Case(chunks: "1;a\u{0}\r\n"),
        Case(chunks: "1;" + String(repeating: "a", count: 5000)),
        Case(chunks: String(repeating: "1;" + String(repeating: "a", count: 1000) + "\r\nx\r\n", count: 5)),
        Case(chunks: "1\r\nxy\r\n"),
        Case(chunks: "1\r\nx\n"),
        Case(chunks: "1\r\nx\r\r\n"),
        Case(chunks: "0\r\nX : a\r\n"),
        Case(chunks: "0\r\n a\r\n"),
        Case(chunks: "0\r\nX: a\n\r\n"),
        Case(chunks: "0\n"),
        Case(chunks: "0\r\nX: " + String(repeating: "a", count: 20_000), 431),
        Case(chunks: "0\r\n" + String(repeating: "X: a\r\n", count: 129), 431),
    ]

    @Test(arguments: requestLines + headers + framings + bodies)
    func isRefused(_ testCase: Case) {
        #expect(Parse(testCase.text).error?.status == testCase.status)
    }

    @Test(arguments: requestLines + headers + framings + bodies)
    func isRefusedByteByByte(_ testCase: Case) {
        let whole = Parse(testCase.text)
        let dripped = Parse(testCase.text.utf8.map { [$0] })
        #expect(dripped.error == whole.error)
    }

    @Test(arguments: [
        Case(header: "Content-Length: 11", 413),
        Case(chunks: "6\r\nabcdef\r\n5\r\n", 413),
        Case(chunks: "fffffffffffffff\r\n", 413),
    ])
    func tooLargeBodyIsRefused(_ testCase: Case) {
        var limits = HTTP1Limits()
        limits.bodyBytes = 10
        #expect(Parse(testCase.text, limits: limits).error?.status == testCase.status)
    }
}
