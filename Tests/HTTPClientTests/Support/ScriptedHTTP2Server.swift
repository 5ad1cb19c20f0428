import HTTPClient
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization

/// A server on loopback that speaks HTTP/2 without TLS, and answers each frame of a stream with what its script does.
final class ScriptedHTTP2Server: Sendable {
    /// One stream. On its event loop only.
    final class Stream {
        let channel: any Channel
        /// Frames that have come.
        fileprivate(set) var frames = 0
        fileprivate(set) var path = ""

        init(_ channel: any Channel) { self.channel = channel }

        func send(_ headers: HPACKHeaders, isEnd: Bool = true) {
            self.channel.writeAndFlush(
                HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: isEnd)), promise: nil)
        }

        func send(_ text: String, isEnd: Bool = true) {
            self.channel.writeAndFlush(
                HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer(string: text)), endStream: isEnd)),
                promise: nil)
        }
    }

    typealias Script = @Sendable (_ stream: Stream, _ frame: HTTP2Frame.FramePayload) -> Void

    private let channel: any Channel
    let port: UInt16
    private let accepted: ScriptedServer.Counter

    var connectionCount: Int { self.accepted.value.withLock { $0 } }

    init(group: any EventLoopGroup, settings: HTTP2Settings = [], script: @escaping Script) async throws {
        let counter = ScriptedServer.Counter()
        self.accepted = counter
        self.channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                _ = counter.next()
                return channel.eventLoop.makeCompletedFuture {
                    var configuration = NIOHTTP2Handler.ConnectionConfiguration()
                    configuration.initialSettings = settings
                    _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                        mode: .server, connectionConfiguration: configuration, streamConfiguration: .init()
                    ) { stream in
                        stream.eventLoop.makeCompletedFuture {
                            try stream.pipeline.syncOperations.addHandler(Handler(script))
                        }
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.port = UInt16(self.channel.localAddress?.port ?? 0)
    }

    func close() async throws { try await self.channel.close().get() }

    /// Runs `body` with a harness that knows the server to speak HTTP/2, and ends both.
    static func run(
        settings: HTTP2Settings = [], _ configure: (inout ClientConfiguration) -> Void = { _ in },
        script: @escaping Script, _ body: (Harness, ScriptedHTTP2Server) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await ScriptedHTTP2Server(group: group, settings: settings, script: script)
        let harness = try Harness {
            $0.priorKnowledge = ["127.0.0.1:\(server.port)", "many.test:\(server.port)"]
            configure(&$0)
        }
        do {
            try await body(harness, server)
        } catch {
            try? await harness.end()
            try? await group.shutdownGracefully()
            throw error
        }
        try await harness.end()
        try await server.close()
        try await group.shutdownGracefully()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame.FramePayload

        private let script: Script
        private var stream: Stream?

        init(_ script: @escaping Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let stream = self.stream ?? Stream(context.channel)
            self.stream = stream
            stream.frames += 1
            let frame = self.unwrapInboundIn(data)
            if case .headers(let headers) = frame { stream.path = headers.headers.first(name: ":path") ?? "" }
            self.script(stream, frame)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }
}
