import HTTP

/// What a program of Wagi learns of its request: CGI's meta-variables, and Spin's.
///
/// Source: RFC 3875, 4.1; `spin-parity.md` 2.2 and 2.4.
struct WagiEnvironment {
    private(set) var variables: [(String, String)]
    private let path: String
    private let query: String

    /// - Parameters:
    ///   - head: as the guest is to see it.
    ///   - extraFields: the `spin-…` fields that other components get.
    init(_ head: RequestHead, _ extraFields: [(String, String)], bodyLength: Int) {
        let spin = Dictionary(extraFields, uniquingKeysWith: { $1 })
        self.path = head.path
        self.query = head.query ?? ""
        let (host, port) = Self.hostAndPort(head.authority ?? "localhost")
        let client = Self.hostAndPort(spin["spin-client-addr"] ?? "").host
        let rawPathInfo = spin["spin-path-info"] ?? ""
        let pathInfo = Self.percentDecoded(rawPathInfo)
        self.variables = [
            ("AUTH_TYPE", ""),
            ("CONTENT_LENGTH", String(bodyLength)),
            ("CONTENT_TYPE", head.fields.first("content-type") ?? ""),
            ("X_FULL_URL", spin["spin-full-url"] ?? ""),
            ("GATEWAY_INTERFACE", "CGI/1.1"),
            ("X_MATCHED_ROUTE", spin["spin-matched-route"] ?? ""),
            ("QUERY_STRING", self.query),
            ("REMOTE_ADDR", client),
            ("REMOTE_HOST", client),
            ("REMOTE_USER", ""),
            ("REQUEST_METHOD", head.method),
            ("SCRIPT_NAME", spin["spin-component-route"] ?? ""),
            ("X_RAW_PATH_INFO", rawPathInfo),
            ("PATH_INFO", pathInfo),
            ("PATH_TRANSLATED", pathInfo),
            ("SERVER_NAME", host),
            ("SERVER_PORT", port),
            ("SERVER_PROTOCOL", head.majorVersion == 2 ? "HTTP/2.0" : "HTTP/1.\(head.minorVersion)"),
            ("SERVER_SOFTWARE", "WAGI/1"),
            ("X_BASE_PATH", spin["spin-base-path"] ?? "/"),
            ("X_RAW_COMPONENT_ROUTE", spin["spin-raw-component-route"] ?? ""),
            ("X_COMPONENT_ROUTE", spin["spin-component-route"] ?? ""),
            ("X_CLIENT_ADDR", spin["spin-client-addr"] ?? ""),
        ]
        let prefix = "spin-path-match-"
        for (name, value) in extraFields where name.hasPrefix(prefix) {
            self.variables.append(("X_PATH_MATCH_" + Self.variableName(name.dropFirst(prefix.count)), value))
        }
        self.addFields(head.fields)
    }

    /// `HTTP_<NAME>` of each header field; one that occurs several times is joined as a list.
    private mutating func addFields(_ fields: HTTPFields) {
        var places: [String: Int] = [:]
        for index in 0..<fields.count {
            let name = Self.variableName(fields.name(at: index)[...])
            // RFC 3875, 4.1.18: the first has been dealt with, the second is the server's. The third would be taken for
            // the program's own setting (CVE-2016-5385).
            guard name != "AUTHORIZATION", name != "CONNECTION", name != "PROXY" else { continue }
            let value = fields.value(at: index)
            if let place = places[name] {
                self.variables[place].1 += (name == "COOKIE" ? "; " : ", ") + value
            } else {
                places[name] = self.variables.count
                self.variables.append(("HTTP_\(name)", value))
            }
        }
    }

    /// The program's arguments, by a template with `${SCRIPT_NAME}` and `${ARGS}`, cut at its spaces.
    func arguments(_ template: String) -> [String] {
        let arguments = self.query.split(separator: "&", omittingEmptySubsequences: false).joined(separator: " ")
        let values = ["${SCRIPT_NAME}": self.path, "${ARGS}": arguments]
        var text = ""
        var rest = template[...]
        // In one pass: what the request brings is not looked into.
        while let place = rest.firstRange(of: "${") {
            text += rest[..<place.lowerBound]
            rest = rest[place.lowerBound...]
            if let (name, value) = values.first(where: { rest.hasPrefix($0.key) }) {
                text += value
                rest = rest.dropFirst(name.count)
            } else {
                text += "${"
                rest = rest.dropFirst(2)
            }
        }
        return (text + rest).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }

    private static func variableName(_ name: Substring) -> String {
        name.uppercased().replacing("-", with: "_")
    }

    /// `host:port`, `[::1]:port` or `host`, whose port is then 80.
    private static func hostAndPort(_ authority: String) -> (host: String, port: String) {
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else {
            return (Self.unbracketed(authority[...]), "80")
        }
        let port = authority[authority.index(after: colon)...]
        return (Self.unbracketed(authority[..<colon]), port.isEmpty ? "80" : String(port))
    }

    private static func unbracketed(_ host: Substring) -> String {
        host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
    }

    /// Bytes that are no UTF-8 are replaced, a broken escape stays, and so does one of a zero, which would end the text.
    private static func percentDecoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = Self.digit(bytes[index + 1]),
                let low = Self.digit(bytes[index + 2]), high | low != 0
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
