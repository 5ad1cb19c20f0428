/// How the HTTP trigger listens, and what it allows its clients and guests.
package struct HTTPTriggerOptions: Sendable, Hashable {
    package enum ListingFormat: String, Sendable, CaseIterable {
        case plain
        case json
    }

    package enum AccessLogFormat: String, Sendable, CaseIterable {
        case common
        case json
    }

    /// PEM files; both or none.
    package var tlsCertificate: String?
    package var tlsKey: String?
    /// Tries up to 10 ports in a row.
    package var findsFreePort = false
    package var format = ListingFormat.plain
    /// Bytes of a request's head.
    package var headerBytes: Int?
    package var maxConnections: Int?
    package var headerTimeout: Duration?
    package var bodyTimeout: Duration?
    package var idleTimeout: Duration?
    /// Guests at a time; nil for what the engine's pool holds.
    package var maxConcurrentRequests: Int?
    package var maxQueuedRequests = 4096
    package var queueTimeout: Duration = .seconds(10)
    /// Processor time of one request; nil sets no limit.
    package var requestCPULimit: Duration?
    package var reuse = InstanceReuse()
    /// A file, or `-` for standard error; nil writes no access log.
    package var accessLog: String?
    package var accessLogFormat = AccessLogFormat.common

    package init() {}
}

/// Settings of the engine from the command line.
package struct EngineOptions: Sendable, Hashable {
    package var disablesPooling = false
    package var debugInfo = false

    package init() {}
}
