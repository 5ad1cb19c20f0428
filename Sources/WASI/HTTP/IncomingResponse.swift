package import ComponentModel
package import HTTP
import NIOCore

/// `wasi:http/types.incoming-response`: the answer to a request of the guest's own.
package final class IncomingResponseResource: WasiHttpTypes.IncomingResponse {
    private let code: UInt16
    private let storage: FieldStorage
    private var body: IncomingBody?

    package init(status: UInt16, fields: HTTPFields, body: InboundBody) {
        self.code = status
        self.storage = FieldStorage(received: fields)
        self.body = IncomingBody(body, of: .response)
    }

    package func status(in call: borrowing HostCall) throws -> UInt16 { self.code }

    package func headers(in call: borrowing HostCall) throws -> FieldsResource {
        FieldsResource(self.storage, isMutable: false)
    }

    package func consume(in call: borrowing HostCall) throws -> WITResult<IncomingBodyResource, Void> {
        guard let body = self.body else { return .error }
        self.body = nil
        return .ok(IncomingBodyResource(body))
    }
}

/// `wasi:http/types.future-incoming-response`.
package final class FutureIncomingResponseResource: WasiHttpTypes.FutureIncomingResponse {
    package typealias Outcome = WITResult<IncomingResponseResource, WasiHttpTypes.ErrorCode>

    /// Holds the outcome for the resource and its pollables.
    private final class Promise: ReadinessSource {
        var outcome: Outcome?
        var isTaken = false
        private var callback: (() -> Void)?
        /// Given up when the guest has dropped the future and all its pollables before the answer.
        var call: (any OutboundCall)?

        deinit {
            self.call?.cancel()
        }

        var isReady: Bool { self.isTaken || self.outcome != nil }

        func whenReady(_ callback: @escaping () -> Void) {
            if self.isReady { callback() } else { self.callback = callback }
        }

        func fulfil(_ outcome: Outcome) {
            self.outcome = outcome
            self.call = nil
            let callback = self.callback
            self.callback = nil
            callback?()
        }
    }

    private let promise = Promise()

    /// - Parameter outcome: known already, or given later by ``fulfil(_:)``.
    package init(_ outcome: Outcome? = nil) {
        self.promise.outcome = outcome
    }

    package func fulfil(_ outcome: Outcome) {
        self.promise.fulfil(outcome)
    }

    /// Sends the request; dropping the future gives it up.
    func send(
        _ request: OutboundRequest, by outbound: any OutboundHTTP, on eventLoop: any EventLoop
    ) -> (any OutboundCall)? {
        let call = outbound.send(request, on: eventLoop) { [weak promise] result in
            switch result {
            case .failure(let code): promise?.fulfil(.error(code))
            case .success(let response):
                guard let promise else { return response.body.discard() }
                promise.fulfil(
                    .ok(
                        IncomingResponseResource(
                            status: UInt16(clamping: response.status), fields: response.fields, body: response.body)))
            }
        }
        if !self.promise.isReady { self.promise.call = call }
        return call
    }

    package func subscribe(in call: borrowing HostCall) throws -> PollableResource {
        PollableResource(self.promise)
    }

    package func get(in call: borrowing HostCall) throws -> WITResult<Outcome, Void>? {
        guard !self.promise.isTaken else { return .error }
        guard let outcome = self.promise.outcome else { return nil }
        self.promise.outcome = nil
        self.promise.isTaken = true
        return .ok(outcome)
    }
}
