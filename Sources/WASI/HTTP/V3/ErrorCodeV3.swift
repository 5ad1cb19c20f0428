extension WasiHttpTypesV3.ErrorCode {
    /// The same error in 0.3: both releases have the same cases.
    package init(_ code: WasiHttpTypes.ErrorCode) {
        switch code {
        case .dnsTimeout: self = .dnsTimeout
        case .dnsError(let error): self = .dnsError(.init(rcode: error.rcode, infoCode: error.infoCode))
        case .destinationNotFound: self = .destinationNotFound
        case .destinationUnavailable: self = .destinationUnavailable
        case .destinationIpProhibited: self = .destinationIpProhibited
        case .destinationIpUnroutable: self = .destinationIpUnroutable
        case .connectionRefused: self = .connectionRefused
        case .connectionTerminated: self = .connectionTerminated
        case .connectionTimeout: self = .connectionTimeout
        case .connectionReadTimeout: self = .connectionReadTimeout
        case .connectionWriteTimeout: self = .connectionWriteTimeout
        case .connectionLimitReached: self = .connectionLimitReached
        case .tlsProtocolError: self = .tlsProtocolError
        case .tlsCertificateError: self = .tlsCertificateError
        case .tlsAlertReceived(let alert):
            self = .tlsAlertReceived(.init(alertId: alert.alertId, alertMessage: alert.alertMessage))
        case .httpRequestDenied: self = .httpRequestDenied
        case .httpRequestLengthRequired: self = .httpRequestLengthRequired
        case .httpRequestBodySize(let value): self = .httpRequestBodySize(value)
        case .httpRequestMethodInvalid: self = .httpRequestMethodInvalid
        case .httpRequestUriInvalid: self = .httpRequestUriInvalid
        case .httpRequestUriTooLong: self = .httpRequestUriTooLong
        case .httpRequestHeaderSectionSize(let value): self = .httpRequestHeaderSectionSize(value)
        case .httpRequestHeaderSize(let field): self = .httpRequestHeaderSize(field.map { .init($0) })
        case .httpRequestTrailerSectionSize(let value): self = .httpRequestTrailerSectionSize(value)
        case .httpRequestTrailerSize(let field): self = .httpRequestTrailerSize(.init(field))
        case .httpResponseIncomplete: self = .httpResponseIncomplete
        case .httpResponseHeaderSectionSize(let value): self = .httpResponseHeaderSectionSize(value)
        case .httpResponseHeaderSize(let field): self = .httpResponseHeaderSize(.init(field))
        case .httpResponseBodySize(let value): self = .httpResponseBodySize(value)
        case .httpResponseTrailerSectionSize(let value): self = .httpResponseTrailerSectionSize(value)
        case .httpResponseTrailerSize(let field): self = .httpResponseTrailerSize(.init(field))
        case .httpResponseTransferCoding(let value): self = .httpResponseTransferCoding(value)
        case .httpResponseContentCoding(let value): self = .httpResponseContentCoding(value)
        case .httpResponseTimeout: self = .httpResponseTimeout
        case .httpUpgradeFailed: self = .httpUpgradeFailed
        case .httpProtocolError: self = .httpProtocolError
        case .loopDetected: self = .loopDetected
        case .configurationError: self = .configurationError
        case .internalError(let value): self = .internalError(value)
        }
    }
}

extension WasiHttpTypesV3.FieldSizePayload {
    fileprivate init(_ field: WasiHttpTypes.FieldSizePayload) {
        self.init(fieldName: field.fieldName, fieldSize: field.fieldSize)
    }
}

extension WasiHttpTypesV3.ErrorCode {
    /// The name in WIT of the case of that number, for messages about an error that is not lifted.
    package static func name(ofCase index: Int) -> String {
        Self.names.indices.contains(index) ? Self.names[index] : "of an unknown kind"
    }

    private static let names = [
        "DNS-timeout",
        "DNS-error",
        "destination-not-found",
        "destination-unavailable",
        "destination-IP-prohibited",
        "destination-IP-unroutable",
        "connection-refused",
        "connection-terminated",
        "connection-timeout",
        "connection-read-timeout",
        "connection-write-timeout",
        "connection-limit-reached",
        "TLS-protocol-error",
        "TLS-certificate-error",
        "TLS-alert-received",
        "HTTP-request-denied",
        "HTTP-request-length-required",
        "HTTP-request-body-size",
        "HTTP-request-method-invalid",
        "HTTP-request-URI-invalid",
        "HTTP-request-URI-too-long",
        "HTTP-request-header-section-size",
        "HTTP-request-header-size",
        "HTTP-request-trailer-section-size",
        "HTTP-request-trailer-size",
        "HTTP-response-incomplete",
        "HTTP-response-header-section-size",
        "HTTP-response-header-size",
        "HTTP-response-body-size",
        "HTTP-response-trailer-section-size",
        "HTTP-response-trailer-size",
        "HTTP-response-transfer-coding",
        "HTTP-response-content-coding",
        "HTTP-response-timeout",
        "HTTP-upgrade-failed",
        "HTTP-protocol-error",
        "loop-detected",
        "configuration-error",
        "internal-error",
    ]
}
