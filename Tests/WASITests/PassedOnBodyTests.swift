import ComponentModel
import HTTP
import NIOCore
import NIOEmbedded
import Testing
import WASI

/// Bodies of WASI 0.3 that the host passes on, without a guest between who writes and who reads.
@Suite struct PassedOnBodyTests {
    typealias ErrorCode = WasiHttpTypesV3.ErrorCode

    private let network = FakeOutbound()
    private let host: TestHost

    init() {
        self.host = TestHost(configuration: WASIConfiguration(outboundHTTP: self.network))
    }

    private static func noTrailers() -> ElementFuture<WITResult<FieldsV3Resource?, ErrorCode>> {
        ElementFuture(.ready(.ok(nil)))
    }

    /// Sends `body` as that of a request, or one without any; what becomes the response.
    private func send(
        _ request: RequestV3Resource? = nil
    ) throws -> Pending<WITResult<ResponseV3Resource, ErrorCode>> {
        try self.host.call { call throws in
            let request =
                try request
                ?? RequestV3Resource.new(
                    headers: try FieldsV3Resource.make(in: call), contents: nil, trailers: Self.noTrailers(),
                    options: nil, in: call
                ).0
            #expect(try request.setAuthority(authority: "example.com", in: call).isOK)
            guard case .later(let pending) = try HttpClientV3Functions.send(request: request, in: call) else {
                throw Refused(description: "the request was not sent")
            }
            return pending
        }
    }

    /// The response to a request of the guest's, whose body is still to come.
    private func received() throws -> (ResponseV3Resource, InboundBody) {
        let pending = try self.send()
        let body = InboundBodyMaker.open(self.host)
        var response: ResponseV3Resource?
        pending.whenComplete { if case .success(.ok(let value)) = $0 { response = value } }
        let call = try #require(self.network.calls.first)
        call.settled(.success(OutboundResponse(status: 200, fields: HTTPFields(), body: body)))
        return (try #require(response), body)
    }

    /// A response of the guest's with the body of another one.
    private func wrapped(_ response: ResponseV3Resource) throws -> ResponseV3Resource {
        try self.host.call { call throws in
            let (stream, trailers) = try ResponseV3Resource.consumeBody(
                this: response, res: ElementFuture(.ready(.ok)), in: call)
            return try ResponseV3Resource.new(
                headers: try FieldsV3Resource.make(in: call), contents: stream, trailers: trailers, in: call
            ).0
        }
    }

    /// What sends is told as well: it has a place among the connections, which nobody else gets meanwhile.
    @Test(arguments: [false, true]) func aClientThatGoesEndsASilentBody(isWrapped: Bool) throws {
        var (response, body) = try self.received()
        if isWrapped { response = try self.wrapped(response) }
        let collector = ResponseCollector()
        let writer = ResponseWriter(sink: collector, eventLoop: self.host.loop)
        #expect(response.send(to: writer) == nil)
        body.feed(ByteBuffer(string: "first"))
        self.host.loop.run()
        #expect(String(buffer: collector.body) == "first")
        #expect(!body.isDiscarded)
        writer.close()
        writer.notify()
        self.host.loop.run()
        #expect(body.isDiscarded)
    }

    /// The same before the writer is told of the first byte that does not come.
    @Test(arguments: [false, true]) func aClientThatHasGoneEndsASilentBody(isWrapped: Bool) throws {
        var (response, body) = try self.received()
        if isWrapped { response = try self.wrapped(response) }
        let writer = ResponseWriter(sink: ResponseCollector(), eventLoop: self.host.loop)
        #expect(response.send(to: writer) == nil)
        writer.close()
        writer.notify()
        self.host.loop.run()
        #expect(body.isDiscarded)
    }

    @Test(arguments: [false, true]) func aServerThatGoesEndsASilentUpload(isWrapped: Bool) throws {
        let body = InboundBodyMaker.open(self.host)
        var request = RequestV3Resource(
            head: RequestHead(method: "POST", target: "/", authority: "x"), body: body, context: self.host.context)
        if isWrapped {
            let received = request
            request = try self.host.call { call throws in
                let (stream, trailers) = try RequestV3Resource.consumeBody(
                    this: received, res: ElementFuture(.ready(.ok)), in: call)
                return try RequestV3Resource.new(
                    headers: try FieldsV3Resource.make(in: call), contents: stream, trailers: trailers, options: nil,
                    in: call
                ).0
            }
        }
        let pending = try self.send(request)
        let sent = try #require(self.network.calls.first)
        #expect(!body.isDiscarded)
        sent.settled(.failure(.connectionTerminated))
        #expect(pending.isComplete)
        sent.writer.close()
        sent.writer.notify()
        self.host.loop.run()
        #expect(body.isDiscarded)
    }

    @Test func aBodyThatIsCompleteIsNotGivenUp() throws {
        let (response, body) = try self.received()
        let collector = ResponseCollector()
        let writer = ResponseWriter(sink: collector, eventLoop: self.host.loop)
        #expect(try self.wrapped(response).send(to: writer) == nil)
        body.feed(ByteBuffer(string: "all"))
        body.end(trailers: ["x-sum": "1"])
        self.host.loop.run()
        #expect(String(buffer: collector.body) == "all")
        #expect(collector.trailers == ["x-sum": "1"])
        #expect(collector.isFinished)
        writer.notify()
        #expect(!collector.isAborted)
    }

    /// The answer to HEAD takes without end, as it sends nothing.
    @Test func aBodyThatNeverWaitsLeavesTheLoopItsTurns() async throws {
        let host = try await LoopHost(WASIConfiguration())
        let feeder = Feeder([UInt8](repeating: 1, count: 64 << 20))
        let given = try await host.run { call in
            let (response, _) = try ResponseV3Resource.new(
                headers: try FieldsV3Resource.make(in: call), contents: ByteStream(feeder),
                trailers: Self.noTrailers(), in: call)
            let writer = ResponseWriter(sink: ResponseCollector(), eventLoop: host.loop, isHeadRequest: true)
            #expect(response.send(to: writer) == nil)
            return feeder.given
        }
        #expect(given < 2 << 20)
        try await host.until { _ in feeder.given == 64 << 20 }
    }
}
