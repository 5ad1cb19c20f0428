package import AppModel
package import RedisClient

/// What one component may do with Redis servers.
package struct RedisGrants: Sendable {
    /// Nil where nobody made one: every address is refused.
    package var client: RedisClient?
    package var hosts: AllowedHosts
    /// Connections that one instance has open at a time.
    package var openConnections = 1024

    package init(client: RedisClient? = nil, hosts: AllowedHosts = .none) {
        self.client = client
        self.hosts = hosts
    }
}

/// Why a Redis function did not do what it was asked: an error of the interface.
package enum RedisFailure: Error, Sendable, Hashable {
    /// Not an address, or not one that the component may connect to.
    case invalidAddress
    case tooManyConnections
    /// What the server holds or says is not of the type asked for.
    case typeError
    /// What a person can make something of.
    case other(String)

    init(_ error: RedisError) {
        switch error {
        case .invalidAddress: self = .invalidAddress
        case .tooManyConnections: self = .tooManyConnections
        default: self = .other(error.description)
        }
    }
}
