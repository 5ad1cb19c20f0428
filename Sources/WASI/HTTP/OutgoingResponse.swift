package import ComponentModel
import HTTP

/// `wasi:http/types.outgoing-response`.
package final class OutgoingResponseResource: WasiHttpTypes.OutgoingResponse {
    private(set) var status: UInt16 = 200
    let storage: FieldStorage
    /// `nil` until the guest asks for it; a response whose body was never asked for is empty.
    private(set) var outgoingBody: OutgoingBody?

    init(_ storage: FieldStorage) {
        self.storage = storage
    }

    package static func make(
        headers: FieldsResource, in call: borrowing HostCall
    ) throws -> OutgoingResponseResource {
        OutgoingResponseResource(headers.storage)
    }

    package func statusCode(in call: borrowing HostCall) throws -> UInt16 {
        self.status
    }

    package func setStatusCode(statusCode: UInt16, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        // 1xx is no final response; 600 and above have no meaning, but Wasmtime lets them pass up to 999.
        guard (200...999).contains(statusCode) else { return .error }
        self.status = statusCode
        return .ok
    }

    package func headers(in call: borrowing HostCall) throws -> FieldsResource {
        FieldsResource(self.storage, isMutable: false)
    }

    package func body(in call: borrowing HostCall) throws -> WITResult<OutgoingBodyResource, Void> {
        guard self.outgoingBody == nil, let declared = self.storage.contentLength else { return .error }
        let body = OutgoingBody(.response, declaredLength: declared, budget: call.host(WASIContext.self).budget)
        self.outgoingBody = body
        return .ok(OutgoingBodyResource(body))
    }
}
