import HTTPClient
import NIOCore
import NIOSSL

/// The HTTP client of an application's guests, as the environment asks for it.
enum OutboundClient {
    static func make(environment: [String: String], loops: any EventLoopGroup) throws -> HTTPClient {
        var configuration = ClientConfiguration()
        // For development: a server that speaks HTTP/2 without TLS.
        if let host = environment["SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE"], !host.isEmpty {
            configuration.priorKnowledge = [host.lowercased()]
        }
        if let file = environment["SSL_CERT_FILE"], !file.isEmpty { configuration.tls.trustRoots = .file(file) }
        do {
            return try HTTPClient(configuration, eventLoops: Array(loops.makeIterator()))
        } catch {
            throw TriggerError("the certificates of trusted authorities cannot be read: \(error); see SSL_CERT_FILE")
        }
    }
}
