import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on loopback that answers each request head with what its script says, byte for byte.
final class ScriptedServer: Sendable {
    /// One accepted connection, for the script to act on. On its event loop only.
    final class Connection {
        let channel: any Channel
        let number: Int
        var requests = 0

        init(_ channel: any Channel, number: Int) {
            self.channel = channel
            self.number = number
        }

        func send(_ text: String) {
            self.channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        }

        func close() {
            self.channel.close(promise: nil)
        }
    }

    typealias Script = @Sendable (_ connection: Connection, _ received: String) -> Void

    private let channel: any Channel
    let port: UInt16
    private let accepted: Counter

    final class Counter: Sendable {
        let value = Mutex(0)
        func next() -> Int {
            self.value.withLock {
                $0 += 1
                return $0
            }
        }
    }

    var connectionCount: Int { self.accepted.value.withLock { $0 } }

    /// - Parameters:
    ///   - onHead: true calls the script once a head is there (all that has arrived since the last call), false at
    ///     each read.
    init(group: any EventLoopGroup, tls: NIOSSLContext? = nil, onHead: Bool = true, script: @escaping Script)
        async throws
    {
        let counter = Counter()
        self.accepted = counter
        self.channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(number: counter.next(), onHead: onHead, script: script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.port = UInt16(self.channel.localAddress?.port ?? 0)
    }

    func close() async throws { try await self.channel.close().get() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let number: Int
        private let onHead: Bool
        private let script: Script
        private var text = ""
        private var connection: Connection?

        init(number: Int, onHead: Bool, script: @escaping Script) {
            self.number = number
            self.onHead = onHead
            self.script = script
        }

        func channelActive(context: ChannelHandlerContext) {
            self.connection = Connection(context.channel, number: self.number)
            context.fireChannelActive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let connection = self.connection ?? Connection(context.channel, number: self.number)
            self.connection = connection
            self.text += String(buffer: self.unwrapInboundIn(data))
            guard !self.onHead || self.text.contains("\r\n\r\n") else { return }
            let text = self.text
            self.text = ""
            connection.requests += 1
            self.script(connection, text)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
