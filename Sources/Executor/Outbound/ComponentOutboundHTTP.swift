import HTTP
import HTTPClient
import Logging
package import NIOCore
import Synchronization
package import WASI

/// Sends the requests of one component's guests: to the network, to another component, or to the application itself.
///
/// The policy is asked first, whatever the destination.
package final class ComponentOutboundHTTP: OutboundHTTP {
    /// The host name suffix of components of the application.
    private static let chainSuffix = ".spin.internal"
    /// The host of the application itself, for SDKs that need one.
    private static let selfHost = "self.alt"
    /// Refusals that are told of, each once: the guest decides how often it tries.
    private static let adviceLimit = 64

    private let component: String
    private let service: OutboundHTTPService
    private let policy: any OutboundPolicy
    /// By host.
    private let tls: [String: ClientTLS]
    private let told = Mutex<Set<String>>([])

    package init(component: String, service: OutboundHTTPService, policy: any OutboundPolicy) {
        self.component = component
        self.service = service
        self.policy = policy
        self.tls = service.tls(of: component)
    }

    package func send(
        _ request: OutboundRequest, on eventLoop: any EventLoop, settled: @escaping Settled
    ) -> (any OutboundCall)? {
        do throws(WasiHttpTypes.ErrorCode) {
            return try self.route(request, on: eventLoop, settled)
        } catch {
            settled(.failure(error))
            return nil
        }
    }

    private func route(
        _ request: OutboundRequest, on eventLoop: any EventLoop, _ settled: @escaping Settled
    ) throws(WasiHttpTypes.ErrorCode) -> any OutboundCall {
        let scheme = request.isSecure ? "https" : "http"
        guard let authority = request.authority, !authority.isEmpty, !authority.hasPrefix(":") else {
            try self.require(self.policy.checkSelf(scheme: scheme))
            return try self.sendToSelf(request, on: eventLoop, settled)
        }
        guard let origin = Origin(isSecure: request.isSecure, authority: authority) else {
            throw .httpRequestUriInvalid
        }
        if origin.host == Self.selfHost {
            try self.require(self.policy.checkSelf(scheme: scheme))
            return try self.sendToSelf(request, on: eventLoop, settled)
        }
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        try self.require(self.policy.check(scheme: scheme, host: host, port: origin.port))
        if origin.host.hasSuffix(Self.chainSuffix) {
            return try self.sendToComponent(
                String(origin.host.dropLast(Self.chainSuffix.count)), request, on: eventLoop, settled)
        }
        return try self.sendToNetwork(origin, request, on: eventLoop, settled)
    }

    private func require(_ decision: OutboundDecision) throws(WasiHttpTypes.ErrorCode) {
        guard case .denied(let advice) = decision else { return }
        self.tellOnce(advice)
        throw .httpRequestDenied
    }

    private func tellOnce(_ message: String) {
        let isNew = self.told.withLock { told in
            told.count < Self.adviceLimit && told.insert(message).inserted
        }
        if isNew { self.service.logger.warning("\(message)") }
    }

    // MARK: Within the application

    private func sendToSelf(
        _ request: OutboundRequest, on eventLoop: any EventLoop, _ settled: @escaping Settled
    ) throws(WasiHttpTypes.ErrorCode) -> any OutboundCall {
        guard let dispatcher = self.service.dispatcher, let authority = self.service.authority else {
            throw .httpRequestUriInvalid
        }
        var fields = request.fields
        fields.set("host", authority)
        let call = try self.call(request, fields: fields, authority: authority, on: eventLoop, settled)
        call.start { dispatcher.dispatchToSelf($0) }
        return call
    }

    private func sendToComponent(
        _ id: String, _ request: OutboundRequest, on eventLoop: any EventLoop, _ settled: @escaping Settled
    ) throws(WasiHttpTypes.ErrorCode) -> any OutboundCall {
        guard let dispatcher = self.service.dispatcher else { throw .destinationNotFound }
        let call = try self.call(
            request, fields: request.fields, authority: id + Self.chainSuffix, on: eventLoop, settled)
        let component = self.component
        let logger = self.service.logger
        call.start { [weak call] exchange in
            guard !dispatcher.dispatch(exchange, to: id) else { return }
            logger.warning(
                "component \(component): a request to \(id)\(Self.chainSuffix): there is no component of that id")
            call?.fail(.destinationNotFound)
        }
        return call
    }

    private func call(
        _ request: OutboundRequest, fields: HTTPFields, authority: String, on eventLoop: any EventLoop,
        _ settled: @escaping Settled
    ) throws(WasiHttpTypes.ErrorCode) -> ChainedCall {
        guard request.depth < OutboundHTTPService.depthLimit else { throw .loopDetected }
        let framing: BodyFraming =
            if !request.hasBody { .none } else if let length = request.declaredLength {
                length > 0 ? .length(length) : .none
            } else { .chunked }
        let head = RequestHead(
            method: request.method, target: request.target, authority: authority, fields: fields, framing: framing)
        return ChainedCall(head: head, request: request, eventLoop: eventLoop, settled: settled)
    }

    // MARK: To the network

    private func sendToNetwork(
        _ origin: Origin, _ request: OutboundRequest, on eventLoop: any EventLoop, _ settled: @escaping Settled
    ) throws(WasiHttpTypes.ErrorCode) -> any OutboundCall {
        guard let client = self.service.client.client(of: eventLoop) else {
            throw .internalError("there is no HTTP client for the event loop of the guest")
        }
        let defaults = ClientTimeouts()
        let timeouts = ClientTimeouts(
            connect: request.connectTimeout ?? defaults.connect,
            firstByte: request.firstByteTimeout ?? defaults.firstByte,
            betweenBytes: request.betweenBytesTimeout ?? defaults.betweenBytes)
        let checked: ClientRequest
        do throws(ClientError) {
            checked = try ClientRequest(
                method: request.method, origin: origin, target: request.target, fields: request.fields,
                body: request.hasBody ? .stream(length: request.declaredLength) : .none, timeouts: timeouts,
                tls: origin.isSecure ? self.tls[origin.host] : nil, sender: self.component)
        } catch {
            throw .httpRequestUriInvalid
        }
        let logger = self.service.logger
        let component = self.component
        return NetworkCall(
            client.start(checked) { result in
                switch result {
                case .success(let response):
                    settled(
                        .success(
                            OutboundResponse(status: response.status, fields: response.fields, body: response.body)))
                case .failure(let error):
                    let message = "component \(component): \(origin.scheme)://\(origin.authority): \(error)"
                    if error == .addressProhibited {
                        self.tellOnce("\(message) (`block_networks` of the runtime configuration)")
                    } else {
                        logger.debug("\(message)")
                    }
                    settled(.failure(WasiHttpTypes.ErrorCode(error)))
                }
            }, hasBody: request.hasBody)
    }
}

extension RequestBody: BodyWriter {}

/// A request on its way through the network.
private final class NetworkCall: OutboundCall {
    private let exchange: ClientExchange
    private let hasBody: Bool

    init(_ exchange: ClientExchange, hasBody: Bool) {
        self.exchange = exchange
        self.hasBody = hasBody
    }

    var requestBody: (any BodyWriter)? { self.hasBody ? self.exchange.body : nil }

    func cancel() { self.exchange.cancel() }
}

extension WasiHttpTypes.ErrorCode {
    /// What the guest is told when its request fails.
    init(_ error: ClientError) {
        switch error {
        case .dnsTimeout: self = .dnsTimeout
        case .dnsError(let code): self = .dnsError(.init(rcode: code, infoCode: nil))
        case .addressProhibited: self = .destinationIpProhibited
        case .addressUnroutable: self = .destinationIpUnroutable
        case .connectionRefused: self = .connectionRefused
        case .connectionTerminated: self = .connectionTerminated
        case .connectionTimeout: self = .connectionTimeout
        // As in Spin and Wasmtime, also for the first byte.
        case .readTimeout: self = .connectionReadTimeout
        case .connectionLimitReached: self = .connectionLimitReached
        case .tlsProtocolError: self = .tlsProtocolError
        case .tlsCertificateError: self = .tlsCertificateError
        case .tlsAlert(let id, let message): self = .tlsAlertReceived(.init(alertId: id, alertMessage: message))
        case .invalidRequest: self = .httpRequestUriInvalid
        case .requestBodySize(let size): self = .httpRequestBodySize(UInt64(clamping: size))
        case .requestAborted: self = .httpProtocolError
        case .responseIncomplete: self = .httpResponseIncomplete
        case .responseHeaderSectionSize(let limit): self = .httpResponseHeaderSectionSize(UInt32(clamping: limit))
        case .responseTrailerSectionSize(let limit): self = .httpResponseTrailerSectionSize(UInt32(clamping: limit))
        case .responseTransferCoding(let name): self = .httpResponseTransferCoding(name)
        case .upgradeFailed: self = .httpUpgradeFailed
        case .protocolError: self = .httpProtocolError
        case .cancelled, .shutDown: self = .connectionTerminated
        case .other(let reason): self = .internalError(reason)
        }
    }
}
