import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// A socket of the host that never blocks. Shared by the resources that the guest has of it, confined to their event
/// loop, closed with the last of them.
final class Socket {
    enum Kind: Hashable {
        case stream
        case datagram
    }

    let family: InternetAddress.Family
    let policy: any NetworkPolicy
    private let file: FileHandle
    private let eventLoop: any EventLoop
    private let budget: HostMemoryBudget
    private var holdsPlace = false
    private var readWatch: ReadinessWatch?
    private var writeWatch: ReadinessWatch?
    private var sendWatch: ReadinessWatch?

    /// A new socket.
    ///
    /// - Throws: `new-socket-limit` when the guest or the process has too many.
    convenience init(_ kind: Kind, _ family: InternetAddress.Family, _ context: WASIContext) throws(SocketError) {
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        #if canImport(Glibc)
        let type = Int32((kind == .stream ? SOCK_STREAM : SOCK_DGRAM).rawValue)
        #else
        let type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
        #endif
        let descriptor = socket(domain, type, 0)
        guard descriptor >= 0 else { throw .system() }
        try self.init(
            adopting: descriptor, family, policy: context.configuration.network, eventLoop: context.eventLoop,
            budget: context.budget)
        // One family a socket: the guest's idea of an address is the system's.
        if family == .ipv6 { try self.set(1, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
    }

    private init(
        adopting descriptor: Int32, _ family: InternetAddress.Family, policy: any NetworkPolicy,
        eventLoop: any EventLoop, budget: HostMemoryBudget
    ) throws(SocketError) {
        self.file = FileHandle(descriptor)
        guard budget.openFile() else { throw SocketError(.newSocketLimit) }
        self.family = family
        self.policy = policy
        self.eventLoop = eventLoop
        self.budget = budget
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0 else { throw .system() }
        #if canImport(Darwin)
        try self.set(1, SOL_SOCKET, SO_NOSIGPIPE)
        #endif
    }

    deinit {
        // An initialiser that failed has counted nothing, and then this does not run.
        self.budget.closeFile()
        self.giveBackPlace()
        self.readWatch?.cancel()
        self.writeWatch?.cancel()
        self.sendWatch?.cancel()
    }

    var descriptor: Int32 { self.file.descriptor }

    // MARK: Places

    /// Counts the socket as a connection, until it is closed.
    ///
    /// - Throws: `new-socket-limit` when the operator allows no more.
    func takePlace() throws(SocketError) {
        guard !self.holdsPlace else { return }
        guard self.policy.takePlace() else { throw SocketError(.newSocketLimit) }
        self.holdsPlace = true
    }

    func giveBackPlace() {
        guard self.holdsPlace else { return }
        self.holdsPlace = false
        self.policy.giveBackPlace()
    }

    // MARK: System calls

    /// A port whose last connections are still closing may be taken again.
    func reuseAddress() throws(SocketError) { try self.set(1, SOL_SOCKET, SO_REUSEADDR) }

    func bind(to address: InternetAddress) throws(SocketError) {
        guard (address.withSystemAddress { systemBind(self.descriptor, $0, $1) }) == 0 else {
            switch errno {
            // Linux: all ports are taken.
            case ENOBUFS: throw SocketError(.addressInUse)
            case EAFNOSUPPORT: throw SocketError(.invalidArgument)
            default: throw .system()
            }
        }
    }

    /// False while it goes on.
    func connect(to address: InternetAddress) throws(SocketError) -> Bool {
        guard (address.withSystemAddress { systemConnect(self.descriptor, $0, $1) }) != 0 else { return true }
        switch errno {
        case EINPROGRESS: return false
        // Linux: no port is left for the near side.
        case EADDRNOTAVAIL: throw SocketError(.addressInUse)
        default: throw .system()
        }
    }

    /// Takes the association of a datagram socket away.
    func disconnect() throws(SocketError) {
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_UNSPEC)
        // Darwin says EAFNOSUPPORT, having done it.
        guard
            systemConnect(self.descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size)) == 0
                || errno == EAFNOSUPPORT
        else { throw .system() }
    }

    func listen(backlog: Int32) throws(SocketError) {
        guard systemListen(self.descriptor, backlog) == 0 else { throw .system() }
    }

    func accept() throws(SocketError) -> Socket {
        let descriptor = systemAccept(self.descriptor)
        guard descriptor >= 0 else {
            switch errno {
            case EWOULDBLOCK, EAGAIN, EINTR: throw SocketError(.wouldBlock)
            case EMFILE, ENFILE: throw SocketError(.newSocketLimit)
            default: throw SocketError(.connectionAborted)
            }
        }
        return try Socket(
            adopting: descriptor, self.family, policy: self.policy, eventLoop: self.eventLoop, budget: self.budget)
    }

    /// Whether the guest has a place for one more.
    var mayOpenAnother: Bool { self.budget.mayOpenFile }

    /// At least one byte, or 0 at the end.
    ///
    /// - Throws: `would-block` when there is nothing now.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SocketError) -> Int {
        let count = systemReceive(self.descriptor, buffer)
        guard count >= 0 else { throw errno == EINTR ? SocketError(.wouldBlock) : .system() }
        return count
    }

    /// How many of `bytes`, which are not none, the system took: at least one.
    ///
    /// - Throws: `would-block` when it takes none now.
    func send(_ bytes: UnsafeRawBufferPointer) throws(SocketError) -> Int {
        let count = systemSend(self.descriptor, bytes)
        guard count >= 0 else { throw errno == EINTR ? SocketError(.wouldBlock) : .system() }
        return count
    }

    func shutdown(receive: Bool, send: Bool) {
        _ = systemShutdown(self.descriptor, Int32(receive ? (send ? SHUT_RDWR : SHUT_RD) : SHUT_WR))
    }

    /// The error of a connection attempt, which asking for clears.
    func pendingError() throws(SocketError) {
        let error = try self.get(SOL_SOCKET, SO_ERROR)
        guard error == 0 else { throw SocketError(errno: error) }
    }

    func localAddress() throws(SocketError) -> InternetAddress {
        try self.address { getsockname(self.descriptor, $0, $1) }
    }

    func remoteAddress() throws(SocketError) -> InternetAddress {
        try self.address { getpeername(self.descriptor, $0, $1) }
    }

    private func address(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) throws(SocketError) -> InternetAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
        guard result == 0 else { throw .system() }
        guard let address = InternetAddress(storage) else { throw SocketError(.unknown) }
        return address
    }

    // MARK: Readiness

    func isReady(_ direction: ReadinessWatch.Direction) -> Bool {
        var poll = pollfd(
            fd: self.descriptor, events: Int16(direction == .read ? POLLIN : POLLOUT), revents: 0)
        return systemPoll(&poll) > 0
    }

    /// Calls `callback` once when the socket may have become ready; takes the place of an earlier one.
    func whenReady(_ direction: ReadinessWatch.Direction, _ callback: @escaping () -> Void) {
        let watch = ReadinessWatch(self.file, direction, on: self.eventLoop, callback)
        switch direction {
        case .read:
            self.readWatch?.cancel()
            self.readWatch = watch
        case .write:
            self.writeWatch?.cancel()
            self.writeWatch = watch
        }
    }

    /// Calls `callback` once when the system may take bytes that the host itself has kept; takes the place of an earlier
    /// one, but not of what waits by ``whenReady(_:_:)``, nor the other way round: a guest may stop waiting.
    func whenSendable(_ callback: @escaping () -> Void) {
        self.sendWatch?.cancel()
        self.sendWatch = ReadinessWatch(self.file, .write, on: self.eventLoop, callback)
    }

    /// Runs `body` after a time, unless it is cancelled.
    func after(_ time: TimeAmount, _ body: @escaping () -> Void) -> Scheduled<Void> {
        let bound = NIOLoopBound(body, eventLoop: self.eventLoop)
        return self.eventLoop.scheduleTask(in: time) { bound.value() }
    }
}

/// A descriptor that is closed with its last reference: a watch that is being cancelled still needs it open.
final class FileHandle: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        closeDescriptor(self.descriptor)
    }
}
