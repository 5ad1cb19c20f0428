/// One entry of `allowed_outbound_hosts`, such as `https://*.example.com:8000..9000` (`spin-parity.md` 1.13).
package struct AllowedHost: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no entry, and what to write instead where that is known.
    package struct ParseError: Error, Hashable, CustomStringConvertible {
        package var message: String
        package var hint: String?

        package var description: String { self.hint.map { "\(self.message)\n  hint: \($0)" } ?? self.message }
    }

    package enum Scheme: Sendable, Hashable {
        case any
        /// Lower-case.
        case named(String)
    }

    package enum Host: Sendable, Hashable {
        case any
        /// The application itself: `self` or `self.alt`.
        case toSelf
        case exactly(OutboundHost)
        /// `.example.com`, lower-case: every host below it, not itself.
        case below(suffix: String)
        case ipv4Network(UInt32, mask: UInt32)
        case ipv6Network(UInt128, mask: UInt128)
    }

    package enum Port: Sendable, Hashable {
        case any
        case range(Range<Int>)
    }

    package let scheme: Scheme
    package var host: Host
    package let port: Port
    /// The text it was read from.
    package let text: String

    package static func == (left: Self, right: Self) -> Bool {
        left.scheme == right.scheme && left.host == right.host && left.port == right.port
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.scheme)
        hasher.combine(self.host)
        hasher.combine(self.port)
    }

    package var description: String { self.text }

    package init(_ text: String) throws(ParseError) {
        self.text = text
        let entry = text.trimmingWhitespace()
        if entry == "insecure:allow-all" {
            throw ParseError(
                message: "`insecure:allow-all` is gone", hint: "write `*://*:*` to allow every connection")
        }
        guard let separator = Self.range(of: "://", in: entry) else { throw Self.schemeMissing(in: entry) }
        let scheme = entry[..<separator.lowerBound]
        self.scheme = try Self.parseScheme(scheme)
        let (host, port) = try Self.split(entry[separator.upperBound...], of: entry)
        self.port = try Self.parsePort(port, scheme: scheme.lowercased())
        self.host = try Self.parseHost(host)
    }

    /// The default port of a scheme, where it has one.
    package static func wellKnownPort(of scheme: String) -> Int? {
        switch scheme {
        case "http": 80
        case "https": 443
        case "redis": 6379
        case "postgres": 5432
        case "mysql": 3306
        case "mqtt": 1883
        default: nil
        }
    }

    /// Whether it names components of the same application.
    package var isForServiceChaining: Bool {
        switch self.host {
        case .exactly(.domain(let name)): name.hasSuffix(ServiceChaining.suffix)
        case .below(let suffix): suffix == ServiceChaining.suffix
        default: false
        }
    }

    func allows(scheme: String) -> Bool {
        switch self.scheme {
        case .any: true
        case .named(let name): name == scheme
        }
    }

    func allows(port: Int?) -> Bool {
        switch self.port {
        case .any: true
        case .range(let range): port.map { range.contains($0) } ?? false
        }
    }

    func allows(host: OutboundHost) -> Bool {
        switch (self.host, host) {
        case (.any, _): true
        case (.exactly(let expected), _): expected == host
        case (.below(let suffix), .domain(let name)): name.utf8.count > suffix.utf8.count && name.hasSuffix(suffix)
        case (.ipv4Network(let network, let mask), .ipv4(let address)): address & mask == network
        case (.ipv6Network(let network, let mask), .ipv6(let address)): address & mask == network
        default: false
        }
    }
}

// MARK: - Reading

extension AllowedHost {
    private static func schemeMissing(in entry: String) -> ParseError {
        guard !["*", ":", "", "?"].contains(entry) else {
            return ParseError(
                message: "`\(entry)` is not of the form `scheme://host:port`",
                hint: "each part may be `*`: `*://*:*` allows every connection")
        }
        let example = entry.hasSuffix(":443") ? "https" : "http"
        return ParseError(
            message: "`\(entry)` has no scheme", hint: "write `\(example)://\(entry)`, or `*://\(entry)` for any scheme"
        )
    }

    private static func parseScheme(_ scheme: Substring) throws(ParseError) -> Scheme {
        if scheme == "*" { return .any }
        if scheme.hasPrefix("{") {
            throw ParseError(
                message: "`\(scheme)`: lists of schemes are not supported", hint: "write an entry for each scheme")
        }
        guard !scheme.isEmpty, scheme.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) })
        else {
            throw ParseError(
                message: "the scheme `\(scheme)` is not valid", hint: "a scheme is `*` or has only letters, as `https`")
        }
        return .named(scheme.lowercased())
    }

    /// Divides what follows the scheme; the host may hold colons of its own.
    private static func split(
        _ rest: Substring, of entry: String
    ) throws(ParseError) -> (host: Substring, port: Substring) {
        guard let colon = rest.lastIndex(of: ":") else { return (rest, "") }
        let tail = rest[rest.index(after: colon)...]
        if tail.isEmpty { return (rest[..<colon], "") }
        // `[::1]` and `ff00::/8` are whole hosts, their last part is no port.
        if (try? Self.parseHost(rest)) != nil { return (rest, "") }
        guard let slash = tail.firstIndex(of: "/") else { return (rest[..<colon], tail) }
        guard tail.index(after: slash) == tail.endIndex else {
            // `10.0.0.0/8` behind a colon belongs to an IPv6 network that is not valid.
            throw Self.pathNotAllowed(rest, of: entry)
        }
        return (rest[..<colon], tail[..<slash])
    }

    /// What to say of a host with a slash within.
    private static func pathNotAllowed(_ host: Substring, of entry: some StringProtocol) -> ParseError {
        if let slash = host.lastIndex(of: "/"), Int(host[host.index(after: slash)...]) != nil,
            OutboundHost.parseIPv4(host[..<slash]) != nil || OutboundHost.parseIPv6(host[..<slash]) != nil
        {
            return ParseError(
                message: "the network `\(host)` is not valid",
                hint: "it is an address, written in full, and how many of its bits count: up to 32, for IPv6 up to 128")
        }
        return ParseError(
            message: "`\(entry)` has a path", hint: "end the entry after the host or the port: access is given to hosts"
        )
    }

    private static func parsePort(_ port: Substring, scheme: String) throws(ParseError) -> Port {
        if port == "*" { return .any }
        if port.isEmpty {
            guard let known = Self.wellKnownPort(of: scheme) else {
                throw ParseError(
                    message: "there is no port, and `\(scheme)` has no default port",
                    hint: "end the entry with a port as `:8080`, a range as `:8000..9000`, or `:*` for any")
            }
            return .range(known..<(known + 1))
        }
        if port.hasPrefix("{") {
            throw ParseError(
                message: "`\(port)`: lists of ports are not supported",
                hint: "write an entry for each port, or a range as `8000..9000`")
        }
        if let dots = Self.range(of: "..", in: port) {
            let lower = try Self.portNumber(port[..<dots.lowerBound], in: port)
            let upper = try Self.portNumber(port[dots.upperBound...], in: port)
            // As in Spin, a range whose end comes first allows nothing.
            return .range(lower..<max(lower, upper))
        }
        let number = try Self.portNumber(port, in: port)
        return .range(number..<(number + 1))
    }

    private static func portNumber(_ text: Substring, in port: Substring) throws(ParseError) -> Int {
        guard text.utf8.allSatisfy(\.isDigit), let number = UInt16(text) else {
            throw ParseError(
                message: "the port `\(port)` is not valid",
                hint: "a port is a number up to 65535, a range as `8000..9000` (without its end), or `*`")
        }
        return Int(number)
    }

    private static func parseHost(_ text: Substring) throws(ParseError) -> Host {
        var host = text.trimmingWhitespace()
        if host.hasPrefix("{") {
            throw ParseError(
                message: "`\(host)`: lists of hosts are not supported", hint: "write an entry for each host")
        }
        if let network = Self.parseNetwork(host) { return network }
        if host.hasSuffix("/") { host.removeLast() }
        if host.isEmpty { throw ParseError(message: "there is no host", hint: "write `*` for any host") }
        switch host {
        case "*": return .any
        case "self", "self.alt": return .toSelf
        default: break
        }
        if host.contains("/") { throw Self.pathNotAllowed(host[...], of: host) }
        if host.hasPrefix("*.") {
            let domain = host.dropFirst(2)
            guard case .domain(let name)? = OutboundHost(domain), !domain.contains("*") else {
                throw ParseError(
                    message: "the host `\(host)` is not valid", hint: "`*.` is followed by a domain, as `*.example.com`"
                )
            }
            return .below(suffix: "." + name)
        }
        if host.contains("*") {
            throw ParseError(
                message: "the host `\(host)` is not valid",
                hint: "`*` stands for the whole host, or for its first labels as in `*.example.com`")
        }
        guard let parsed = OutboundHost(host) else { throw Self.invalid(host: host) }
        return .exactly(parsed)
    }

    private static func invalid(host: String) -> ParseError {
        if OutboundHost.parseIPv6(host) != nil {
            return ParseError(message: "the host `\(host)` is not valid", hint: "write `[\(host)]`")
        }
        let isASCII = host.utf8.allSatisfy { $0 < 0x80 }
        return ParseError(
            message: "the host `\(host)` is not valid",
            hint: isASCII
                ? "a host is a name, `*`, `*.name`, an address or a network such as `10.0.0.0/8`"
                : "write names with other than ASCII letters in Punycode (`xn--…`)")
    }

    /// `10.0.0.0/8` or `2001:db8::/32`; bits behind the prefix are dropped.
    private static func parseNetwork(_ host: String) -> Host? {
        guard let slash = host.lastIndex(of: "/") else { return nil }
        let address = host[..<slash]
        let digits = host[host.index(after: slash)...]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit), let prefix = Int(digits) else {
            return nil
        }
        if let value = OutboundHost.parseIPv6(address), prefix <= 128 {
            let mask: UInt128 = prefix == 0 ? 0 : ~UInt128(0) << UInt128(128 - prefix)
            return .ipv6Network(value & mask, mask: mask)
        }
        // Networks are written in full: `10/8` is none.
        guard address.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 3,
            address.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ UInt8($0) != nil }),
            let value = OutboundHost.parseIPv4(address), prefix <= 32
        else { return nil }
        let mask: UInt32 = prefix == 0 ? 0 : ~UInt32(0) << UInt32(32 - prefix)
        return .ipv4Network(value & mask, mask: mask)
    }

    private static func range<Text: StringProtocol>(of needle: String, in text: Text) -> Range<String.Index>? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(needle) {
                return index..<text.index(index, offsetBy: needle.count)
            }
            index = text.index(after: index)
        }
        return nil
    }
}

extension StringProtocol {
    func trimmingWhitespace() -> String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
