package import ComponentModel
import HTTP
import WASI

/// `fermyon:spin/http`: a request and its response in one call, both whole in memory.
package enum SpinHttpFunctions: FermyonSpinHttp.Functions {
    package typealias Failure = FermyonSpinHttpTypes.HttpError

    /// Most bytes of a response, its header fields included.
    static let responseLimit = 128 << 20

    package static func sendRequest(
        req: FermyonSpinHttpTypes.Request, in call: borrowing HostCall
    ) throws -> WITResult<FermyonSpinHttpTypes.Response, Failure> {
        let context = call.host(WASIContext.self)
        guard let sender = context.outboundHTTP() else { return .error(.destinationNotAllowed) }
        guard let place = WholeRequest.Place(req.uri) else { return .error(.invalidUrl) }
        guard let fields = self.fields(req.headers) else { return .error(.runtimeError) }
        let request = WholeRequest(
            method: req.method.name, place: place, fields: fields, body: req.body ?? [], depth: context.callDepth)
        let exchange = WholeExchange(
            request, by: sender, on: context.eventLoop, responseLimit: self.responseLimit,
            within: call.capabilities.results)
        let response = try call.value(of: exchange.start())
        return WITResult(
            response.map { FermyonSpinHttpTypes.Response(status: $0.status, headers: $0.textFields, body: $0.body) },
            Failure.init)
    }

    /// Nil when a name or value cannot stand in a message. What belongs to the connection is the host's business.
    private static func fields(_ headers: [(String, String)]) -> HTTPFields? {
        var fields = HTTPFields()
        for (name, value) in headers {
            let lowered = name.lowercased()
            if lowered == "content-length" || FieldSyntax.isForbidden(lowered.utf8) { continue }
            guard fields.append(name, value) else { return nil }
        }
        // As Spin's client says for guests that do not.
        if !fields.contains("accept") { fields.append("accept", "*/*") }
        return fields
    }
}

extension FermyonSpinHttpTypes.Method {
    fileprivate var name: String {
        switch self {
        case .get: "GET"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .head: "HEAD"
        case .options: "OPTIONS"
        }
    }
}

extension FermyonSpinHttpTypes.HttpError {
    fileprivate init(_ failure: WholeExchange.Failure) {
        switch failure {
        case .tooLarge, .tooManyRedirections: self = .runtimeError
        case .failed(.httpRequestDenied), .failed(.destinationIpProhibited): self = .destinationNotAllowed
        case .failed(.httpRequestUriInvalid): self = .invalidUrl
        case .failed(.connectionLimitReached): self = .tooManyRequests
        case .failed: self = .runtimeError
        }
    }
}

extension WholeResponse {
    /// The fields whose values are ASCII: the interface has strings.
    fileprivate var textFields: [(String, String)] {
        (0..<self.fields.count).compactMap { index in
            let value = self.fields.value(at: index)
            return value.utf8.allSatisfy { $0 < 0x80 } ? (self.fields.name(at: index), value) : nil
        }
    }
}
