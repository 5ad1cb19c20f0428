package import ComponentModel
import Logging

/// The free functions of `wasi:http/types`.
package enum HttpTypesFunctions: WasiHttpTypes.Functions {
    package static func httpErrorCode(
        err: ErrorResource, in call: borrowing HostCall
    ) throws -> WasiHttpTypes.ErrorCode? {
        if case .http(let code) = err.cause { code } else { nil }
    }
}

/// `wasi:http/outgoing-handler`.
package enum HttpOutgoingHandlerFunctions: WasiHttpOutgoingHandler.Functions {
    package static func handle(
        request: OutgoingRequestResource, options: RequestOptionsResource?, in call: borrowing HostCall
    ) throws -> WITResult<FutureIncomingResponseResource, WasiHttpTypes.ErrorCode> {
        let context = call.host(WASIContext.self)
        let body = request.outgoingBody
        let outbound: OutboundRequest
        let checked = request.line.outbound(
            fields: request.storage, hasBody: body != nil, timeouts: options?.timeouts,
            depth: context.callDepth(of: call))
        switch checked {
        case .success(let checked): outbound = checked
        case .failure(let code):
            body?.refuse()
            return .error(code)
        }
        guard let sender = context.outboundHTTP() else {
            body?.refuse()
            return .ok(FutureIncomingResponseResource(.error(.httpRequestDenied)))
        }
        let future = FutureIncomingResponseResource()
        // As Spin does: a refusal shows when the future is read, not on the call.
        let sent = future.send(outbound, by: sender, on: context.eventLoop)
        if let writer = sent?.requestBody {
            body?.attach(writer)
        } else {
            body?.refuse()
        }
        return .ok(future)
    }
}

extension WASIContext {
    /// What sends the guest's requests; nil, and a line in the log, where nothing does.
    package func outboundHTTP() -> (any OutboundHTTP)? {
        if let sender = self.configuration.outboundHTTP { return sender }
        if !self.hasLoggedDenial {
            self.hasLoggedDenial = true
            self.configuration.logger?.warning(
                "component \(self.configuration.componentName): a request was denied: nothing here lets guests make requests"
            )
        }
        return nil
    }
}
