import HTTP
import HTTPClient
import NIOCore
import NIOPosix

/// The HTTP server and the HTTP client that `swirl up` uses, without a guest: does what the guest fetch.wat does.
enum FetchServer {
    /// Requests that each request leads to, one after the other.
    static let requests = 10

    /// Serves until the process is ended.
    static func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let client = try HTTPClient(eventLoops: Array(group.makeIterator()))
        var configuration = ServerConfiguration()
        configuration.port = 0
        let server = HTTPServer(configuration: configuration, handler: FetchHandler(client), group: group)
        let address = try await server.start()
        Announcement.serving(port: address.port)
        try await Announcement.serveUntilEnded()
    }
}

/// `GET /HOST:PORT` asks that server for `/` so many times, and answers with the body of the last answer.
private final class FetchHandler: RequestHandler {
    private let client: HTTPClient

    init(_ client: HTTPClient) {
        self.client = client
    }

    func handle(_ exchange: Exchange) {
        guard let origin = Origin(isSecure: false, authority: String(exchange.head.target.dropFirst())) else {
            return exchange.respond(status: 400)
        }
        self.fetch(origin, left: FetchServer.requests, for: exchange)
    }

    private func fetch(_ origin: Origin, left: Int, for exchange: Exchange) {
        guard let client = self.client.client(of: exchange.eventLoop),
            let request = try? ClientRequest(method: "GET", origin: origin, target: "/")
        else { return exchange.respond(status: 500) }
        client.start(request) { result in
            guard case .success(let response) = result, response.status == 200 else {
                return exchange.respond(status: 502)
            }
            self.read(response.body, ByteBuffer(), for: exchange) { body in
                guard left == 1 else { return self.fetch(origin, left: left - 1, for: exchange) }
                exchange.response.writeHead(ResponseHead(status: 200))
                exchange.response.write(body)
                exchange.response.finish()
            }
        }
    }

    /// Reads a body to its end.
    private func read(
        _ body: InboundBody, _ before: ByteBuffer, for exchange: Exchange, then: @escaping (ByteBuffer) -> Void
    ) {
        var whole = before
        while true {
            switch body.read() {
            case .bytes(var bytes): whole.writeBuffer(&bytes)
            case .wouldBlock:
                let soFar = whole
                return body.whenReadable { self.read(body, soFar, for: exchange, then: then) }
            case .end: return then(whole)
            case .failed: return exchange.respond(status: 502)
            }
        }
    }
}
