/// A route that matched, and what it took from the path: offsets into the bytes that were matched.
package struct RouteMatch: Sendable {
    package let route: Route
    /// One range for each of `route.pattern.captureNames`.
    package let captures: [Range<Int>]
    /// What the trailing wildcard took, without the slashes around it; nil when the route has none.
    package let wildcard: Range<Int>?

    /// As if a path had matched `/...` of that component: service chaining.
    package static func synthetic(component: String, path: String) throws(RoutePattern.ParseError) -> RouteMatch {
        let route = try Route(triggerID: "", componentID: component, route: "/...")
        return Router([route]).match(path) ?? RouteMatch(route: route, captures: [], wildcard: 0..<0)
    }

    /// What `spin-path-info` says: the rest of the path with its slashes, empty when nothing is left or the route
    /// takes no rest. `path` must be the bytes that were matched.
    package func pathInfo(in path: UnsafeBufferPointer<UInt8>) -> String {
        guard let wildcard = self.wildcard, wildcard.upperBound <= path.count else { return "" }
        let slash = UInt8(ascii: "/")
        let endsWithSlash = path.last == slash
        guard !wildcard.isEmpty else { return endsWithSlash ? "/" : "" }
        // The slashes before and after stand in the path already: one copy.
        let hasSlashBefore = wildcard.lowerBound > 0 && path[wildcard.lowerBound - 1] == slash
        let lower = hasSlashBefore ? wildcard.lowerBound - 1 : wildcard.lowerBound
        let upper = endsWithSlash && wildcard.upperBound < path.count ? wildcard.upperBound + 1 : wildcard.upperBound
        let text = String(decoding: UnsafeBufferPointer(rebasing: path[lower..<upper]), as: UTF8.self)
        return hasSlashBefore ? text : "/" + text
    }

    package func pathInfo(in path: String) -> String {
        var path = path
        return path.withUTF8 { self.pathInfo(in: $0) }
    }

    /// The captured parts with their names, not decoded. `path` must be the bytes that were matched.
    package func namedCaptures(in path: String) -> [(name: String, value: String)] {
        var path = path
        return path.withUTF8 { bytes in
            zip(self.route.pattern.captureNames, self.captures).map { name, range in
                (name, Self.text(range, in: bytes))
            }
        }
    }

    static func text(_ range: Range<Int>, in path: UnsafeBufferPointer<UInt8>) -> String {
        guard range.upperBound <= path.count else { return "" }
        return String(decoding: UnsafeBufferPointer(rebasing: path[range]), as: UTF8.self)
    }
}
