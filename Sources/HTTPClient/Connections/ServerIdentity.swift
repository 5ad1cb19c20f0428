import NIOCore
package import NIOSSL

/// Whether a certificate stands for the host that was asked for (RFC 9525).
///
/// NIOSSL also accepts one that stands for the address that the name was resolved to: whoever answers for the name in
/// DNS could then use a certificate for an address of their own.
package enum ServerIdentity {
    /// - Parameter host: a name in lower case; addresses are NIOSSL's business.
    package static func isValid(_ certificate: NIOSSLCertificate, for host: String) -> Bool {
        certificate._subjectAlternativeNames().contains { name in
            name.nameType == .dnsName
                && name.contents.withUnsafeBufferPointer { Self.matches($0, host) }
        }
    }

    /// Names are equal, or the pattern's leftmost label is `*` and stands for one label.
    package static func matches(_ pattern: UnsafeBufferPointer<UInt8>, _ host: String) -> Bool {
        var pattern = String(decoding: pattern, as: UTF8.self).lowercased()[...]
        var host = host[...]
        if pattern.hasSuffix(".") { pattern = pattern.dropLast() }
        if host.hasSuffix(".") { host = host.dropLast() }
        guard pattern.hasPrefix("*.") else { return !pattern.isEmpty && pattern == host }
        let suffix = pattern.dropFirst()
        // `*.com` would stand for half the world.
        guard suffix.dropFirst().contains("."), host.hasSuffix(suffix) else { return false }
        let label = host.dropLast(suffix.count)
        return !label.isEmpty && !label.contains(".")
    }
}
