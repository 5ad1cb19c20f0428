import HTTPClient
import NIOCore
import Testing

/// Several addresses of one host (RFC 8305).
@Suite(.timeLimit(.minutes(1))) struct ConnectorTests {
    private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

    private static func request(_ timeouts: ClientTimeouts = ClientTimeouts()) throws -> ClientRequest {
        try ClientRequest(
            method: "GET", origin: Origin(isSecure: false, host: "many.test", port: 80), target: "/",
            timeouts: timeouts)
    }

    /// One that does not answer costs a moment; the attempt at it is given up, and no other is begun.
    @Test(arguments: [0, 1]) func leavesOutAnAddressThatDoesNotAnswer(_ more: Int) async throws {
        let silent = try HangingAddress()
        let box = AddressBox()
        try await Harness.run({ $0.resolver = box }) { connection, _ in
            connection.send(Self.ok)
        } _: { harness, server in
            let good = try SocketAddress(ipAddress: "127.0.0.1", port: Int(server.port))
            box.set([silent.address] + Array(repeating: good, count: 1 + more))
            let request = try Self.request()
            #expect(try await harness.send(request).body == "ok")
            #expect(try await harness.send(request).body == "ok")
            #expect(server.connectionCount == 1)
            #expect(try await harness.onLoop { $0.connectionCount(to: request.origin).open } == 1)
        }
        // As long as its sockets are open, nobody is refused.
        withExtendedLifetime(silent) {}
    }

    @Test func timesOutWhenNoAddressAnswers() async throws {
        let silent = [try HangingAddress(), try HangingAddress()]
        let box = AddressBox()
        box.set(silent.map(\.address))
        let harness = try Harness { $0.resolver = box }
        let timeouts = ClientTimeouts(connect: .milliseconds(400))
        let request = try Self.request(timeouts)
        #expect(await harness.failure(request) == .connectionTimeout)
        #expect(try await harness.onLoop { $0.connectionCount(to: request.origin).open } == 0)
        try await harness.end()
        withExtendedLifetime(silent) {}
    }
}
