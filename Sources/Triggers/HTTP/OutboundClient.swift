import AppModel
import Capabilities
import HTTPClient
import NIOCore
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The HTTP client of an application's guests, as the environment and the operator ask for it.
enum OutboundClient {
    static func make(
        _ config: RuntimeConfig, network: OutboundNetwork, environment: [String: String], loops: any EventLoopGroup
    ) throws -> HTTPClient {
        var configuration = ClientConfiguration()
        // For development: a server that speaks HTTP/2 without TLS.
        if let host = environment["SPIN_OUTBOUND_H2C_PRIOR_KNOWLEDGE"], !host.isEmpty {
            configuration.priorKnowledge = [host.lowercased()]
        }
        if let file = environment["SSL_CERT_FILE"], !file.isEmpty { configuration.tls.trustRoots = .file(file) }
        configuration.keepsConnections = config.outboundHTTP.poolsConnections
        if let limit = config.outboundHTTP.maxConnections { configuration.connectionsInAll = limit }
        configuration.addressPolicy = network.addressPolicy
        configuration.totalBudget = network.total
        do {
            return try HTTPClient(configuration, eventLoops: Array(loops.makeIterator()))
        } catch {
            throw TriggerError("the certificates of trusted authorities cannot be read: \(error); see SSL_CERT_FILE")
        }
    }

    /// How each component speaks TLS with chosen hosts: by component, by host.
    ///
    /// - Throws: `ManifestError` for every file that cannot be used, with its place in the configuration.
    static func tls(_ config: RuntimeConfig, environment: [String: String]) throws -> [String: [String: ClientTLS]] {
        var byComponent: [String: [String: ClientTLS]] = [:]
        var mistakes: [Diagnostic] = []
        for section in config.clientTLS {
            do {
                let reader = ClientTLSFiles(file: config.file ?? "", systemRoots: environment["SSL_CERT_FILE"])
                let tls = try reader.load(section)
                for component in section.componentIDs {
                    // The first that names both counts.
                    byComponent[component, default: [:]].merge(section.hosts.map { ($0, tls) }) { first, _ in first }
                }
            } catch let mistake as Diagnostic {
                mistakes.append(mistake)
            }
        }
        guard mistakes.isEmpty else { throw ManifestError(mistakes) }
        return byComponent
    }
}

/// Reads the files of a `[[client_tls]]`.
private struct ClientTLSFiles {
    /// The configuration that names them.
    let file: String
    /// Authorities that stand for those of the system.
    let systemRoots: String?

    /// - Throws: `Diagnostic`.
    func load(_ section: ClientTLSConfig) throws -> ClientTLS {
        var tls = TLSConfiguration.makeClientConfiguration()
        let roots = try section.rootsFile.map { try self.certificates($0) } ?? []
        if section.trustsSystemRoots {
            if let systemRoots, !systemRoots.isEmpty { tls.trustRoots = .file(systemRoots) }
            tls.additionalTrustRoots = [.certificates(roots)]
        } else {
            tls.trustRoots = .certificates(roots)
        }
        guard let certificateFile = section.certificateFile, let keyFile = section.privateKeyFile else {
            return try self.context(tls, section.rootsFile)
        }
        tls.certificateChain = try self.certificates(certificateFile).map { .certificate($0) }
        do {
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: keyFile.path, format: .pem))
        } catch {
            throw self.unusable(keyFile, "there is no private key in PEM form in")
        }
        return try self.context(
            tls, keyFile, "the private key is not that of the certificate in `\(certificateFile.path)`")
    }

    private func certificates(_ file: ClientTLSConfig.File) throws -> [NIOSSLCertificate] {
        let certificates = try? NIOSSLCertificate.fromPEMFile(file.path)
        guard let certificates, !certificates.isEmpty else {
            throw self.unusable(file, "there are no certificates in PEM form in")
        }
        return certificates
    }

    /// - Parameter reason: what is wrong with a file that can be read.
    private func unusable(_ file: ClientTLSConfig.File, _ reason: String) -> Diagnostic {
        guard FileManager.default.fileExists(atPath: file.path) else {
            return self.mistake(file, "there is no file `\(file.path)`")
        }
        let isReadable = FileManager.default.isReadableFile(atPath: file.path)
        return self.mistake(file, "\(isReadable ? reason : "there is no permission to read") `\(file.path)`")
    }

    private func context(
        _ tls: TLSConfiguration, _ file: ClientTLSConfig.File?, _ message: String? = nil
    ) throws -> ClientTLS {
        do {
            return try ClientTLS(tls)
        } catch {
            guard let file else { throw TriggerError("[[client_tls]]: \(error)") }
            throw self.mistake(file, message ?? "the certificates in `\(file.path)` cannot be used: \(error)")
        }
    }

    private func mistake(_ file: ClientTLSConfig.File, _ message: String) -> Diagnostic {
        Diagnostic(file: self.file, position: file.position, field: file.field, message: message)
    }
}
