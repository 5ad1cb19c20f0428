/// Where a server listens: a host name or address, and a port; port 0 lets the system choose.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package static let `default` = ListenAddress(host: "127.0.0.1", port: 3000)

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:3000`, `localhost:0` or `[::1]:3000`; nil for anything else.
    package init?(_ text: String) {
        let host: Substring
        let port: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]"), text[end...].hasPrefix("]:") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            port = text[end...].dropFirst(2)
        } else {
            guard let colon = text.lastIndex(of: ":") else { return nil }
            host = text[..<colon]
            port = text[colon...].dropFirst()
            // An IPv6 address needs its brackets, or its end could be a port.
            guard !host.contains(":") else { return nil }
        }
        guard !host.isEmpty, port.allSatisfy({ $0.isASCII && $0.isNumber }), let number = UInt16(port) else {
            return nil
        }
        self.init(host: String(host), port: Int(number))
    }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}
