import AppModel
package import NIOCore
package import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One request over HTTP/1.1 and TLS, and its answer. On NIO, which the server needs anyway: Foundation's client would
/// add `libcurl` to what must be installed.
package struct HTTPExchange: Sendable {
    package struct Request: Sendable {
        package var method = HTTPMethod.GET
        package var url: URL
        package var headers: [(name: String, value: String)] = []
        package var body: Body = .none

        package init(_ url: URL) { self.url = url }
    }

    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A file, sent as it is read.
        case file(String, size: Int)
    }

    /// The head of an answer.
    package struct Answer: Sendable {
        package var url: URL
        package var status: Int
        package var reason: String
        package var headers: HTTPHeaders

        /// Where the answer leads to, if it does.
        package var location: URL? {
            guard let text = self.headers.first(name: "location") else { return nil }
            return URL(string: text, relativeTo: self.url)?.absoluteURL
        }
    }

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// Certificates to trust instead of the system's, PEM.
    package var trustRootsFile: String?
    package var acceptsInvalidCertificates = false
    /// The longest time without a byte from the server, or to it.
    package var silenceLimit: TimeAmount = .seconds(60)
    /// The longest time for an answer as a whole; nil for files, which may be large.
    package var timeLimit: TimeAmount?

    package init(trustRootsFile: String? = nil) {
        self.trustRootsFile = trustRootsFile
    }

    /// Sends a request and hands on what comes. Throws ``FetchError``, and what the closures throw.
    ///
    /// - Parameters:
    ///   - onHead: whether to read the body.
    ///   - onChunk: told the bytes, in order. What it throws ends the transfer.
    @discardableResult
    package func send(
        _ request: Request, onHead: (Answer) throws -> Bool, onChunk: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Answer {
        let text = Self.display(request.url)
        guard let host = request.url.host(percentEncoded: false), !host.isEmpty,
            let scheme = request.url.scheme?.lowercased(), ["http", "https"].contains(scheme)
        else { throw FetchError("`\(text)` is no http or https URL") }
        let isSecure = scheme == "https"
        let connection = try await self.connect(
            host, port: request.url.port ?? (isSecure ? 443 : 80), isSecure: isSecure, text)
        var answer: Answer?
        var isComplete = false
        do {
            try await connection.executeThenClose { input, output in
                // A server may answer, and close, before it has taken the whole request: its answer counts.
                var unsent: (any Error)?
                do {
                    try await Self.write(request, host: host, to: output)
                } catch let error as FetchError {
                    throw error
                } catch {
                    unsent = error
                }
                for try await part in input {
                    switch part {
                    case .head(let head):
                        let found = Answer(
                            url: request.url, status: Int(head.status.code), reason: head.status.reasonPhrase,
                            headers: head.headers)
                        answer = found
                        isComplete = !(try onHead(found))
                    case .body(let buffer): try buffer.withUnsafeReadableBytes(onChunk)
                    case .end: isComplete = answer != nil
                    }
                    // Not read on: many servers close without TLS's good-bye.
                    if isComplete { return }
                }
                throw unsent ?? FetchError("`\(text)` ended before all of it had come", isUnreachable: true)
            }
        } catch let error as FetchError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            // What fails after the answer is the end of the connection.
            if isComplete, let answer { return answer }
            var failure = Self.explained(error, host: host, text)
            // It may have taken the greeting for a request.
            if isSecure, answer == nil, RegistryName.isLoopback(host) { failure.isTLSRefused = true }
            throw failure
        }
        guard let answer else { throw FetchError("`\(text)` ended before its answer", isUnreachable: true) }
        return answer
    }

    /// Sends a request and gives the body of its answer, at most `limit` bytes.
    package func collect(_ request: Request, limit: Int) async throws -> (answer: Answer, body: [UInt8]) {
        var body: [UInt8] = []
        let answer = try await self.send(
            request, onHead: { _ in true },
            onChunk: { bytes in
                guard body.count + bytes.count <= limit else {
                    throw FetchError("`\(Self.display(request.url))` answers with more than \(limit >> 10) KiB")
                }
                body += bytes
            })
        return (answer, body)
    }

    /// A URL as messages show it: a query may be a signature, the user information a password.
    package static func display(_ url: URL) -> String {
        guard let host = url.host(percentEncoded: false), let scheme = url.scheme else { return url.path() }
        return "\(scheme)://\(self.authority(of: url, host: host))\(url.path(percentEncoded: true))"
    }

    // MARK: - Request

    private static func write(
        _ request: Request, host: String, to output: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws {
        var head = HTTPRequestHead(version: .http1_1, method: request.method, uri: Self.target(of: request.url))
        head.headers.add(name: "host", value: Self.authority(of: request.url, host: host))
        head.headers.add(name: "user-agent", value: "swirl")
        head.headers.add(name: "connection", value: "close")
        for header in request.headers { head.headers.add(name: header.name, value: header.value) }
        if !head.headers.contains(name: "accept") { head.headers.add(name: "accept", value: "*/*") }
        switch request.body {
        case .none:
            if request.method != .GET, request.method != .HEAD { head.headers.add(name: "content-length", value: "0") }
            // At once: a server may answer, and close, as soon as it has the head.
            try await output.write(contentsOf: [.head(head), .end(nil)])
        case .bytes(let bytes):
            head.headers.add(name: "content-length", value: "\(bytes.count)")
            try await output.write(
                contentsOf: [.head(head), .body(.byteBuffer(ByteBuffer(bytes: bytes))), .end(nil)])
        case .file(let path, let size):
            head.headers.add(name: "content-length", value: "\(size)")
            try await output.write(.head(head))
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw FetchError("cannot read `\(path)`: \(Paths.lastError)") }
            defer { close(file) }
            var sent = 0
            while sent < size {
                var buffer = ByteBufferAllocator().buffer(capacity: 1 << 18)
                let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 << 18) {
                    max(0, systemRead(file, UnsafeMutableRawBufferPointer(rebasing: $0.prefix(size - sent))))
                }
                guard count > 0 else { throw FetchError("`\(path)` was cut short while it was read") }
                try await output.write(.body(.byteBuffer(buffer)))
                sent += count
            }
            try await output.write(.end(nil))
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

    // MARK: - Connection

    private func connect(_ host: String, port: Int, isSecure: Bool, _ url: String) async throws -> Connection {
        let tls: NIOSSLContext?
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let file = self.trustRootsFile { configuration.trustRoots = .file(file) }
            if self.acceptsInvalidCertificates { configuration.certificateVerification = .none }
            tls = isSecure ? try NIOSSLContext(configuration: configuration) : nil
        } catch {
            throw FetchError("TLS is not usable: \(error)")
        }
        let (silenceLimit, timeLimit) = (self.silenceLimit, self.timeLimit)
        do {
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(30))
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let tls {
                            // An address is no name that a certificate could be asked for by.
                            let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
                            try pipeline.addHandler(
                                NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host))
                        }
                        try pipeline.addHandler(IdleStateHandler(allTimeout: silenceLimit))
                        try pipeline.addHandler(PatienceHandler(timeLimit: timeLimit))
                        try pipeline.addHTTPClientHandlers()
                        return try Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            let reason = (error as? NIOConnectionError).map(Self.reason) ?? "\(error)"
            throw FetchError("cannot connect to \(host):\(port) for `\(url)`: \(reason)", isUnreachable: true)
        }
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let refused = error.connectionErrors.first?.error {
            return (refused as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(refused)"
        }
        return error.dnsAError ?? error.dnsAAAAError == nil ? "no address" : "the name is not known"
    }

    private static func explained(_ error: any Error, host: String, _ text: String) -> FetchError {
        if "\(error)".contains("CERTIFICATE_VERIFY_FAILED") {
            return FetchError(
                "the certificate of \(host) is not trusted, so `\(text)` is not read\n"
                    + "  hint: install the system's certificates (`ca-certificates`), or name a file by SSL_CERT_FILE"
            )
        }
        if case .handshakeFailed = error as? NIOSSLError {
            return FetchError("\(host) does not speak TLS, so `\(text)` is not read", isTLSRefused: true)
        }
        return FetchError("cannot read `\(text)`: \(error)", isUnreachable: true)
    }
}

/// Ends a connection on which nothing comes any more, or whose time is over.
private final class PatienceHandler: ChannelInboundHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private let timeLimit: TimeAmount?
    private var end: Scheduled<Void>?

    init(timeLimit: TimeAmount?) {
        self.timeLimit = timeLimit
    }

    func channelActive(context: ChannelHandlerContext) {
        if let limit = self.timeLimit {
            self.end = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
                context.fireErrorCaught(
                    FetchError("the server takes longer than \(limit.nanoseconds / 1_000_000_000) s"))
                context.close(promise: nil)
            }
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.fireErrorCaught(FetchError("the server has gone silent", isUnreachable: true))
        context.close(promise: nil)
    }
}
