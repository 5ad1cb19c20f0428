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

/// `wasi:http/outgoing-handler`: this release grants no outbound hosts, so every request is denied.
package enum HttpOutgoingHandlerFunctions: WasiHttpOutgoingHandler.Functions {
    package static func handle(
        request: OutgoingRequestResource, options: RequestOptionsResource?, in call: borrowing HostCall
    ) throws -> WITResult<FutureIncomingResponseResource, WasiHttpTypes.ErrorCode> {
        let context = call.host(WASIContext.self)
        if !context.hasLoggedDenial {
            context.hasLoggedDenial = true
            self.logDenial(of: request, context.configuration)
        }
        request.outgoingBody?.refuse()
        // As Spin does: the refusal shows when the future is read, not on the call.
        return .ok(FutureIncomingResponseResource(.error(.httpRequestDenied)))
    }

    private static func logDenial(of request: OutgoingRequestResource, _ configuration: WASIConfiguration) {
        let scheme =
            switch request.requestScheme {
            case .http: "http"
            case .https, nil: "https"
            case .other(let text): text
            }
        let origin = "\(scheme)://\(request.requestAuthority ?? "")"
        configuration.logger?.warning(
            """
            component \(configuration.componentName): a request to \(origin) was denied; a later release will allow it \
            by `allowed_outbound_hosts = ["\(origin)"]` in the component's manifest entry
            """)
    }
}
