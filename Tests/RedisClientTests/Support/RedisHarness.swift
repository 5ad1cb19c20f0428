import NIOCore
import NIOPosix
import RedisClient
import Synchronization

/// A client on one event loop, driven from a test.
final class RedisHarness: Sendable {
    let group: MultiThreadedEventLoopGroup
    let client: RedisClient
    private let sessions = Mutex<[Session]>([])
    var loop: any EventLoop { self.group.next() }

    init(_ configure: (inout RedisConfiguration) -> Void = { _ in }) {
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = RedisConfiguration()
        configuration.connectTimeout = .seconds(5)
        configure(&configuration)
        self.client = RedisClient(configuration, eventLoops: Array(self.group.makeIterator()))
    }

    static func run<T>(
        _ configure: (inout RedisConfiguration) -> Void = { _ in }, _ body: (RedisHarness) async throws -> T
    ) async throws -> T {
        let harness = RedisHarness(configure)
        do {
            let result = try await body(harness)
            try await harness.end()
            return result
        } catch {
            try? await harness.end()
            throw error
        }
    }

    func end() async throws {
        // A session that goes is closed, which is its loop's business.
        for session in self.sessions.withLock({ $0 }) {
            try await session.loop.submit { session.session.value.close() }.get()
        }
        self.client.shutDown()
        try await self.group.shutdownGracefully()
    }

    func session(_ url: String) async throws -> Session {
        let address = try RedisAddress(url)
        let loop = self.loop
        let client = self.client
        let session = try await loop.submit {
            guard let redis = client.loop(loop) else { throw RedisError.shutDown }
            return Session(session: NIOLoopBound(try redis.session(to: address), eventLoop: loop), loop: loop)
        }.get()
        self.sessions.withLock { $0.append(session) }
        return session
    }

    /// One command on a session of its own.
    func send(_ url: String, _ command: RedisCommand) async throws -> RESPValue {
        let session = try await self.session(url)
        defer { session.close() }
        return try await session.send(command)
    }
}

/// A session, used from outside its loop.
struct Session: Sendable {
    let session: NIOLoopBound<RedisSession>
    let loop: any EventLoop

    func send(_ command: RedisCommand) async throws -> RESPValue { try await self.start(command).get() }

    func send(_ name: String, _ arguments: String...) async throws -> RESPValue {
        var command = RedisCommand(name)
        for argument in arguments { command.append(argument) }
        return try await self.send(command)
    }

    func start(_ command: RedisCommand) -> EventLoopFuture<RESPValue> {
        let promise = self.loop.makePromise(of: RESPValue.self)
        self.loop.execute { self.session.value.send(command) { promise.completeWith($0.map(\.value).mapError { $0 }) } }
        return promise.futureResult
    }

    func failure(_ command: RedisCommand) async -> RedisError? {
        do {
            _ = try await self.send(command)
            return nil
        } catch {
            return error as? RedisError
        }
    }

    func close() { self.loop.execute { self.session.value.close() } }
}

extension RESPValue {
    static func text(_ text: String) -> RESPValue { .bytes(ByteBuffer(string: text)) }
}
