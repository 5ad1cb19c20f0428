package import ComponentModel
package import HTTP

/// `wasi:http/types@0.3.response`: one that a guest makes, or the answer to a request of its own.
package final class ResponseV3Resource: WasiHttpTypesV3.Response {
    package typealias ErrorCode = WasiHttpTypesV3.ErrorCode

    package private(set) var status: UInt16
    private let storage: FieldStorage
    private let body: MessageBody
    private let budget: HostMemoryBudget

    private init(_ status: UInt16, _ storage: FieldStorage, _ body: MessageBody, _ budget: HostMemoryBudget) {
        self.status = status
        self.storage = storage
        self.body = body
        self.budget = budget
    }

    convenience init(_ response: OutboundResponse, budget: HostMemoryBudget) {
        self.init(
            UInt16(clamping: response.status), FieldStorage(received: response.fields),
            MessageBody(received: response.body, of: .response), budget)
    }

    package static func new(
        headers: FieldsV3Resource, contents: ByteStream?,
        trailers: ElementFuture<WITResult<FieldsV3Resource?, ErrorCode>>, in call: borrowing HostCall
    ) throws -> (ResponseV3Resource, ElementFuture<WITResult<Void, ErrorCode>>) {
        let (body, outcome) = MessageBody.make(contents, trailers)
        let budget = call.host(WASIContext.self).budget
        return (ResponseV3Resource(200, headers.storage, body, budget), outcome)
    }

    package func getStatusCode(in call: borrowing HostCall) throws -> UInt16 {
        self.status
    }

    package func setStatusCode(statusCode: UInt16, in call: borrowing HostCall) throws -> WITResult<Void, Void> {
        // 600 and above have no meaning. 1xx may be set, but is no final response: sending one fails.
        guard (100...599).contains(statusCode) else { return .error }
        self.status = statusCode
        return .ok
    }

    package func getHeaders(in call: borrowing HostCall) throws -> FieldsV3Resource {
        FieldsV3Resource(self.storage, isMutable: false)
    }

    package static func consumeBody(
        this: ResponseV3Resource, res: ElementFuture<WITResult<Void, ErrorCode>>, in call: borrowing HostCall
    ) throws -> (ByteStream, ElementFuture<WITResult<FieldsV3Resource?, ErrorCode>>) {
        this.body.consume(res)
    }

    /// Answers a request of a client with this response.
    ///
    /// - Returns: why it cannot be sent, where that is the guest's doing: the client gets 500, the guest the error by the
    ///   future of its response.
    package func send(to writer: ResponseWriter) -> String? {
        if let problem = self.problem {
            self.body.withhold()
            self.body.settle(.error(.internalError(problem)))
            writer.abort()
            return problem
        }
        guard let declared = self.storage.contentLength,
            writer.writeHead(
                ResponseHead(status: Int(self.status), fields: self.storage.sendable), isStreamed: true)
        else {
            self.body.drop()
            writer.abort()
            return nil
        }
        let target = OutgoingBody(.response, declaredLength: declared, budget: self.budget)
        target.attach(writer)
        self.body.transmit(by: target)
        return nil
    }

    /// What keeps it from being the response to a request.
    private var problem: String? {
        if self.status < 200 {
            return "its status, \(self.status), is informational: the final response needs one from 200 to 599"
        }
        if self.storage.contentLength == nil { return "its content-length is invalid" }
        return nil
    }
}
