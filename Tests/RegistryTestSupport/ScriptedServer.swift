import NIOCore
package import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on loopback whose answers a test writes, good ones and bad ones.
package final class ScriptedServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        package var target: String
        package var headers: HTTPHeaders

        package var path: String { String(self.target.prefix { $0 != "?" }) }
    }

    package struct Answer: Sendable {
        package var status = 200
        package var headers: [(String, String)] = []
        package var body: [UInt8] = []
        /// What `content-length` says, if that is not the truth.
        package var announced: Int?
        /// Sends nothing more, and leaves the connection open.
        package var fallsSilent = false

        package init(_ status: Int = 200, _ headers: [(String, String)] = [], body: String = "") {
            self.status = status
            self.headers = headers
            self.body = Array(body.utf8)
        }
    }

    package let port: Int
    private let channel: any Channel
    private let log: Log

    /// What was asked for.
    private final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    package var name: String { "127.0.0.1:\(self.port)" }
    package var requests: [Request] { self.log.requests.withLock { $0 } }

    package init(_ answer: @escaping @Sendable (Request) -> Answer) async throws {
        let log = Log()
        self.log = log
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(log, answer))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        self.port = self.channel.localAddress?.port ?? 0
    }

    package func end() async throws { try await self.channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let log: Log
        private let answer: @Sendable (Request) -> Answer
        private var request: Request?

        init(_ log: Log, _ answer: @escaping @Sendable (Request) -> Answer) {
            self.log = log
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head):
                self.request = Request(method: head.method.rawValue, target: head.uri, headers: head.headers)
            case .body: break
            case .end:
                guard let request = self.request else { return }
                self.log.requests.withLock { $0.append(request) }
                self.send(self.answer(request), context)
            }
        }

        private func send(_ answer: Answer, _ context: ChannelHandlerContext) {
            var headers = HTTPHeaders(answer.headers)
            headers.add(name: "content-length", value: "\(answer.announced ?? answer.body.count)")
            headers.add(name: "connection", value: "close")
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            let body = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: answer.body)))
            let isWritten = context.writeAndFlush(self.wrapOutboundOut(body))
            if answer.fallsSilent { return }
            // Closing drops what is not written yet.
            let end: EventLoopFuture<Void> =
                answer.announced == nil ? context.writeAndFlush(self.wrapOutboundOut(.end(nil))) : isWritten
            let channel = context.channel
            end.whenComplete { _ in channel.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
