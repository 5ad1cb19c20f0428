import NIOSSL

/// Tells the reasons of a failed handshake apart.
package enum TLSFailure {
    static func error(of error: any Error) -> ClientError {
        if let error = error as? NIOSSLExtraError {
            return .tlsCertificateError(self.line(error))
        }
        guard let error = error as? NIOSSLError else { return .tlsProtocolError(self.line(error)) }
        switch error {
        case .unableToValidateCertificate, .noCertificateToValidate:
            return .tlsCertificateError(self.line(error))
        case .handshakeFailed(.sslError(let stack)):
            let text = stack.map { "\($0)" }.joined(separator: "; ")
            if text.contains("CERTIFICATE_VERIFY_FAILED") { return .tlsCertificateError(text) }
            return self.alert(in: text) ?? .tlsProtocolError(text)
        case .uncleanShutdown:
            return .tlsProtocolError("the server closed the connection during the handshake")
        default:
            return .tlsProtocolError(self.line(error))
        }
    }

    /// The alert that ended an established session; nil for every other error.
    static func alert(of error: any Error) -> ClientError? {
        let stack: NIOBoringSSLErrorStack
        switch error as? NIOSSLError ?? (error as? BoringSSLError).map({ .handshakeFailed($0) }) {
        case .handshakeFailed(.sslError(let errors)), .shutdownFailed(.sslError(let errors)): stack = errors
        default: return nil
        }
        return self.alert(in: stack.map { "\($0)" }.joined(separator: "; "))
    }

    private static func line(_ error: any Error) -> String {
        String("\(error)".prefix(300))
    }

    /// BoringSSL numbers the alert `n` of the other side as reason 1000 + n; its errors print as
    /// `error:1000041e:SSL routines:…:REASON`, the reason in the last 12 bits.
    package static func alert(in text: String) -> ClientError? {
        guard let error = text.split(separator: " ").first(where: { $0.hasPrefix("error:") && $0.contains(":") }),
            text.contains("ALERT")
        else { return nil }
        let digits = error.dropFirst(6).prefix { $0.isHexDigit }
        guard let code = UInt32(digits, radix: 16), case let reason = code & 0xfff, (1000..<1256).contains(reason)
        else { return nil }
        let name = text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" }).first {
            $0.contains("ALERT")
        }
        return .tlsAlert(id: UInt8(reason - 1000), message: name.map { String($0) } ?? "")
    }
}
