import Foundation
import HTTP
import NIOCore

/// The HTTP server that `swirl up` uses, with a handler that needs no guest.
enum HandlerServer {
    /// Serves until the process is ended.
    static func run(_ handler: some RequestHandler) async throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        let server = HTTPServer(configuration: configuration, handler: handler)
        let address = try await server.start()
        Announcement.serving(port: address.port)
        try await Announcement.serveUntilEnded()
    }
}

/// Answers each request with the same short text.
final class FixedHandler: RequestHandler {
    private let body = ByteBuffer(string: Server.greeting)

    func handle(_ exchange: Exchange) {
        exchange.response.writeHead(ResponseHead(status: 200))
        exchange.response.write(self.body)
        exchange.response.finish()
    }
}

/// Answers each request 100 ms later.
final class WaitingHandler: RequestHandler {
    func handle(_ exchange: Exchange) {
        exchange.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(100)) {
            exchange.respond(status: 200)
        }
    }
}

/// Sends each request's body back as it arrives, no faster than the client takes it.
final class EchoHandler: RequestHandler {
    func handle(_ exchange: Exchange) {
        exchange.response.writeHead(ResponseHead(status: 200))
        self.pump(exchange)
    }

    private func pump(_ exchange: Exchange) {
        while true {
            let credit = exchange.response.writableBytes
            guard credit > 0 else {
                guard !exchange.response.isClosed else { return exchange.body.discard() }
                return exchange.response.whenWritable { self.pump(exchange) }
            }
            switch exchange.body.read(upTo: credit) {
            case .bytes(let bytes): exchange.response.write(bytes)
            case .wouldBlock: return exchange.body.whenReadable { self.pump(exchange) }
            case .end:
                exchange.response.finish()
                return
            case .failed: return exchange.response.abort()
            }
        }
    }
}
