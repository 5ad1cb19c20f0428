import ComponentModel
import Dispatch
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing
import WASI

/// `wasi:sockets` of 0.3.
@Suite struct SocketsV3Tests {
    typealias Types = WasiSocketsTypesV3
    typealias TCP = OnLoop<TcpSocketV3Resource>
    typealias UDP = OnLoop<UdpSocketV3Resource>

    private static func host(
        _ policy: any NetworkPolicy = WholeNetwork(), limits: WASILimits = WASILimits()
    ) async throws -> LoopHost {
        try await LoopHost(WASIConfiguration(network: policy, limits: limits))
    }

    private static func tcp(_ host: LoopHost) async throws -> TCP {
        OnLoop(value: try await host.run { try TcpSocketV3Resource.create(addressFamily: .ipv4, in: $0).get() })
    }

    private static func udp(_ host: LoopHost, isBound: Bool = true) async throws -> (socket: UDP, port: UInt16) {
        try await host.run { call in
            let socket = try UdpSocketV3Resource.create(addressFamily: .ipv4, in: call).get()
            guard isBound else { return (OnLoop(value: socket), 0) }
            try socket.bind(localAddress: .loopback(0), in: call).get()
            return (OnLoop(value: socket), try socket.getLocalAddress(in: call).get().port)
        }
    }

    /// A socket that listens, and whom it has accepted.
    private static func listener(
        _ host: LoopHost, enough: Int = .max
    ) async throws -> (socket: TCP, accepted: Gatherer<TcpSocketV3Resource>, port: UInt16) {
        let socket = try await Self.tcp(host)
        let accepted = Gatherer<TcpSocketV3Resource>(enough: enough)
        let port = try await host.run { call in
            try socket.value.bind(localAddress: .loopback(0), in: call).get()
            try socket.value.listen(in: call).get().consume(by: accepted)
            return try socket.value.getLocalAddress(in: call).get().port
        }
        return (socket, accepted, port)
    }

    private static func connection(_ host: LoopHost) async throws -> (client: TCP, server: TCP, listener: TCP) {
        let (listener, accepted, port) = try await Self.listener(host, enough: 1)
        let client = try await Self.tcp(host)
        try await host.answer { try client.value.connect(remoteAddress: .loopback(port), in: $0) }.get()
        try await host.until { _ in !accepted.elements.isEmpty }
        return (client, OnLoop(value: try await host.run { _ in accepted.elements[0] }), listener)
    }

    private static func receive(
        _ socket: TCP, by collector: Collector, _ host: LoopHost
    ) async throws -> WITResult<Void, Types.ErrorCode> {
        try await host.outcome { call in
            let (stream, future) = try socket.value.receive(in: call)
            collector.consume(stream)
            return future
        }
    }

    /// The handle of a cancelled call is free again, so nothing else bounds how many there are.
    @Test func cancelledOperationsAreNotKept() async throws {
        let host = try await Self.host()
        let (socket, _) = try await Self.udp(host)
        let queued = try await host.run { call in
            guard case .later(let first) = try socket.value.receive(in: call) else { return -1 }
            for _ in 0..<1000 {
                guard case .later(let pending) = try socket.value.receive(in: call) else { return -1 }
                pending.cancel()
            }
            first.cancel()
            return socket.value.queuedOperations
        }
        #expect((0...64).contains(queued))
    }

    // MARK: TCP

    @Test func aConnectionCarriesStreams() async throws {
        let host = try await Self.host()
        let (client, server, _) = try await Self.connection(host)
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        async let sent = host.outcome { try client.value.send(data: ByteStream(Feeder(bytes)), in: $0) }
        let collector = Collector()
        #expect(try await Self.receive(server, by: collector, host).isOK)
        #expect(try await sent.isOK)
        #expect(collector.bytes == bytes)
        #expect(collector.isFinished)
    }

    /// The host holds nothing of what the system does not take.
    @Test func aReaderWithoutRoomStopsTheWriter() async throws {
        let host = try await Self.host()
        let (client, server, _) = try await Self.connection(host)
        let feeder = Feeder([UInt8](repeating: 1, count: 64 << 20))
        let collector = Collector(room: 0)
        async let received = Self.receive(server, by: collector, host)
        async let sent = host.outcome { try client.value.send(data: ByteStream(feeder), in: $0) }
        var (last, turns) = (0, 0)
        while turns < 500 {
            let given = try await host.run { _ in feeder.given }
            turns = given == last ? turns + 1 : 0
            last = given
        }
        #expect(last < 64 << 20)
        try await host.run { _ in collector.open() }
        #expect(try await received.isOK)
        #expect(try await sent.isOK)
        #expect(collector.bytes.count == 64 << 20)
    }

    @Test func dataGoesOneWayEachOnce() async throws {
        let host = try await Self.host()
        let (client, server, _) = try await Self.connection(host)
        try await host.run { call in
            _ = try client.value.receive(in: call)
            _ = try client.value.send(data: ByteStream(Feeder([1])), in: call)
        }
        #expect(try await Self.receive(client, by: Collector(), host).failure == .invalidState)
        let feeder = Feeder([1])
        #expect(
            try await host.outcome { try client.value.send(data: ByteStream(feeder), in: $0) }.failure == .invalidState)
        #expect(feeder.isCancelled)
        let unconnected = try await Self.tcp(host)
        #expect(try await Self.receive(unconnected, by: Collector(), host).failure == .invalidState)
        withExtendedLifetime(server) {}
    }

    @Test func aPeerThatVanishesIsAnError() async throws {
        let host = try await Self.host()
        let server = try ResettingServer()
        let client = try await Self.tcp(host)
        let port = server.port
        try await host.answer { try client.value.connect(remoteAddress: .loopback(port), in: $0) }.get()
        async let received = Self.receive(client, by: Collector(), host)
        let feeder = Feeder([UInt8](repeating: 1, count: 64 << 20))
        async let sent = host.outcome { try client.value.send(data: ByteStream(feeder), in: $0) }
        try server.reset()
        let code = try await sent.failure
        #expect(code == .connectionReset || code == .connectionBroken)
        let other = try await received
        #expect(other.isOK || other.failure == .connectionReset)
    }

    /// Bytes that the host gives to a connection as fast as that takes them: other requests must have their turns.
    @Test func aConnectionThatNeverWaitsLeavesTheLoopItsTurns() async throws {
        let host = try await Self.host()
        let (client, server, _) = try await Self.connection(host)
        let feeder = Feeder([UInt8](repeating: 1, count: 64 << 20))
        let given = try await host.run { call in
            _ = try client.value.send(data: ByteStream(feeder), in: call)
            return feeder.given
        }
        #expect(given < (1 << 20) + (128 << 10))
        let collector = Collector()
        #expect(try await Self.receive(server, by: collector, host).isOK)
        #expect(collector.bytes.count == 64 << 20)
    }

    /// However often the guest asks meanwhile.
    @Test func waitingForAPlaceTakesOneTimer() async throws {
        let base = MultiThreadedEventLoopGroup.singleton.next()
        let loop = CountingLoop(base)
        let timers = try await base.submit {
            var limits = WASILimits()
            limits.openFiles = 1
            let host = SocketHost(loop, WholeNetwork(), limits)
            return try host.call { call in
                let socket = try TcpSocketV3Resource.create(addressFamily: .ipv4, in: call).get()
                try socket.bind(localAddress: .loopback(0), in: call).get()
                let stream = try socket.listen(in: call).get()
                stream.consume(by: Gatherer<TcpSocketV3Resource>())
                for _ in 0..<100 { stream.wake() }
                return loop.timers.load(ordering: .relaxed)
            }
        }.get()
        #expect(timers == 1)
    }

    @Test func droppingTheSocketsStreamsClosesIt() async throws {
        let host = try await Self.host()
        do {
            let (client, server, listener) = try await Self.connection(host)
            try await host.run { call in
                try client.value.receive(in: call).0.drop()
                try server.value.receive(in: call).0.drop()
            }
            withExtendedLifetime(listener) {}
        }
        try await host.until { $0.host(WASIContext.self).budget.openFiles == 0 }
    }

    @Test func aConnectionThatNobodyWaitsForIsOfNoUse() async throws {
        let host = try await Self.host()
        let (listener, _, port) = try await Self.listener(host)
        let client = try await Self.tcp(host)
        try await host.run { call in
            if case .later(let pending) = try client.value.connect(remoteAddress: .loopback(port), in: call) {
                pending.cancel()
                #expect(try client.value.getRemoteAddress(in: call).failure == .invalidState)
            }
        }
        withExtendedLifetime(listener) {}
    }

    @Test func aRefusedConnectionSaysSo() async throws {
        let host = try await Self.host()
        let (udp, port) = try await Self.udp(host)  // a port that no TCP listens on
        let client = try await Self.tcp(host)
        let result = try await host.answer { try client.value.connect(remoteAddress: .loopback(port), in: $0) }
        #expect(result.failure == .connectionRefused)
        withExtendedLifetime(udp) {}
    }

    /// Connections that the guest has no descriptor for wait with the system.
    @Test func aGuestWithoutDescriptorsAcceptsLater() async throws {
        var limits = WASILimits()
        limits.openFiles = 3
        let host = try await Self.host(limits: limits)
        let (listener, accepted, port) = try await Self.listener(host)
        let clients = try (0..<4).map { _ in try RawClient(port: port) }
        try await host.until { _ in accepted.elements.count == 2 }
        #expect(try await host.openFiles == 3)
        #expect(try await host.run { try TcpSocketV3Resource.create(addressFamily: .ipv4, in: $0).isOK } == false)
        try await host.run { _ in accepted.removeAll() }
        try await host.until { _ in accepted.elements.count == 2 }
        withExtendedLifetime((listener, clients)) {}
    }

    // MARK: What may be reached

    @Test func whatIsNotAllowedIsDenied() async throws {
        let host = try await Self.host(NoNetwork())
        let tcp = try await Self.tcp(host)
        #expect(
            try await host.answer { try tcp.value.connect(remoteAddress: .loopback(9), in: $0) }.failure
                == .accessDenied)
        #expect(try await host.run { try tcp.value.bind(localAddress: .loopback(0), in: $0) }.failure == .accessDenied)
        // Nor by binding without a word.
        #expect(try await host.run { try tcp.value.listen(in: $0).failure } == .accessDenied)
        let (udp, _) = try await Self.udp(host, isBound: false)
        #expect(
            try await host.answer { try udp.value.send(data: [1], remoteAddress: .loopback(9), in: $0) }.failure
                == .accessDenied)
        #expect(
            try await host.run { try udp.value.connect(remoteAddress: .loopback(9), in: $0) }.failure == .accessDenied)
        let names = try await host.answer {
            try SocketsIpNameLookupV3Functions.resolveAddresses(name: "localhost", in: $0)
        }
        #expect(names.failure == .permanentResolverFailure)
    }

    /// A socket that was bound by sending hears only whom it may send to.
    @Test func anUnboundSocketHearsWhomItMayTalkTo() async throws {
        let free = try await Self.host()
        let (friend, friendPort) = try await Self.udp(free)
        let (stranger, _) = try await Self.udp(free)
        let host = try await Self.host(OnlyPort(friendPort))
        let (guest, _) = try await Self.udp(host, isBound: false)
        try await host.answer {
            try guest.value.send(data: [1], remoteAddress: .loopback(friendPort), in: $0)
        }.get()
        let (_, sender) = try await free.answer { try friend.value.receive(in: $0) }.get()
        let port = sender.port
        for (socket, byte) in [(stranger, 2), (friend, 3)] as [(UDP, UInt8)] {
            try await free.answer {
                try socket.value.send(data: [byte], remoteAddress: .loopback(port), in: $0)
            }.get()
        }
        #expect(try await host.answer { try guest.value.receive(in: $0) }.get().0.array == [3])
    }

    // MARK: UDP

    @Test func datagramsComeInTheOrderTheyWereWaitedFor() async throws {
        let host = try await Self.host()
        let (socket, port) = try await Self.udp(host)
        let (sender, _) = try await Self.udp(host)
        let answers = try await host.run { call in
            let answers = try (0..<3).map { _ in try socket.value.receive(in: call) }
            // Who does not wait any more takes nothing from the others.
            if case .later(let pending) = answers[0] { pending.cancel() }
            return OnLoop(value: answers)
        }
        for byte in 1...2 as ClosedRange<UInt8> {
            try await host.answer { try sender.value.send(data: [byte], remoteAddress: .loopback(port), in: $0) }.get()
        }
        #expect(try await host.answer { _ in answers.value[1] }.get().0.array == [1])
        #expect(try await host.answer { _ in answers.value[2] }.get().0.array == [2])
    }

    @Test func badDatagramsAreErrors() async throws {
        let host = try await Self.host()
        let (socket, port) = try await Self.udp(host)
        func send(_ count: Int, _ address: Types.IpSocketAddress?) async throws -> Types.ErrorCode? {
            try await host.answer {
                try socket.value.send(data: [UInt8](repeating: 0, count: count), remoteAddress: address, in: $0)
            }.failure
        }
        #expect(try await send(1, nil) == .invalidArgument)
        #expect(try await send(1, .loopback(0)) == .invalidArgument)
        #expect(try await send(65_536, .loopback(port)) == .datagramTooLarge)
        #expect(try await send(65_535, .loopback(port)) == .datagramTooLarge)
        let (unbound, _) = try await Self.udp(host, isBound: false)
        #expect(try await host.answer { try unbound.value.receive(in: $0) }.failure == .invalidState)
        #expect(try await host.run { try unbound.value.disconnect(in: $0) }.failure == .invalidState)
    }

    // MARK: Names

    @Test func namesAreLookedUpLater() async throws {
        let host = try await Self.host()
        let known = try await host.run { call in
            if case .ready(.ok(let addresses)) = try SocketsIpNameLookupV3Functions.resolveAddresses(
                name: "127.0.0.1", in: call)
            {
                return addresses.count
            }
            return 0
        }
        #expect(known == 1)
        let found = try await host.answer {
            try SocketsIpNameLookupV3Functions.resolveAddresses(name: "localhost", in: $0)
        }.get()
        #expect(!found.isEmpty)
        let bad = try await host.answer { try SocketsIpNameLookupV3Functions.resolveAddresses(name: "a b", in: $0) }
        #expect(bad.failure == .invalidArgument)
    }
}

/// Allows sending to one port, and nothing else.
private struct OnlyPort: NetworkPolicy {
    private let port: UInt16

    init(_ port: UInt16) {
        self.port = port
    }

    func allows(_ use: SocketUse, _ address: InternetAddress) -> Bool { use == .udpSend && address.port == self.port }
    var allowsNameLookup: Bool { false }
}

extension WasiSocketsTypesV3.IpSocketAddress {
    fileprivate static func loopback(_ port: UInt16) -> Self { .ipv4(.init(port: port, address: (127, 0, 0, 1))) }

    fileprivate var port: UInt16 {
        switch self {
        case .ipv4(let address): address.port
        case .ipv6(let address): address.port
        }
    }
}

/// A connection from outside.
private final class RawClient: Sendable {
    private let descriptor: Int32

    init(port: UInt16) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Refused(description: String(cString: strerror(errno))) }
    }

    deinit {
        close(self.descriptor)
    }
}

/// Counts the timers that are set on an event loop.
private final class CountingLoop: EventLoop {
    private let base: any EventLoop
    let timers = Atomic(0)

    init(_ base: any EventLoop) {
        self.base = base
    }

    var inEventLoop: Bool { self.base.inEventLoop }

    func execute(_ task: @escaping @Sendable () -> Void) { self.base.execute(task) }

    func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        self.timers.add(1, ordering: .relaxed)
        return self.base.scheduleTask(deadline: deadline, task)
    }

    func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T) -> Scheduled<T> {
        self.timers.add(1, ordering: .relaxed)
        return self.base.scheduleTask(in: delay, task)
    }

    func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        callback(nil)
    }
}
