import HTTP
import NIOCore
import Synchronization
import Testing

/// A server on a free port of 127.0.0.1 for the time of a test.
func withServer(
    _ configuration: ServerConfiguration = ServerConfiguration(),
    handler: @escaping @Sendable (Exchange) -> Void,
    _ body: (HTTPServer, Int) async throws -> Void
) async throws {
    var configuration = configuration
    configuration.port = 0
    configuration.loops = configuration.loops ?? 1
    let server = HTTPServer(configuration: configuration, handler: SendableHandler(handler))
    let address = try await server.start()
    do {
        try await body(server, address.port)
    } catch {
        await server.shutdown(gracePeriod: .zero)
        throw error
    }
    await server.shutdown(gracePeriod: .zero)
}

private final class SendableHandler: RequestHandler {
    private let body: @Sendable (Exchange) -> Void

    init(_ body: @escaping @Sendable (Exchange) -> Void) {
        self.body = body
    }

    func handle(_ exchange: Exchange) {
        self.body(exchange)
    }
}

/// Values that a server's event loop hands to a test, which waits for them.
final class Mailbox<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncStream.makeStream()
    }

    func put(_ value: Value) {
        self.continuation.yield(value)
    }

    /// The next value; fails after 20 seconds.
    func next() async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                var iterator = self.stream.makeAsyncIterator()
                return await iterator.next()
            }
            group.addTask {
                try await Task.sleep(for: .seconds(20))
                return nil
            }
            defer { group.cancelAll() }
            return try #require(try await group.next() ?? nil)
        }
    }
}

/// Reads a request body to its end, and answers with what `answer` makes of it.
final class BodyReader {
    private let exchange: Exchange
    private let answer: (Exchange, ByteBuffer) -> Void
    private var bytes = ByteBuffer()

    static func read(_ exchange: Exchange, _ answer: @escaping (Exchange, ByteBuffer) -> Void) {
        BodyReader(exchange, answer).pump()
    }

    private init(_ exchange: Exchange, _ answer: @escaping (Exchange, ByteBuffer) -> Void) {
        self.exchange = exchange
        self.answer = answer
    }

    private func pump() {
        while true {
            switch self.exchange.body.read() {
            case .bytes(var more): self.bytes.writeBuffer(&more)
            case .wouldBlock: return self.exchange.body.whenReadable { self.pump() }
            case .end: return self.answer(self.exchange, self.bytes)
            case .failed: return self.exchange.response.abort()
            }
        }
    }
}
