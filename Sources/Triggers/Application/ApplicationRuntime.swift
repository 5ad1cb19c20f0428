package import AppModel
import Capabilities
import ComponentModel
import Executor
import HTTP
import Logging
import NIOCore
import NIOPosix
import UnixSignals
import WASI
import WasmEngine

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Loads an application's components and lets its triggers call them until the process is told to stop.
package enum ApplicationRuntime {
    /// Guests alive at a time where the engine has no pool that bounds them.
    private static let capacityWithoutPool = 1000

    /// Messages of Redis handled at a time.
    private static let messagesAtATime = 256

    /// How long running requests may take to end after the first signal; the second one ends them at once.
    private static let gracePeriod: Duration = .seconds(10)

    /// Serves `app` until SIGINT or SIGTERM, then lets running requests end.
    ///
    /// - Parameter start: what a signal ends while the application is being loaded.
    /// - Throws: an error whose description tells a person what to do, before anything is served.
    package static func run(app: LockedApp, options: TriggerOptions, start: StartInterruption? = nil) async throws {
        let console = Console()
        defer { console.flush() }
        let logger = Logger(label: "swirl") { _ in ConsoleLogHandler(console: console) }
        // Before anything slow: a wrong path is told at once.
        let tls = try self.tls(options.http)
        let accessLog = try options.http.accessLog.map {
            try AccessLog(path: $0, format: options.http.accessLogFormat, logger: logger)
        }
        defer { accessLog?.flush() }
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let eventLoops = Array(loops.makeIterator())
        let environment = ProcessInfo.processInfo.environment
        let engine = try self.makeEngine(options.engine, environment: environment)
        for note in engine.notes { logger.warning("\(note)") }
        for warning in options.capabilities.runtimeConfig.warnings { logger.warning("\(warning)") }
        let services = try ApplicationServices(
            app, options: options, environment: environment, loops: loops, logger: logger)
        for line in services.capabilities.summary { logger.info("\(line)") }
        try await services.capabilities.prepare(on: loops.next())
        let redisPlan = try RedisTriggerPlan(app, variables: options.variables)
        let components = try ApplicationComponentLoader(
            app, options: options, calledByRedis: redisPlan.componentIDs, engine: engine, services: services,
            console: console, logger: logger
        ).load()
        let (router, responses) = try self.routes(of: app)
        let places = components.capacity(in: engine) ?? self.capacityWithoutPool
        // Of requests and messages, neither takes all places from the other.
        let messages = redisPlan.servers.isEmpty ? 0 : min(self.messagesAtATime, max(1, places / 4))
        let trigger = HTTPTrigger(
            router: router, components: components.http, programs: components.programs, responses: responses,
            info: ApplicationInfo(app), eventLoops: eventLoops,
            capacity: self.capacity(of: app, options, places: max(1, places - messages)), accessLog: accessLog,
            hint: OutputDescriptor.standardOutput.isTerminal ? self.hint(logger) : nil)

        // Before the address is printed: whoever reads it may send a signal at once.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        start?.isOver()
        var server: HTTPServer?
        // An application without HTTP triggers serves nothing: its port may be another's.
        if !app.httpTriggers.isEmpty {
            let (started, address) = try await self.startServer(
                self.serverConfiguration(options, tls), trigger, loops,
                attempts: options.http.findsFreePort ? self.portAttempts : 1)
            server = started
            services.outbound.connect(trigger, authority: address.description)
            Announcement(address: address, isSecure: tls != nil, router: router, app: app).print(options.http.format)
        }
        let redis = RedisTrigger(
            redisPlan, components: components.redis, eventLoops: eventLoops, capacity: messages, logger: logger,
            announce: { RedisAnnouncement($0).print(options.http.format) })
        redis.start()
        guard await self.serveUntilSignalled(server, redis, signals) else { return }
        await services.capabilities.shutDown()
        try await loops.shutdownGracefully()
    }

    /// Who tries an application on a terminal is told of a wrong path.
    private static func hint(_ logger: Logger) -> @Sendable (_ path: String) -> Void {
        { path in logger.info("no route matches `\(path)`: the client got 404") }
    }

    private static func makeEngine(_ options: EngineOptions, environment: [String: String]) throws -> Engine {
        var configuration = EngineConfiguration.fromEnvironment(environment)
        if options.disablesPooling { configuration.pooling = nil }
        if options.debugInfo { configuration.debugInfo = true }
        return try Engine(configuration)
    }

    /// - Parameter places: instances at a time.
    private static func capacity(of app: LockedApp, _ options: TriggerOptions, places: Int) -> HTTPTrigger.Capacity {
        var capacity = HTTPTrigger.Capacity(
            live: min(places, options.http.maxConcurrentRequests ?? places), instances: places)
        capacity.queued = options.http.maxQueuedRequests
        capacity.patience = TimeAmount(options.http.queueTimeout)
        capacity.isLayered = app.reachableComponents.contains { component in
            let hosts = options.allowedHosts[component.id] ?? .none
            return hosts.allowsSelf() || !hosts.chainedComponents(of: app.components.map(\.id)).isEmpty
        }
        return capacity
    }

    /// Ports that `--find-free-port` tries.
    private static let portAttempts = 10

    private static func tls(_ options: HTTPTriggerOptions) throws -> ServerTLS? {
        guard let certificate = options.tlsCertificate, let key = options.tlsKey else { return nil }
        return try ServerTLS(certificate: certificate, key: key)
    }

    private static func routes(of app: LockedApp) throws -> (Router, [ObjectIdentifier: StaticResponse]) {
        var routes: [Route] = []
        var responses: [ObjectIdentifier: StaticResponse] = [:]
        for trigger in app.httpTriggers {
            guard let text = trigger.route else { continue }
            let route = try Route(triggerID: trigger.id, componentID: trigger.componentID, route: text)
            if case .response(let response) = trigger.target {
                responses[ObjectIdentifier(route)] = StaticResponse(response)
            }
            routes.append(route)
        }
        return (Router(routes), responses)
    }

    private static func serverConfiguration(_ options: TriggerOptions, _ tls: ServerTLS?) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.host = options.listen.host
        configuration.port = options.listen.port
        configuration.tls = tls
        // A client that closes its connection looks like one that only ends its side. Nobody reads the answers of the
        // former, and hardly any client is of the latter kind: its guest is soon ended, as Spin does.
        configuration.halfClosedTimeout = .seconds(2)
        let http = options.http
        if let bytes = http.headerBytes {
            configuration.limits.headerBytes = bytes
            configuration.limits.targetBytes = min(configuration.limits.targetBytes, bytes)
        }
        configuration.maxConnections = http.maxConnections ?? configuration.maxConnections
        configuration.headerTimeout = http.headerTimeout ?? configuration.headerTimeout
        configuration.bodyTimeout = http.bodyTimeout ?? configuration.bodyTimeout
        configuration.idleTimeout = http.idleTimeout ?? configuration.idleTimeout
        return configuration
    }

    /// Starts on the port, or on one of the next where that is allowed and somebody listens there already.
    private static func startServer(
        _ configuration: ServerConfiguration, _ handler: any RequestHandler, _ loops: any EventLoopGroup, attempts: Int
    ) async throws -> (HTTPServer, BoundAddress) {
        var configuration = configuration
        for attempt in 1...max(1, attempts) {
            let server = HTTPServer(configuration: configuration, handler: handler, group: loops)
            do {
                return (server, try await server.start())
            } catch ServerError.addressInUse where attempt < attempts && configuration.port < 65_535 {
                configuration.port += 1
            }
        }
        throw ServerError.addressInUse(host: configuration.host, port: configuration.port)
    }

    private enum Event {
        case signal
        case ended
    }

    /// Waits for a signal, then lets the server end in good order; false when a second signal asks for a quick end.
    private static func serveUntilSignalled(
        _ server: HTTPServer?, _ redis: RedisTrigger, _ signals: UnixSignalsSequence
    ) async -> Bool {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let watcher = Task {
            for await _ in signals { continuation.yield(.signal) }
        }
        defer { watcher.cancel() }
        var iterator = events.makeAsyncIterator()
        _ = await iterator.next()
        Task {
            async let messages: Void = redis.shutDown(gracePeriod: TimeAmount(self.gracePeriod))
            await server?.shutdown(gracePeriod: self.gracePeriod)
            await messages
            continuation.yield(.ended)
        }
        return await iterator.next() != .signal
    }
}
