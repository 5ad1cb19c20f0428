import Capabilities
import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// Where `fermyon:spin/http` sends a request, and which redirections it follows.
@Suite struct WholeRequestTests {
    typealias Place = WholeRequest.Place

    @Test(
        arguments: [
            ("http://a.test", Place(isSecure: false, authority: "a.test", target: "/")),
            ("HTTPS://a.test:8443/x?y=z#f", Place(isSecure: true, authority: "a.test:8443", target: "/x?y=z")),
            ("http://a.test?q", Place(isSecure: false, authority: "a.test", target: "/?q")),
            ("http://[::1]:80/", Place(isSecure: false, authority: "[::1]:80", target: "/")),
            ("/self?x", Place(isSecure: false, authority: nil, target: "/self?x")),
            ("", nil), ("a.test/x", nil), ("ftp://a.test/", nil), ("http://", nil), ("http:///x", nil),
            ("//a.test/", nil),
            ("http://user:pass@a.test/", nil), ("http://a.test/a b", nil), ("http://a.test/\r\nx: y", nil),
            ("http://a\\b/", nil), ("http://ä.test/", nil),
        ] as [(String, Place?)])
    func readsURLs(_ uri: String, _ place: Place?) { #expect(Place(uri) == place) }

    private static func response(_ status: Int, _ location: String?) -> OutboundResponse {
        var fields = HTTPFields()
        if let location { fields.append("location", location) }
        return OutboundResponse(
            status: status, fields: fields, body: InboundBody(eventLoop: EmbeddedEventLoop(), declaredLength: 0))
    }

    private static func request(_ method: String = "POST") throws -> WholeRequest {
        WholeRequest(
            method: method, place: try #require(Place("http://a.test/b/c?d")),
            fields: ["authorization": "secret", "content-type": "x", "x-own": "1"], body: [1], depth: 0)
    }

    @Test(arguments: [
        ("/x", "a.test", "/x"), ("x?y", "a.test", "/b/x?y"), ("?q", "a.test", "/b/c?q"), ("#f", "a.test", "/b/c"),
        ("//b.test/x", "b.test", "/x"), ("http://b.test", "b.test", "/"),
    ])
    func resolvesLocations(_ location: String, _ authority: String, _ target: String) throws {
        let next = try #require(try Self.request().redirected(by: Self.response(302, location)))
        #expect(next.place == Place(isSecure: false, authority: authority, target: target))
        #expect(next.fields.contains("authorization") == (authority == "a.test"))
        #expect(next.fields.contains("x-own"))
    }

    @Test(arguments: [
        (301, "POST", "GET", 0), (302, "POST", "GET", 0), (303, "POST", "GET", 0), (307, "POST", "POST", 1),
        (308, "PUT", "PUT", 1), (303, "HEAD", "HEAD", 1),
    ])
    func keepsOrDropsTheBody(_ status: Int, _ method: String, _ then: String, _ count: Int) throws {
        let next = try #require(try Self.request(method).redirected(by: Self.response(status, "/x")))
        #expect(next.method == then)
        #expect(next.body.count == count)
        #expect(next.fields.contains("content-type") == (count > 0))
    }

    @Test(arguments: [(200, "/x"), (304, "/x"), (302, nil), (302, "ftp://a.test/"), (302, "/a b"), (300, "/x")])
    func leavesTheRest(_ status: Int, _ location: String?) throws {
        #expect(try Self.request().redirected(by: Self.response(status, location)) == nil)
    }

    /// Answers each request as the test says, and keeps what was asked.
    private final class Answering: OutboundHTTP, @unchecked Sendable {
        var seen: [OutboundRequest] = []
        let answer: (OutboundRequest) -> Result<OutboundResponse, WasiHttpTypes.ErrorCode>

        init(_ answer: @escaping (OutboundRequest) -> Result<OutboundResponse, WasiHttpTypes.ErrorCode>) {
            self.answer = answer
        }

        func send(
            _ request: OutboundRequest, on eventLoop: any EventLoop, settled: @escaping Settled
        ) -> (any OutboundCall)? {
            self.seen.append(request)
            settled(self.answer(request))
            return nil
        }
    }

    private func send(
        limit: Int = 1000, budget: ByteBudget = ByteBudget(1000), _ sender: Answering
    ) throws -> Result<WholeResponse, WholeExchange.Failure> {
        let loop = EmbeddedEventLoop()
        let exchange = WholeExchange(try Self.request(), by: sender, on: loop, responseLimit: limit, within: budget)
        guard case .later(let pending) = exchange.start() else { throw CancellationError() }
        loop.run()
        var result: Result<WholeResponse, WholeExchange.Failure>?
        pending.whenComplete { result = try? $0.get() }
        return try #require(result)
    }

    @Test func asksThePolicyAboutEachRedirection() throws {
        let sender = Answering { request in
            request.authority == "a.test"
                ? .success(Self.response(302, "http://169.254.169.254/")) : .failure(.httpRequestDenied)
        }
        guard case .failure(.failed(.httpRequestDenied)) = try self.send(sender) else {
            Issue.record("the redirection was followed")
            return
        }
        #expect(sender.seen.map(\.authority) == ["a.test", "169.254.169.254"])
    }

    /// As Spin's client does: the eleventh is an error, not an answer.
    @Test(arguments: [10, 11]) func followsTenRedirections(_ count: Int) throws {
        var left = count
        let sender = Answering { _ in
            defer { left -= 1 }
            return .success(Self.response(left > 0 ? 302 : 204, "/again"))
        }
        let result = try self.send(sender)
        #expect(sender.seen.count == 11)
        if count == 10 {
            #expect(try result.get().status == 204)
        } else if case .failure(.tooManyRedirections) = result {
        } else {
            Issue.record("the result is \(result)")
        }
    }

    /// Beside what waits already.
    @Test func takesTheResponseFromTheBudgetOfResults() throws {
        let budget = ByteBudget(1000)
        let sender = Answering { _ in
            let body = InboundBody(eventLoop: EmbeddedEventLoop(), bytes: ByteBuffer(repeating: 0x61, count: 600))
            return .success(OutboundResponse(status: 200, fields: HTTPFields(), body: body))
        }
        #expect(try self.send(budget: budget, sender).get().body.count == 600)
        // Gone with the answer.
        #expect(budget.usedBytes == 0)
        let others = try #require(budget.claim(500))
        guard case .failure(.tooLarge) = try self.send(budget: budget, sender) else {
            Issue.record("the response was taken")
            return
        }
        withExtendedLifetime(others) {}
    }

    @Test(arguments: [(90, true), (101, false)]) func boundsTheResponse(_ size: Int, _ fits: Bool) throws {
        let sender = Answering { _ in
            let body = InboundBody(eventLoop: EmbeddedEventLoop(), bytes: ByteBuffer(repeating: 0x61, count: size))
            return .success(OutboundResponse(status: 200, fields: HTTPFields(), body: body))
        }
        let result = try self.send(limit: 100, sender)
        if fits {
            #expect(try result.get().body.count == size)
        } else if case .failure(.tooLarge) = result {
        } else {
            Issue.record("the response was taken")
        }
    }
}
