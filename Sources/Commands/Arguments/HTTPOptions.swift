package import AppModel
package import ArgumentParser

/// The options of `swirl up` for the HTTP trigger.
package struct HTTPOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "Certificate chain for HTTPS, PEM, beside --tls-key [env: SPIN_TLS_CERT]", valueName: "file"),
        completion: .file())
    package var tlsCert: String?

    @Option(
        help: ArgumentHelp("Private key for HTTPS, PEM, beside --tls-cert [env: SPIN_TLS_KEY]", valueName: "file"),
        completion: .file())
    package var tlsKey: String?

    @Flag(help: "Take one of the next ports, up to 10, when somebody listens on the given one already.")
    package var findFreePort = false

    @Option(help: ArgumentHelp("How to print the routes: plain or json.", valueName: "format"))
    package var format: HTTPTriggerOptions.ListingFormat = .plain

    @Option(
        name: .customLong("http1-max-buf-size"),
        help: ArgumentHelp(
            "The largest head of a request, at least 8192; 65536 by default. [env: SPIN_HTTP1_MAX_BUF_SIZE]",
            valueName: "bytes"), transform: ByteCountArgument.parse)
    package var http1MaxBufSize: ByteCountArgument?

    @Option(
        help: ArgumentHelp("Connections at a time; more wait. 16384 by default.", valueName: "count"),
        transform: CountArgument.parse)
    package var maxConnections: CountArgument?

    @Option(
        help: ArgumentHelp("The longest time that the head of a request may take. 30s by default.", valueName: "time"),
        transform: DurationArgument.parse)
    package var headerTimeout: DurationArgument?

    @Option(
        help: ArgumentHelp("The longest pause within the body of a request. 60s by default.", valueName: "time"),
        transform: DurationArgument.parse)
    package var bodyTimeout: DurationArgument?

    @Option(
        help: ArgumentHelp("The longest pause between requests of a connection. 75s by default.", valueName: "time"),
        transform: DurationArgument.parse)
    package var idleTimeout: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Requests that components answer at a time. By default what the pool of instances holds.",
            valueName: "count"), transform: CountArgument.parse)
    package var maxConcurrentRequests: CountArgument?

    @Option(
        help: ArgumentHelp(
            "Requests that wait for an instance; more are answered with 503. 4096 by default.", valueName: "count"),
        transform: CountArgument.parse)
    package var maxQueuedRequests: CountArgument?

    @Option(
        help: ArgumentHelp(
            "The longest time that a request waits for an instance, then 503. 10s by default.", valueName: "time"),
        transform: DurationArgument.parse)
    package var queueTimeout: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "The most processor time that a request may take. No limit by default.", valueName: "time"),
        transform: DurationArgument.parse)
    package var requestCpuLimit: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Requests to one instance of a WASI 0.3 component, such as 128 or 1..8; 128 by default.",
            valueName: "count"), transform: CountRangeArgument.parse)
    package var maxInstanceReuseCount: CountRangeArgument?

    @Option(
        help: ArgumentHelp(
            "Requests at a time to one instance of a WASI 0.3 component; 16 by default.", valueName: "count"),
        transform: CountRangeArgument.parse)
    package var maxInstanceConcurrentReuseCount: CountRangeArgument?

    @Option(
        help: ArgumentHelp(
            "How long an instance without a request is kept for the next one; 1s by default.", valueName: "time"),
        transform: DurationRangeArgument.parse)
    package var idleInstanceTimeout: DurationRangeArgument?

    @Option(
        help: ArgumentHelp("Write a line for each request; `-` is standard error.", valueName: "file"),
        completion: .file())
    package var accessLog: String?

    @Option(help: ArgumentHelp("The form of the access log: common or json.", valueName: "format"))
    package var accessLogFormat: HTTPTriggerOptions.AccessLogFormat = .common

    package init() {}

    package mutating func validate() throws {
        if let size = self.http1MaxBufSize, size.bytes < Self.smallestBuffer {
            throw ValidationError("--http1-max-buf-size must be at least \(Self.smallestBuffer).")
        }
    }

    static let smallestBuffer = 8192
}

extension HTTPTriggerOptions.ListingFormat: ExpressibleByArgument {}
extension HTTPTriggerOptions.AccessLogFormat: ExpressibleByArgument {}
