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

    /// Answers a request of a client with this response. False when it cannot be sent: the client is gone, or lengths
    /// that its fields declare contradict each other.
    package func send(to writer: ResponseWriter) -> Bool {
        guard let declared = self.storage.contentLength,
            writer.writeHead(
                ResponseHead(status: Int(self.status), fields: self.storage.sendable), isStreamed: true)
        else {
            self.body.drop()
            writer.abort()
            return false
        }
        let target = OutgoingBody(.response, declaredLength: declared, budget: self.budget)
        target.attach(writer)
        self.body.transmit(by: target)
        return true
    }
}
