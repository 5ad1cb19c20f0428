package import HTTP
package import WASI

/// A request whose body is there.
package struct WholeRequest {
    /// Where a request goes.
    package struct Place: Equatable {
        package var isSecure: Bool
        /// Nil for the application itself.
        package var authority: String?
        /// Path and query.
        package var target: String

        package init(isSecure: Bool, authority: String?, target: String) {
            self.isSecure = isSecure
            self.authority = authority
            self.target = target
        }
    }

    package var method: String
    package var place: Place
    package var fields: HTTPFields
    package var body: [UInt8]
    /// Requests of this application that led to it.
    package var depth: Int

    package init(method: String, place: Place, fields: HTTPFields, body: [UInt8], depth: Int) {
        self.method = method
        self.place = place
        self.fields = fields
        self.body = body
        self.depth = depth
    }

    var outbound: OutboundRequest {
        var outbound = OutboundRequest(
            method: self.method, isSecure: self.place.isSecure, authority: self.place.authority,
            target: self.place.target, fields: self.fields, hasBody: !self.body.isEmpty,
            declaredLength: self.body.isEmpty ? nil : self.body.count)
        outbound.depth = self.depth
        return outbound
    }

    /// The request that follows a redirection (RFC 9110 15.4), or nil when the response is none.
    package func redirected(by response: OutboundResponse) -> WholeRequest? {
        guard [301, 302, 303, 307, 308].contains(response.status), let location = response.fields.first("location"),
            let place = self.place.resolve(location)
        else { return nil }
        var next = self
        next.place = place
        if response.status < 307, self.method != "GET", self.method != "HEAD" {
            next.method = "GET"
            next.body = []
            for name in ["content-type", "content-encoding"] { next.fields.removeAll(name) }
        }
        // Secrets are not for another host.
        if place.authority != self.place.authority || place.isSecure != self.place.isSecure {
            for name in ["authorization", "proxy-authorization", "cookie", "cookie2", "www-authenticate"] {
                next.fields.removeAll(name)
            }
        }
        return next
    }
}

extension WholeRequest.Place {
    /// Reads an absolute URL of HTTP, or a path of the application itself; nil for anything else.
    package init?(_ uri: String) {
        let uri = uri.prefix { $0 != "#" }
        guard uri.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        if uri.hasPrefix("/") {
            guard !uri.hasPrefix("//") else { return nil }
            self.init(isSecure: false, authority: nil, target: String(uri))
            return
        }
        guard let colon = uri.firstIndex(of: ":"), uri[colon...].hasPrefix("://") else { return nil }
        let isSecure: Bool
        switch uri[..<colon].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: return nil
        }
        let rest = uri[uri.index(colon, offsetBy: 3)...]
        let authority = rest.prefix { !"/?".contains($0) }
        // A password in a URL would be for the server, not for the name of it.
        guard !authority.isEmpty, !authority.contains("@"), !authority.contains("\\") else { return nil }
        var target = String(rest[authority.endIndex...])
        if !target.hasPrefix("/") { target = "/" + target }
        self.init(isSecure: isSecure, authority: String(authority), target: target)
    }

    /// Where `location` leads, seen from here (RFC 3986 5.2, without dot segments).
    func resolve(_ location: String) -> WholeRequest.Place? {
        if location.hasPrefix("//") { return WholeRequest.Place((self.isSecure ? "https:" : "http:") + location) }
        if let absolute = WholeRequest.Place(location), absolute.authority != nil { return absolute }
        let location = location.prefix { $0 != "#" }
        guard !location.contains("://"), location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return nil }
        var place = self
        let path = self.target.prefix { $0 != "?" }
        if location.hasPrefix("/") {
            place.target = String(location)
        } else if location.hasPrefix("?") || location.isEmpty {
            place.target = String(path + location)
        } else {
            let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
            place.target = String(folder + location)
        }
        return place
    }
}

/// A response whose body is there.
package struct WholeResponse {
    package var status: UInt16
    package var fields: HTTPFields
    package var body: [UInt8]
}
