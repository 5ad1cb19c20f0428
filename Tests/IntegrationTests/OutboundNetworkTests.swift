import Foundation
import RedisTestSupport
import Testing

/// What the operator says about the network holds for more than HTTP.
@Suite(.enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(2))) struct OutboundNetworkTests {
    private static func status(_ config: String, _ redis: RedisServer, host: String) async throws -> Int {
        let app = try TestApp(
            components: [("redis", "/...", Places.textGuest("redis"))],
            settings: "allowed_outbound_hosts = [\"redis://*:*\"]")
        try app.write(Data(config.utf8), to: "rc.toml")
        let box = Box()
        try await SwirlServer.serve(app, arguments: ["--runtime-config-file", "rc.toml", "--state-dir", ""]) { server in
            box.status = try server.get("/\(host):\(redis.port)").status
        }
        return box.status
    }

    private final class Box: @unchecked Sendable { var status = 0 }

    @Test func redisIsBlockedByTheAddressThatIsConnectedTo() async throws {
        let redis = try RedisServer()
        defer { redis.end() }
        #expect(try await Self.status("", redis, host: "localhost") == 200)
        let blocked = "[outbound_networking]\nblock_networks = [\"127.0.0.0/8\", \"::1\"]"
        #expect(try await Self.status(blocked, redis, host: "localhost") == 503)
        #expect(try await Self.status(blocked, redis, host: "127.0.0.1") == 503)
        let none = "[outbound_networking]\nmax_total_connections = 0"
        #expect(try await Self.status(none, redis, host: "127.0.0.1") == 503)
        let one = "[outbound_networking]\nmax_total_connections = 1"
        #expect(try await Self.status(one, redis, host: "127.0.0.1") == 200)
    }
}
