/// Where a Redis server is and how to log in, as a URL says it:
/// `redis://[[user]:password@]host[:port][/database][?protocol=resp3]`, `rediss://` for TLS.
package struct RedisAddress: Hashable, Sendable {
    package static let defaultPort: UInt16 = 6379

    package var isSecure: Bool
    /// A name in lower case, or an IP address; an IPv6 address without brackets.
    package var host: String
    package var port: UInt16
    package var user: String?
    package var password: String?
    package var database: Int
    package var usesRESP3: Bool

    /// `redis` or `rediss`.
    package var scheme: String { self.isSecure ? "rediss" : "redis" }

    /// The host as in a URL.
    package var urlHost: String { self.host.contains(":") ? "[\(self.host)]" : self.host }

    /// Reads a URL. Passwords are often not escaped: what comes before the last `@` of the authority is the login.
    ///
    /// - Throws: ``RedisError/invalidAddress(_:)``, without anything of the login in it.
    package init(_ text: String) throws(RedisError) {
        let (rest, isSecure) = try Self.splitScheme(text)
        let pathStart = rest.firstIndex(of: "/") ?? Self.queryStart(of: rest)
        var authority = rest[..<pathStart]
        self.isSecure = isSecure
        if let at = authority.lastIndex(of: "@") {
            let login = authority[..<at]
            authority = authority[authority.index(after: at)...]
            if let colon = login.firstIndex(of: ":") {
                let user = Self.unescaped(login[..<colon])
                self.user = user.isEmpty ? nil : user
                self.password = Self.unescaped(login[login.index(after: colon)...])
            } else {
                self.user = Self.unescaped(login)
            }
            if self.password?.isEmpty == true { self.password = nil }
        }
        (self.host, self.port) = try Self.hostAndPort(authority)

        let (path, query) = Self.split(rest[pathStart...], at: "?")
        (self.database, self.usesRESP3) = (0, false)
        if let number = path.dropFirst().nilIfEmpty { self.database = try Self.database(number) }
        for parameter in query.split(separator: "&") {
            let (name, value) = Self.split(parameter, at: "=")
            switch name {
            case "db": self.database = try Self.database(value)
            case "protocol": self.usesRESP3 = value == "resp3" || value == "3"
            default: break
            }
        }
    }

    private static func splitScheme(_ text: String) throws(RedisError) -> (Substring, isSecure: Bool) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw .invalidAddress("it has no scheme; write redis://host:port")
        }
        let rest = text[text.index(colon, offsetBy: 3)...]
        switch text[..<colon].lowercased() {
        case "redis": return (rest, false)
        case "rediss": return (rest, true)
        default: throw .invalidAddress("its scheme is neither redis nor rediss")
        }
    }

    /// A query without a path begins after the login, which may hold question marks.
    private static func queryStart(of rest: Substring) -> Substring.Index {
        let hostStart = rest.lastIndex(of: "@") ?? rest.startIndex
        return rest[hostStart...].firstIndex(of: "?") ?? rest.endIndex
    }

    private static func hostAndPort(_ authority: Substring) throws(RedisError) -> (String, UInt16) {
        var host = authority
        var port = Self.defaultPort
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[bracket...].firstIndex(of: ":") {
            host = authority[..<colon]
            let digits = authority[authority.index(after: colon)...]
            if !digits.isEmpty {
                guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = UInt16(digits), number > 0
                else { throw .invalidAddress("its port is no number from 1 to 65535") }
                port = number
            }
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":"), host.utf8.allSatisfy({ Self.isAddressByte($0) }) else {
                throw .invalidAddress("what stands in brackets is no IPv6 address")
            }
        } else if !host.utf8.allSatisfy({ Self.isNameByte($0) }) {
            throw .invalidAddress("its host is no name")
        }
        guard !host.isEmpty, host.utf8.count <= 255 else { throw .invalidAddress("it names no host") }
        return (host.lowercased(), port)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func database(_ text: Substring) throws(RedisError) -> Int {
        guard text.utf8.count <= 9, let number = Int(text), number >= 0 else {
            throw .invalidAddress("its database is no number")
        }
        return number
    }

    private static func split(_ text: Substring, at separator: Character) -> (Substring, Substring) {
        guard let index = text.firstIndex(of: separator) else { return (text, "") }
        return (text[..<index], text[text.index(after: index)...])
    }

    /// `%41` is `A`; a percent sign that begins no escape stands for itself.
    private static func unescaped(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2, digits.first != UInt8(ascii: "+"),
                let value = UInt8(Substring(digits), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Substring {
    fileprivate var nilIfEmpty: Substring? { self.isEmpty ? nil : self }
}

extension RedisAddress: CustomStringConvertible {
    /// Without the login: fit for logs.
    package var description: String {
        "\(self.scheme)://\(self.urlHost):\(self.port)" + (self.database == 0 ? "" : "/\(self.database)")
    }
}
