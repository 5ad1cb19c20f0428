/// A TCP socket by the rules of `wasi:sockets`, of any version: its states, and what the component may reach.
final class TCPSocket {
    enum State {
        case unbound
        case bound
        case connecting
        case connected
        case listening
        /// A connection attempt failed: the socket is of no more use.
        case failed
    }

    let socket: Socket
    private(set) var state: State
    private var backlog: Int32 = 128

    private init(_ socket: Socket, _ state: State) {
        self.socket = socket
        self.state = state
    }

    convenience init(_ family: InternetAddress.Family, _ context: WASIContext) throws(SocketError) {
        self.init(try Socket(.stream, family, context), .unbound)
    }

    private func expect(_ state: State) throws(SocketError) {
        guard self.state == state else { throw SocketError(.invalidState) }
    }

    // MARK: Binding

    func bind(to address: InternetAddress) throws(SocketError) {
        try self.expect(.unbound)
        try address.check(for: self.socket.family, mayBeUnspecified: true)
        guard self.socket.policy.allows(.tcpBind, address) else { throw SocketError(.accessDenied) }
        // As POSIX servers do: a port whose last connections are still closing may be taken again, by who says so here
        // if who had it said so too.
        try self.socket.reuseAddress()
        try self.socket.bind(to: address)
        self.state = .bound
    }

    // MARK: Connecting

    func startConnect(to address: InternetAddress) throws(SocketError) {
        guard self.state == .unbound || self.state == .bound else { throw SocketError(.invalidState) }
        try address.check(for: self.socket.family, mayBeUnspecified: false)
        guard self.socket.policy.allows(.tcpConnect, address) else { throw SocketError(.accessDenied) }
        try self.socket.takePlace()
        do throws(SocketError) {
            _ = try self.socket.connect(to: address)
        } catch {
            self.socket.giveBackPlace()
            self.state = .failed
            throw error
        }
        self.state = .connecting
    }

    /// - Throws: `would-block` while the attempt goes on, else why it failed.
    func finishConnect() throws(SocketError) {
        try self.expect(.connecting)
        guard self.socket.isReady(.write) else { throw SocketError(.wouldBlock) }
        do throws(SocketError) {
            try self.socket.pendingError()
        } catch {
            self.socket.giveBackPlace()
            self.state = .failed
            throw error
        }
        self.state = .connected
    }

    /// Nobody waits for the connection any more.
    func abandonConnect() {
        if self.state == .connecting { self.state = .failed }
    }

    // MARK: Listening

    func listen() throws(SocketError) {
        if self.state == .unbound { try self.bind(to: .unspecified(self.socket.family)) }
        try self.expect(.bound)
        try self.socket.listen(backlog: self.backlog)
        self.state = .listening
    }

    /// - Throws: `would-block` when nobody connects now.
    func accept() throws(SocketError) -> TCPSocket {
        try self.expect(.listening)
        return TCPSocket(try self.socket.accept(), .connected)
    }

    func setListenBacklogSize(_ value: UInt64) throws(SocketError) {
        guard value > 0 else { throw SocketError(.invalidArgument) }
        let backlog = Int32(min(value, 4096))
        switch self.state {
        case .unbound, .bound: break
        case .listening: try self.socket.listen(backlog: backlog)
        case .connecting, .connected, .failed: throw SocketError(.invalidState)
        }
        self.backlog = backlog
    }

    // MARK: Addresses

    func localAddress() throws(SocketError) -> InternetAddress {
        guard self.state != .unbound else { throw SocketError(.invalidState) }
        return try self.socket.localAddress()
    }

    func remoteAddress() throws(SocketError) -> InternetAddress {
        try self.expect(.connected)
        return try self.socket.remoteAddress()
    }
}
