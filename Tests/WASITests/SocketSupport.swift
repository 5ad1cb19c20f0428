import ComponentModel
import NIOCore
import NIOPosix
import WASI

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Runs `body` on an event loop with a call of a host that has sockets, and drops all of it there.
func withSockets<R: Sendable>(
    policy: any NetworkPolicy = WholeNetwork(), limits: WASILimits = WASILimits(),
    _ body: @escaping @Sendable (SocketHost, borrowing HostCall) throws -> R
) async throws -> R {
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    return try await loop.submit {
        let host = SocketHost(loop, policy, limits)
        return try host.call { call in try body(host, call) }
    }.get()
}

final class SocketHost {
    let instance: ComponentInstance
    let lowering = Lowering(name: "test", memory: nil, realloc: nil, componentInstance: 0)
    let network = NetworkResource()

    init(_ loop: any EventLoop, _ policy: any NetworkPolicy, _ limits: WASILimits) {
        let configuration = WASIConfiguration(network: policy, limits: limits)
        self.instance = ComponentInstance(
            host: WASIContext(configuration: configuration, eventLoop: loop), waker: Waker {})
    }

    func call<R>(_ body: (borrowing HostCall) throws -> R) throws -> R {
        try withUnsafeTemporaryAllocation(byteCount: 16 * 16, alignment: 16) { values in
            let base = values.baseAddress.unsafelyUnwrapped
            return try body(HostCall(values: base, instance: self.instance, lowering: self.lowering))
        }
    }

    /// A TCP socket that listens on a free port of this machine.
    func listener(in call: borrowing HostCall) throws -> (TcpSocketResource, port: UInt16) {
        let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
        try socket.startBind(network: self.network, localAddress: .loopback(0), in: call).get()
        try socket.finishBind(in: call).get()
        try socket.startListen(in: call).get()
        try socket.finishListen(in: call).get()
        return (socket, try socket.localAddress(in: call).get().port)
    }

    /// Two ends of one connection.
    func connection(in call: borrowing HostCall) throws -> (client: Connected, server: Connected) {
        let (listener, port) = try self.listener(in: call)
        let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
        try socket.startConnect(network: self.network, remoteAddress: .loopback(port), in: call).get()
        try becomeReady(try socket.subscribe(in: call), in: call)
        let (input, output) = try socket.finishConnect(in: call).get()
        try becomeReady(try listener.subscribe(in: call), in: call)
        let (accepted, acceptedInput, acceptedOutput) = try listener.accept(in: call).get()
        return (
            Connected(socket: socket, input: input, output: output),
            Connected(socket: accepted, input: acceptedInput, output: acceptedOutput)
        )
    }

    func udp(in call: borrowing HostCall) throws -> (UdpSocketResource, port: UInt16) {
        let socket = try SocketsUdpCreateSocketFunctions.createUdpSocket(addressFamily: .ipv4, in: call).get()
        try socket.startBind(network: self.network, localAddress: .loopback(0), in: call).get()
        try socket.finishBind(in: call).get()
        return (socket, try socket.localAddress(in: call).get().port)
    }
}

struct Connected {
    let socket: TcpSocketResource
    let input: InputStreamResource
    let output: OutputStreamResource

    func send(_ text: String, in call: borrowing HostCall) throws {
        _ = try self.output.checkWrite(in: call).get()
        let output = self.output
        try withGuestBytesOf(Array(text.utf8)) { bytes, call in
            try output.write(contents: bytes, in: call).get()
        }(call)
    }

    func receive(_ count: Int, in call: borrowing HostCall) throws -> String {
        var bytes: [UInt8] = []
        while bytes.count < count {
            try becomeReady(try self.input.subscribe(in: call), in: call)
            bytes += try self.input.read(len: UInt64(count - bytes.count), in: call).get().array
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A call is only lent, so that it goes in last.
func withGuestBytesOf(
    _ bytes: [UInt8], _ body: @escaping (GuestBytes, borrowing HostCall) throws -> Void
) -> (borrowing HostCall) throws -> Void {
    { call in try bytes.withUnsafeBytes { try body(GuestBytes($0), call) } }
}

struct NeverReady: Error {}

/// Asks again until the system says yes: there is no guest here that could be suspended.
func becomeReady(_ pollable: PollableResource, in call: borrowing HostCall) throws {
    let end = ContinuousClock.now + .seconds(20)
    while try !pollable.ready(in: call) {
        guard ContinuousClock.now < end else { throw NeverReady() }
        sched_yield()
    }
}

struct Refused: Error, CustomStringConvertible {
    let description: String
}

extension WITResult {
    func get() throws -> Success {
        switch self {
        case .ok(let value): return value
        case .error(let error): throw Refused(description: "\(error)")
        }
    }
}

extension WasiSocketsNetwork.IpSocketAddress {
    static func ipv4(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, port: UInt16) -> Self {
        .ipv4(.init(port: port, address: (a, b, c, d)))
    }

    static func loopback(_ port: UInt16) -> Self { .ipv4(127, 0, 0, 1, port: port) }

    static func ipv6(_ words: [UInt16], port: UInt16) -> Self {
        .ipv6(
            .init(
                port: port, flowInfo: 0,
                address: (words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7]), scopeId: 0))
    }

    var port: UInt16 {
        switch self {
        case .ipv4(let address): address.port
        case .ipv6(let address): address.port
        }
    }
}
