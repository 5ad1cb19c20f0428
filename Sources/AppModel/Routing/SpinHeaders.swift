/// The `spin-*` request headers, which tell a component how it was reached (`spin-parity.md` 2.2).
package enum SpinHeaders {
    /// The headers in Spin's order, names and values. Without labels, as they are passed on: Swift converts a list of
    /// labelled pairs element by element, by casts at run time.
    ///
    /// - Parameters:
    ///   - scheme: `http` or `https`.
    ///   - authority: the `Host` header, or the authority of the request target.
    ///   - target: path and query as received.
    ///   - path: the part of `target` that was matched.
    ///   - clientAddress: `127.0.0.1:8777` or `[::1]:8777`.
    package static func make(
        match: RouteMatch, scheme: String, authority: String, target: String, path: String, clientAddress: String
    ) -> [(String, String)] {
        var path = path
        return path.withUTF8 { bytes in
            var headers: [(String, String)] = []
            headers.reserveCapacity(7 + match.captures.count)
            headers.append(("spin-path-info", match.pathInfo(in: bytes)))
            headers.append(("spin-full-url", "\(scheme)://\(authority)\(target)"))
            headers.append(("spin-matched-route", match.route.matched))
            headers.append(("spin-base-path", "/"))
            headers.append(("spin-raw-component-route", match.route.raw))
            headers.append(("spin-component-route", match.route.componentRoute))
            headers.append(("spin-client-addr", clientAddress))
            for (name, range) in zip(match.route.captureHeaders, match.captures) {
                guard let name else { continue }
                // A name used twice: the last one counts.
                headers.removeAll { $0.0 == name }
                headers.append((name, RouteMatch.text(range, in: bytes)))
            }
            return headers
        }
    }

    /// Whether a client may not send this header (in lower case): only the host sets `spin-*`.
    package static func isReserved(_ name: String) -> Bool {
        switch name {
        case "spin-path-info", "spin-full-url", "spin-matched-route", "spin-base-path", "spin-raw-component-route",
            "spin-component-route", "spin-client-addr":
            true
        default: name.hasPrefix("spin-path-match-")
        }
    }

    /// The header of a capture: lower case, `_` as `-`; nil when that is no header name, then Spin drops it, too.
    static func captureHeader(_ name: String) -> String? {
        var header = "spin-path-match-"
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): header.unicodeScalars.append(Unicode.Scalar(byte | 0x20))
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                header.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "_"): header += "-"
            default:
                guard "!#$%&'*+-.^`|~".utf8.contains(byte) else { return nil }
                header.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return header
    }
}
