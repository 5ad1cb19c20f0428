/// The name of a registry: a host, with a port if wanted.
package enum RegistryName {
    package static func isValid(_ text: String) -> Bool { Self.parts(text) != nil }

    /// The host, without the brackets of an IPv6 address.
    package static func host(_ text: String) -> String { Self.parts(text)?.host ?? text }

    /// Whether the registry is on this machine.
    package static func isLoopback(_ text: String) -> Bool {
        let host = Self.host(text)
        return host == "localhost" || host.hasPrefix("127.") || host == "::1"
    }

    private static func parts(_ text: String) -> (host: String, port: UInt16?)? {
        var host = text[...]
        var port: UInt16?
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            if !rest.isEmpty {
                guard let number = UInt16(rest.dropFirst()) else { return nil }
                port = number
            }
            host = host[host.index(after: host.startIndex)..<end]
            guard !host.isEmpty, host.utf8.allSatisfy({ $0.hexDigitValue != nil || $0 == UInt8(ascii: ":") }) else {
                return nil
            }
            return (String(host), port)
        }
        if let colon = host.firstIndex(of: ":") {
            guard let number = UInt16(host[host.index(after: colon)...]) else { return nil }
            port = number
            host = host[..<colon]
        }
        let isHost =
            !host.isEmpty && host.utf8.count <= 253
            && host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty && label.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
            }
        return isHost ? (String(host), port) : nil
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
