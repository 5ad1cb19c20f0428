import AppModel
import Capabilities
import Foundation
import NIOCore
import NIOPosix
import RedisClient
import Synchronization
import Testing

/// What guests are told of a Redis server that is slow, silent or breaks off, by every interface that leads to one.
@Suite(.serialized, .timeLimit(.minutes(1))) struct SlowRedisTests {
    /// Takes connections and reads what comes.
    private final class Server: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        enum Answer: Sendable, CaseIterable {
            /// None at all.
            case silence
            /// The beginning of one.
            case half
            /// The beginning of one, and then the end of the connection.
            case halfAndClose
            /// One that is none.
            case nonsense
            /// Larger than the limit.
            case huge
        }

        private let answer: Answer

        init(_ answer: Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text: String? =
                switch self.answer {
                case .silence: nil
                case .half, .halfAndClose: "$100\r\nabc"
                case .nonsense: "HTTP/1.1 400 Bad Request\r\n\r\n"
                case .huge: "$5000\r\n" + String(repeating: "x", count: 5000) + "\r\n"
                }
            if let text { context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil) }
            if self.answer == .halfAndClose { context.close(promise: nil) }
        }
    }

    private static let interfaces = GuestInterface.redis + GuestInterface.keyValue

    /// - Parameter body: gets what a component may do that may use the server at that address.
    private func withServer(
        _ answer: Server.Answer, _ body: (ComponentCapabilities, _ url: String) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { $0.pipeline.addHandler(Server(answer)) }
            .bind(host: "127.0.0.1", port: 0).get()
        let url = "redis://127.0.0.1:\(server.localAddress?.port ?? 0)"
        var configuration = RedisConfiguration()
        configuration.answerTimeout = .milliseconds(200)
        configuration.limits.replyBytes = 4000
        let client = RedisClient(configuration, eventLoops: Array(group.makeIterator()))
        let store = RedisKeyValueStore(client, address: try RedisAddress(url))
        let hosts = try AllowedHosts([url], componentIDs: []) { _ in "" }
        let capabilities = ComponentCapabilities(
            component: "guest", keyValue: KeyValueGrants(stores: ["default": store]),
            redis: RedisGrants(client: client, hosts: hosts))
        try await body(capabilities, url)
        client.shutDown()
        try await server.close()
    }

    @Test(arguments: Self.interfaces, Server.Answer.allCases)
    private func guestsGetAnError(interface: GuestInterface, answer: Server.Answer) async throws {
        try await self.withServer(answer) { capabilities, url in
            let label = interface.capability == .redis ? url : "default"
            let guest = try CapabilityGuest(interface, label: label)
            let last = try #require(interface.errors.last)
            // Again: a connection that was given up is replaced.
            for _ in 0..<2 { #expect(try await guest.run(with: capabilities) == .operationFailed(last)) }
        }
    }
}
