/// Networks that nothing of the application may connect to, whatever its manifest allows: `block_networks`.
///
/// The one place that decides it, for every capability. It is asked about the address that is connected to, when that is
/// known, so that a name cannot lead into such a network.
package struct BlockedNetworks: Hashable, Sendable {
    package var networks: [IPNetwork]
    /// Also every address that is not reachable from the whole internet (`"private"`).
    package var blocksPrivate: Bool

    package static let none = BlockedNetworks()

    package init(_ networks: [IPNetwork] = [], blocksPrivate: Bool = false) {
        // `::ffff:10.0.0.0/104` is meant as `10.0.0.0/8`: the address that it stands for is what is compared.
        self.networks = networks.map { network in
            guard case .ipv6(let number) = network.address, number >> 32 == 0xffff, network.prefixLength >= 96 else {
                return network
            }
            return IPNetwork(.ipv4(UInt32(truncatingIfNeeded: number)), prefixLength: network.prefixLength - 96)
        }
        self.blocksPrivate = blocksPrivate
    }

    package var isEmpty: Bool { self.networks.isEmpty && !self.blocksPrivate }

    package func blocks(_ address: IPAddress) -> Bool {
        guard !self.isEmpty else { return false }
        if self.networks.contains(where: { $0.contains(address) }) { return true }
        let embedded = address.embedded
        // What leads to an IPv4 address is as good or bad as that address.
        if embedded.contains(where: { self.blocks(.ipv4($0)) }) { return true }
        return self.blocksPrivate && !address.isGlobal
    }
}

extension IPAddress {
    /// IPv4 addresses that packets to this IPv6 address may be delivered to.
    fileprivate var embedded: [UInt32] {
        guard case .ipv6(let number) = self else { return [] }
        func word(_ shift: UInt128) -> UInt32 { UInt32(truncatingIfNeeded: number >> shift) }
        let high = UInt64(truncatingIfNeeded: number >> 64)
        switch high {
        // IPv4-mapped, IPv4-compatible, and IPv4-translated (RFC 2765).
        case 0 where [0, 0xffff].contains(word(32)): return [word(0)]
        case 0 where word(32) == 0xffff_0000: return [word(0)]
        // NAT64, by the well-known prefix (RFC 6052) and by the one for local use (RFC 8215), whose form depends on the
        // length of the translator's prefix.
        case 0x0064_ff9b_0000_0000 where word(32) == 0: return [word(0)]
        default: break
        }
        if high >> 16 == 0x0064_ff9b_0001 {
            let first = UInt32(truncatingIfNeeded: high)
            return [word(0), first << 16 | word(40) & 0xffff, first << 24 | word(32) & 0xff_ffff, word(24)]
        }
        // 6to4 (RFC 3056).
        if high >> 48 == 0x2002 { return [word(80)] }
        // Teredo (RFC 4380): the server, and the client with its bits turned.
        if high >> 32 == 0x2001_0000 { return [word(64), ~word(0)] }
        // ISATAP (RFC 5214).
        if word(32) & ~0x0200_0000 == 0x0000_5efe { return [word(0)] }
        return []
    }

    /// Reachable from everywhere (IANA's special-purpose address registries), and unicast.
    package var isGlobal: Bool {
        switch self {
        case .ipv4: return !Self.specialIPv4.contains { $0.contains(self) }
        case .ipv6(let number):
            // It is as global as the IPv4 address, which is looked at by itself.
            if number >> 32 == 0xffff || number >> 32 == 0x0064_ff9b_0000_0000_0000_0000 { return true }
            return number >> 125 == 1 && !Self.specialIPv6.contains { $0.contains(self) }
        }
    }

    private static let specialIPv4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/3",
    ].compactMap { IPNetwork($0) }

    /// Within 2000::/3.
    private static let specialIPv6 = ["2001::/23", "2001:db8::/32", "3fff::/20"].compactMap { IPNetwork($0) }
}
