import HTTP
import NIOHPACK
import NIOHTTP2
import Testing

/// What the codec leaves to ``HTTP2Head``.
@Suite struct HTTP2FieldTests {
    /// RFC 9113 8.2 and 8.3: which pseudo-header fields there are, once each, before the others; names are lowercase.
    @Test(arguments: [
        [(":method", "GET"), (":scheme", "http"), (":authority", "a")],
        [(":method", "GET"), (":path", "/"), (":authority", "a")],
        [(":scheme", "http"), (":path", "/"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":path", "/"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a"), (":status", "200")],
        [(":method", "GET"), (":scheme", "http"), ("x", "y"), (":path", "/"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a"), ("te", "gzip")],
        [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a"), ("X-Y", "z")],
    ])
    func malformedRequestsAreRefused(_ fields: [(String, String)]) throws {
        let client = try HTTP2Client { $0.answer("x") }
        try client.send(
            HTTP2Frame(streamID: 1, payload: .headers(.init(headers: HPACKHeaders(fields), endStream: true))))
        #expect(try client.answer(1).status == "400")
        #expect(client.exchanges.isEmpty)
        try client.request(3, fields: [("te", "trailers")])
        #expect(try client.answer(3).status == "200")
    }

    @Test(arguments: [(":path", "/"), ("connection", "close"), ("X", "y")])
    func malformedTrailersResetTheStream(_ name: String, _ value: String) throws {
        let client = try HTTP2Client()
        try client.request(1, method: "POST", ends: false)
        try client.send(
            HTTP2Frame(streamID: 1, payload: .headers(.init(headers: [name: value], endStream: true))))
        #expect(try client.answer(1).reset == .protocolError)
        guard case .failed = client.exchanges[0].body.read() else {
            Issue.record("the body must fail")
            return
        }
    }

    @Test(arguments: ["", ":80", "a:b", "a:1:2", "a:65536", "[::1", "::1", "[]", "u@a", "a,b"])
    func authoritiesThatAreNoneAreRefused(_ authority: String) throws {
        let client = try HTTP2Client { $0.answer("x") }
        for (id, fields) in [(1, [(":authority", authority)]), (3, [("host", authority)])] as [(HTTP2StreamID, _)] {
            let block = HPACKHeaders([(":method", "GET"), (":scheme", "http"), (":path", "/")] + fields)
            try client.send(HTTP2Frame(streamID: id, payload: .headers(.init(headers: block, endStream: true))))
            #expect(try client.answer(id).status == "400")
        }
        #expect(client.exchanges.isEmpty)
    }

    @Test func theHostMayDifferFromTheAuthorityInCase() throws {
        let client = try HTTP2Client { $0.answer("x") }
        try client.request(1, fields: [("host", "A")])
        #expect(try client.answer(1).status == "200")
        #expect(client.exchanges.map(\.head.authority) == ["a"])
    }
}
