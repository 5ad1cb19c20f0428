package import ComponentModel
package import HTTP

/// `wasi:http/types@0.3.request`: one that came in, or one that a guest makes.
package final class RequestV3Resource: WasiHttpTypesV3.Request {
    package typealias ErrorCode = WasiHttpTypesV3.ErrorCode

    private let budget: HostMemoryBudget
    private(set) var line: RequestLine
    private let options: RequestTimeouts?
    let body: MessageBody
    private var fields: Fields

    private enum Fields {
        /// Those of a request that came in, with what the host adds: copied when the guest first looks.
        case received(RequestHead, adding: [(String, String)])
        case stored(FieldStorage)
    }

    /// A request that came in.
    ///
    /// - Parameter extraFields: header fields that the host adds, such as `spin-path-info`; they replace any that the
    ///   client sent under the same name.
    package init(
        head: RequestHead, body: InboundBody, isSecure: Bool = false, extraFields: [(String, String)] = [],
        context: WASIContext
    ) {
        self.budget = context.budget
        self.line = RequestLine(
            method: head.method, path: head.target, scheme: isSecure ? "https" : "http", authority: head.authority)
        self.options = nil
        self.body = MessageBody(received: body, of: .request)
        self.fields = .received(head, adding: extraFields)
    }

    private init(_ fields: FieldStorage, _ body: MessageBody, _ options: RequestTimeouts?, _ budget: HostMemoryBudget) {
        self.budget = budget
        self.line = RequestLine()
        self.options = options
        self.body = body
        self.fields = .stored(fields)
    }

    deinit {
        self.budget.give(back: self.line.size)
    }

    private var storage: FieldStorage {
        switch self.fields {
        case .stored(let storage): return storage
        case .received(let head, let extra):
            let storage = FieldStorage(head, adding: extra)
            self.fields = .stored(storage)
            return storage
        }
    }

    package static func new(
        headers: FieldsV3Resource, contents: ByteStream?,
        trailers: ElementFuture<WITResult<FieldsV3Resource?, ErrorCode>>, options: RequestOptionsV3Resource?,
        in call: borrowing HostCall
    ) throws -> (RequestV3Resource, ElementFuture<WITResult<Void, ErrorCode>>) {
        let (body, outcome) = MessageBody.make(contents, trailers)
        let budget = call.host(WASIContext.self).budget
        return (RequestV3Resource(headers.storage, body, options?.timeouts, budget), outcome)
    }

    package func getMethod(in call: borrowing HostCall) throws -> WasiHttpTypesV3.Method {
        WasiHttpTypesV3.Method(self.line.method)
    }

    package func setMethod(
        method: WasiHttpTypesV3.Method, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        try self.line.setMethod(method.name, self.budget) ? .ok : .error
    }

    package func getPathWithQuery(in call: borrowing HostCall) throws -> String? {
        self.line.path
    }

    package func setPathWithQuery(
        pathWithQuery: String?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        // An empty path is the root, as in URLs.
        try self.line.setPath(pathWithQuery == "" ? "/" : pathWithQuery, self.budget) ? .ok : .error
    }

    package func getScheme(in call: borrowing HostCall) throws -> WasiHttpTypesV3.Scheme? {
        self.line.scheme.map { WasiHttpTypesV3.Scheme($0) }
    }

    package func setScheme(
        scheme: WasiHttpTypesV3.Scheme?, in call: borrowing HostCall
    ) throws -> WITResult<Void, Void> {
        try self.line.setScheme(scheme?.name, self.budget) ? .ok : .error
    }

    package func getAuthority(in call: borrowing HostCall) throws -> String? {
        self.line.authority
    }

    package func setAuthority(authority: String?, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        try self.line.setAuthority(authority, self.budget) ? .ok : .error
    }

    package func getOptions(in call: borrowing HostCall) throws -> RequestOptionsV3Resource? {
        self.options.map { RequestOptionsV3Resource($0, isMutable: false) }
    }

    package func getHeaders(in call: borrowing HostCall) throws -> FieldsV3Resource {
        FieldsV3Resource(self.storage, isMutable: false)
    }

    package static func consumeBody(
        this: RequestV3Resource, res: ElementFuture<WITResult<Void, ErrorCode>>, in call: borrowing HostCall
    ) throws -> (ByteStream, ElementFuture<WITResult<FieldsV3Resource?, ErrorCode>>) {
        this.body.consume(res)
    }

    // MARK: Sending

    /// Sends the request; the answer is there when the head of the response is.
    func send(
        by sender: any OutboundHTTP, context: WASIContext, depth: Int
    ) -> HostAnswer<WITResult<ResponseV3Resource, ErrorCode>> {
        let checked = self.line.outbound(
            fields: self.storage, hasBody: self.body.hasContents, timeouts: self.options, depth: depth)
        let outbound: OutboundRequest
        switch checked {
        case .success(let request): outbound = request
        case .failure(let code):
            self.body.withhold()
            self.body.settle(.error(code))
            return .ready(.error(code))
        }
        let body = self.body
        var isBodySent = false
        var sent: (any OutboundCall)?
        let pending = Pending<WITResult<ResponseV3Resource, ErrorCode>> {
            sent?.cancel()
            body.settle(.error(.connectionTerminated))
        }
        sent = sender.send(outbound, on: context.eventLoop) { result in
            // It keeps the connection's end, which keeps this.
            sent = nil
            switch result {
            case .failure(let code):
                body.settle(.error(code))
                pending.succeed(.error(code))
            case .success(let response):
                if !isBodySent { body.settle(.ok) }
                pending.succeed(.ok(ResponseV3Resource(response, budget: context.budget)))
            }
        }
        if let writer = sent?.requestBody, outbound.hasBody {
            let target = OutgoingBody(
                .request, declaredLength: outbound.declaredLength.map { UInt64($0) }, budget: self.budget)
            target.attach(writer)
            isBodySent = true
            self.body.transmit(by: target)
        } else {
            self.body.withhold()
        }
        if pending.isComplete { sent = nil }
        return .later(pending)
    }
}

/// `wasi:http/client@0.3`.
package enum HttpClientV3Functions: WasiHttpClientV3.Functions {
    package static func send(
        request: RequestV3Resource, in call: borrowing HostCall
    ) throws -> HostAnswer<WITResult<ResponseV3Resource, WasiHttpTypesV3.ErrorCode>> {
        let context = call.host(WASIContext.self)
        guard let sender = context.outboundHTTP() else { return .ready(.error(.httpRequestDenied)) }
        return request.send(by: sender, context: context, depth: context.callDepth(of: call))
    }
}
