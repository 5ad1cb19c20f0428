import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Gets files over HTTP/1.1 and TLS, following redirections. On NIO, which the server needs anyway: Foundation's
/// client would add `libcurl` to what must be installed.
package struct HTTPContentFetcher: ContentFetcher {
    private static let redirectLimit = 10
    private static let silenceLimit: TimeAmount = .seconds(60)

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    private let trustRootsFile: String?

    /// - Parameter trustRootsFile: certificates to trust instead of the system's, PEM.
    package init(trustRootsFile: String? = nil) {
        self.trustRootsFile = trustRootsFile
    }

    package func fetch(
        _ url: String, onStart: (Int?) throws -> Void, onChunk: (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        var next = url
        for _ in 0...Self.redirectLimit {
            guard let location = try await self.fetchOnce(next, onStart: onStart, onChunk: onChunk) else { return }
            next = location
        }
        throw FetchError("`\(url)` redirects more than \(Self.redirectLimit) times")
    }

    /// Gives the place that the answer leads to, or nil when the file was read.
    private func fetchOnce(
        _ text: String, onStart: (Int?) throws -> Void, onChunk: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> String? {
        guard let url = URL(string: text), let host = url.host(percentEncoded: false), !host.isEmpty,
            let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme)
        else { throw FetchError("`\(text)` is no http or https URL") }
        let isSecure = scheme == "https"
        let connection = try await self.connect(host, port: url.port ?? (isSecure ? 443 : 80), isSecure: isSecure, text)
        do {
            return try await connection.executeThenClose { input, output in
                var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: Self.target(of: url))
                head.headers.add(name: "host", value: Self.authority(of: url, host: host))
                head.headers.add(name: "user-agent", value: "swirl")
                head.headers.add(name: "accept", value: "*/*")
                head.headers.add(name: "connection", value: "close")
                // At once: a server may answer, and close, as soon as it has the head.
                try await output.write(contentsOf: [.head(head), .end(nil)])

                for try await part in input {
                    switch part {
                    case .head(let head):
                        if (300..<400).contains(head.status.code), let location = head.headers.first(name: "location") {
                            return URL(string: location, relativeTo: url)?.absoluteString ?? location
                        }
                        guard head.status.code == 200 else {
                            throw FetchError("`\(text)` answers \(head.status.code) \(head.status.reasonPhrase)")
                        }
                        try onStart(head.headers.first(name: "content-length").flatMap { Int($0) })
                    case .body(let buffer): try buffer.withUnsafeReadableBytes(onChunk)
                    // Not read on: many servers close without TLS's good-bye.
                    case .end: return nil
                    }
                }
                throw FetchError("`\(text)` ended before all of it had come")
            }
        } catch let error as FetchError {
            throw error
        } catch {
            if "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
                throw FetchError(
                    "the certificate of \(host) is not trusted, so `\(text)` is not read\n"
                        + "  hint: install the system's certificates (`ca-certificates`), or name a file by SSL_CERT_FILE"
                )
            }
            throw FetchError("cannot read `\(text)`: \(error)")
        }
    }

    private func connect(_ host: String, port: Int, isSecure: Bool, _ url: String) async throws -> Connection {
        let tls: NIOSSLContext?
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let file = self.trustRootsFile { configuration.trustRoots = .file(file) }
            tls = isSecure ? try NIOSSLContext(configuration: configuration) : nil
        } catch {
            throw FetchError("TLS is not usable: \(error)")
        }
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(30))
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls {
                            // An address is no name that a certificate could be asked for by.
                            let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
                            try channel.pipeline.syncOperations.addHandler(
                                NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host))
                        }
                        try channel.pipeline.syncOperations.addHandler(
                            IdleStateHandler(readTimeout: Self.silenceLimit))
                        try channel.pipeline.syncOperations.addHandler(SilenceHandler())
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw FetchError("cannot connect to \(host):\(port) for `\(url)`: \(error)")
        }
    }

    private static func target(of url: URL) -> String {
        let path = url.path(percentEncoded: true)
        let query = url.query(percentEncoded: true).map { "?\($0)" } ?? ""
        return (path.isEmpty ? "/" : path) + query
    }

    private static func authority(of url: URL, host: String) -> String {
        let name = host.contains(":") ? "[\(host)]" : host
        return url.port.map { "\(name):\($0)" } ?? name
    }
}

/// Ends a connection on which nothing comes any more.
private final class SilenceHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.fireErrorCaught(FetchError("the server has gone silent"))
        context.close(promise: nil)
    }
}
