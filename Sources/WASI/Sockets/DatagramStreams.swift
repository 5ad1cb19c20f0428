package import ComponentModel

/// What the two streams have in common that one call of `udp-socket.stream` made.
final class DatagramPair {
    let socket: Socket
    let remote: InternetAddress?
    /// "Only the most recently returned pair of streams will be operational": `wasi:sockets/udp`.
    var isNewest = true

    init(_ socket: Socket, _ remote: InternetAddress?) {
        self.socket = socket
        self.remote = remote
    }
}

/// Ready when a datagram can be moved, or none will be any more.
private final class DatagramReadiness: ReadinessSource {
    private let pair: DatagramPair
    private let direction: ReadinessWatch.Direction

    init(_ pair: DatagramPair, _ direction: ReadinessWatch.Direction) {
        self.pair = pair
        self.direction = direction
    }

    var isReady: Bool { !self.pair.isNewest || self.pair.socket.isReady(self.direction) }

    func whenReady(_ callback: @escaping () -> Void) {
        if self.pair.isNewest { self.pair.socket.whenReady(self.direction, callback) } else { callback() }
    }
}

/// `wasi:sockets/udp.incoming-datagram-stream`.
package final class IncomingDatagramStreamResource: WasiSocketsUdp.IncomingDatagramStream {
    package typealias ErrorCode = WasiSocketsNetwork.ErrorCode
    package typealias Datagram = WasiSocketsUdp.IncomingDatagram

    /// Most datagrams of one call.
    private static let most: UInt64 = 16

    private let pair: DatagramPair

    init(_ pair: DatagramPair) {
        self.pair = pair
    }

    package func receive(
        maxResults: UInt64, in call: borrowing HostCall
    ) throws -> WITResult<[Datagram], ErrorCode> {
        guard self.pair.isNewest else { return .error(.invalidState) }
        var datagrams: [Datagram] = []
        while datagrams.count < min(maxResults, Self.most) {
            do throws(SocketError) {
                // From somebody else: it came before the association was made.
                guard let datagram = try self.pair.socket.receiveDatagram(from: self.pair.remote) else { continue }
                datagrams.append(Datagram(data: datagram.data, remoteAddress: datagram.sender.socketAddress))
            } catch {
                if error.code == .wouldBlock || !datagrams.isEmpty { return .ok(datagrams) }
                return .error(error.code)
            }
        }
        return .ok(datagrams)
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(DatagramReadiness(self.pair, .read))
    }
}

/// `wasi:sockets/udp.outgoing-datagram-stream`.
package final class OutgoingDatagramStreamResource: WasiSocketsUdp.OutgoingDatagramStream {
    package typealias ErrorCode = WasiSocketsNetwork.ErrorCode
    package typealias Datagram = WasiSocketsUdp.OutgoingDatagram

    /// Most datagrams of one call.
    private static let most: UInt64 = 16

    private let pair: DatagramPair
    /// What is left of the last `check-send`.
    private var permit: UInt64 = 0

    init(_ pair: DatagramPair) {
        self.pair = pair
    }

    package func checkSend(in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        guard self.pair.isNewest else { return .error(.invalidState) }
        self.permit = self.pair.socket.isReady(.write) ? Self.most : 0
        return .ok(self.permit)
    }

    package func send(datagrams: [Datagram], in call: borrowing HostCall) throws -> WITResult<UInt64, ErrorCode> {
        guard UInt64(datagrams.count) <= self.permit else {
            throw GuestFault("send of \(datagrams.count) datagrams, but check-send permitted \(self.permit)")
        }
        self.permit -= UInt64(datagrams.count)
        guard self.pair.isNewest else { return .error(.invalidState) }
        var sent: UInt64 = 0
        for datagram in datagrams {
            do throws(SocketError) {
                try self.pair.socket.send(
                    datagram: datagram.data, to: datagram.remoteAddress.map { InternetAddress($0) },
                    connectedTo: self.pair.remote)
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
        PollableResource(DatagramReadiness(self.pair, .write))
    }
}
