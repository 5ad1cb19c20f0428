import HTTP
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Makes one connection: resolves the name, checks each address against the policy, connects to the first that
/// answers, and does the TLS handshake.
final class Connector {
    enum Outcome {
        case http1(HTTP1ClientConnection)
        case http2(HTTP2ClientConnection)
        case failed(ClientError)
    }

    private enum Stage {
        case resolving
        case connecting
        /// One address has answered: what the other attempts come to does not matter any more.
        case chosen
        case ended
    }

    /// The next address is tried when one has not answered after this time (RFC 8305, 5).
    private static let stagger = TimeAmount.milliseconds(250)

    let origin: Origin
    /// The component on whose behalf the name is looked up.
    let asker: String
    private let eventLoop: any EventLoop
    private let configuration: ClientConfiguration
    private let tls: ClientTLS?
    private var completion: ((Outcome) -> Void)?
    private var lookup: AddressLookup?
    private var pending: [SocketAddress] = []
    private var attempts: [ObjectIdentifier: any Channel] = [:]
    private var running = 0
    private var firstError: ClientError?
    private var staggered: Scheduled<Void>?
    private var stage = Stage.resolving

    init(
        _ origin: Origin, for asker: String, eventLoop: any EventLoop, configuration: ClientConfiguration,
        tls: ClientTLS?,
        completion: @escaping (Outcome) -> Void
    ) {
        self.origin = origin
        self.asker = asker
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.tls = tls
        self.completion = completion
    }

    /// Whether the name is still looked up.
    var isResolving: Bool { self.stage == .resolving }

    func start() {
        if let literal = try? SocketAddress(ipAddress: self.origin.host, port: Int(self.origin.port)) {
            return self.resolved([literal])
        }
        let lookup = self.configuration.resolver.lookUp(
            self.origin.host, port: self.origin.port, for: self.asker, on: self.eventLoop)
        self.lookup = lookup
        lookup.addresses.hop(to: self.eventLoop).assumeIsolated().whenComplete { result in
            self.lookup = nil
            switch result {
            case .success(let addresses): self.resolved(addresses)
            case .failure(let error):
                self.end(.failed(error as? ClientError ?? .dnsError(code: "\(error)")))
            }
        }
    }

    /// Nobody waits for the connection any more.
    func cancel() {
        self.completion = nil
        self.end(.failed(.cancelled))
    }

    private func resolved(_ addresses: [SocketAddress]) {
        guard self.stage == .resolving else { return }
        self.stage = .connecting
        let allowed = addresses.filter { self.configuration.addressPolicy.allows($0) }
        guard !allowed.isEmpty else {
            return self.end(.failed(addresses.isEmpty ? .dnsError(code: "NODATA") : .addressProhibited))
        }
        self.pending = Self.interleaved(allowed)
        self.tryNext()
    }

    /// One family after the other in turn (RFC 8305, 4): a broken one costs one attempt, not all.
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        let same = addresses.filter { $0.protocol == first.protocol }
        let other = addresses.filter { $0.protocol != first.protocol }
        var result: [SocketAddress] = []
        for index in 0..<max(same.count, other.count) {
            if index < same.count { result.append(same[index]) }
            if index < other.count { result.append(other[index]) }
        }
        return Array(result.prefix(16))
    }

    private func tryNext() {
        self.staggered?.cancel()
        self.staggered = nil
        guard !self.pending.isEmpty else {
            if self.running == 0 { self.end(.failed(self.firstError ?? .connectionRefused)) }
            return
        }
        let address = self.pending.removeFirst()
        self.running &+= 1
        if !self.pending.isEmpty {
            self.staggered = self.eventLoop.assumeIsolated().scheduleTask(in: Self.stagger) { self.tryNext() }
        }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let future = ClientBootstrap(group: self.eventLoop)
            // The exchange's own time-out counts.
            .connectTimeout(.hours(1))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 4)
            .channelInitializer { channel in
                bound.value.attempts[ObjectIdentifier(channel)] = channel
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .connect(to: address)
        future.assumeIsolated().whenComplete { result in
            self.running &-= 1
            switch result {
            case .success(let channel): self.connected(channel)
            case .failure(let error):
                // An attempt that is given up fails at once, in the middle of whoever gives it up.
                guard self.stage == .connecting else { return }
                if self.firstError == nil { self.firstError = Self.error(of: error) }
                self.tryNext()
            }
        }
    }

    private func connected(_ channel: any Channel) {
        guard self.stage == .connecting else { return channel.close(promise: nil) }
        self.stage = .chosen
        self.staggered?.cancel()
        self.staggered = nil
        self.pending = []
        self.attempts[ObjectIdentifier(channel)] = nil
        self.closeAttempts()
        guard let tls = self.tls else {
            let isHTTP2 = self.configuration.priorKnowledge.contains("\(self.origin.host):\(self.origin.port)")
            return self.ready(channel, isHTTP2: isHTTP2)
        }
        self.attempts[ObjectIdentifier(channel)] = channel
        do {
            let host = self.origin.host
            let isAddress = (try? SocketAddress(ipAddress: self.origin.host, port: 0)) != nil
            let handler = try NIOSSLClientHandler(
                context: tls.get(), serverHostname: isAddress ? nil : self.origin.host)
            let sync = channel.pipeline.syncOperations
            try sync.addHandler(handler)
            try sync.addHandler(
                HandshakeHandler { handler, result in
                    self.attempts[ObjectIdentifier(channel)] = nil
                    switch result {
                    case .success(let name):
                        let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate()
                        guard isAddress || certificate.map({ ServerIdentity.isValid($0, for: host) }) ?? false else {
                            channel.close(promise: nil)
                            return self.end(.failed(.tlsCertificateError("it is not for \(host)")))
                        }
                        self.ready(channel, isHTTP2: name == "h2")
                        channel.pipeline.syncOperations.removeHandler(handler, promise: nil)
                    case .failure(let error):
                        channel.close(promise: nil)
                        self.end(.failed(error))
                    }
                })
            channel.read()
        } catch {
            channel.close(promise: nil)
            self.end(.failed(.tlsProtocolError("\(error)")))
        }
    }

    private func ready(_ channel: any Channel, isHTTP2: Bool) {
        guard self.stage == .chosen else { return channel.close(promise: nil) }
        // The handlers that are added now would never hear of an end that has been.
        guard channel.isActive else { return self.end(.failed(.connectionTerminated)) }
        do {
            if isHTTP2 {
                let connection = HTTP2ClientConnection(
                    eventLoop: self.eventLoop, limits: self.configuration.limits,
                    idleTimeout: self.configuration.idleTimeout,
                    isSingleUse: !self.configuration.keepsConnections)
                try connection.install(in: channel)
                // Its flow control is what holds a server back, stream by stream.
                try channel.syncOptions?.setOption(.autoRead, value: true)
                self.end(.http2(connection))
            } else {
                let connection = HTTP1ClientConnection(
                    eventLoop: self.eventLoop, limits: self.configuration.limits)
                try channel.pipeline.syncOperations.addHandler(connection)
                self.end(.http1(connection))
            }
        } catch {
            channel.close(promise: nil)
            self.end(.failed(.other("\(error)")))
        }
    }

    private func closeAttempts() {
        let attempts = self.attempts
        self.attempts = [:]
        for channel in attempts.values { channel.close(promise: nil) }
    }

    private func end(_ outcome: Outcome) {
        self.stage = .ended
        self.staggered?.cancel()
        self.staggered = nil
        self.pending = []
        self.lookup?.cancel()
        if case .failed = outcome { self.closeAttempts() }
        let completion = self.completion
        self.completion = nil
        completion?(outcome)
    }

    private static func error(of error: any Error) -> ClientError {
        guard let error = error as? IOError else { return .connectionRefused }
        return switch error.errnoCode {
        case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT: .addressUnroutable
        case ETIMEDOUT: .connectionTimeout
        case ECONNREFUSED: .connectionRefused
        default: .connectionRefused
        }
    }
}

/// Waits for the end of the TLS handshake.
private final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var completion: ((HandshakeHandler, Result<String?, ClientError>) -> Void)?

    init(_ completion: @escaping (HandshakeHandler, Result<String?, ClientError>) -> Void) {
        self.completion = completion
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let name) = event as? TLSUserEvent {
            self.end(.success(name))
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if self.completion != nil { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if self.completion == nil { return context.fireErrorCaught(error) }
        self.end(.failure(TLSFailure.error(of: error)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(.failure(.tlsProtocolError("the server closed the connection during the handshake")))
        context.fireChannelInactive()
    }

    private func end(_ result: Result<String?, ClientError>) {
        let completion = self.completion
        self.completion = nil
        completion?(self, result)
    }
}
