import NIOCore
import NIOSSL
import RedisClient
import RedisTestSupport
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: RedisServer.isInstalled), .timeLimit(.minutes(1)))
struct TLSTests {
    private func server(_ certificate: Certificate) throws -> RedisServer {
        try RedisServer(
            isSecure: true,
            [
                "--tls-cert-file", certificate.certificate, "--tls-key-file", certificate.key, "--tls-auth-clients",
                "no",
                "--requirepass", "pw",
            ])
    }

    @Test(arguments: ["127.0.0.1", "localhost"]) func speaksTLS(host: String) async throws {
        let certificate = try Certificate()
        let server = try self.server(certificate)
        defer { server.end() }
        try await RedisHarness.run {
            $0.tls.trustRoots = .file(certificate.certificate)
        } _: { harness in
            let session = try await harness.session("rediss://:pw@\(host):\(server.port)/2")
            let large = String(repeating: "x", count: 300_000)
            #expect(try await session.send("SET", "k", large) == .status("OK"))
            #expect(try await session.send("GET", "k") == .text(large))
        }
    }

    @Test func refusesUnknownAuthorities() async throws {
        let server = try self.server(try Certificate())
        defer { server.end() }
        try await RedisHarness.run { harness in
            let session = try await harness.session("rediss://:pw@127.0.0.1:\(server.port)")
            guard case .tlsFailed = await session.failure(RedisCommand("PING")) else {
                Issue.record("a certificate that nobody vouches for is accepted")
                return
            }
        }
    }

    @Test func refusesCertificateOfAnotherHost() async throws {
        let certificate = try Certificate(["DNS:example.com"])
        let server = try self.server(certificate)
        defer { server.end() }
        try await RedisHarness.run {
            $0.tls.trustRoots = .file(certificate.certificate)
        } _: { harness in
            for host in ["localhost", "127.0.0.1"] {
                let session = try await harness.session("rediss://:pw@\(host):\(server.port)")
                guard case .tlsFailed = await session.failure(RedisCommand("PING")) else {
                    Issue.record("a certificate of another host is accepted")
                    continue
                }
            }
        }
    }

    @Test func failsWhenServerSpeaksNoTLS() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run {
            $0.connectTimeout = .seconds(1)
        } _: { harness in
            let session = try await harness.session("rediss://127.0.0.1:\(server.port)")
            #expect(await session.failure(RedisCommand("PING")) != nil)
        }
    }
}
