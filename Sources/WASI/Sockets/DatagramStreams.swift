package import ComponentModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `wasi:sockets/udp.incoming-datagram-stream`.
package final class IncomingDatagramStreamResource: WasiSocketsUdp.IncomingDatagramStream {
    package typealias ErrorCode = WasiSocketsNetwork.ErrorCode
    package typealias Datagram = WasiSocketsUdp.IncomingDatagram

    /// Most bytes of a datagram.
    static let longest = 65_535
    /// Most datagrams of one call.
    private static let most: UInt64 = 16

    private let socket: Socket
    private let remote: InternetAddress?

    init(_ socket: Socket, from remote: InternetAddress?) {
        self.socket = socket
        self.remote = remote
    }

    package func receive(
        maxResults: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<[Datagram], ErrorCode> {
        var datagrams: [Datagram] = []
        while datagrams.count < min(maxResults, Self.most) {
            switch self.receiveOne() {
            case .success(let datagram?): datagrams.append(datagram)
            // From somebody else: it came before the association was made.
            case .success(nil): continue
            case .failure(let error):
                if error.code == .wouldBlock || !datagrams.isEmpty { return .ok(datagrams) }
                return .error(error.code)
            }
        }
        return .ok(datagrams)
    }

    private func receiveOne() -> Result<Datagram?, SocketError> {
        withUnsafeTemporaryAllocation(byteCount: Self.longest, alignment: 1) { buffer in
            let (count, sender) = systemReceiveFrom(self.socket.descriptor, buffer)
            guard count >= 0 else { return .failure(.system()) }
            guard let sender, self.remote == nil || self.remote == sender else { return .success(nil) }
            let data = [UInt8](UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return .success(Datagram(data: data, remoteAddress: sender.socketAddress))
        }
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(SocketReadiness(self.socket, .read))
    }
}

/// `wasi:sockets/udp.outgoing-datagram-stream`.
package final class OutgoingDatagramStreamResource: WasiSocketsUdp.OutgoingDatagramStream {
    package typealias ErrorCode = WasiSocketsNetwork.ErrorCode
    package typealias Datagram = WasiSocketsUdp.OutgoingDatagram

    /// Most datagrams of one call.
    private static let most: UInt64 = 16

    private let socket: Socket
    private let remote: InternetAddress?
    /// What is left of the last `check-send`.
    private var permit: UInt64 = 0

    init(_ socket: Socket, to remote: InternetAddress?) {
        self.socket = socket
        self.remote = remote
    }

    package func checkSend(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        self.permit = self.socket.isReady(.write) ? Self.most : 0
        return .ok(self.permit)
    }

    package func send(datagrams: [Datagram], in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        guard UInt64(datagrams.count) <= self.permit else {
            throw GuestFault("send of \(datagrams.count) datagrams, but check-send permitted \(self.permit)")
        }
        self.permit -= UInt64(datagrams.count)
        var sent: UInt64 = 0
        for datagram in datagrams {
            do throws(SocketError) {
                try self.send(datagram)
                sent += 1
            } catch {
                // The error shows on the next call if it lasts; those that went out are counted first.
                if sent > 0 || error.code == .wouldBlock { return .ok(sent) }
                return .error(error.code)
            }
        }
        return .ok(sent)
    }

    private func send(_ datagram: Datagram) throws(SocketError) {
        guard datagram.data.count <= IncomingDatagramStreamResource.longest else {
            throw SocketError(.datagramTooLarge)
        }
        let given = datagram.remoteAddress.map { InternetAddress($0) }
        let result: Int
        if let remote = self.remote {
            guard given == nil || given == remote else { throw SocketError(.invalidArgument) }
            result = datagram.data.withUnsafeBytes { systemSend(self.socket.descriptor, $0) }
        } else {
            guard let given else { throw SocketError(.invalidArgument) }
            try given.check(for: self.socket.family, mayBeUnspecified: false)
            guard self.socket.policy.allows(.udpSend, given) else { throw SocketError(.accessDenied) }
            result = datagram.data.withUnsafeBytes { systemSend(self.socket.descriptor, $0, to: given) }
        }
        guard result >= 0 else { throw .system() }
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(SocketReadiness(self.socket, .write))
    }
}
