package import ComponentModel

/// `wasi:http/types.outgoing-request`.
package final class OutgoingRequestResource: WasiHttpTypes.OutgoingRequest {
    let storage: FieldStorage
    private let budget: HostMemoryBudget
    private(set) var line = RequestLine()
    private(set) var outgoingBody: OutgoingBody?

    init(_ storage: FieldStorage, budget: HostMemoryBudget) {
        self.storage = storage
        self.budget = budget
    }

    deinit {
        self.budget.give(back: self.line.size)
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
        WasiHttpTypes.Method(self.line.method)
    }

    package func setMethod(
        method: WasiHttpTypes.Method, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        try self.line.setMethod(method.name, self.budget) ? .ok : .error
    }

    package func pathWithQuery(in call: borrowing HostCall) throws -> String? {
        self.line.path
    }

    package func setPathWithQuery(
        pathWithQuery: String?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        try self.line.setPath(pathWithQuery, self.budget) ? .ok : .error
    }

    package func scheme(in call: borrowing HostCall) throws -> WasiHttpTypes.Scheme? {
        self.line.scheme.map { WasiHttpTypes.Scheme($0) }
    }

    package func setScheme(
        scheme: WasiHttpTypes.Scheme?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        try self.line.setScheme(scheme?.name, self.budget) ? .ok : .error
    }

    package func authority(in call: borrowing HostCall) throws -> String? {
        self.line.authority
    }

    package func setAuthority(authority: String?, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        try self.line.setAuthority(authority, self.budget) ? .ok : .error
    }

    package func headers(in call: borrowing HostCall) throws -> FieldsResource {
        FieldsResource(self.storage, isMutable: false)
    }
}
