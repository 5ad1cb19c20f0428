import HTTP
import NIOCore
import TestSupport
import Testing

@Suite struct RequestParserTests {
    static let valid = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET /a/b?c=d&e?f HTTP/1.1\r\nHost: a:80\r\nUser-Agent: x y\r\nX-Empty:\r\nX-Blank: \t \r\n\r\n",
        "POST /p HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 5\r\n\r\nhello",
        "POST /p HTTP/1.1\r\nhost: a\r\ntransfer-encoding: CHUNKED\r\n\r\n"
            + "5\r\nhello\r\n6;a=\"b c\";d\r\n world\r\n00\r\nX-Sum: 1\r\nHost: evil\r\nContent-Length: 9\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: Keep-Alive, Close\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\nabc",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET HTTP://Other:8080?q HTTP/1.1\r\nHost: other:8080\r\n\r\n",
        "GET https://other/p?q HTTP/1.1\r\nHost: OTHER\r\n\r\n",
        "M-SEARCH!x /é?ü HTTP/1.1\r\nHost: a.b:\r\nX: \u{e9}\r\n\r\n",
        "GET / HTTP/1.7\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    ]

    @Test func takesHeadsApart() throws {
        let requests = Parse(Self.valid.joined()).requests
        try #require(requests.count == Self.valid.count)
        #expect(
            requests.map(\.line) == [
                "GET / 1.1", "GET /a/b ?c=d&e?f 1.1", "POST /p 1.1", "POST /p 1.1", "GET / 1.0", "GET / 1.0",
                "GET / 1.1",
                "PUT / 1.1", "OPTIONS * 1.1", "GET / ?q 1.1", "GET /p ?q 1.1", "M-SEARCH!x /é ?ü 1.1", "GET / 1.1",
            ])
        #expect(
            requests.map(\.authority) == [
                "a", "a:80", "[::1]:80", "a", nil, nil, "a", "a", "a", "Other:8080", "other", "a.b:", "a",
            ])
        #expect(
            requests.map(\.isKeepAlive) == [
                true, true, true, true, false, true, false, true, true, true, true, true, true,
            ])
        #expect(requests[1].fields == "host: a:80\nuser-agent: x y\nx-empty: \nx-blank: ")
        #expect(requests.map(\.framing).filter { $0 != .none } == [.length(5), .chunked, .length(3)])
        #expect(requests[2].body == "hello")
        #expect(requests[3].body == "hello world")
        #expect(requests[3].trailers == "x-sum: 1")
        #expect(requests.filter(\.expectsContinue).count == 1)
        #expect(requests.map(\.isComplete) == Self.valid.map { _ in true })
    }

    @Test(arguments: ["a", "a.b-c_d", "127.0.0.1:0", "[::1]", "[::ffff:127.0.0.1]:65535", "a%20b", "A:00080", "a:"])
    func takesHostsAndPorts(_ host: String) {
        let parse = Parse("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(parse.error == nil)
        #expect(parse.requests.map(\.authority) == [host])
    }

    @Test(arguments: valid) func parsesTheSameByteByByte(_ text: String) {
        let whole = Parse(text)
        #expect(whole.error == nil)
        #expect(whole.unread.isEmpty)
        #expect(Parse(text.utf8.map { [$0] }) == whole)
    }

    @Test func parsesTheSameInEveryTwoPieces() {
        let bytes = Self.valid.joined().utf8.map { $0 }
        let whole = Parse([bytes])
        for cut in bytes.indices {
            #expect(Parse([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole)
        }
    }

    @Test func keepsTheBytesOfTheNextRequest() {
        var parser = HTTP1RequestParser()
        var buffer = ByteBuffer(string: "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n")
        guard case .head(let head) = parser.next(&buffer), case .end = parser.next(&buffer) else {
            Issue.record("no request")
            return
        }
        #expect(head.path == "/1")
        #expect(String(buffer: buffer) == "GET /2 HTTP/1.1\r\n")
    }

    @Test func acceptsWhatIsJustWithinTheLimits() {
        var limits = HTTP1Limits()
        limits.targetBytes = 10
        limits.headerBytes = 20
        limits.headerCount = 3
        limits.bodyBytes = 5
        // The header section is 9 + 9 + 2 bytes.
        let text = "POST /123456789 HTTP/1.1\r\nHost: a\r\nX: 1234\r\n\r\n"
        #expect(Parse(text, limits: limits).error == nil)
        #expect(Parse(text.replacing("X: 1234", with: "X: 12345"), limits: limits).error?.status == 431)
        #expect(Parse(text.replacing("/1", with: "/01"), limits: limits).error?.status == 414)
    }

    /// Random bytes, and valid requests with random changes: no crash, and the same parse however the input is cut.
    @Test(arguments: 0..<40) func survivesRandomInput(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let alphabet = Array("\r\n\r\n :;,/?HTTP/1.1GETchunked0aF\t\u{0}\u{7f}é".utf8)
        for _ in 0..<50 {
            var bytes = Array(Self.valid.shuffled(using: &random).prefix(2).joined().utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[index] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: index)
                case 2: bytes.remove(at: index)
                default: bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
            }
            var pieces: [[UInt8]] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...40, using: &random))
                pieces.append(Array(bytes[start..<end]))
                start = end
            }
            let whole = Parse([bytes])
            let cut = Parse(pieces)
            #expect(cut.requests == whole.requests || whole.error != nil)
            #expect(cut.error == whole.error)
        }
    }

    /// A quadratic parser would look at 4 * 10^9 bytes here.
    @Test func slowDripIsNotQuadratic() {
        var limits = HTTP1Limits()
        limits.headerBytes = 1 << 20
        var parser = HTTP1RequestParser(limits: limits)
        var buffer = ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\nX: ")
        let clock = ContinuousClock()
        let time = clock.measure {
            for _ in 0..<90_000 {
                buffer.writeInteger(UInt8(0x61))
                guard case .needMore = parser.next(&buffer) else {
                    Issue.record("an event within a header")
                    return
                }
            }
        }
        #expect(time < .seconds(10))
    }
}
