import NIOCore
import NIOPosix
import Synchronization

/// Listens as a Redis server does, takes all connections, and answers each command in one way, however wrong.
final class FakeRedis: Sendable {
    enum Answer: Sendable, CaseIterable {
        /// None at all.
        case silence
        /// The beginning of one.
        case half
        /// The beginning of one, and then the end of the connection.
        case halfAndClose
        /// One that is none.
        case nonsense
        /// Of 5,000 bytes.
        case large
    }

    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let answer: Answer
        let open: Counter
        let all: Counter

        init(_ answer: Answer, open: Counter, all: Counter) {
            self.answer = answer
            self.open = open
            self.all = all
        }

        func channelActive(context: ChannelHandlerContext) {
            self.open.add(1)
            self.all.add(1)
        }

        func channelInactive(context: ChannelHandlerContext) { self.open.add(-1) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text: String? =
                switch self.answer {
                case .silence: nil
                case .half, .halfAndClose: "$100\r\nabc"
                case .nonsense: "HTTP/1.1 400 Bad Request\r\n\r\n"
                case .large: "$5000\r\n" + String(repeating: "x", count: 5000) + "\r\n"
                }
            if let text { context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil) }
            if self.answer == .halfAndClose { context.close(promise: nil) }
        }
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { self.count.load(ordering: .relaxed) }
        func add(_ number: Int) { self.count.wrappingAdd(number, ordering: .relaxed) }
    }

    let url: String
    private let channel: any Channel
    private let open = Counter()
    private let all = Counter()

    /// Connections that are open now.
    var openConnections: Int { self.open.value }
    /// Connections that there were, those that are open included.
    var connections: Int { self.all.value }

    init(_ answer: Answer) async throws {
        let (open, all) = (self.open, self.all)
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 4096)
            .childChannelInitializer { $0.pipeline.addHandler(Handler(answer, open: open, all: all)) }
            .bind(host: "127.0.0.1", port: 0).get()
        self.url = "redis://127.0.0.1:\(self.channel.localAddress?.port ?? 0)"
    }

    func stop() async throws { try await self.channel.close() }
}
