package import Logging
package import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Where a server really listens.
package struct BoundAddress: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}

/// A server of HTTP/1.x and HTTP/2, in the clear or over TLS, on NIO's sockets.
package final class HTTPServer: Sendable {
    private struct State {
        var isStarted = false
        var ownGroup: MultiThreadedEventLoopGroup?
        var listeners: [any Channel] = []
        var loops: [NIOLoopBound<LoopContext>] = []
    }

    private let configuration: ServerConfiguration
    private let handler: any RequestHandler
    private let sharedGroup: (any EventLoopGroup)?
    private let logger: Logger
    private let gate: ConnectionGate
    private let state = Mutex(State())

    /// - Parameter group: event loops that the caller owns; without one the server makes its own and ends them in
    ///   ``shutdown(gracePeriod:)``.
    package init(
        configuration: ServerConfiguration,
        handler: any RequestHandler,
        group: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "swirl.http")
    ) {
        self.configuration = configuration
        self.handler = handler
        self.sharedGroup = group
        self.logger = logger
        self.gate = ConnectionGate(limit: max(1, configuration.maxConnections))
    }

    /// Binds the address and begins to serve.
    ///
    /// - Throws: ``ServerError`` when the address cannot be bound, or on a second call.
    @discardableResult
    package func start() async throws -> BoundAddress {
        let isFirst = self.state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted
        }
        guard isFirst else {
            throw ServerError.alreadyStarted
        }
        let group = self.eventLoops()
        let loops = await self.makeContexts(Array(group.makeIterator()))
        self.state.withLock { $0.loops = loops }
        do {
            let address = try await self.bind(loops, group)
            self.logger.debug("listening", metadata: ["address": "\(address)", "loops": "\(loops.count)"])
            return address
        } catch {
            await self.shutdown(gracePeriod: .zero)
            throw ServerError(error, host: self.configuration.host, port: self.configuration.port)
        }
    }

    /// Stops accepting, closes idle connections, lets running requests finish within the period, then cuts them.
    package func shutdown(gracePeriod: Duration) async {
        let (listeners, loops) = self.state.withLock { state in
            defer { state.listeners = [] }
            return (state.listeners, state.loops)
        }
        for listener in listeners {
            try? await listener.close().get()
        }
        let grace = TimeAmount(gracePeriod)
        let drained = loops.map { loop in
            loop.eventLoop.flatSubmit { loop.value.drain(grace: grace) }
        }
        for future in drained {
            try? await future.get()
        }
        let group = self.state.withLock { state in
            defer {
                state.ownGroup = nil
                state.loops = []
            }
            return state.ownGroup
        }
        try? await group?.shutdownGracefully()
    }

    /// Counters since the start, of all loops.
    package func statistics() async -> ServerStatistics {
        var sum = ServerStatistics()
        for loop in self.state.withLock({ $0.loops }) {
            if let statistics = try? await loop.eventLoop.submit({ loop.value.statistics }).get() {
                sum += statistics
            }
        }
        return sum
    }

    /// Attempts to accept a connection that failed, for want of file descriptors or memory.
    package var acceptFailures: Int { self.gate.acceptFailures }

    /// Connections that are open now.
    package var connectionCount: Int { self.gate.current }
}

// MARK: - Binding

extension HTTPServer {
    private func eventLoops() -> any EventLoopGroup {
        if let group = self.sharedGroup {
            return group
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: self.configuration.loops ?? System.coreCount)
        self.state.withLock { $0.ownGroup = group }
        return group
    }

    private func makeContexts(_ loops: [any EventLoop]) async -> [NIOLoopBound<LoopContext>] {
        var contexts: [NIOLoopBound<LoopContext>] = []
        for loop in loops {
            let context = loop.submit {
                NIOLoopBound(
                    LoopContext(
                        eventLoop: loop, configuration: self.configuration, logger: self.logger, gate: self.gate),
                    eventLoop: loop)
            }
            if let context = try? await context.get() {
                contexts.append(context)
            }
        }
        return contexts
    }

    private func bind(
        _ loops: [NIOLoopBound<LoopContext>],
        _ group: any EventLoopGroup
    ) async throws -> BoundAddress {
        guard let first = loops.first else {
            throw ServerError.noEventLoops
        }
        let host = try HostName.address(of: self.configuration.host)
        switch self.configuration.acceptMode {
        case .single:
            let children = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
            let bootstrap = try self.bootstrap(first.eventLoop, group) { children[ObjectIdentifier($0)] }
            return try await self.listen(bootstrap, host, self.configuration.port)
        case .perLoop:
            var address: BoundAddress?
            for loop in loops {
                let bootstrap = try self.bootstrap(loop.eventLoop, loop.eventLoop) { _ in loop }
                    .serverChannelOption(.socketOption(.init(rawValue: SO_REUSEPORT)), value: 1)
                let bound = try await self.listen(bootstrap, host, address?.port ?? self.configuration.port)
                address = address ?? bound
            }
            guard let address else {
                throw ServerError.noEventLoops
            }
            return address
        }
    }

    private func listen(
        _ bootstrap: ServerBootstrap, _ host: SocketAddress, _ port: Int
    ) async throws -> BoundAddress {
        var wanted = host
        wanted.port = port
        let channel = try await bootstrap.bind(to: wanted).get()
        self.state.withLock { $0.listeners.append(channel) }
        let address = channel.localAddress
        return BoundAddress(host: address?.ipAddress ?? self.configuration.host, port: address?.port ?? port)
    }

    private func bootstrap(
        _ parent: any EventLoopGroup,
        _ children: any EventLoopGroup,
        context: @escaping @Sendable (any EventLoop) -> NIOLoopBound<LoopContext>?
    ) throws -> ServerBootstrap {
        guard let bootstrap = ServerBootstrap(validatingGroup: parent, childGroup: children) else {
            throw ServerError.noEventLoops
        }
        let gate = self.gate
        let logger = self.logger
        let handler = self.handler
        let highWaterMark = self.configuration.responseHighWaterMark
        let tls = self.configuration.tls
        return
            bootstrap
            .serverChannelOption(.backlog, value: Int32(clamping: self.configuration.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // The gate is asked between batches: a small limit is kept exactly, a large one nearly.
            .serverChannelOption(
                .maxMessagesPerRead, value: UInt(min(max(self.configuration.maxConnections / 64, 1), 16))
            )
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptLimiter(gate: gate, logger: logger))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            // One read a turn: after each, the connection decides whether it wants another.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: max(1, highWaterMark / 4), high: max(1, highWaterMark))
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = context(channel.eventLoop) else {
                        throw ServerError.noEventLoops
                    }
                    let plan = ReceivePlan()
                    let connection = HTTP1Connection(loop: loop.value, handler: handler, receivePlan: plan)
                    try channel.syncOptions?.setOption(.recvAllocator, value: plan)
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(tls.makeHandler())
                    }
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
    }
}
