import AppModel
import Executor
import HTTP
import HTTPClient
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import WASI

/// Where the requests of a component go, and what is refused.
@Suite struct OutboundTests {
    private final class App: ApplicationDispatcher, @unchecked Sendable {
        var seen: [(component: String?, exchange: Exchange)] = []

        func dispatch(_ exchange: Exchange, to component: String) -> Bool {
            guard component == "back" else { return false }
            self.seen.append((component, exchange))
            return true
        }

        func dispatchToSelf(_ exchange: Exchange) { self.seen.append((nil, exchange)) }
    }

    private final class Box {
        var result: Result<OutboundResponse, WasiHttpTypes.ErrorCode>?

        var code: WasiHttpTypes.ErrorCode? {
            if case .failure(let code) = self.result { code } else { nil }
        }

        var response: OutboundResponse? { try? self.result?.get() }
    }

    private let loop = EmbeddedEventLoop()
    private let app = App()
    private let box = Box()

    private func send(
        allowed: [String], authority: String?, isSecure: Bool = false, hasBody: Bool = false, depth: Int = 0,
        fields: HTTPFields = HTTPFields(), connected: Bool = true
    ) throws -> (any OutboundCall)? {
        let client = try HTTPClient(eventLoops: [self.loop])
        let service = OutboundHTTPService(
            client: client, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        if connected { service.connect(self.app, authority: "127.0.0.1:3000") }
        let hosts = try AllowedHosts(allowed, componentIDs: ["front", "back"]) { _ in "" }
        let outbound = ComponentOutboundHTTP(
            component: "front", service: service, policy: ManifestOutboundPolicy(component: "front", hosts: hosts))
        var request = OutboundRequest(
            method: "POST", isSecure: isSecure, authority: authority, target: "/a?b", fields: fields,
            hasBody: hasBody)
        request.depth = depth
        let call = outbound.send(request, on: self.loop) { self.box.result = $0 }
        self.loop.run()
        return call
    }

    @Test(
        arguments: [
            ([], "example.com"), (["http://example.com"], "example.org"), (["http://example.com"], "example.com:81"),
            (["https://example.com"], "example.com"), (["http://example.com"], nil),
            (["http://example.com"], "self.alt"),
            (["http://self"], "example.com"), (["http://front.spin.internal"], "back.spin.internal"),
            (["http://example.com"], "back.spin.internal"), (["http://example.com"], "example.com@evil.test"),
            (["redis://example.com:80"], "example.com"),
        ] as [([String], String?)])
    func refusesWhatIsNotListed(_ allowed: [String], _ authority: String?) throws {
        #expect(try self.send(allowed: allowed, authority: authority) == nil)
        #expect(self.box.code == .httpRequestDenied)
        #expect(self.app.seen.isEmpty)
    }

    /// CVE-2024-32980: Spin sent a request without authority to the host that the inbound `Host` field named.
    @Test(arguments: [nil, "", ":80", "self.alt", "self.alt:80"] as [String?])
    func cve202432980SelfRequestsNeverFollowTheHostField(_ authority: String?) throws {
        let fields: HTTPFields = ["host": "evil.test:80"]
        _ = try self.send(allowed: ["http://self", "https://self"], authority: authority, fields: fields)
        let exchange = try #require(self.app.seen.first?.exchange)
        #expect(self.app.seen.first?.component == nil)
        #expect(exchange.head.authority == "127.0.0.1:3000")
        #expect(exchange.head.fields.all("host") == ["127.0.0.1:3000"])
        #expect(exchange.head.target == "/a?b")
    }

    @Test func selfRequestsNeedAnAddress() throws {
        _ = try self.send(allowed: ["http://self"], authority: nil, connected: false)
        #expect(self.box.code == .httpRequestUriInvalid)
    }

    @Test(arguments: [false, true]) func chainsToAComponent(_ isSecure: Bool) throws {
        let call = try #require(
            try self.send(
                allowed: ["http://back.spin.internal", "https://back.spin.internal"], authority: "back.spin.internal",
                isSecure: isSecure, hasBody: true))
        let exchange = try #require(self.app.seen.first?.exchange)
        #expect(self.app.seen.first?.component == "back")
        #expect(!exchange.head.fields.contains("host"))
        #expect(exchange.clientAddress == nil)
        #expect(exchange.callDepth == 1)

        // The request's body, with back-pressure.
        let writer = try #require(call.requestBody)
        #expect(writer.writableBytes == exchange.body.highWaterMark)
        #expect(writer.write(ByteBuffer(repeating: 0x61, count: exchange.body.highWaterMark)))
        #expect(writer.writableBytes == 0)
        var isWritable = false
        writer.whenWritable { isWritable = true }
        self.loop.run()
        #expect(!isWritable)
        guard case .bytes(let bytes) = exchange.body.read() else {
            Issue.record("no bytes")
            return
        }
        self.loop.run()
        #expect(bytes.readableBytes == exchange.body.highWaterMark)
        #expect(isWritable)
        #expect(writer.finish(trailers: ["x-sum": "1"]))
        guard case .end(let trailers) = exchange.body.read() else {
            Issue.record("no end")
            return
        }
        #expect(trailers?.first("x-sum") == "1")

        // The response's.
        exchange.response.writeHead(ResponseHead(status: 203, fields: ["a": "b"]))
        exchange.response.write(ByteBuffer(string: "answer"))
        exchange.response.flush()
        let response = try #require(self.box.response)
        #expect(response.status == 203)
        #expect(response.fields.first("a") == "b")
        guard case .bytes(let answer) = response.body.read() else {
            Issue.record("no answer")
            return
        }
        #expect(String(buffer: answer) == "answer")
        exchange.response.write(ByteBuffer(repeating: 0x62, count: response.body.highWaterMark))
        exchange.response.flush()
        #expect(exchange.response.writableBytes == 0)
        _ = response.body.read()
        self.loop.run()
        #expect(exchange.response.writableBytes > 0)
        exchange.response.finish()
        guard case .end = response.body.read() else {
            Issue.record("no end of the answer")
            return
        }
    }

    /// Who answers without reading the request must not make its writer fail: the answer is there.
    @Test func takesTheRestOfARequestThatNobodyReads() throws {
        let call = try #require(
            try self.send(allowed: ["http://back.spin.internal"], authority: "back.spin.internal", hasBody: true))
        let writer = try #require(call.requestBody)
        do {
            let exchange = try #require(self.app.seen.popLast()?.exchange)
            #expect(writer.write(ByteBuffer(string: "begin")))
            exchange.body.discard()
            exchange.response.writeHead(ResponseHead(status: 200))
            exchange.response.finish()
        }
        self.loop.run()
        #expect(self.box.response?.status == 200)
        #expect(writer.writableBytes > 0)
        #expect(writer.write(ByteBuffer(repeating: 0x61, count: 1 << 20)))
        #expect(writer.writableBytes > 0)
        // But not of an endless one.
        for _ in 0..<8 { writer.write(ByteBuffer(repeating: 0x61, count: 1 << 20)) }
        #expect(writer.isClosed)
        #expect(!writer.finish(trailers: nil))
    }

    @Test func refusesTheRestOfARequestThatFailed() throws {
        let call = try #require(
            try self.send(allowed: ["http://back.spin.internal"], authority: "back.spin.internal", hasBody: true))
        let writer = try #require(call.requestBody)
        var isTold = false
        writer.whenClosed { isTold = true }
        self.loop.run()
        #expect(!isTold)
        call.cancel()
        self.loop.run()
        #expect(writer.isClosed)
        #expect(isTold)
    }

    @Test func tellsAnUnknownComponent() throws {
        _ = try self.send(allowed: ["http://*:*"], authority: "nobody.spin.internal")
        #expect(self.box.code != nil)
        #expect(self.app.seen.isEmpty)
    }

    @Test func boundsChains() throws {
        _ = try self.send(allowed: ["http://back.spin.internal"], authority: "back.spin.internal", depth: 16)
        #expect(self.box.code == .loopDetected)
        #expect(self.app.seen.isEmpty)
    }

    @Test func givingUpEndsTheOther() throws {
        let call = try #require(
            try self.send(allowed: ["http://back.spin.internal"], authority: "back.spin.internal"))
        let exchange = try #require(self.app.seen.first?.exchange)
        var isClosed = false
        exchange.onClose = { isClosed = true }
        call.cancel()
        self.loop.run()
        #expect(isClosed)
        #expect(exchange.response.isClosed)
    }

    @Test func droppingTheResponseEndsTheOther() throws {
        let call = try self.send(allowed: ["http://back.spin.internal"], authority: "back.spin.internal")
        let exchange = try #require(self.app.seen.first?.exchange)
        var isClosed = false
        exchange.onClose = { isClosed = true }
        exchange.response.writeHead(ResponseHead(status: 200))
        exchange.response.flush()
        try #require(self.box.response).body.discard()
        self.loop.run()
        #expect(isClosed)
        withExtendedLifetime(call) {}
    }

    @Test func aComponentThatGivesUpBreaksTheBody() throws {
        let call = try self.send(allowed: ["http://back.spin.internal"], authority: "back.spin.internal")
        let exchange = try #require(self.app.seen.first?.exchange)
        exchange.response.writeHead(ResponseHead(status: 200))
        exchange.response.flush()
        exchange.response.abort()
        guard case .failed = try #require(self.box.response).body.read() else {
            Issue.record("the break is not told")
            return
        }
        withExtendedLifetime(call) {}
    }

    @Test func adviceIsForTheManifest() throws {
        let policy = ManifestOutboundPolicy(component: "front", hosts: .none)
        guard case .denied(let advice) = policy.check(scheme: "https", host: "example.com", port: 443) else {
            Issue.record("allowed")
            return
        }
        #expect(advice.contains("add to the `allowed_outbound_hosts` of [component.front] in the manifest:"))
        #expect(advice.hasSuffix(#""https://example.com""#))
    }
}
