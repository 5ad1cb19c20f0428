import NIOCore
import NIOPosix

/// A server that does with each connection what a test says. On the loops of a harness, whose end closes it.
struct ScriptedServer: Sendable {
    typealias Script = @Sendable (_ received: String, _ connection: any Channel) -> Void

    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let script: Script

        init(_ script: @escaping Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.script(String(buffer: self.unwrapInboundIn(data)), context.channel)
        }
    }

    let port: Int
    /// A connection as it comes.
    let connections: AsyncStream<any Channel>

    init(_ harness: RedisHarness, _ script: @escaping Script) async throws {
        let (connections, continuation) = AsyncStream.makeStream(of: (any Channel).self)
        self.connections = connections
        let channel = try await ServerBootstrap(group: harness.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                continuation.yield(channel)
                return channel.pipeline.addHandler(Handler(script))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.port = channel.localAddress?.port ?? 0
    }

    /// - Parameters:
    ///   - login: `user:password@`.
    ///   - query: `?protocol=resp3`.
    func url(_ login: String = "", scheme: String = "redis", query: String = "") -> String {
        "\(scheme)://\(login)127.0.0.1:\(self.port)\(query)"
    }
}

extension Channel {
    func answer(_ text: String) { self.writeAndFlush(ByteBuffer(string: text), promise: nil) }
}
