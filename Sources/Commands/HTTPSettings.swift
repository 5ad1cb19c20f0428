import AppLoader
import AppModel

/// The settings of the HTTP trigger and the engine: options, then environment, then defaults.
enum HTTPSettings {
    static func resolve(_ options: HTTPOptions, context: CommandContext) throws(CommandError) -> HTTPTriggerOptions {
        let environment = context.environment
        var http = HTTPTriggerOptions()
        http.tlsCertificate = (options.tlsCert ?? Self.value("SPIN_TLS_CERT", environment))
            .map { Paths.absolute($0, in: context.currentDirectory) }
        http.tlsKey = (options.tlsKey ?? Self.value("SPIN_TLS_KEY", environment)).map {
            Paths.absolute($0, in: context.currentDirectory)
        }
        switch (http.tlsCertificate, http.tlsKey) {
        case (nil, .some):
            throw CommandError(
                "--tls-key needs --tls-cert: HTTPS takes a certificate and its key", exitCode: 2)
        case (.some, nil):
            throw CommandError(
                "--tls-cert needs --tls-key: HTTPS takes a certificate and its key", exitCode: 2)
        default: break
        }
        http.findsFreePort = options.findFreePort
        http.format = options.format
        http.headerBytes = options.http1MaxBufSize?.bytes
        if http.headerBytes == nil, let text = Self.value("SPIN_HTTP1_MAX_BUF_SIZE", environment) {
            guard let bytes = ByteCountArgument(argument: text)?.bytes, bytes >= HTTPOptions.smallestBuffer else {
                throw CommandError(
                    "the environment variable SPIN_HTTP1_MAX_BUF_SIZE has a value that is not understood: `\(text)`\n"
                        + "  hint: it must be a number of bytes, at least \(HTTPOptions.smallestBuffer)", exitCode: 2)
            }
            http.headerBytes = bytes
        }
        http.maxConnections = options.maxConnections?.count
        http.headerTimeout = options.headerTimeout?.duration
        http.bodyTimeout = options.bodyTimeout?.duration
        http.idleTimeout = options.idleTimeout?.duration
        http.maxConcurrentRequests = options.maxConcurrentRequests?.count
        http.maxQueuedRequests = options.maxQueuedRequests?.count ?? http.maxQueuedRequests
        http.queueTimeout = options.queueTimeout?.duration ?? http.queueTimeout
        http.requestCPULimit = options.requestCpuLimit?.duration
        http.reuse.count = options.maxInstanceReuseCount?.range ?? http.reuse.count
        http.reuse.concurrency = options.maxInstanceConcurrentReuseCount?.range ?? http.reuse.concurrency
        http.reuse.idleTimeout = options.idleInstanceTimeout?.range ?? http.reuse.idleTimeout
        http.accessLog = options.accessLog.map { $0 == "-" ? $0 : Paths.absolute($0, in: context.currentDirectory) }
        http.accessLogFormat = options.accessLogFormat
        return http
    }

    /// The engine ignores what it cannot read of these; who sets them means them.
    static func checkEngineVariables(_ environment: [String: String]) throws(CommandError) {
        for (name, text) in environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("SPIN_WASMTIME_") || name == "SPIN_MAX_INSTANCE_COUNT" {
            guard Int(text) == nil || text.hasPrefix("-") || text.hasPrefix("+") else { continue }
            throw CommandError(
                "the environment variable \(name) has a value that is not understood: `\(text)`\n"
                    + "  hint: it must be a number, 0 or more", exitCode: 2)
        }
    }

    private static func value(_ name: String, _ environment: [String: String]) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
