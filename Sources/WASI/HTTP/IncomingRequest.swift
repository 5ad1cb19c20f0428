package import ComponentModel
package import HTTP

/// `wasi:http/types.incoming-request`: the request that the handler was called for.
package final class IncomingRequestResource: WasiHttpTypes.IncomingRequest {
    private let head: RequestHead
    private let requestScheme: WasiHttpTypes.Scheme
    private let extraFields: [(String, String)]
    private var body: IncomingBody?
    /// Made when the guest first looks: head and extra fields together.
    private lazy var storage = FieldStorage(self.head, adding: self.extraFields)

    /// - Parameter extraFields: header fields that the host adds, such as `spin-path-info`; they replace any that the
    ///   client sent under the same name.
    package init(
        head: RequestHead, body: InboundBody, scheme: WasiHttpTypes.Scheme = .http,
        extraFields: [(String, String)] = []
    ) {
        self.head = head
        self.requestScheme = scheme
        self.extraFields = extraFields
        self.body = IncomingBody(body)
    }

    package func method(in call: borrowing HostCall) throws -> WasiHttpTypes.Method {
        WasiHttpTypes.Method(self.head.method)
    }

    package func pathWithQuery(in call: borrowing HostCall) throws -> String? {
        self.head.target
    }

    package func scheme(in call: borrowing HostCall) throws -> WasiHttpTypes.Scheme? {
        self.requestScheme
    }

    package func authority(in call: borrowing HostCall) throws -> String? {
        self.head.authority
    }

    package func headers(in call: borrowing HostCall) throws -> FieldsResource {
        FieldsResource(self.storage, isMutable: false)
    }

    package func consume(in call: borrowing HostCall) throws -> WITResult<IncomingBodyResource, Void> {
        guard let body = self.body else { return .error }
        self.body = nil
        return .ok(IncomingBodyResource(body))
    }
}
