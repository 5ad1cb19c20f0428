/// Where an address of a guest leads: what is asked of ``AllowedHosts``. Databases and brokers are named by URLs whose
/// passwords are often not escaped, so that a strict reading of URLs would refuse them.
package struct OutboundURL: Sendable, Hashable {
    /// Lower-case.
    package let scheme: String
    package let host: OutboundHost
    package let port: Int?

    /// Reads `redis://user:pass@host:6379/0`, or `host:6379` with the interface's own scheme; nil when no host is in it.
    package init?(_ text: String, defaultScheme: String) {
        let hasScheme = text.firstIndex(of: ":").map { text[$0...].hasPrefix("://") } ?? false
        guard let parsed = Self.parse(hasScheme ? text : "\(defaultScheme)://\(text)") else { return nil }
        self = parsed
    }

    private init(scheme: String, host: OutboundHost, port: Int?) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    private static func parse(_ text: String) -> OutboundURL? {
        let bytes = text.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://") else { return nil }
        let scheme = text[..<colon].lowercased()
        guard let first = scheme.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            scheme.utf8.allSatisfy({
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0.isDigit || "+-.".utf8.contains($0)
            })
        else { return nil }
        var authority = text[text.index(colon, offsetBy: 3)...]
        // User and password come first and may hold `#` and `?`; what comes after the first slash is the path.
        let slash = authority.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        let beforePath = authority[..<(slash ?? authority.endIndex)]
        if let at = beforePath.lastIndex(of: "@") {
            authority = authority[authority.index(after: at)...]
        }
        authority = authority.prefix { !"/\\?#".contains($0) }

        var host = authority
        var port: Int?
        let afterBracket = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterBracket...].firstIndex(of: ":") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            if !digits.isEmpty {
                guard digits.utf8.allSatisfy(\.isDigit), let number = UInt16(digits) else { return nil }
                port = Int(number)
            }
        }
        guard let parsed = OutboundHost(host) else { return nil }
        return OutboundURL(scheme: scheme, host: parsed, port: port)
    }

    /// `host` or `host:port`.
    package var authority: String { self.port.map { "\(self.host):\($0)" } ?? "\(self.host)" }
}
