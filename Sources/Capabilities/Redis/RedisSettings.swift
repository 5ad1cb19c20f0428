import NIOSSL
package import RedisClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What connections to Redis servers have in common, whoever makes them.
package enum RedisSettings {
    package static var configuration: RedisConfiguration {
        var configuration = RedisConfiguration()
        if let file = ProcessInfo.processInfo.environment["SSL_CERT_FILE"], !file.isEmpty {
            configuration.tls.trustRoots = .file(file)
        }
        return configuration
    }
}
