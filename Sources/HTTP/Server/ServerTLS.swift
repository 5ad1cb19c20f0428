import NIOCore
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The certificate and key of a server, read and checked.
package struct ServerTLS: Sendable {
    private let context: NIOSSLContext

    /// Reads two PEM files; both protocols are offered by ALPN.
    ///
    /// - Throws: ``TLSFileError`` for a missing file, an invalid certificate or an invalid key.
    package init(certificate certificatePath: String, key keyPath: String) throws(TLSFileError) {
        let certificateBytes = try Self.read(certificatePath, kind: .certificate)
        let keyBytes = try Self.read(keyPath, kind: .key)
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(certificateBytes)
        } catch {
            throw .invalid(.certificate, path: certificatePath, reason: "it holds no PEM certificate")
        }
        guard !chain.isEmpty else {
            throw .invalid(.certificate, path: certificatePath, reason: "it holds no PEM certificate")
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(bytes: keyBytes, format: .pem)
        } catch {
            throw .invalid(.key, path: keyPath, reason: "it holds no PEM private key without a passphrase")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.applicationProtocols = ["h2", "http/1.1"]
        // RFC 8996: the versions before must not be used.
        configuration.minimumTLSVersion = .tlsv12
        do {
            self.context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .mismatch(certificate: certificatePath, key: keyPath)
        }
    }

    /// The handler that comes first in a connection's pipeline.
    func makeHandler() -> some ChannelHandler {
        NIOSSLServerHandler(context: self.context)
    }

    private static func read(_ path: String, kind: TLSFileError.Kind) throws(TLSFileError) -> [UInt8] {
        do {
            return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw .missing(kind, path: path)
        }
    }
}

/// Why TLS cannot be served.
package enum TLSFileError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        case certificate
        case key = "private key"
    }

    case missing(Kind, path: String)
    case invalid(Kind, path: String, reason: String)
    case mismatch(certificate: String, key: String)

    package var description: String {
        switch self {
        case .missing(let kind, let path):
            "cannot read the TLS \(kind.rawValue) `\(path)`: no such file, or no permission"
        case .invalid(let kind, let path, let reason):
            "invalid TLS \(kind.rawValue) `\(path)`: \(reason)"
        case .mismatch(let certificate, let key):
            "the TLS private key `\(key)` does not belong to the certificate `\(certificate)`"
        }
    }
}
