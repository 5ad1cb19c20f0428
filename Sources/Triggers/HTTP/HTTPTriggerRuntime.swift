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

/// Loads an application's components and serves them over HTTP until the process is told to stop.
package enum HTTPTriggerRuntime {
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
        var configuration = EngineConfiguration.fromEnvironment(ProcessInfo.processInfo.environment)
        if options.engine.disablesPooling { configuration.pooling = nil }
        if options.engine.debugInfo { configuration.debugInfo = true }
        let engine = try Engine(configuration)
        for note in engine.notes { logger.warning("\(note)") }
        let environment = ProcessInfo.processInfo.environment
        let runtimeConfig = options.capabilities.runtimeConfig
        for warning in runtimeConfig.warnings { logger.warning("\(warning)") }
        let network = OutboundNetwork(runtimeConfig.network)
        let outbound = try OutboundHTTPService(
            client: OutboundClient.make(runtimeConfig, network: network, environment: environment, loops: loops),
            tls: OutboundClient.tls(runtimeConfig, environment: environment), logger: logger)
        let capabilities = try ApplicationCapabilities(
            app, options: options.capabilities, variables: options.variables, stateDirectory: options.stateDirectory,
            hosts: options.allowedHosts, network: network, eventLoops: Array(loops.makeIterator()), logger: logger)
        for line in capabilities.summary { logger.info("\(line)") }
        try await capabilities.prepare(on: loops.next())
        let redisPlan = try RedisTriggerPlan(app, variables: options.variables)
        let (components, programs, redisComponents) = try loadComponents(
            app, options, calledByRedis: redisPlan.componentIDs, engine: engine, outbound: outbound,
            network: network, capabilities: capabilities, console: console, logger: logger)
        let (router, responses) = try self.routes(of: app)
        let capacities =
            components.values.compactMap { $0.capacity(of: engine) }
            + programs.values.compactMap { $0.capacity(of: engine) }
            + redisComponents.values.compactMap { $0.capacity(of: engine) }
        let places = capacities.min() ?? self.capacityWithoutPool
        // Of requests and messages, neither takes all places from the other.
        let messages = redisPlan.servers.isEmpty ? 0 : min(self.messagesAtATime, max(1, places / 4))
        let held = max(1, places - messages)
        var capacity = HTTPTrigger.Capacity(
            live: min(held, options.http.maxConcurrentRequests ?? held), instances: held)
        capacity.queued = options.http.maxQueuedRequests
        capacity.patience = TimeAmount(options.http.queueTimeout)
        capacity.isLayered = app.reachableComponents.contains { component in
            let hosts = options.allowedHosts[component.id] ?? .none
            return hosts.allowsSelf() || !hosts.chainedComponents(of: app.components.map(\.id)).isEmpty
        }
        var hint: (@Sendable (String) -> Void)?
        if StandardStream.output.isTerminal {
            hint = { path in logger.info("no route matches `\(path)`: the client got 404") }
        }
        let trigger = HTTPTrigger(
            router: router, components: components, programs: programs, responses: responses,
            info: ApplicationInfo(app),
            eventLoops: Array(loops.makeIterator()), capacity: capacity, accessLog: accessLog, hint: hint)

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
            outbound.connect(trigger, authority: address.description)
            Announcement(address: address, isSecure: tls != nil, router: router, app: app).print(options.http.format)
        }
        let redis = RedisTrigger(
            redisPlan, components: redisComponents, eventLoops: Array(loops.makeIterator()), capacity: messages,
            logger: logger, announce: { RedisAnnouncement($0).print(options.http.format) })
        redis.start()
        if await self.serveUntilSignalled(server, redis, signals) { try await loops.shutdownGracefully() }
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

    private static func loadComponents(
        _ app: LockedApp, _ options: TriggerOptions, calledByRedis: Set<String>, engine: Engine,
        outbound: OutboundHTTPService, network: OutboundNetwork, capabilities: ApplicationCapabilities,
        console: Console, logger: Logger
    ) throws -> (
        http: [String: HTTPComponent], programs: [String: WagiProgram], redis: [String: RedisComponent]
    ) {
        let cache = options.cacheDirectory.map { CompiledCodeCache(directory: $0) }
        let loader = ComponentLoader(
            engine: engine, cache: cache, registry: HostInterfaces.registry,
            assembler: TextAssembler(command: options.assembler))
        let progress = LoadProgress(logger: logger)
        let logs = try ComponentLog.openAll(for: app, options: options, console: console)
        var limits = HTTPComponent.Limits()
        if let bytes = options.maxInstanceMemory { limits.store.maxMemoryBytes = bytes }
        limits.timeout = options.requestTimeout
        limits.processorTime = options.http.requestCPULimit.map { TimeAmount($0) }
        let calledByHTTP = Set(app.httpTriggers.filter { $0.wagi == nil }.map(\.componentID))
        var components: [String: HTTPComponent] = [:]
        var programs: [String: WagiProgram] = [:]
        var redisComponents: [String: RedisComponent] = [:]
        for locked in app.reachableComponents {
            guard let path = locked.source.path else {
                throw TriggerError("component \"\(locked.id)\": its source is not a local file")
            }
            let preopens = try locked.files.map { mount in
                guard let directory = mount.directory else {
                    throw TriggerError("component \"\(locked.id)\": the files at \(mount.path) are not local")
                }
                return try Preopen(hostPath: directory, guestPath: mount.path, isWritable: options.allowsTransientWrite)
            }
            let hosts = options.allowedHosts[locked.id] ?? .none
            let policy = ManifestOutboundPolicy(component: locked.id, hosts: hosts)
            let wasi = WASIConfiguration(
                componentName: locked.id, environment: locked.environment.sorted { $0.key < $1.key }.map { ($0, $1) },
                preopens: preopens,
                network: ManifestNetworkPolicy(
                    component: locked.id, hosts: hosts, blocked: network.blocked, places: network.sockets,
                    logger: logger),
                outboundHTTP: ComponentOutboundHTTP(component: locked.id, service: outbound, policy: policy),
                logger: logger, filePool: .singleton, capabilities: try capabilities.capabilities(of: locked))
            let output = LoggedOutput(logs[locked.id])
            let wagi = app.httpTriggers.filter { $0.componentID == locked.id && $0.wagi != nil }
            if !wagi.isEmpty {
                let loaded = try loader.loadProgram(
                    path, name: locked.id, dependencies: locked.dependencies, report: progress.report)
                let program = try CommandProgram(loaded, engine: engine, path: "component \"\(locked.id)\" (\(path))")
                for trigger in wagi {
                    guard let settings = trigger.wagi else { continue }
                    programs[trigger.id] = WagiProgram(
                        id: locked.id, program: program, settings: settings, configuration: wasi, limits: limits,
                        output: output, logger: logger)
                }
                // The file may be no component at all.
                if !calledByHTTP.contains(locked.id), !calledByRedis.contains(locked.id) { continue }
            }
            let component = try loader.load(
                path, name: locked.id, dependencies: locked.dependencies,
                middleware: locked.triggerDependencies["middleware"] ?? [], report: progress.report)
            if calledByRedis.contains(locked.id) {
                redisComponents[locked.id] = try locked.placingErrors(of: path) {
                    try RedisComponent(
                        id: locked.id, component: component, configuration: wasi, limits: limits, output: output,
                        logger: logger)
                }
            }
            // Those that no trigger calls are called by other components, over HTTP.
            if calledByHTTP.contains(locked.id) || (!calledByRedis.contains(locked.id) && wagi.isEmpty) {
                components[locked.id] = try locked.placingErrors(of: path) {
                    try HTTPComponent(
                        id: locked.id, component: component, configuration: wasi, limits: limits,
                        reuse: options.http.reuse, output: output, logger: logger)
                }
            }
        }
        return (components, programs, redisComponents)
    }
}

/// An application that cannot be served, for a reason of its own.
package struct TriggerError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension LockedComponent {
    /// Says in errors of `make` which file is meant, and where the manifest names it.
    fileprivate func placingErrors<Made>(
        of path: String, _ make: () throws -> Made
    ) throws -> Made {
        do {
            return try make()
        } catch let error as ComponentLoadError {
            throw ComponentLoadError(
                component: error.component, path: error.path ?? path, place: error.place ?? self.place, error.message)
        }
    }
}
