/// A route of an application and where it leads. A class, so that a match costs one reference.
package final class Route: Sendable {
    /// The trigger that declares it.
    package let triggerID: String
    package let componentID: String
    /// As written in the manifest.
    package let raw: String
    /// With a leading `/` and without one trailing `/`; empty for `/`. Spin's `spin-matched-route`.
    package let matched: String
    /// ``raw`` without its `/...`. Spin's `spin-component-route`.
    package let componentRoute: String
    package let pattern: RoutePattern
    /// Header names for the captures, in order; nil where the name makes no header name.
    let captureHeaders: [String?]

    package init(triggerID: String, componentID: String, route: String) throws(RoutePattern.ParseError) {
        let absolute = route.hasPrefix("/") ? route : "/" + route
        self.triggerID = triggerID
        self.componentID = componentID
        self.raw = route
        self.matched = absolute.hasSuffix("/") ? String(absolute.dropLast()) : absolute
        self.componentRoute = route.hasSuffix("/...") ? String(route.dropLast(4)) : route
        self.pattern = try RoutePattern(self.matched)
        self.captureHeaders = self.pattern.captureNames.map { SpinHeaders.captureHeader($0) }
    }

    package var isWildcard: Bool { self.pattern.hasTrailingWildcard }

    /// For people: the route without its wildcard, at least `/`.
    package var displayPath: String {
        var path = self.matched[...]
        for wildcard in ["/...", "/*"] where path.hasSuffix(wildcard) { path = path.dropLast(wildcard.utf8.count) }
        return path.isEmpty ? "/" : String(path)
    }
}

/// A route that can never be reached, because another one answers the same paths.
package struct DuplicateRoute: Sendable, Hashable, CustomStringConvertible {
    package let route: String
    package let replacedTrigger: String
    package let replacedComponent: String
    package let effectiveTrigger: String
    package let effectiveComponent: String

    package var description: String {
        "route `\(self.route)` of component `\(self.replacedComponent)` is never reached: "
            + "component `\(self.effectiveComponent)` has the same route"
    }
}

/// Finds the route of a path. Built once, then only read (`spin-parity.md` 2.1).
package struct Router: Sendable {
    /// The reachable routes, in the order of the manifest.
    package let routes: [Route]
    package let duplicates: [DuplicateRoute]

    /// Indices of the routes without captures or wildcard, by the hash of their text.
    private let fixed: [UInt64: [Int]]
    /// Indices of all others, best first.
    private let patterns: [Int]

    /// Paths under it are answered by the host, not by components.
    package static let wellKnownPrefix = "/.well-known/spin/"

    package init(_ candidates: [Route]) {
        var routes: [Route] = []
        var duplicates: [DuplicateRoute] = []
        var byText: [String: Int] = [:]
        for route in candidates {
            if let index = byText[route.raw] {
                // The same text: the last one wins.
                duplicates.append(DuplicateRoute(replaced: routes[index], by: route))
                routes[index] = route
            } else if let first = routes.first(where: { $0.pattern.hasSameShape(as: route.pattern) }) {
                // Written differently (`/a` and `/a/`): the first one wins, as in Spin.
                duplicates.append(DuplicateRoute(replaced: route, by: first))
            } else {
                byText[route.raw] = routes.count
                routes.append(route)
            }
        }
        var fixed: [UInt64: [Int]] = [:]
        var patterns: [Int] = []
        for (index, route) in routes.enumerated() {
            if let text = route.pattern.fixedText {
                let hash = text.withUnsafeBufferPointer { Self.hash($0, in: 0..<$0.count) }
                fixed[hash, default: []].append(index)
            } else {
                patterns.append(index)
            }
        }
        patterns.sort { left, right in
            if routes[left].pattern.comesBefore(routes[right].pattern) { return true }
            if routes[right].pattern.comesBefore(routes[left].pattern) { return false }
            return left < right
        }
        self.routes = routes
        self.duplicates = duplicates
        self.fixed = fixed
        self.patterns = patterns
    }

    /// Whether a route lies where the host answers itself, so that it is never reached.
    package var reservedRoutes: [Route] {
        self.routes.filter { $0.matched.hasPrefix(Self.wellKnownPrefix) }
    }

    /// The best route for a path (without query, not decoded), or nil.
    package func match(_ path: UnsafeBufferPointer<UInt8>) -> RouteMatch? {
        let slash = UInt8(ascii: "/")
        var start = 0
        var end = path.count
        while start < end, path[start] == slash { start += 1 }
        while end > start, path[end - 1] == slash { end -= 1 }
        let trimmed = start..<end

        // Fixed text beats everything else, whatever its length.
        if !self.fixed.isEmpty, let candidates = self.fixed[Self.hash(path, in: trimmed)] {
            for index in candidates where self.routes[index].pattern.match(path, in: trimmed) != nil {
                return RouteMatch(route: self.routes[index], captures: [], wildcard: nil)
            }
        }
        for index in self.patterns {
            if let capture = self.routes[index].pattern.match(path, in: trimmed) {
                return RouteMatch(route: self.routes[index], captures: capture.ranges, wildcard: capture.wildcard)
            }
        }
        return nil
    }

    /// The best route for a path (without query, not decoded), or nil.
    package func match(_ path: String) -> RouteMatch? {
        var path = path
        return path.withUTF8 { self.match($0) }
    }

    /// FNV-1a: the routes are the operator's, only the looked-up path is a stranger's.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, in range: Range<Int>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return hash
    }
}

extension DuplicateRoute {
    fileprivate init(replaced: Route, by effective: Route) {
        self.init(
            route: replaced.matched.isEmpty ? "/" : replaced.matched,
            replacedTrigger: replaced.triggerID, replacedComponent: replaced.componentID,
            effectiveTrigger: effective.triggerID, effectiveComponent: effective.componentID)
    }
}

extension RoutePattern {
    /// The text of a route that has neither captures nor wildcard, without outer slashes.
    fileprivate var fixedText: [UInt8]? {
        var text: [UInt8] = []
        for token in self.tokens {
            switch token {
            case .literal(let bytes): text += bytes
            case .slash: text.append(UInt8(ascii: "/"))
            case .dot: text.append(UInt8(ascii: "."))
            case .parameter, .wildcard: return nil
            }
        }
        return text
    }
}
