#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Socket options in WASI's units.
extension Socket {
    func set(_ value: Int32, _ level: Int32, _ option: Int32) throws(SocketError) {
        var value = value
        guard setsockopt(self.descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw .system()
        }
    }

    func get(_ level: Int32, _ option: Int32) throws(SocketError) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(self.descriptor, level, option, &value, &length) == 0 else { throw .system() }
        return value
    }

    // MARK: Buffers

    enum Buffer {
        case send
        case receive

        fileprivate var option: Int32 { self == .send ? SO_SNDBUF : SO_RCVBUF }
    }

    /// Bytes.
    func bufferSize(_ buffer: Buffer) throws(SocketError) -> UInt64 {
        let size = try self.get(SOL_SOCKET, buffer.option)
        #if os(Linux)
        // It counts its own bookkeeping as the other half.
        return UInt64(max(0, size) / 2)
        #else
        return UInt64(max(0, size))
        #endif
    }

    func setBufferSize(_ buffer: Buffer, _ value: UInt64) throws(SocketError) {
        guard value > 0 else { throw SocketError(.invalidArgument) }
        // The system caps it; over a GiB it might take it for negative.
        try self.set(Int32(min(value, 1 << 30)), SOL_SOCKET, buffer.option)
    }

    // MARK: Hops

    private var hopOption: (level: Int32, option: Int32) {
        self.family == .ipv4
            ? (Int32(IPPROTO_IP), IP_TTL) : (Int32(IPPROTO_IPV6), Int32(IPV6_UNICAST_HOPS))
    }

    func hopLimit() throws(SocketError) -> UInt8 {
        UInt8(clamping: try self.get(self.hopOption.level, self.hopOption.option))
    }

    func setHopLimit(_ value: UInt8) throws(SocketError) {
        guard value > 0 else { throw SocketError(.invalidArgument) }
        try self.set(Int32(value), self.hopOption.level, self.hopOption.option)
    }

    // MARK: Delay

    func noDelay() throws(SocketError) -> Bool { try self.get(Self.tcp, TCP_NODELAY) != 0 }

    func setNoDelay(_ value: Bool) throws(SocketError) { try self.set(value ? 1 : 0, Self.tcp, TCP_NODELAY) }

    // MARK: Keep-alive

    private static let tcp = Int32(IPPROTO_TCP)
    #if canImport(Darwin)
    private static let idleOption = TCP_KEEPALIVE
    #else
    private static let idleOption = TCP_KEEPIDLE
    #endif

    func keepAlive() throws(SocketError) -> Bool { try self.get(SOL_SOCKET, SO_KEEPALIVE) != 0 }

    func setKeepAlive(_ value: Bool) throws(SocketError) { try self.set(value ? 1 : 0, SOL_SOCKET, SO_KEEPALIVE) }

    /// Nanoseconds; the system knows seconds.
    func keepAliveIdleTime() throws(SocketError) -> UInt64 { try self.seconds(Self.idleOption) }

    func setKeepAliveIdleTime(_ value: UInt64) throws(SocketError) { try self.setSeconds(value, Self.idleOption) }

    func keepAliveInterval() throws(SocketError) -> UInt64 { try self.seconds(TCP_KEEPINTVL) }

    func setKeepAliveInterval(_ value: UInt64) throws(SocketError) { try self.setSeconds(value, TCP_KEEPINTVL) }

    func keepAliveCount() throws(SocketError) -> UInt32 { UInt32(max(0, try self.get(Self.tcp, TCP_KEEPCNT))) }

    func setKeepAliveCount(_ value: UInt32) throws(SocketError) {
        guard value > 0 else { throw SocketError(.invalidArgument) }
        try self.set(Int32(min(value, 127)), Self.tcp, TCP_KEEPCNT)
    }

    private func seconds(_ option: Int32) throws(SocketError) -> UInt64 {
        UInt64(max(0, try self.get(Self.tcp, option))) * 1_000_000_000
    }

    /// Rounds up to what the system can have.
    private func setSeconds(_ nanoseconds: UInt64, _ option: Int32) throws(SocketError) {
        guard nanoseconds > 0 else { throw SocketError(.invalidArgument) }
        let seconds = nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 == 0 ? 0 : 1)
        try self.set(Int32(min(seconds, 32_767)), Self.tcp, option)
    }
}
