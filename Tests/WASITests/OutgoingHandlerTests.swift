import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// `wasi:http/outgoing-handler`: what a guest sees of its requests, the network being played.
@Suite struct OutgoingHandlerTests {
    private let network = FakeOutbound()
    private let host: TestHost

    init() {
        self.host = TestHost(configuration: WASIConfiguration(outboundHTTP: self.network))
    }

    private func request(_ fields: [(String, String)] = []) throws -> OutgoingRequestResource {
        try self.host.call { call throws in
            let entries = fields.map { ($0.0, Array($0.1.utf8)) }
            let headers = try #require(try FieldsResource.fromList(entries: entries, in: call).value)
            let request = try OutgoingRequestResource.make(headers: headers, in: call)
            #expect(try request.setAuthority(authority: "example.com:81", in: call).isOK)
            #expect(try request.setScheme(scheme: .http, in: call).isOK)
            return request
        }
    }

    private func handle(
        _ request: OutgoingRequestResource, _ options: RequestOptionsResource? = nil
    ) throws -> WITResult<FutureIncomingResponseResource, WasiHttpTypes.ErrorCode> {
        try self.host.call {
            try HttpOutgoingHandlerFunctions.handle(request: request, options: options, in: $0)
        }
    }

    private func answer(_ body: InboundBody, status: Int = 200) {
        self.network.calls[0].settled(.success(OutboundResponse(status: status, fields: ["a": "b"], body: body)))
    }

    @Test func passesTheRequestOn() throws {
        let request = try self.request([("x-a", "1")])
        let options = try self.host.call { call throws in
            _ = try request.setMethod(method: .put, in: call)
            _ = try request.setPathWithQuery(pathWithQuery: "/p?q", in: call)
            let options = try RequestOptionsResource.make(in: call)
            _ = try options.setConnectTimeout(duration: 5, in: call)
            _ = try options.setFirstByteTimeout(duration: .max, in: call)
            return options
        }
        #expect(try self.handle(request, options).isOK)
        let sent = try #require(self.network.calls.first?.request)
        #expect(sent.method == "PUT")
        #expect(sent.authority == "example.com:81")
        #expect(sent.target == "/p?q")
        #expect(!sent.isSecure)
        #expect(sent.fields.first("x-a") == "1")
        #expect(!sent.hasBody)
        #expect(sent.connectTimeout == .nanoseconds(5))
        #expect(try #require(sent.firstByteTimeout) > .hours(24))
        #expect(sent.betweenBytesTimeout == nil)
    }

    @Test func givesTheResponseOnce() throws {
        let future = try #require(try self.handle(try self.request()).value)
        try self.host.call { call throws in
            let pollable = try future.subscribe(in: call)
            #expect(try !pollable.ready(in: call))
            #expect(try future.get(in: call) == nil)
            self.answer(InboundBodyMaker.whole("hello", self.host), status: 201)
            #expect(try pollable.ready(in: call))
            let response = try #require(try future.get(in: call)?.value?.value)
            #expect(try future.get(in: call)?.isOK == false)
            #expect(try response.status(in: call) == 201)
            #expect(try response.headers(in: call).get(name: "a", in: call).map(\.text) == ["b"])
            let body = try #require(try response.consume(in: call).value)
            #expect(try !response.consume(in: call).isOK)
            let stream = try #require(try body.stream(in: call).value)
            #expect(try stream.blockingRead(len: 100, in: call).value?.text == "hello")
            #expect(try stream.read(len: 1, in: call).failure?.isClosed == true)
        }
        #expect(!self.network.calls[0].isCancelled)
    }

    @Test(arguments: [WasiHttpTypes.ErrorCode.httpRequestDenied, .dnsTimeout, .connectionRefused])
    func refusalsShowWhenTheFutureIsRead(_ code: WasiHttpTypes.ErrorCode) throws {
        self.network.refusal = code
        let request = try self.request()
        let stream = try self.host.call { call throws in
            let body = try #require(try request.body(in: call).value)
            return try #require(try body.write(in: call).value)
        }
        let future = try #require(try self.handle(request).value)
        try self.host.call { call throws in
            #expect(try future.get(in: call)?.value?.failure == code)
            #expect(try stream.checkWrite(in: call).failure?.isClosed == true)
        }
    }

    /// The error is the future's to tell: a guest that finishes its body meanwhile must not see another one first.
    @Test(arguments: [false, true]) func finishingTheBodyOfAFailedRequestIsNoError(_ isRefused: Bool) throws {
        if isRefused { self.network.refusal = .httpRequestDenied }
        let request = try self.request()
        let body = try #require(try self.host.call { try request.body(in: $0).value })
        let future = try #require(try self.handle(request).value)
        if !isRefused {
            self.network.calls[0].writer.close()
            self.network.calls[0].settled(.failure(.connectionRefused))
        }
        try self.host.call { call throws in
            #expect(try OutgoingBodyResource.finish(this: body, trailers: nil, in: call).isOK)
            #expect(try future.get(in: call)?.value?.failure == (isRefused ? .httpRequestDenied : .connectionRefused))
        }
    }

    @Test func droppingTheFutureGivesTheRequestUp() throws {
        do { _ = try self.handle(try self.request()) }
        #expect(self.network.calls[0].isCancelled)
        // An answer that comes all the same is thrown away.
        let body = InboundBodyMaker.open(self.host)
        self.answer(body)
        #expect(body.isDiscarded)
    }

    @Test func aPollableKeepsTheRequestAlive() throws {
        var pollable: PollableResource?
        do {
            let future = try #require(try self.handle(try self.request()).value)
            pollable = try self.host.call { try future.subscribe(in: $0) }
        }
        #expect(!self.network.calls[0].isCancelled)
        withExtendedLifetime(pollable) {}
        pollable = nil
        #expect(self.network.calls[0].isCancelled)
    }

    @Test func droppingTheResponseDropsItsBody() throws {
        let body = InboundBodyMaker.open(self.host)
        do {
            let future = try #require(try self.handle(try self.request()).value)
            self.answer(body)
            withExtendedLifetime(future) {}
        }
        #expect(body.isDiscarded)
    }

    @Test func sendsTheBodyWrittenBeforeAndAfter() throws {
        let request = try self.request()
        let body = try #require(try self.host.call { try request.body(in: $0).value })
        try self.host.call { call throws in
            let stream = try #require(try body.write(in: call).value)
            #expect(try withGuestBytes("one ") { try stream.blockingWriteAndFlush(contents: $0, in: call) }.isOK)
            let future = try #require(
                try HttpOutgoingHandlerFunctions.handle(request: request, options: nil, in: call).value)
            #expect(try withGuestBytes("two") { try stream.blockingWriteAndFlush(contents: $0, in: call) }.isOK)
            self.host.loop.run()
            withExtendedLifetime(future) {}
        }
        #expect(String(buffer: self.network.calls[0].collector.body) == "one two")
        let trailers = try self.host.call {
            try FieldsResource.fromList(entries: [("x-sum", [0x31])], in: $0).value
        }
        #expect(try self.host.call { try OutgoingBodyResource.finish(this: body, trailers: trailers, in: $0) }.isOK)
        #expect(self.network.calls[0].collector.trailers?.first("x-sum") == "1")
        #expect(self.host.context.budget.bytes < 100)
    }

    @Test func anUnfinishedBodyBreaksTheRequest() throws {
        let request = try self.request()
        do {
            let body = try #require(try self.host.call { try request.body(in: $0).value })
            _ = try self.handle(request)
            withExtendedLifetime(body) {}
        }
        #expect(self.network.calls[0].collector.isAborted)
    }

    @Test(arguments: ["abc", "abcdef"]) func bodiesHaveTheDeclaredLength(_ text: String) throws {
        let request = try self.request([("content-length", "5")])
        let body = try #require(try self.host.call { try request.body(in: $0).value })
        let future = try self.handle(request)
        try self.host.call { call throws in
            do {
                let stream = try #require(try body.write(in: call).value)
                _ = try withGuestBytes(text) { try stream.blockingWriteAndFlush(contents: $0, in: call) }
            }
            let finished = try OutgoingBodyResource.finish(this: body, trailers: nil, in: call)
            #expect(finished.failure == .httpRequestBodySize(UInt64(text.utf8.count)))
        }
        #expect(self.network.calls[0].request.declaredLength == 5)
        withExtendedLifetime(future) {}
    }

    @Test func aDeclaredBodyMustBeThere() throws {
        #expect(try self.handle(try self.request([("content-length", "5")])).failure == .httpRequestBodySize(0))
        #expect(try self.handle(try self.request([("content-length", "0")])).isOK)
    }

    @Test func refusesWhatCannotBeSent() throws {
        let other = try self.request()
        let connect = try self.request()
        let relative = try self.request()
        try self.host.call { call throws in
            #expect(try other.setScheme(scheme: .other("ftp"), in: call).isOK)
            #expect(try connect.setMethod(method: .connect, in: call).isOK)
            #expect(try relative.setPathWithQuery(pathWithQuery: "no/slash", in: call).isOK)
        }
        #expect(try self.handle(other).failure == .httpProtocolError)
        #expect(try self.handle(connect).failure == .httpRequestMethodInvalid)
        #expect(try self.handle(relative).failure == .httpRequestUriInvalid)
        #expect(self.network.calls.isEmpty)
    }

    @Test(arguments: [(nil, "/"), ("", "/"), ("?a", "/?a"), ("/x", "/x")] as [(String?, String)])
    func completesPaths(_ path: String?, _ target: String) throws {
        let request = try self.request()
        try self.host.call { _ = try request.setPathWithQuery(pathWithQuery: path, in: $0) }
        _ = try self.handle(request)
        #expect(self.network.calls[0].request.target == target)
    }

    @Test func aBrokenOffBodyTellsItsReason() throws {
        let body = InboundBodyMaker.open(self.host)
        let future = try #require(try self.handle(try self.request()).value)
        self.answer(body)
        try self.host.call { call throws in
            let response = try #require(try future.get(in: call)?.value?.value)
            let incoming = try #require(try response.consume(in: call).value)
            do {
                let stream = try #require(try incoming.stream(in: call).value)
                body.feed(ByteBuffer(string: "ab"))
                body.fail(.clientDisconnected)
                #expect(try stream.blockingRead(len: 9, in: call).value?.text == "ab")
                guard case .lastOperationFailed(let error) = try stream.blockingRead(len: 9, in: call).failure else {
                    Issue.record("the break is not told")
                    return
                }
                #expect(try HttpTypesFunctions.httpErrorCode(err: error, in: call) == .httpResponseIncomplete)
            }
            let trailers = try IncomingBodyResource.finish(this: incoming, in: call)
            #expect(try trailers.get(in: call)?.value?.failure == .httpResponseIncomplete)
        }
    }
}
