package import ComponentModel

/// `wasi:http/types.outgoing-request`.
package final class OutgoingRequestResource: WasiHttpTypes.OutgoingRequest {
    /// Longest method, path, scheme or authority, in bytes.
    static let textLimit = 64 << 10

    let storage: FieldStorage
    private let budget: HostMemoryBudget
    private var textBytes = 0
    private(set) var requestMethod = WasiHttpTypes.Method.get
    private(set) var requestPath: String?
    private(set) var requestScheme: WasiHttpTypes.Scheme?
    private(set) var requestAuthority: String?
    private(set) var outgoingBody: OutgoingBody?

    init(_ storage: FieldStorage, budget: HostMemoryBudget) {
        self.storage = storage
        self.budget = budget
    }

    deinit {
        self.budget.give(back: self.textBytes)
    }

    package static func make(headers: FieldsResource, in call: borrowing HostCall) throws -> OutgoingRequestResource {
        OutgoingRequestResource(headers.storage, budget: call.host(WASIContext.self).budget)
    }

    package func body(in call: borrowing HostCall) throws -> WITResult<OutgoingBodyResource, Void> {
        guard self.outgoingBody == nil, let declared = self.storage.contentLength else { return .error }
        let body = OutgoingBody(.request, declaredLength: declared, budget: self.budget)
        self.outgoingBody = body
        return .ok(OutgoingBodyResource(body))
    }

    package func method(in call: borrowing HostCall) throws -> WasiHttpTypes.Method {
        self.requestMethod
    }

    package func setMethod(
        method: WasiHttpTypes.Method, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        if case .other(let text) = method {
            guard FieldSyntax.isToken(text), try self.account(text, for: self.text(of: self.requestMethod)) else {
                return .error
            }
            // A known method by its name is that method.
            self.requestMethod = WasiHttpTypes.Method(text)
        } else {
            _ = try self.account(nil, for: self.text(of: self.requestMethod))
            self.requestMethod = method
        }
        return .ok
    }

    private func text(of method: WasiHttpTypes.Method) -> String? {
        if case .other(let text) = method { text } else { nil }
    }

    package func pathWithQuery(in call: borrowing HostCall) throws -> String? {
        self.requestPath
    }

    package func setPathWithQuery(
        pathWithQuery: String?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        if let path = pathWithQuery, !URISyntax.isPathWithQuery(path) { return .error }
        guard try self.account(pathWithQuery, for: self.requestPath) else { return .error }
        self.requestPath = pathWithQuery
        return .ok
    }

    package func scheme(in call: borrowing HostCall) throws -> WasiHttpTypes.Scheme? {
        self.requestScheme
    }

    package func setScheme(
        scheme: WasiHttpTypes.Scheme?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        var text: String?
        if case .other(let other) = scheme {
            guard URISyntax.isScheme(other) else { return .error }
            text = other
        }
        var old: String?
        if case .other(let other) = self.requestScheme { old = other }
        guard try self.account(text, for: old) else { return .error }
        self.requestScheme = scheme
        return .ok
    }

    package func authority(in call: borrowing HostCall) throws -> String? {
        self.requestAuthority
    }

    package func setAuthority(authority: String?, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        if let authority, !URISyntax.isAuthority(authority) { return .error }
        guard try self.account(authority, for: self.requestAuthority) else { return .error }
        self.requestAuthority = authority
        return .ok
    }

    package func headers(in call: borrowing HostCall) throws -> FieldsResource {
        FieldsResource(self.storage, isMutable: false)
    }

    /// Counts a text that takes the place of another; false when it is too long.
    private func account(_ new: String?, for old: String?) throws -> Bool {
        let size = new?.utf8.count ?? 0
        guard size <= Self.textLimit else { return false }
        try self.budget.take(size)
        self.textBytes += size
        let oldSize = old?.utf8.count ?? 0
        let freed = min(oldSize, self.textBytes)
        self.budget.give(back: freed)
        self.textBytes -= freed
        return true
    }
}
