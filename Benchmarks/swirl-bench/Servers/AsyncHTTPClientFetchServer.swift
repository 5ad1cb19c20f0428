#if ASYNC_HTTP_CLIENT
import AsyncHTTPClient
import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix

/// The HTTP server that `swirl up` uses, with async-http-client, without a guest: does what the guest fetch.wat does.
enum AsyncHTTPClientFetchServer {
    static let isBuilt = true

    /// Serves until the process is ended.
    static func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        var configuration = ServerConfiguration()
        configuration.port = 0
        let server = HTTPServer(
            configuration: configuration, handler: FetchHandler(HTTPClient(eventLoopGroupProvider: .shared(group))),
            group: group)
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
        self.fetch("http://\(exchange.head.target.dropFirst())/", left: FetchServer.requests, for: exchange)
    }

    private func fetch(_ url: String, left: Int, for exchange: Exchange) {
        guard let request = try? HTTPClient.Request(url: url) else { return exchange.respond(status: 400) }
        // Connections of the exchange's own loop, as ours are: no hop between threads.
        self.client.execute(request: request, eventLoop: .delegateAndChannel(on: exchange.eventLoop))
            .assumeIsolated().whenComplete { result in
                guard case .success(let response) = result, response.status == .ok else {
                    return exchange.respond(status: 502)
                }
                guard left == 1 else { return self.fetch(url, left: left - 1, for: exchange) }
                exchange.response.writeHead(ResponseHead(status: 200))
                if let body = response.body { exchange.response.write(body) }
                exchange.response.finish()
            }
    }
}
#else
/// Not in this build: see Package.swift.
enum AsyncHTTPClientFetchServer {
    static let isBuilt = false

    static func run() async throws {
        throw BenchmarkError("this build has no async-http-client: `make bench` builds it in")
    }
}
#endif
