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
            #expect(await session.failure(RedisCommand("PING")) == .tlsFailed("certificate verify failed"))
        }
    }

    /// Guests of a store do not know its server: they are not told its name.
    @Test(arguments: ["DNS:example.com", "IP:127.0.0.2"])
    func refusesCertificateOfAnotherHost(name: String) async throws {
        let certificate = try Certificate([name])
        let server = try self.server(certificate)
        defer { server.end() }
        try await RedisHarness.run {
            $0.tls.trustRoots = .file(certificate.certificate)
        } _: { harness in
            for host in ["localhost", "127.0.0.1"] {
                let session = try await harness.session("rediss://:pw@\(host):\(server.port)")
                let error = await session.failure(RedisCommand("PING"))
                #expect(error == .tlsFailed("the server's certificate is for another host"))
            }
        }
    }

    /// Whoever answers for a name in DNS may well have a certificate for an address of their own.
    @Test func takesNoCertificateOfAddressForName() async throws {
        let certificate = try Certificate(["IP:127.0.0.1"])
        let server = try self.server(certificate)
        defer { server.end() }
        try await RedisHarness.run {
            $0.tls.trustRoots = .file(certificate.certificate)
        } _: { harness in
            let named = try await harness.session("rediss://:pw@localhost:\(server.port)")
            let error = await named.failure(RedisCommand("PING"))
            #expect(error == .tlsFailed("the server's certificate is for another host"))
            let session = try await harness.session("rediss://:pw@127.0.0.1:\(server.port)")
            #expect(try await session.send("PING") == .status("PONG"))
        }
    }

    /// TLS ends with a farewell of both sides, which a server may be slow to say: until then the socket is there.
    @Test func countsConnectionsUntilTheyAreClosed() async throws {
        let certificate = try Certificate()
        let server = try self.server(certificate)
        defer { server.end() }
        let other = try RedisServer()
        defer { other.end() }
        try await RedisHarness.run {
            $0.tls.trustRoots = .file(certificate.certificate)
            $0.connectionsInAll = 1
            $0.connectTimeout = .seconds(1)
        } _: { harness in
            let session = try await harness.session("rediss://:pw@127.0.0.1:\(server.port)")
            _ = try await session.send("SELECT", "1")
            server.suspend()
            session.close()
            let next = try await harness.session(other.url)
            #expect(await next.failure(RedisCommand("PING")) == .tooManyConnections)
            server.resume()
            #expect(try await next.send("PING") == .status("PONG"))
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

    @Test func saysThatAuthoritiesCannotBeRead() async throws {
        let server = try RedisServer()
        defer { server.end() }
        try await RedisHarness.run {
            $0.tls.trustRoots = .file("/nowhere/authorities.pem")
        } _: { harness in
            let session = try await harness.session("rediss://127.0.0.1:\(server.port)")
            let error = await session.failure(RedisCommand("PING"))
            #expect(error == .tlsFailed("the certificates of the authorities to trust cannot be read"))
        }
    }
}
