package import ComponentModel
package import HTTP

/// What became of the response that a guest was asked for: the executor's end of `response-outparam`.
package final class ResponseSlot {
    package enum State {
        /// The guest has not answered yet. When it returns like that, the executor answers for it.
        case pending
        /// The head was written; the body may still be under way.
        case sent(status: Int)
        /// The guest gave an error in place of a response; the client was sent a 500.
        case failed(WasiHttpTypes.ErrorCode)
    }

    package fileprivate(set) var state = State.pending
    /// Called once, when the guest has answered.
    package var onSettled: (() -> Void)?
    fileprivate let writer: ResponseWriter

    package init(_ writer: ResponseWriter) {
        self.writer = writer
    }

    fileprivate func send(_ response: OutgoingResponseResource) {
        let head = ResponseHead(status: Int(response.status), fields: response.storage.sendable)
        // In chunks unless the guest declares a length, as its clients know it from Spin.
        guard self.writer.writeHead(head, isStreamed: true) else {
            // The client is gone, or the lengths that the fields declare contradict each other.
            self.writer.abort()
            response.outgoingBody?.refuse()
            return self.settle(.failed(.httpProtocolError))
        }
        if let body = response.outgoingBody {
            body.attach(self.writer)
        } else {
            self.writer.finish()
        }
        self.settle(.sent(status: Int(response.status)))
    }

    fileprivate func fail(_ code: WasiHttpTypes.ErrorCode) {
        self.writer.writeHead(ResponseHead(status: 500))
        self.writer.finish()
        self.settle(.failed(code))
    }

    private func settle(_ state: State) {
        self.state = state
        let callback = self.onSettled
        self.onSettled = nil
        callback?()
    }
}

/// `wasi:http/types.response-outparam`: the one chance to answer.
package final class ResponseOutparamResource: WasiHttpTypes.ResponseOutparam {
    private let slot: ResponseSlot

    package init(_ slot: ResponseSlot) {
        self.slot = slot
    }

    package static func set(
        param: ResponseOutparamResource, response: WITResult<OutgoingResponseResource, WasiHttpTypes.ErrorCode>,
        in call: borrowing HostCall
    ) throws {
        guard case .pending = param.slot.state else { throw GuestFault("response-outparam.set was called twice") }
        switch response {
        case .ok(let response): param.slot.send(response)
        case .error(let code): param.slot.fail(code)
        }
    }

    package func sendInformational(
        status: UInt16, headers: FieldsResource, in call: borrowing HostCall
    ) throws -> WITResult<Void, WasiHttpTypes.ErrorCode> {
        guard (100...199).contains(status) else { return .error(.httpProtocolError) }
        return .error(.internalError("informational responses are not supported"))
    }
}
