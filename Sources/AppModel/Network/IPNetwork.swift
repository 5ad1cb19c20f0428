/// An IP address without port, as a number.
package enum IPAddress: Hashable, Sendable, CustomStringConvertible {
    case ipv4(UInt32)
    case ipv6(UInt128)

    /// An address from its 4 or 16 bytes in network order; nil for any other number of bytes.
    package init?(octets: some Collection<UInt8>) {
        switch octets.count {
        case 4: self = .ipv4(octets.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self = .ipv6(octets.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }

    /// Reads `192.0.2.1` or `2001:db8::1`; the short and octal forms that URLs allow are none.
    package init?(_ text: some StringProtocol) {
        if text.contains(":") {
            guard let number = OutboundHost.parseIPv6(text) else { return nil }
            self = .ipv6(number)
        } else {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 4, parts.allSatisfy({ Self.isDecimalOctet($0) }),
                let number = OutboundHost.parseIPv4(text)
            else { return nil }
            self = .ipv4(number)
        }
    }

    private static func isDecimalOctet(_ part: some StringProtocol) -> Bool {
        (1...3).contains(part.utf8.count) && part.utf8.allSatisfy(\.isDigit) && (part == "0" || !part.hasPrefix("0"))
    }

    package var description: String {
        switch self {
        case .ipv4(let number): OutboundHost.text(ipv4: number)
        case .ipv6(let number): OutboundHost.text(ipv6: number)
        }
    }
}

/// A network in CIDR notation: `10.0.0.0/8`, `fd00::/8`; a bare address is a network of its own.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    package let address: IPAddress
    package let prefixLength: Int

    /// Bits after the prefix are cleared, as in Spin: `8.8.8.8/16` is `8.8.0.0/16`. Nil when it is no network.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(first) else { return nil }
        let width = if case .ipv4 = address { 32 } else { 128 }
        var length = width
        if parts.count == 2 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy(\.isDigit),
                let number = Int(parts[1]),
                number <= width
            else { return nil }
            length = number
        }
        self.init(address, prefixLength: length)
    }

    /// - Parameter prefixLength: at most 32 or 128.
    package init(_ address: IPAddress, prefixLength: Int) {
        self.prefixLength = prefixLength
        switch address {
        case .ipv4(let number): self.address = .ipv4(number & Self.mask(prefixLength))
        case .ipv6(let number): self.address = .ipv6(number & Self.mask(prefixLength))
        }
    }

    package func contains(_ address: IPAddress) -> Bool {
        switch (self.address, address) {
        case (.ipv4(let network), .ipv4(let number)): number & Self.mask(self.prefixLength) == network
        case (.ipv6(let network), .ipv6(let number)): number & Self.mask(self.prefixLength) == network
        default: false
        }
    }

    /// So many ones from the left. Shifts of Swift that are too wide give 0.
    private static func mask<Number: FixedWidthInteger>(_ length: Int) -> Number {
        ~Number.zero << Number(clamping: Number.bitWidth - length)
    }

    package var description: String { "\(self.address)/\(self.prefixLength)" }
}
