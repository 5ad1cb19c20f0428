import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// `wasi:http/types`: the request that a guest handles.
@Suite struct IncomingRequestTests {
    private func head(_ method: String = "GET", fields: HTTPFields = [:]) -> RequestHead {
        var fields = fields
        fields.append("host", "example.com:80")
        return RequestHead(method: method, target: "/a/b?c=d", fields: fields)
    }

    @Test func tellsWhatTheClientAsked() throws {
        let host = TestHost()
        let request = IncomingRequestResource(
            head: self.head("POST", fields: ["X-A": "1", "Spin-Path-Info": "forged"]),
            body: InboundBodyMaker.whole("", host), extraFields: [("spin-path-info", "/b"), ("spin-base-path", "/")])
        try host.call { call throws in
            #expect(try request.method(in: call) == .post)
            #expect(try request.pathWithQuery(in: call) == "/a/b?c=d")
            #expect(try request.scheme(in: call) == .http)
            #expect(try request.authority(in: call) == "example.com:80")
            let entries = try request.headers(in: call).entries(in: call)
            #expect(entries.map(\.0) == ["x-a", "spin-path-info", "spin-base-path"])
            #expect(entries.map(\.1.text) == ["1", "/b", "/"])
        }
    }

    @Test(arguments: ["GET", "HEAD", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PURGE", "get"])
    func methodsThatAreNotKnownAreTheirText(method: String) throws {
        let host = TestHost()
        let request = IncomingRequestResource(head: self.head(method), body: InboundBodyMaker.whole("", host))
        try host.call { call throws in
            let known = try request.method(in: call)
            if method == "PURGE" || method == "get" {
                #expect(known == .other(method))
            } else {
                #expect("\(known)" == method.lowercased())
            }
        }
    }

    @Test func theBodyAndItsStreamAreGivenOnce() throws {
        let host = TestHost()
        let request = IncomingRequestResource(head: self.head(), body: InboundBodyMaker.whole("body", host))
        try host.call { call throws in
            let body = try #require(try request.consume(in: call).value)
            #expect(try !request.consume(in: call).isOK)
            do {
                let stream = try #require(try body.stream(in: call).value)
                #expect(try !body.stream(in: call).isOK)
                #expect(throws: GuestFault.self) { try IncomingBodyResource.finish(this: body, in: call) }
                #expect(try stream.blockingRead(len: 100, in: call).value?.text == "body")
                #expect(try stream.blockingRead(len: 100, in: call).failure?.isClosed == true)
            }
            let trailers = try IncomingBodyResource.finish(this: body, in: call)
            #expect(try trailers.subscribe(in: call).ready(in: call))
            let outcome = try #require(try trailers.get(in: call)?.value)
            guard case .ok(nil) = outcome else {
                Issue.record("trailers out of nowhere")
                return
            }
            // Only the first time.
            #expect(try trailers.get(in: call)?.isOK == false)
        }
    }

    @Test func trailersComeAfterARestThatNobodyReads() throws {
        let host = TestHost()
        let inbound = InboundBodyMaker.open(host)
        let request = IncomingRequestResource(head: self.head(), body: inbound)
        try host.call { call throws in
            let body = try #require(try request.consume(in: call).value)
            let future = try IncomingBodyResource.finish(this: body, in: call)
            let pollable = try future.subscribe(in: call)
            inbound.feed(ByteBuffer(string: "unread"))
            #expect(try future.get(in: call) == nil)
            var woken = false
            pollable.source.whenReady { woken = true }
            inbound.end(trailers: ["x-checksum": "1", "connection": "no"])
            host.loop.run()
            #expect(woken)
            #expect(try pollable.ready(in: call))
            let trailers = try #require(try future.get(in: call)?.value?.value)
            #expect(try trailers?.entries(in: call).map(\.0) == ["x-checksum"])
        }
    }

    @Test func aBodyThatBreaksOffIsAnErrorThenClosed() throws {
        let host = TestHost()
        let inbound = InboundBodyMaker.open(host)
        let request = IncomingRequestResource(head: self.head(), body: inbound)
        try host.call { call throws in
            let body = try #require(try request.consume(in: call).value)
            let stream = try #require(try body.stream(in: call).value)
            #expect(try stream.read(len: 10, in: call).value?.byteCount == 0)
            inbound.feed(ByteBuffer(string: "half"))
            inbound.fail(.clientDisconnected)
            #expect(try stream.subscribe(in: call).ready(in: call))
            #expect(try stream.read(len: 10, in: call).value?.text == "half")
            guard case .lastOperationFailed(let error) = try stream.read(len: 10, in: call).failure else {
                Issue.record("not told")
                return
            }
            #expect(try HttpTypesFunctions.httpErrorCode(err: error, in: call) == .connectionTerminated)
            #expect(try stream.read(len: 10, in: call).failure?.isClosed == true)
        }
    }

    @Test func aBodyThatNobodyWantsIsDiscarded() throws {
        let host = TestHost()
        let inbound = InboundBodyMaker.open(host)
        var request: IncomingRequestResource? = IncomingRequestResource(head: self.head(), body: inbound)
        #expect(request != nil)
        #expect(!inbound.isDiscarded)
        request = nil
        #expect(inbound.isDiscarded)
    }
}
