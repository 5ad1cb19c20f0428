#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The host of a URL in its canonical form: two texts that name the same host are equal (WHATWG URL, "host parsing").
///
/// Without this a guest could name `127.0.0.1` as `0x7f.1`, and the check and the connection would disagree.
package enum OutboundHost: Sendable, Hashable, CustomStringConvertible {
    /// Lower-case ASCII.
    case domain(String)
    case ipv4(UInt32)
    case ipv6(UInt128)

    /// Reads `example.com`, `127.0.0.1` or `[::1]`; nil when it is no host. Non-ASCII names must be in Punycode.
    package init?(_ text: some StringProtocol) {
        guard !text.isEmpty else { return nil }
        if text.hasPrefix("[") {
            guard text.hasSuffix("]"), let address = Self.parseIPv6(text.dropFirst().dropLast()) else { return nil }
            self = .ipv6(address)
            return
        }
        guard let domain = Self.canonicalDomain(String(text)), !domain.isEmpty else { return nil }
        switch Self.endsInNumber(domain) {
        case false: self = .domain(domain)
        case true:
            guard let address = Self.parseIPv4(domain) else { return nil }
            self = .ipv4(address)
        }
    }

    package var description: String {
        switch self {
        case .domain(let name): name
        case .ipv4(let address): Self.text(ipv4: address)
        case .ipv6(let address): "[\(Self.text(ipv6: address))]"
        }
    }

    // MARK: - Domains

    /// Lower-case and without percent escapes; nil when a character is forbidden.
    private static func canonicalDomain(_ text: String) -> String? {
        var needsWork = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                continue
            default: needsWork = true
            }
        }
        // Nearly every host is plain: nothing is copied then.
        guard needsWork else { return text }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while var byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst()?.hexDigitValue, let low = rest.popFirst()?.hexDigitValue else {
                    return nil
                }
                byte = high << 4 | low
            }
            guard !Self.isForbidden(byte) else { return nil }
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            bytes.append(isUpper ? byte | 0x20 : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte >= 0x7F || "#/:<>?@[\\]^|%".utf8.contains(byte)
    }

    private static func endsInNumber(_ domain: String) -> Bool {
        var labels = domain.utf8[...]
        if labels.last == UInt8(ascii: ".") { labels.removeLast() }
        let last = labels.suffix { $0 != UInt8(ascii: ".") }
        guard let first = last.first else { return false }
        if last.allSatisfy(\.isDigit) { return true }
        guard first == UInt8(ascii: "0"), last.dropFirst().first == UInt8(ascii: "x") else { return false }
        return last.dropFirst(2).allSatisfy { $0.hexDigitValue != nil }
    }

    // MARK: - Addresses

    /// One to four numbers, each decimal, octal (`017`) or hexadecimal (`0xF`); the last fills what is left.
    package static func parseIPv4(_ text: some StringProtocol) -> UInt32? {
        var parts = text.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count > 1, parts.last?.isEmpty == true { parts.removeLast() }
        guard (1...4).contains(parts.count) else { return nil }
        var address: UInt64 = 0
        for (index, part) in parts.enumerated() {
            guard let number = Self.parseNumber(part) else { return nil }
            let bits = index == parts.count - 1 ? 8 * (5 - parts.count) : 8
            guard number < UInt64(1) << UInt64(bits) else { return nil }
            address = address << UInt64(bits) | number
        }
        return UInt32(exactly: address)
    }

    private static func parseNumber(_ text: some StringProtocol) -> UInt64? {
        guard let first = text.utf8.first, first.isDigit else { return nil }
        guard first == UInt8(ascii: "0"), text.utf8.count > 1 else { return UInt64(text, radix: 10) }
        if text.hasPrefix("0x") { return text.utf8.count == 2 ? 0 : UInt64(text.dropFirst(2), radix: 16) }
        return UInt64(text, radix: 8)
    }

    package static func parseIPv6(_ text: some StringProtocol) -> UInt128? {
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        var bytes = in6_addr()
        guard inet_pton(AF_INET6, String(text), &bytes) == 1 else { return nil }
        return withUnsafeBytes(of: bytes) { $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
    }

    package static func text(ipv4 address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
    }

    package static func text(ipv6 address: UInt128) -> String {
        var bytes = address.bigEndian
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &bytes, &text, socklen_t(text.count)) != nil else { return "::" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension BidirectionalCollection {
    /// The elements at the end that satisfy a condition.
    func suffix(while predicate: (Element) -> Bool) -> SubSequence {
        var start = self.endIndex
        while start != self.startIndex {
            let before = self.index(before: start)
            guard predicate(self[before]) else { break }
            start = before
        }
        return self[start...]
    }
}
