import ComponentModel
import NIOCore

/// What a request asks for, and of whom: the part of a request that its resource in every release of `wasi:http` has.
struct RequestLine {
    /// Longest method, path, scheme or authority, in bytes.
    static let textLimit = 64 << 10

    /// As in a request line: `GET`.
    private(set) var method = "GET"
    private(set) var path: String?
    /// `http`, `https` or another one.
    private(set) var scheme: String?
    private(set) var authority: String?
    /// What the guest's texts here took of its budget.
    private(set) var size = 0

    init() {}

    /// That of a received request, which costs the guest nothing.
    init(method: String, path: String, scheme: String, authority: String?) {
        self.method = method
        self.path = path
        self.scheme = scheme
        self.authority = authority
    }

    /// False for what is no token.
    mutating func setMethod(_ name: String, _ budget: HostMemoryBudget) throws -> Bool {
        // A known method costs nothing: the guest has it as a number.
        let isKnown = Self.knownMethods.contains(name)
        guard isKnown || FieldSyntax.isToken(name) else { return false }
        let old = Self.knownMethods.contains(self.method) ? nil : self.method
        guard try self.account(isKnown ? nil : name, for: old, budget) else { return false }
        self.method = name
        return true
    }

    mutating func setPath(_ path: String?, _ budget: HostMemoryBudget) throws -> Bool {
        if let path, !URISyntax.isPathWithQuery(path) { return false }
        guard try self.account(path, for: self.path, budget) else { return false }
        self.path = path
        return true
    }

    mutating func setScheme(_ scheme: String?, _ budget: HostMemoryBudget) throws -> Bool {
        if let scheme, !URISyntax.isScheme(scheme) { return false }
        guard try self.account(Self.costly(scheme), for: Self.costly(self.scheme), budget) else { return false }
        self.scheme = scheme
        return true
    }

    mutating func setAuthority(_ authority: String?, _ budget: HostMemoryBudget) throws -> Bool {
        if let authority, !URISyntax.isAuthority(authority) { return false }
        guard try self.account(authority, for: self.authority, budget) else { return false }
        self.authority = authority
        return true
    }

    private static let knownMethods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
    ]

    private static func costly(_ scheme: String?) -> String? { scheme == "http" || scheme == "https" ? nil : scheme }

    /// Counts a text that takes the place of another; false when it is too long.
    private mutating func account(_ new: String?, for old: String?, _ budget: HostMemoryBudget) throws -> Bool {
        let size = new?.utf8.count ?? 0
        guard size <= Self.textLimit else { return false }
        try budget.take(size)
        self.size += size
        let freed = min(old?.utf8.count ?? 0, self.size)
        budget.give(back: freed)
        self.size -= freed
        return true
    }

    // MARK: Sending

    /// What is to be sent, or why it cannot be.
    ///
    /// - Parameter depth: how many requests of this application led to this one.
    func outbound(
        fields: FieldStorage, hasBody: Bool, timeouts: RequestTimeouts?, depth: Int
    ) -> Result<OutboundRequest, WasiHttpTypes.ErrorCode> {
        guard self.method != "CONNECT" else { return .failure(.httpRequestMethodInvalid) }
        let isSecure: Bool
        switch self.scheme {
        case "http": isSecure = false
        case "https", nil: isSecure = true
        default: return .failure(.httpProtocolError)
        }
        guard let declared = fields.contentLength else { return .failure(.httpProtocolError) }
        if !hasBody, let declared, declared > 0, self.method != "HEAD" { return .failure(.httpRequestBodySize(0)) }
        var target = self.path ?? "/"
        if target.isEmpty || target.hasPrefix("?") { target = "/" + target }
        guard target.hasPrefix("/") || (target == "*" && self.method == "OPTIONS") else {
            return .failure(.httpRequestUriInvalid)
        }
        var outbound = OutboundRequest(
            method: self.method, isSecure: isSecure, authority: self.authority, target: target,
            fields: fields.sendable, hasBody: hasBody, declaredLength: declared.map { Int(clamping: $0) })
        outbound.connectTimeout = RequestTimeouts.amount(timeouts?.connect)
        outbound.firstByteTimeout = RequestTimeouts.amount(timeouts?.firstByte)
        outbound.betweenBytesTimeout = RequestTimeouts.amount(timeouts?.betweenBytes)
        outbound.depth = depth
        return .success(outbound)
    }
}

/// The time-outs of a request, in nanoseconds: what `request-options` of every release hold.
package struct RequestTimeouts: Hashable, Sendable {
    var connect: UInt64?
    var firstByte: UInt64?
    var betweenBytes: UInt64?

    /// Longest time-out, a year: the sum with any clock is far from overflow.
    private static let longest: UInt64 = 365 * 86_400 * 1_000_000_000

    fileprivate static func amount(_ nanoseconds: UInt64?) -> TimeAmount? {
        nanoseconds.map { .nanoseconds(Int64(min($0, Self.longest))) }
    }
}
