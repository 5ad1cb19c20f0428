import NIOCore
import NIOPosix

/// A server that does not read what it is sent: NIO's sockets and one fixed answer for each request's end.
///
/// The least that an HTTP server on these sockets can do.
enum RawServer {
    /// Serves until the process is ended.
    static func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawHandler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        Announcement.serving(port: channel.localAddress?.port ?? 0)
        try await Announcement.serveUntilEnded()
    }
}

/// Answers whenever the bytes that arrived end with an empty line.
private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer = ByteBuffer(
        string: "HTTP/1.1 200 OK\r\ncontent-length: \(Server.greeting.utf8.count)\r\n\r\n\(Server.greeting)")

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data).readableBytesView
        guard bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return }
        context.writeAndFlush(Self.wrapOutboundOut(self.answer), promise: nil)
    }
}
