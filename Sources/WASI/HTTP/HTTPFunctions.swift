package import ComponentModel
import Logging
import NIOCore

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
        switch request.outbound(options, depth: context.callDepth) {
        case .success(let checked): outbound = checked
        case .failure(let code):
            body?.refuse()
            return .error(code)
        }
        guard let sender = context.configuration.outboundHTTP else {
            if !context.hasLoggedDenial {
                context.hasLoggedDenial = true
                let name = context.configuration.componentName
                context.configuration.logger?.warning(
                    "component \(name): a request was denied: nothing here lets guests make requests")
            }
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

extension OutgoingRequestResource {
    /// Longest time-out, a year: the sum with any clock is far from overflow.
    private static let longestTimeout: UInt64 = 365 * 86_400 * 1_000_000_000

    /// What is to be sent, or why it cannot be.
    func outbound(
        _ options: RequestOptionsResource?, depth: Int
    ) -> Result<OutboundRequest, WasiHttpTypes.ErrorCode> {
        let method: String
        switch self.requestMethod.name {
        case "CONNECT": return .failure(.httpRequestMethodInvalid)
        case let name: method = name
        }
        let isSecure: Bool
        switch self.requestScheme {
        case .http: isSecure = false
        case .https, nil: isSecure = true
        case .other: return .failure(.httpProtocolError)
        }
        guard let declared = self.storage.contentLength else { return .failure(.httpProtocolError) }
        let hasBody = self.outgoingBody != nil
        if !hasBody, let declared, declared > 0, method != "HEAD" { return .failure(.httpRequestBodySize(0)) }
        var target = self.requestPath ?? "/"
        if target.isEmpty || target.hasPrefix("?") { target = "/" + target }
        guard target.hasPrefix("/") || (target == "*" && method == "OPTIONS") else {
            return .failure(.httpRequestUriInvalid)
        }
        func timeout(_ nanoseconds: UInt64?) -> TimeAmount? {
            nanoseconds.map { .nanoseconds(Int64(min($0, Self.longestTimeout))) }
        }
        var outbound = OutboundRequest(
            method: method, isSecure: isSecure, authority: self.requestAuthority, target: target,
            fields: self.storage.fields, hasBody: hasBody, declaredLength: declared.map { Int(clamping: $0) })
        outbound.connectTimeout = timeout(options?.connect)
        outbound.firstByteTimeout = timeout(options?.firstByte)
        outbound.betweenBytesTimeout = timeout(options?.betweenBytes)
        outbound.depth = depth
        return .success(outbound)
    }
}

extension WasiHttpTypes.Method {
    /// As the request line has it.
    var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .other(let text): text
        }
    }
}
