/// A parsed route: `/fixed/:name/...` (`spin-parity.md` 2.1).
///
/// A segment is fixed text or `:name`, which takes one segment of the path; `:name.ext` ends a name at a dot.
/// A last segment of `...` or `*` takes whatever is left, also nothing.
package struct RoutePattern: Sendable, Hashable {
    /// What is wrong with a route.
    package struct ParseError: Error, Hashable, CustomStringConvertible {
        package var description: String
    }

    enum Token: Sendable, Hashable {
        case slash
        case dot
        case literal([UInt8])
        /// A named part; the index is that of its name in ``captureNames``.
        case parameter(Int)
        case wildcard
    }

    let tokens: [Token]
    /// The names of the `:name` parts, in order.
    package let captureNames: [String]
    package var hasTrailingWildcard: Bool { self.tokens.last == .wildcard }

    package init(_ route: String) throws(ParseError) {
        var tokens: [Token] = []
        var names: [String] = []
        let segments = route.split(separator: "/")
        for (index, segment) in segments.enumerated() {
            if !tokens.isEmpty { tokens.append(.slash) }
            if segment == "..." || segment == "*" {
                guard index == segments.count - 1 else {
                    throw ParseError(description: "`\(segment)` may only stand at the end of a route")
                }
                tokens.append(.wildcard)
            } else if segment.first == "*" {
                throw ParseError(description: "a wildcard has no name: write `/...` instead of `/\(segment)`")
            } else {
                try Self.parse(segment, into: &tokens, names: &names)
            }
        }
        self.tokens = tokens
        self.captureNames = names
    }

    private static func parse(
        _ segment: Substring, into tokens: inout [Token], names: inout [String]
    ) throws(ParseError) {
        let pieces = segment.split(separator: ".", omittingEmptySubsequences: false)
        guard pieces.contains(where: { $0.first == ":" }) else {
            tokens.append(.literal(Array(segment.utf8)))
            return
        }
        for (index, piece) in pieces.enumerated() {
            if index > 0 { tokens.append(.dot) }
            if piece.first == ":" {
                let name = piece.dropFirst()
                guard !name.isEmpty else {
                    throw ParseError(description: "a `:` must be followed by a name, as in `/users/:id`")
                }
                tokens.append(.parameter(names.count))
                names.append(String(name))
            } else if !piece.isEmpty {
                tokens.append(.literal(Array(piece.utf8)))
            }
        }
    }

    /// Whether paths that both match should be answered by this route: fixed text beats a name, a name beats
    /// a wildcard, at the first place where the two differ.
    func comesBefore(_ other: RoutePattern) -> Bool {
        for (mine, theirs) in zip(self.tokens, other.tokens) where mine.rank != theirs.rank {
            return mine.rank > theirs.rank
        }
        let (dots, otherDots) = (self.dotCount, other.dotCount)
        guard dots == otherDots else { return dots > otherDots }
        return self.tokens.count < other.tokens.count
    }

    /// Whether both match the same paths: they differ in the names at most.
    func hasSameShape(as other: RoutePattern) -> Bool { self.tokens == other.tokens }

    private var dotCount: Int { self.tokens.count { $0 == .dot } }
}

extension RoutePattern.Token {
    fileprivate var rank: Int {
        switch self {
        case .literal: 3
        case .parameter: 2
        case .wildcard: 1
        case .slash, .dot: 0
        }
    }
}

extension RoutePattern {
    /// The parts of a path that a pattern took.
    struct Capture {
        var ranges: [Range<Int>] = []
        var wildcard: Range<Int>?
    }

    /// Matches `path[range]`, which must have no `/` at either end. Ranges are offsets into `path`.
    func match(_ path: UnsafeBufferPointer<UInt8>, in range: Range<Int>) -> Capture? {
        var capture = Capture()
        var at = range.lowerBound
        let end = range.upperBound
        let slash = UInt8(ascii: "/")
        let dot = UInt8(ascii: ".")
        for (index, token) in self.tokens.enumerated() {
            let next = index + 1 < self.tokens.count ? self.tokens[index + 1] : nil
            switch token {
            case .literal(let bytes):
                guard end - at >= bytes.count else { return nil }
                for byte in bytes {
                    guard path[at] == byte else { return nil }
                    at += 1
                }
            case .slash:
                if at < end, path[at] == slash {
                    at += 1
                } else if at != end || next != .wildcard {
                    return nil
                }
            case .dot:
                guard at < end, path[at] == dot else { return nil }
                at += 1
            case .parameter:
                guard at < end else { return nil }
                let start = at
                let stopsAtDot = next == .dot
                while at < end, path[at] != slash, !(stopsAtDot && path[at] == dot) { at += 1 }
                capture.ranges.append(start..<at)
            case .wildcard:
                capture.wildcard = at..<end
                at = end
            }
        }
        // A `/` left over is forgiven: `/a//` is `/a`.
        return at == end || (at + 1 == end && path[at] == slash) ? capture : nil
    }
}
