/// The parts of a URI that a guest may set for a request of its own. Source: RFC 3986.
enum URISyntax {
    /// ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ).
    static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, self.isLetter(first) else { return false }
        return text.utf8.allSatisfy {
            self.isLetter($0) || self.isDigit($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".")
        }
    }

    /// A path with or without a query: no space, control character, fragment, or what would need escaping.
    static func isPathWithQuery(_ text: String) -> Bool {
        var isQuery = false
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "?"):
                isQuery = true
                return true
            // Queries in the wild have it unescaped.
            case UInt8(ascii: "`"): return isQuery
            case 0...0x20, 0x7F, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "#"), UInt8(ascii: "\\"),
                UInt8(ascii: "^"):
                return false
            default: return true
            }
        }
    }

    /// `host`, `host:port`, `[v6]:port`, each after an optional `user@`.
    static func isAuthority(_ text: String) -> Bool {
        let hostAndPort: Substring
        if let at = text.lastIndex(of: "@") {
            guard text[..<at].utf8.allSatisfy({ self.isRegular($0) || $0 == UInt8(ascii: ":") }) else { return false }
            hostAndPort = text[text.index(after: at)...]
        } else {
            hostAndPort = text[...]
        }
        let port: Substring?
        if hostAndPort.hasPrefix("[") {
            guard let end = hostAndPort.firstIndex(of: "]") else { return false }
            let address = hostAndPort[hostAndPort.index(after: hostAndPort.startIndex)..<end]
            guard !address.isEmpty, address.utf8.allSatisfy({ self.isRegular($0) || $0 == UInt8(ascii: ":") }) else {
                return false
            }
            let rest = hostAndPort[hostAndPort.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return false }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else {
            let colon = hostAndPort.firstIndex(of: ":")
            let host = hostAndPort[..<(colon ?? hostAndPort.endIndex)]
            // `:443` is what Spin's Python SDK says for a URL without host, a request to the application itself.
            guard !host.isEmpty || (colon != nil && text == hostAndPort),
                host.utf8.allSatisfy({ self.isRegular($0) })
            else { return false }
            port = colon.map { hostAndPort[hostAndPort.index(after: $0)...] }
        }
        guard let port else { return true }
        return !port.isEmpty && port.utf8.allSatisfy { self.isDigit($0) } && UInt16(port) != nil
    }

    /// Unreserved characters, sub-delimiters and the percent sign.
    private static func isRegular(_ byte: UInt8) -> Bool {
        self.isLetter(byte) || self.isDigit(byte) || "-._~!$&'()*+,;=%".utf8.contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
