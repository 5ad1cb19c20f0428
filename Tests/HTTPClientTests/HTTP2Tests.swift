import HTTP
import HTTPClient
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization
import Testing

/// HTTP/2 against a server that answers what a test says.
@Suite(.timeLimit(.minutes(1))) struct HTTP2Tests {
    /// Streams that a server has not answered yet.
    private final class Held: Sendable {
        private let streams = Mutex<[@Sendable () -> Void]>([])

        func add(_ stream: ScriptedHTTP2Server.Stream) {
            let bound = NIOLoopBound(stream, eventLoop: stream.channel.eventLoop)
            let loop = stream.channel.eventLoop
            self.streams.withLock { $0.append { loop.execute { bound.value.send([":status": "204"]) } } }
        }

        var count: Int { self.streams.withLock { $0.count } }

        func answerOne() {
            self.streams.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
        }
    }

    private static func request(
        _ port: UInt16, host: String = "127.0.0.1", method: String = "GET", fields: HTTPFields = HTTPFields(),
        body: ClientRequest.Body = .none
    ) throws -> ClientRequest {
        try ClientRequest(
            method: method, origin: Origin(isSecure: false, host: host, port: port), target: "/", fields: fields,
            body: body, timeouts: ClientTimeouts(firstByte: .seconds(40), betweenBytes: .seconds(40)))
    }

    private static func wait(until condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    /// A connection that was made for a request that another has served meanwhile.
    @Test func closesAConnectionThatNeverHadAStream() async throws {
        let held = Held()
        let box = LateResolver()
        try await ScriptedHTTP2Server.run(
            settings: [HTTP2Setting(parameter: .maxConcurrentStreams, value: 1)],
            {
                $0.resolver = box
                $0.idleTimeout = .milliseconds(50)
            }
        ) { stream, _ in
            held.add(stream)
        } _: { harness, server in
            let request = try Self.request(server.port, host: "many.test")
            let address = try SocketAddress(ipAddress: "127.0.0.1", port: Int(server.port))
            let first = Task { try await harness.send(request).status }
            try await Self.wait { box.waiting == 1 }
            box.answer([address])
            try await Self.wait { held.count == 1 }
            // No room on the first connection: a second is begun, whose name is not found yet.
            let second = Task { try await harness.send(request).status }
            try await Self.wait { box.waiting == 1 }
            held.answerOne()
            #expect(try await first.value == 204)
            try await Self.wait { held.count == 1 }
            box.answer([address])
            try await Self.wait { server.connectionCount == 2 }
            held.answerOne()
            #expect(try await second.value == 204)
            try await Self.wait { try await harness.onLoop { $0.connectionCount(to: request.origin).open } == 0 }
        }
    }

    @Test(arguments: [4090, 9000]) func tellsThatTheHeaderIsTooLarge(_ size: Int) async throws {
        try await ScriptedHTTP2Server.run({
            $0.limits.headerBytes = 4096
            $0.limits.trailerBytes = 1024
        }) { stream, _ in
            stream.send([":status": "200", "x-large": String(repeating: "x", count: size)])
        } _: { harness, server in
            let request = try Self.request(server.port)
            #expect(await harness.failure(request) == .responseHeaderSectionSize(limit: 4096))
            // That was the matter of one stream.
            #expect(try await harness.onLoop { $0.connectionCount(to: request.origin).open } == 1)
        }
    }

    /// HTTP/2 counts 32 bytes more for each field; the limit does not.
    @Test func takesAHeaderUpToTheLimit() async throws {
        try await ScriptedHTTP2Server.run({ $0.limits.headerBytes = 4096 }) { stream, _ in
            stream.send([":status": "200", "x-large": String(repeating: "x", count: 4050)])
        } _: { harness, server in
            let answer = try await harness.send(Self.request(server.port))
            #expect(answer.fields.first("x-large")?.utf8.count == 4050)
        }
    }

    @Test func tellsThatAServerBreaksHTTP2() async throws {
        let harness = try Harness()
        let server = try await ScriptedServer(group: harness.group, onHead: false) { connection, _ in
            guard connection.requests == 1 else { return }
            // SETTINGS, and a DATA frame that belongs to no stream (RFC 9113 6.1).
            connection.send("\0\0\0\u{4}\0\0\0\0\0" + "\0\0\u{1}\0\0\0\0\0\0a")
        }
        let client = try Harness { $0.priorKnowledge = ["127.0.0.1:\(server.port)"] }
        let error = await client.failure(try Self.request(server.port))
        guard case .protocolError = error else {
            Issue.record("the error is \(String(describing: error))")
            return
        }
        try await client.end()
        try await server.close()
        try await harness.end()
    }

    @Test(arguments: [1050, 4090, 9000]) func tellsThatTrailersAreTooLarge(_ size: Int) async throws {
        try await ScriptedHTTP2Server.run({
            $0.limits.headerBytes = 4096
            $0.limits.trailerBytes = 1024
        }) { stream, _ in
            stream.send([":status": "200"], isEnd: false)
            stream.send("body", isEnd: false)
            stream.send(["x-large": String(repeating: "x", count: size)])
        } _: { harness, server in
            let answer = try await harness.send(Self.request(server.port))
            #expect(answer.bodyError == .malformed("\(ClientError.responseTrailerSectionSize(limit: 1024))"))
        }
    }

    /// A final response without 100 before the body: the server takes it, or does not want it.
    @Test(arguments: [(200, "data"), (417, "")]) func answersAnExpectationEarly(
        _ status: Int, _ expected: String
    ) async throws {
        try await ScriptedHTTP2Server.run { stream, frame in
            switch frame {
            case .headers: stream.send([":status": "\(status)"], isEnd: status != 200)
            case .data(let data):
                guard case .byteBuffer(let bytes) = data.data else { return }
                stream.send(String(buffer: bytes), isEnd: data.endStream)
            default: break
            }
        } _: { harness, server in
            let request = try Self.request(
                server.port, method: "PUT", fields: ["expect": "100-continue"], body: .stream(length: 4))
            let answer = try await harness.send(request) { exchange in
                exchange.body.write(ByteBuffer(string: "data"))
                exchange.body.finish()
            }
            #expect(answer.status == status)
            #expect(answer.body == expected)
            #expect(answer.bodyError == nil)
        }
    }

    /// Requests under way go on when the client is shut down.
    @Test func finishesStreamsWhenShutDown() async throws {
        let held = Held()
        try await ScriptedHTTP2Server.run { stream, _ in
            held.add(stream)
        } _: { harness, server in
            let request = try Self.request(server.port)
            let first = Task { try await harness.send(request).status }
            try await Self.wait { held.count == 1 }
            try await harness.onLoop { $0.shutDown() }
            held.answerOne()
            #expect(try await first.value == 204)
            try await Self.wait { try await harness.onLoop { $0.connectionCount(to: request.origin).open } == 0 }
        }
    }
}

/// A resolver whose answers a test gives, one at a time.
final class LateResolver: AddressResolver {
    private let promises = Mutex<[EventLoopPromise<[SocketAddress]>]>([])
    private let cancelled = Mutex(0)

    /// Look-ups that were given up.
    var cancellations: Int { self.cancelled.withLock { $0 } }

    var waiting: Int { self.promises.withLock { $0.count } }

    func answer(_ addresses: [SocketAddress]) {
        self.promises.withLock { $0.isEmpty ? nil : $0.removeFirst() }?.succeed(addresses)
    }

    func lookUp(_ host: String, port: UInt16, for asker: String, on eventLoop: any EventLoop) -> AddressLookup {
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        self.promises.withLock { $0.append(promise) }
        return AddressLookup(promise.futureResult) { self.cancelled.withLock { $0 += 1 } }
    }
}
