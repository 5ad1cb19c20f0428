import HTTP

/// Why a request got no response, or its body broke off. The cases follow the error codes of `wasi:http`.
package enum ClientError: Error, Equatable, Sendable {
    /// The name was not resolved within the connect time-out.
    case dnsTimeout
    /// The name does not exist, or its servers do not answer; the code as DNS names it.
    case dnsError(code: String)
    /// The policy refuses every address that the name has.
    case addressProhibited
    case addressUnroutable
    case connectionRefused
    /// The connection broke before any byte of the response.
    case connectionTerminated
    /// No connection within the connect time-out.
    case connectionTimeout
    /// No first byte, or no next one, in time.
    case readTimeout
    /// Too many requests wait for a connection already.
    case connectionLimitReached
    case tlsProtocolError(String)
    case tlsCertificateError(String)
    case tlsAlert(id: UInt8, message: String)
    /// The request has an invalid method, target or authority.
    case invalidRequest(String)
    /// The request body is not as long as declared.
    case requestBodySize(Int)
    /// The request body was given up before its end.
    case requestAborted
    /// The connection broke in the middle of the response.
    case responseIncomplete
    case responseHeaderSectionSize(limit: Int)
    case responseTrailerSectionSize(limit: Int)
    /// A transfer coding other than `chunked`.
    case responseTransferCoding(String)
    /// The server switched to a protocol that nobody asked for.
    case upgradeFailed
    /// The response breaks HTTP.
    case protocolError(String)
    /// Whoever made the request does not want the response any more.
    case cancelled
    /// The client is shut down.
    case shutDown
    case other(String)

    /// Runs a piece of the parser, its error put in the client's terms.
    static func parsing<T>(_ body: () throws(HTTP1ParseError) -> T) throws(ClientError) -> T {
        do throws(HTTP1ParseError) {
            return try body()
        } catch {
            throw .protocolError(error.reason)
        }
    }
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .dnsTimeout: "the name of the host was not resolved in time"
        case .dnsError(let code): "the name of the host cannot be resolved (\(code))"
        case .addressProhibited: "the address of the host is in a blocked network"
        case .addressUnroutable: "there is no route to the address of the host"
        case .connectionRefused: "the host refuses the connection"
        case .connectionTerminated: "the connection was closed before the response"
        case .connectionTimeout: "no connection was made in time"
        case .readTimeout: "the server sent nothing for too long"
        case .connectionLimitReached: "too many requests wait for a connection"
        case .tlsProtocolError(let reason): "TLS failed: \(reason)"
        case .tlsCertificateError(let reason): "the certificate of the server is not trusted: \(reason)"
        case .tlsAlert(let id, let message): "the server ended TLS with alert \(id): \(message)"
        case .invalidRequest(let reason): "the request is invalid: \(reason)"
        case .requestBodySize(let size): "the request body has \(size) bytes, not as many as declared"
        case .requestAborted: "the request body was given up before its end"
        case .responseIncomplete: "the connection was closed in the middle of the response"
        case .responseHeaderSectionSize(let limit): "the header of the response is larger than \(limit) bytes"
        case .responseTrailerSectionSize(let limit): "the trailers of the response are larger than \(limit) bytes"
        case .responseTransferCoding(let name): "the transfer coding '\(name)' of the response is not known"
        case .upgradeFailed: "the server switched to another protocol"
        case .protocolError(let reason): "the response is malformed: \(reason)"
        case .cancelled: "the request was cancelled"
        case .shutDown: "the client is shut down"
        case .other(let reason): reason
        }
    }
}
