import ComponentModel
import NIOCore
import NIOPosix
import Testing
import WASI

/// `wasi:sockets/tcp`.
@Suite struct TCPTests {
    typealias Address = WasiSocketsNetwork.IpSocketAddress

    @Test func aConnectionCarriesBytesBothWays() async throws {
        try await withSockets { host, call in
            let (client, server) = try host.connection(in: call)
            try client.send("from the client", in: call)
            #expect(try server.receive(15, in: call) == "from the client")
            try server.send("and back", in: call)
            #expect(try client.receive(8, in: call) == "and back")
            #expect(
                try client.socket.remoteAddress(in: call).get().port == server.socket.localAddress(in: call).get().port)
        }
    }

    @Test func nothingToReadIsNoEnd() async throws {
        try await withSockets { host, call in
            let (client, server) = try host.connection(in: call)
            defer { withExtendedLifetime(server) {} }
            #expect(try client.input.read(len: 10, in: call).get().byteCount == 0)
        }
    }

    @Test func shuttingDownEndsTheOtherSidesInput() async throws {
        try await withSockets { host, call in
            let (client, server) = try host.connection(in: call)
            try client.send("last", in: call)
            try client.socket.shutdown(shutdownType: .send, in: call).get()
            #expect(try server.receive(4, in: call) == "last")
            try becomeReady(try server.input.subscribe(in: call), in: call)
            #expect(try server.input.read(len: 1, in: call).failure?.isClosed == true)
            #expect(try client.output.checkWrite(in: call).failure?.isClosed == true)
            try server.send("still open", in: call)
            #expect(try client.receive(10, in: call) == "still open")
        }
    }

    @Test func shuttingDownReceiptClosesTheInput() async throws {
        try await withSockets { host, call in
            let (client, server) = try host.connection(in: call)
            try server.send("never read", in: call)
            try client.socket.shutdown(shutdownType: .receive, in: call).get()
            #expect(try client.input.read(len: 1, in: call).failure?.isClosed == true)
        }
    }

    /// The system takes only so much: the rest must neither be lost nor held without bound.
    @Test func aPeerThatDoesNotReadStopsTheCredit() async throws {
        let sent = try await withSockets { host, call in
            let (client, server) = try host.connection(in: call)
            let block = [UInt8](repeating: 7, count: 64 << 10)
            var sent = 0
            while case .ok(let credit) = try client.output.checkWrite(in: call), credit > 0 {
                let output = client.output
                try withGuestBytesOf(block) { bytes, call in try output.write(contents: bytes, in: call).get() }(call)
                sent += block.count
                guard sent < 64 << 20 else { break }
            }
            #expect(sent < 64 << 20)
            var received = 0
            while received < sent {
                try becomeReady(try server.input.subscribe(in: call), in: call)
                received += try server.input.read(len: 1 << 20, in: call).get().byteCount
                _ = try client.output.checkWrite(in: call)
            }
            #expect(received == sent)
            return sent
        }
        #expect(sent > 0)
    }

    /// A guest that polls, and then turns to something else, does not stop what the host is sending for it.
    @Test func whatWasWrittenGoesThoughTheGuestPolls() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let kept = NIOLoopBoundBox.makeEmptyBox(
            valueType: (SocketHost, client: Connected, server: Connected).self, eventLoop: loop)
        defer { loop.execute { kept.value = nil } }
        let sent = try await loop.submit {
            let host = SocketHost(loop, WholeNetwork(), WASILimits())
            return try host.call { call in
                let (client, server) = try host.connection(receiveBuffer: 8192, in: call)
                let sent = try client.fill(in: call)
                try client.output.subscribe(in: call).source.whenReady {}
                kept.value = (host, client, server)
                return sent
            }
        }.get()
        let end = ContinuousClock.now + .seconds(20)
        var received = 0
        while received < sent, ContinuousClock.now < end {
            received += try await loop.submit {
                guard let (host, _, server) = kept.value else { return 0 }
                return try host.call { try server.input.read(len: 1 << 20, in: $0).get().byteCount }
            }.get()
        }
        #expect(received == sent)
    }

    /// Polling must not take the error that the guest asks for next.
    @Test(arguments: [false, true]) func anErrorShowsAfterAPoll(isWritten: Bool) async throws {
        try await withSockets { host, call in
            let server = try ResettingServer()
            let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
            try socket.startConnect(network: host.network, remoteAddress: .loopback(server.port), in: call).get()
            try becomeReady(try socket.subscribe(in: call), in: call)
            let (input, output) = try socket.finishConnect(in: call).get()
            _ = try Connected(socket: socket, input: input, output: output).fill(in: call)
            try server.reset()
            let pollable = try output.subscribe(in: call)
            try becomeReady(pollable, in: call)
            #expect(try pollable.ready(in: call))
            let failure: WasiIoStreams.StreamError?
            if isWritten {
                // The call is only lent.
                let taken = Taken<WasiIoStreams.StreamError?>(nil)
                try withGuestBytesOf([1]) { bytes, call in
                    taken.value = try output.blockingWriteAndFlush(contents: bytes, in: call).failure
                }(call)
                failure = taken.value
            } else {
                failure = try output.checkWrite(in: call).failure
            }
            guard case .socket(let code) = try #require(failure?.cause) else { throw NeverReady() }
            #expect(code == .connectionReset)
            #expect(try pollable.ready(in: call))
            #expect(try output.checkWrite(in: call).failure?.isClosed == true)
        }
    }

    /// What was written before the guest dropped its stream still goes, after the guest is gone too.
    @Test func droppingTheOutputSendsWhatWasWritten() async throws {
        let server = try await ByteCounter.start()
        let port = server.port
        let sent = try await withSockets { host, call in
            let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
            try socket.startConnect(network: host.network, remoteAddress: .loopback(port), in: call).get()
            try becomeReady(try socket.subscribe(in: call), in: call)
            let (_, output) = try socket.finishConnect(in: call).get()
            let block = [UInt8](repeating: 7, count: 64 << 10)
            var sent = 0
            while case .ok(let credit) = try output.checkWrite(in: call), credit > 0 {
                try withGuestBytesOf(block) { bytes, call in try output.write(contents: bytes, in: call).get() }(call)
                sent += block.count
            }
            return sent
        }
        #expect(try await server.readToEnd() == sent)
    }

    @Test func aRefusedConnectionSaysSo() async throws {
        try await withSockets { host, call in
            let (socket, port) = try host.udp(in: call)  // a port that no TCP listens on
            defer { withExtendedLifetime(socket) {} }
            let client = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
            let started = try client.startConnect(network: host.network, remoteAddress: .loopback(port), in: call)
            if started.isOK {
                try becomeReady(try client.subscribe(in: call), in: call)
                #expect(try client.finishConnect(in: call).failure == .connectionRefused)
            } else {
                #expect(started.failure == .connectionRefused)
            }
            #expect(
                try client.startConnect(network: host.network, remoteAddress: .loopback(port), in: call).failure
                    == .invalidState)
        }
    }

    /// What becomes ready wakes the guest: the seam between the system, Dispatch and the event loop.
    @Test func aConnectionThatArrivesCallsBack() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let arrived = loop.makePromise(of: Void.self)
        let kept = try await loop.submit {
            let host = SocketHost(loop, WholeNetwork(), WASILimits())
            return try host.call { call in
                let (listener, port) = try host.listener(in: call)
                let pollable = try listener.subscribe(in: call)
                pollable.source.whenReady { arrived.succeed() }
                return NIOLoopBound((host, listener, pollable, port), eventLoop: loop)
            }
        }.get()
        let port = try await loop.submit { kept.value.3 }.get()
        let client = try await ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: Int(port)).get()
        try await arrived.futureResult.get()
        try await client.close()
        try await loop.submit { withExtendedLifetime(kept.value) {} }.get()
    }

    @Test(arguments: [
        (Address.ipv4(0, 0, 0, 0, port: 80), "unspecified"),
        (.loopback(0), "no port"),
        (.ipv4(224, 0, 0, 1, port: 80), "multicast"),
        (.ipv4(255, 255, 255, 255, port: 80), "broadcast"),
        (.ipv6([0, 0, 0, 0, 0, 0, 0, 1], port: 80), "of the other family"),
    ])
    func anAddressThatCannotBeConnectedToIsRefused(_ address: Address, _ why: String) async throws {
        let failure = try await withSockets { host, call in
            let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
            return try socket.startConnect(network: host.network, remoteAddress: address, in: call).failure
        }
        #expect(failure == .invalidArgument, "\(why)")
    }

    @Test func anIPv4AddressInIPv6ClothesIsRefused() async throws {
        let failure = try await withSockets { host, call in
            let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv6, in: call).get()
            let mapped = Address.ipv6([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], port: 80)
            return try socket.startConnect(network: host.network, remoteAddress: mapped, in: call).failure
        }
        #expect(failure == .invalidArgument)
    }

    @Test func whatIsNotAllowedIsDenied() async throws {
        try await withSockets(policy: NoNetwork()) { host, call in
            let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
            #expect(
                try socket.startBind(network: host.network, localAddress: .loopback(0), in: call).failure
                    == .accessDenied)
            #expect(
                try socket.startConnect(network: host.network, remoteAddress: .loopback(80), in: call).failure
                    == .accessDenied)
        }
    }

    @Test func operationsOutOfOrderAreRefused() async throws {
        try await withSockets { host, call in
            let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
            #expect(try socket.finishBind(in: call).failure == .notInProgress)
            #expect(try socket.finishConnect(in: call).failure == .notInProgress)
            #expect(try socket.finishListen(in: call).failure == .notInProgress)
            #expect(try socket.startListen(in: call).failure == .invalidState)
            #expect(try socket.accept(in: call).failure == .invalidState)
            #expect(try socket.localAddress(in: call).failure == .invalidState)
            #expect(try socket.remoteAddress(in: call).failure == .invalidState)
            #expect(try socket.shutdown(shutdownType: .both, in: call).failure == .invalidState)
            try socket.startBind(network: host.network, localAddress: .loopback(0), in: call).get()
            #expect(
                try socket.startBind(network: host.network, localAddress: .loopback(0), in: call).failure
                    == .concurrencyConflict)
            #expect(try socket.localAddress(in: call).failure == .concurrencyConflict)
            try socket.finishBind(in: call).get()
            try socket.startListen(in: call).get()
            #expect(try !socket.isListening(in: call))
            try socket.finishListen(in: call).get()
            #expect(try socket.isListening(in: call))
            #expect(try socket.accept(in: call).failure == .wouldBlock)
        }
    }

    @Test func optionsAreKept() async throws {
        try await withSockets { host, call in
            let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
            try socket.setKeepAliveEnabled(value: true, in: call).get()
            #expect(try socket.keepAliveEnabled(in: call).get())
            try socket.setKeepAliveIdleTime(value: 2_500_000_000, in: call).get()
            #expect(try socket.keepAliveIdleTime(in: call).get() == 3_000_000_000)  // whole seconds, rounded up
            try socket.setKeepAliveInterval(value: 1, in: call).get()
            #expect(try socket.keepAliveInterval(in: call).get() == 1_000_000_000)
            try socket.setKeepAliveCount(value: .max, in: call).get()
            #expect(try socket.keepAliveCount(in: call).get() == 127)
            try socket.setHopLimit(value: 42, in: call).get()
            #expect(try socket.hopLimit(in: call).get() == 42)
            try socket.setSendBufferSize(value: 65_536, in: call).get()
            #expect(try socket.sendBufferSize(in: call).get() >= 65_536)
            try socket.setReceiveBufferSize(value: .max, in: call).get()
            #expect(try socket.receiveBufferSize(in: call).get() > 0)
            #expect(try socket.setHopLimit(value: 0, in: call).failure == .invalidArgument)
            #expect(try socket.setKeepAliveCount(value: 0, in: call).failure == .invalidArgument)
            #expect(try socket.setKeepAliveInterval(value: 0, in: call).failure == .invalidArgument)
            #expect(try socket.setSendBufferSize(value: 0, in: call).failure == .invalidArgument)
            #expect(try socket.setListenBacklogSize(value: 0, in: call).failure == .invalidArgument)
        }
    }

    /// Sockets count as open files, so that a guest cannot take all descriptors of the host.
    @Test func moreThanTheLimitAreRefusedAndDroppingMakesRoom() async throws {
        var limits = WASILimits()
        limits.openFiles = 3
        try await withSockets(limits: limits) { host, call in
            var sockets: [TcpSocketResource] = []
            for _ in 0..<3 {
                sockets.append(
                    try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get())
            }
            #expect(
                try SocketsUdpCreateSocketFunctions.createUdpSocket(addressFamily: .ipv4, in: call).failure
                    == .newSocketLimit)
            sockets.removeLast()
            #expect(try SocketsUdpCreateSocketFunctions.createUdpSocket(addressFamily: .ipv4, in: call).isOK)
        }
    }
}

/// A server that reads slowly enough to be behind, and counts.
private struct ByteCounter {
    let channel: any Channel
    private let total: EventLoopFuture<Int>

    var port: UInt16 { UInt16(clamping: self.channel.localAddress?.port ?? 0) }

    static func start() async throws -> ByteCounter {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let total = loop.makePromise(of: Int.self)
        let channel = try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Counting(total))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ByteCounter(channel: channel, total: total.futureResult)
    }

    func readToEnd() async throws -> Int {
        let count = try await self.total.get()
        try await self.channel.close()
        return count
    }

    private final class Counting: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private var count = 0
        private let total: EventLoopPromise<Int>

        init(_ total: EventLoopPromise<Int>) {
            self.total = total
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.count += self.unwrapInboundIn(data).readableBytes
        }

        func channelInactive(context: ChannelHandlerContext) { self.total.succeed(self.count) }
    }
}
