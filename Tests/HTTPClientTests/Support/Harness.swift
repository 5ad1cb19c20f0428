import HTTP
import HTTPClient
import NIOCore
import NIOPosix
import Testing

/// What a request gave, collected.
struct Answer: Sendable {
    var status: Int
    var fields: HTTPFields
    var body: String
    var trailers: HTTPFields?
    var bodyError: BodyError?
}

/// A client on one event loop, driven from a test.
final class Harness: Sendable {
    let group: MultiThreadedEventLoopGroup
    let client: HTTPClient
    var loop: any EventLoop { self.group.next() }

    init(_ configure: (inout ClientConfiguration) -> Void = { _ in }) throws {
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = ClientConfiguration()
        configure(&configuration)
        self.client = try HTTPClient(configuration, eventLoops: Array(self.group.makeIterator()))
    }

    /// Runs `body` with a harness and a scripted server, and ends both.
    static func run(
        _ configure: (inout ClientConfiguration) -> Void = { _ in }, onHead: Bool = true,
        script: @escaping ScriptedServer.Script,
        _ body: (Harness, ScriptedServer) async throws -> Void
    ) async throws {
        let harness = try Harness(configure)
        let server = try await ScriptedServer(group: harness.group, onHead: onHead, script: script)
        do {
            try await body(harness, server)
        } catch {
            try? await harness.end()
            throw error
        }
        try await server.close()
        try await harness.end()
    }

    func end() async throws {
        self.client.shutDown()
        try await self.group.shutdownGracefully()
    }

    /// Runs on the client's loop.
    func onLoop<T: Sendable>(_ body: @escaping @Sendable (LoopClient) throws -> T) async throws -> T {
        let loop = self.loop
        return try await loop.submit {
            guard let client = self.client.client(of: loop) else { throw ClientError.shutDown }
            return try body(client)
        }.get()
    }

    /// Sends a request and reads its response to the end.
    func send(
        _ request: ClientRequest, write: (@Sendable (ClientExchange) -> Void)? = nil
    ) async throws -> Answer {
        let loop = self.loop
        let promise = loop.makePromise(of: Answer.self)
        loop.execute {
            guard let client = self.client.client(of: loop) else { return promise.fail(ClientError.shutDown) }
            let exchange = client.start(request) { result in
                switch result {
                case .failure(let error): promise.fail(error)
                case .success(let response): Collector(response, promise).read()
                }
            }
            write?(exchange)
        }
        return try await promise.futureResult.get()
    }

    func get(
        _ port: UInt16, _ target: String = "/", method: String = "GET", timeouts: ClientTimeouts = ClientTimeouts()
    ) async throws -> Answer {
        try await self.send(Self.request(port, target, method: method, timeouts: timeouts))
    }

    func expectOK(_ port: UInt16, at location: SourceLocation = #_sourceLocation) async throws {
        let answer = try await self.get(port)
        #expect(answer.body == "ok", sourceLocation: location)
    }

    func failure(_ request: ClientRequest, write: (@Sendable (ClientExchange) -> Void)? = nil) async -> ClientError? {
        do {
            _ = try await self.send(request, write: write)
            return nil
        } catch {
            return error as? ClientError
        }
    }

    static func request(
        _ port: UInt16, _ target: String = "/", method: String = "GET", fields: HTTPFields = HTTPFields(),
        body: ClientRequest.Body = .none, timeouts: ClientTimeouts = ClientTimeouts()
    ) throws -> ClientRequest {
        try ClientRequest(
            method: method, origin: Origin(isSecure: false, host: "127.0.0.1", port: port), target: target,
            fields: fields, body: body, timeouts: timeouts)
    }
}

/// Reads a body to its end.
final class Collector {
    private let response: ClientResponse
    private let promise: EventLoopPromise<Answer>
    private var answer: Answer

    init(_ response: ClientResponse, _ promise: EventLoopPromise<Answer>) {
        self.response = response
        self.promise = promise
        self.answer = Answer(status: response.status, fields: response.fields, body: "")
    }

    func read() {
        while true {
            switch self.response.body.read() {
            case .bytes(let bytes): self.answer.body += String(buffer: bytes)
            case .wouldBlock:
                self.response.body.whenReadable { self.read() }
                return
            case .end(let trailers):
                self.answer.trailers = trailers
                return self.promise.succeed(self.answer)
            case .failed(let error):
                self.answer.bodyError = error
                return self.promise.succeed(self.answer)
            }
        }
    }
}
