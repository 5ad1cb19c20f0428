package import AppModel
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

    /// How long running requests may take to end after the first signal; the second one ends them at once.
    private static let gracePeriod: Duration = .seconds(10)

    /// Serves `app` until SIGINT or SIGTERM, then lets running requests end.
    ///
    /// - Throws: an error whose description tells a person what to do, before anything is served.
    package static func run(app: LockedApp, options: TriggerOptions) async throws {
        let console = Console()
        defer { console.flush() }
        let logger = Logger(label: "swirl") { _ in ConsoleLogHandler(console: console) }
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let configuration = EngineConfiguration.fromEnvironment(ProcessInfo.processInfo.environment)
        let engine = try Engine(configuration)
        for note in engine.notes { logger.warning("\(note)") }
        let components = try loadComponents(app, options, engine: engine, console: console, logger: logger)
        let router = try Router(
            app.httpTriggers.map {
                try Route(triggerID: $0.id, componentID: $0.componentID, route: $0.route)
            })
        let trigger = HTTPTrigger(
            router: router, components: components, eventLoops: Array(loops.makeIterator()),
            capacity: components.values.compactMap { $0.capacity(of: engine) }.min() ?? self.capacityWithoutPool)
        var serverConfiguration = ServerConfiguration()
        serverConfiguration.host = options.listen.host
        serverConfiguration.port = options.listen.port
        // A client that closes its connection looks like one that only ends its side. Nobody reads the answers of the
        // former, and hardly any client is of the latter kind: its guest is soon ended, as Spin does.
        serverConfiguration.halfClosedTimeout = .seconds(2)
        let server = HTTPServer(
            configuration: serverConfiguration,
            handler: trigger, group: loops)

        // Before the address is printed: whoever reads it may send a signal at once.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let address = try await server.start()
        Announcement(host: options.listen.host, address: address, router: router, app: app).print()
        if await self.serveUntilSignalled(server, signals) { try await loops.shutdownGracefully() }
    }

    private enum Event {
        case signal
        case ended
    }

    /// Waits for a signal, then lets the server end in good order; false when a second signal asks for a quick end.
    private static func serveUntilSignalled(_ server: HTTPServer, _ signals: UnixSignalsSequence) async -> Bool {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let watcher = Task {
            for await _ in signals { continuation.yield(.signal) }
        }
        defer { watcher.cancel() }
        var iterator = events.makeAsyncIterator()
        _ = await iterator.next()
        Task {
            await server.shutdown(gracePeriod: self.gracePeriod)
            continuation.yield(.ended)
        }
        return await iterator.next() != .signal
    }

    private static func loadComponents(
        _ app: LockedApp, _ options: TriggerOptions, engine: Engine, console: Console, logger: Logger
    ) throws -> [String: HTTPComponent] {
        let cache = options.cacheDirectory.map { CompiledCodeCache(directory: $0) }
        let loader = ComponentLoader(engine: engine, cache: cache, registry: HostInterfaces.registry)
        let progress = LoadProgress(logger: logger)
        let logs = try ComponentLog.openAll(for: app, options: options, console: console)
        var limits = HTTPComponent.Limits()
        if let bytes = options.maxInstanceMemory { limits.store.maxMemoryBytes = bytes }
        limits.timeout = options.requestTimeout.map { TimeAmount($0) }
        var components: [String: HTTPComponent] = [:]
        for locked in app.reachableComponents {
            guard let path = locked.source.path else {
                throw TriggerError("component \"\(locked.id)\": its source is not a local file")
            }
            let component = try loader.load(path, name: locked.id, report: progress.report)
            let preopens = try locked.files.map { mount in
                guard let directory = mount.directory else {
                    throw TriggerError("component \"\(locked.id)\": the files at \(mount.path) are not local")
                }
                return try Preopen(hostPath: directory, guestPath: mount.path, isWritable: false)
            }
            let wasi = WASIConfiguration(
                componentName: locked.id, environment: locked.environment.sorted { $0.key < $1.key }.map { ($0, $1) },
                preopens: preopens, logger: logger, filePool: .singleton)
            components[locked.id] = try HTTPComponent(
                id: locked.id, component: component, configuration: wasi, limits: limits,
                output: LoggedOutput(logs[locked.id]), logger: logger)
        }
        return components
    }
}

/// An application that cannot be served, for a reason of its own.
package struct TriggerError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
