/// A UDP socket by the rules of `wasi:sockets`, of any version: its states, and what the component may reach.
final class UDPSocket {
    let socket: Socket
    private(set) var isBound = false
    /// The one address that it talks to.
    private(set) var remote: InternetAddress?
    /// Nobody asked whether it may be reached by everybody: it hears only whom it may talk to.
    private var isBoundBySending = false

    init(_ family: InternetAddress.Family, _ context: WASIContext) throws(SocketError) {
        self.socket = try Socket(.datagram, family, context)
        try self.socket.takePlace()
    }

    func bind(to address: InternetAddress) throws(SocketError) {
        guard !self.isBound else { throw SocketError(.invalidState) }
        try address.check(for: self.socket.family, mayBeUnspecified: true)
        guard self.socket.policy.allows(.udpBind, address) else { throw SocketError(.accessDenied) }
        try self.socket.bind(to: address)
        self.isBound = true
    }

    func connect(to address: InternetAddress) throws(SocketError) {
        try address.check(for: self.socket.family, mayBeUnspecified: false)
        guard self.socket.policy.allows(.udpSend, address) else { throw SocketError(.accessDenied) }
        if self.remote != nil { try self.disconnect() }
        _ = try self.socket.connect(to: address)
        self.remote = address
        self.wasBoundBySystem()
    }

    func disconnect() throws(SocketError) {
        guard self.remote != nil else { throw SocketError(.invalidState) }
        try self.socket.disconnect()
        self.remote = nil
    }

    /// Sending and connecting bind what is not bound yet.
    private func wasBoundBySystem() {
        guard !self.isBound else { return }
        self.isBound = true
        self.isBoundBySending = true
    }

    /// - Throws: `would-block` when the system has no room now.
    func send(_ data: [UInt8], to address: InternetAddress?) throws(SocketError) {
        try self.socket.send(datagram: data, to: address, connectedTo: self.remote)
        self.wasBoundBySystem()
    }

    /// - Throws: `would-block` when there is none now.
    func receive() throws(SocketError) -> (data: [UInt8], sender: InternetAddress) {
        guard self.isBound else { throw SocketError(.invalidState) }
        // What is not for the guest is left out, but does not keep the event loop busy.
        for _ in 0..<64 {
            guard let datagram = try self.socket.receiveDatagram(from: self.remote) else { continue }
            if self.isBoundBySending, self.remote == nil,
                !self.socket.policy.allows(.udpSend, datagram.sender)
            {
                continue
            }
            return datagram
        }
        throw SocketError(.wouldBlock)
    }

    func localAddress() throws(SocketError) -> InternetAddress {
        guard self.isBound else { throw SocketError(.invalidState) }
        return try self.socket.localAddress()
    }
}

/// One datagram at a time.
extension Socket {
    /// Most bytes of a datagram.
    static let longestDatagram = 65_535

    /// - Parameters:
    ///   - given: who the guest says it is for.
    ///   - remote: the one address that the socket is for.
    /// - Throws: `would-block` when the system has no room now.
    func send(
        datagram data: [UInt8], to given: InternetAddress?, connectedTo remote: InternetAddress?
    ) throws(SocketError) {
        guard data.count <= Self.longestDatagram else { throw SocketError(.datagramTooLarge) }
        let result: Int
        if let remote {
            guard given == nil || given == remote else { throw SocketError(.invalidArgument) }
            result = data.withUnsafeBytes { systemSend(self.descriptor, $0) }
        } else {
            guard let given else { throw SocketError(.invalidArgument) }
            try given.check(for: self.family, mayBeUnspecified: false)
            guard self.policy.allows(.udpSend, given) else { throw SocketError(.accessDenied) }
            result = data.withUnsafeBytes { systemSend(self.descriptor, $0, to: given) }
        }
        guard result >= 0 else { throw .system() }
    }

    /// `nil` for one from somebody else, which came before the association with `remote` was made.
    func receiveDatagram(
        from remote: InternetAddress?
    ) throws(SocketError) -> (data: [UInt8], sender: InternetAddress)? {
        let received: Result<(data: [UInt8], sender: InternetAddress)?, SocketError> =
            withUnsafeTemporaryAllocation(byteCount: Self.longestDatagram, alignment: 1) { buffer in
                let (count, sender) = systemReceiveFrom(self.descriptor, buffer)
                guard count >= 0 else { return .failure(.system()) }
                guard let sender, remote == nil || remote == sender else { return .success(nil) }
                return .success(([UInt8](UnsafeRawBufferPointer(rebasing: buffer[..<count])), sender))
            }
        return try received.get()
    }
}
