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
    ///
    /// - Parameter receiveBuffer: that of whom it accepts, in bytes.
    func listener(
        receiveBuffer: UInt64? = nil, in call: borrowing HostCall
    ) throws -> (TcpSocketResource, port: UInt16) {
        let socket = try SocketsTcpCreateSocketFunctions.createTcpSocket(addressFamily: .ipv4, in: call).get()
        if let receiveBuffer { try socket.setReceiveBufferSize(value: receiveBuffer, in: call).get() }
        try socket.startBind(network: self.network, localAddress: .loopback(0), in: call).get()
        try socket.finishBind(in: call).get()
        try socket.startListen(in: call).get()
        try socket.finishListen(in: call).get()
        return (socket, try socket.localAddress(in: call).get().port)
    }

    /// Two ends of one connection.
    func connection(
        receiveBuffer: UInt64? = nil, in call: borrowing HostCall
    ) throws -> (client: Connected, server: Connected) {
        let (listener, port) = try self.listener(receiveBuffer: receiveBuffer, in: call)
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

    /// Writes until the system takes no more and the host keeps the rest, which takes a peer with a small buffer for what
    /// it receives; how much that is.
    func fill(in call: borrowing HostCall) throws -> Int {
        // Room for less than the credit: the system takes a part of the last write.
        try self.socket.setSendBufferSize(value: 2048, in: call).get()
        let block = [UInt8](repeating: 7, count: 64 << 10)
        let output = self.output
        var sent = 0
        while case .ok(let credit) = try output.checkWrite(in: call), credit > 0 {
            try withGuestBytesOf(block) { bytes, call in try output.write(contents: bytes, in: call).get() }(call)
            sent += block.count
        }
        return sent
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

/// What a closure hands out.
final class Taken<Value> {
    var value: Value

    init(_ value: Value) {
        self.value = value
    }
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

/// Accepts one connection and breaks it.
final class ResettingServer: Sendable {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var room: Int32 = 8192
        let descriptor = self.descriptor
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size)) == 0
                    && bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard result else { throw Refused(description: String(cString: strerror(errno))) }
        self.port = UInt16(bigEndian: address.sin_port)
    }

    func reset() throws {
        let connection = accept(self.descriptor, nil, nil)
        guard connection >= 0 else { throw Refused(description: String(cString: strerror(errno))) }
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close(connection)
    }

    deinit {
        close(self.descriptor)
    }
}
