package import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// An IP address with a port, as the system and WASI know it.
package struct InternetAddress: Hashable, Sendable {
    package enum Family: Hashable, Sendable {
        case ipv4
        case ipv6
    }

    package let family: Family
    package var port: UInt16
    /// Of IPv6.
    package var flowInfo: UInt32 = 0
    package var scopeID: UInt32 = 0
    /// The address in network order, from the most significant bit; IPv4 has its 32 bits at the end of `low`.
    private let high: UInt64
    private let low: UInt64

    /// An address of IPv4 by its number, such as 0x7f00_0001.
    package init(ipv4 number: UInt32, port: UInt16) {
        self.family = .ipv4
        self.high = 0
        self.low = UInt64(number)
        self.port = port
    }

    /// An address of IPv6 by its two halves.
    package init(ipv6 high: UInt64, _ low: UInt64, port: UInt16, flowInfo: UInt32 = 0, scopeID: UInt32 = 0) {
        self.family = .ipv6
        self.high = high
        self.low = low
        self.port = port
        self.flowInfo = flowInfo
        self.scopeID = scopeID
    }

    /// `0.0.0.0` or `::`, and port 0.
    static func unspecified(_ family: Family) -> InternetAddress {
        family == .ipv4 ? InternetAddress(ipv4: 0, port: 0) : InternetAddress(ipv6: 0, 0, port: 0)
    }

    // MARK: Kinds of addresses

    package var ipv4Number: UInt32? { self.family == .ipv4 ? UInt32(truncatingIfNeeded: self.low) : nil }

    /// `::ffff:a.b.c.d`: the IPv4 address a.b.c.d.
    package var ipv4Mapped: UInt32? {
        guard self.family == .ipv6, self.high == 0, self.low >> 32 == 0xffff else { return nil }
        return UInt32(truncatingIfNeeded: self.low)
    }

    /// `0.0.0.0` or `::`.
    package var isUnspecified: Bool { self.high == 0 && self.low == 0 }

    package var isLoopback: Bool {
        if let number = self.ipv4Number ?? self.ipv4Mapped { return number >> 24 == 127 }
        return self.high == 0 && self.low == 1
    }

    /// Neither multicast nor broadcast.
    package var isUnicast: Bool {
        if let number = self.ipv4Number ?? self.ipv4Mapped { return number >> 28 != 0xe && number != .max }
        return self.high >> 56 != 0xff
    }

    /// The 16 or 4 bytes in network order.
    package var octets: [UInt8] {
        let bytes = [self.high, self.low].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
        return self.family == .ipv4 ? Array(bytes.suffix(4)) : bytes
    }
}

extension InternetAddress: CustomStringConvertible {
    /// The address without its port: `127.0.0.1`, `::1`.
    package var host: String {
        var octets = self.octets
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = self.family == .ipv4 ? AF_INET : AF_INET6
        guard inet_ntop(family, &octets, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    package var description: String {
        self.family == .ipv4 ? "\(self.host):\(self.port)" : "[\(self.host)]:\(self.port)"
    }
}

// MARK: The system's form

extension InternetAddress {
    /// Nil for a socket that is a file.
    package init?(_ address: SocketAddress) {
        let storage: sockaddr_storage = address.withSockAddr { address, size in
            var storage = sockaddr_storage()
            withUnsafeMutableBytes(of: &storage) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: address, count: min(size, $0.count)))
            }
            return storage
        }
        self.init(storage)
    }

    /// Reads what the system wrote; nil for another family.
    init?(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            self = withUnsafeBytes(of: &storage) { bytes in
                let address = bytes.loadUnaligned(as: sockaddr_in.self)
                return InternetAddress(
                    ipv4: UInt32(bigEndian: address.sin_addr.s_addr), port: UInt16(bigEndian: address.sin_port))
            }
        case AF_INET6:
            self = withUnsafeBytes(of: &storage) { bytes in
                let address = bytes.loadUnaligned(as: sockaddr_in6.self)
                let (high, low) = withUnsafeBytes(of: address.sin6_addr) {
                    (
                        UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                        UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                    )
                }
                return InternetAddress(
                    ipv6: high, low, port: UInt16(bigEndian: address.sin6_port),
                    flowInfo: UInt32(bigEndian: address.sin6_flowinfo), scopeID: address.sin6_scope_id)
            }
        default: return nil
        }
    }

    /// Calls `body` with the address as the system wants it.
    func withSystemAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        func call<Address>(_ address: Address) -> R {
            withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        switch self.family {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = self.port.bigEndian
            address.sin_addr.s_addr = UInt32(truncatingIfNeeded: self.low).bigEndian
            return call(address)
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = self.port.bigEndian
            address.sin6_flowinfo = self.flowInfo.bigEndian
            address.sin6_scope_id = self.scopeID
            withUnsafeMutableBytes(of: &address.sin6_addr) {
                $0.storeBytes(of: self.high.bigEndian, as: UInt64.self)
                $0.storeBytes(of: self.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            return call(address)
        }
    }
}

// MARK: WASI's form

extension InternetAddress {
    init(_ address: WasiSocketsNetwork.IpSocketAddress) {
        switch address {
        case .ipv4(let address):
            let (a, b, c, d) = address.address
            self.init(ipv4: UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d), port: address.port)
        case .ipv6(let address):
            let (a, b, c, d, e, f, g, h) = address.address
            self.init(
                ipv6: UInt64(a) << 48 | UInt64(b) << 32 | UInt64(c) << 16 | UInt64(d),
                UInt64(e) << 48 | UInt64(f) << 32 | UInt64(g) << 16 | UInt64(h),
                port: address.port, flowInfo: address.flowInfo, scopeID: address.scopeId)
        }
    }

    var ipAddress: WasiSocketsNetwork.IpAddress {
        func part(_ word: UInt64, _ shift: UInt64) -> UInt16 { UInt16(truncatingIfNeeded: word >> shift) }
        func octet(_ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: self.low >> shift) }
        return switch self.family {
        case .ipv4: .ipv4((octet(24), octet(16), octet(8), octet(0)))
        case .ipv6:
            .ipv6(
                (
                    part(self.high, 48), part(self.high, 32), part(self.high, 16), part(self.high, 0),
                    part(self.low, 48), part(self.low, 32), part(self.low, 16), part(self.low, 0)
                ))
        }
    }

    var socketAddress: WasiSocketsNetwork.IpSocketAddress {
        switch self.ipAddress {
        case .ipv4(let address): .ipv4(.init(port: self.port, address: address))
        case .ipv6(let address):
            .ipv6(.init(port: self.port, flowInfo: self.flowInfo, address: address, scopeId: self.scopeID))
        }
    }

    /// What WASI asks of an address before the system sees it.
    func check(for family: Family, mayBeUnspecified: Bool) throws(SocketError) {
        guard self.family == family, self.isUnicast, self.ipv4Mapped == nil,
            mayBeUnspecified || (!self.isUnspecified && self.port != 0)
        else { throw SocketError(.invalidArgument) }
    }
}

extension InternetAddress.Family {
    init(_ family: WasiSocketsNetwork.IpAddressFamily) {
        self = family == .ipv4 ? .ipv4 : .ipv6
    }

    var wasi: WasiSocketsNetwork.IpAddressFamily { self == .ipv4 ? .ipv4 : .ipv6 }
}
