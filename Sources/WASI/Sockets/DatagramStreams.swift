package import ComponentModel

/// `wasi:sockets/udp.incoming-datagram-stream`.
package final class IncomingDatagramStreamResource: WasiSocketsUdp.IncomingDatagramStream {
    package typealias ErrorCode = WasiSocketsNetwork.ErrorCode
    package typealias Datagram = WasiSocketsUdp.IncomingDatagram

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
            do throws(SocketError) {
                // From somebody else: it came before the association was made.
                guard let datagram = try self.socket.receiveDatagram(from: self.remote) else { continue }
                datagrams.append(Datagram(data: datagram.data, remoteAddress: datagram.sender.socketAddress))
            } catch {
                if error.code == .wouldBlock || !datagrams.isEmpty { return .ok(datagrams) }
                return .error(error.code)
            }
        }
        return .ok(datagrams)
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
                try self.socket.send(
                    datagram: datagram.data, to: datagram.remoteAddress.map { InternetAddress($0) },
                    connectedTo: self.remote)
                sent += 1
            } catch {
                // The error shows on the next call if it lasts; those that went out are counted first.
                if sent > 0 || error.code == .wouldBlock { return .ok(sent) }
                return .error(error.code)
            }
        }
        return .ok(sent)
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(SocketReadiness(self.socket, .write))
    }
}
