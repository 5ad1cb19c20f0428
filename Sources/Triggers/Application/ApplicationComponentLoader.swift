import AppModel
import Capabilities
import ComponentModel
import Executor
import Logging
import NIOCore
import NIOPosix
import WASI
import WasmEngine

/// Loads the components of an application for the triggers that call them.
struct ApplicationComponentLoader {
    private let app: LockedApp
    private let options: TriggerOptions
    private let engine: Engine
    private let services: ApplicationServices
    private let calledByRedis: Set<String>
    private let calledByHTTP: Set<String>
    private let loader: ComponentLoader
    private let progress: LoadProgress
    private let logs: [String: ComponentLog]
    private let limits: GuestLimits
    private let logger: Logger

    /// - Parameter calledByRedis: components that take messages.
    init(
        _ app: LockedApp, options: TriggerOptions, calledByRedis: Set<String>, engine: Engine,
        services: ApplicationServices, console: Console, logger: Logger
    ) throws {
        self.app = app
        self.options = options
        self.engine = engine
        self.services = services
        self.calledByRedis = calledByRedis
        self.calledByHTTP = Set(app.httpTriggers.filter { $0.wagi == nil }.map(\.componentID))
        self.loader = ComponentLoader(
            engine: engine, cache: options.cacheDirectory.map { CompiledCodeCache(directory: $0) },
            registry: HostInterfaces.registry, assembler: TextAssembler(command: options.assembler),
            memoryLimit: options.maxInstanceMemory)
        self.progress = LoadProgress(logger: logger)
        self.logs = try ComponentLog.openAll(for: app, options: options, console: console)
        var limits = GuestLimits()
        if let bytes = options.maxInstanceMemory { limits.store.maxMemoryBytes = bytes }
        limits.timeout = options.requestTimeout
        limits.processorTime = options.http.requestCPULimit.map { TimeAmount($0) }
        self.limits = limits
        self.logger = logger
    }

    func load() throws -> ApplicationComponents {
        var components = ApplicationComponents()
        for locked in self.app.reachableComponents {
            do {
                try self.load(locked, into: &components)
            } catch let error as ComponentLoadError {
                // What a component lacks is found without knowing where it comes from.
                throw ComponentLoadError(
                    component: error.component, path: error.path ?? locked.source.path,
                    place: error.place ?? locked.place, error.message)
            }
        }
        return components
    }

    private func load(_ locked: LockedComponent, into components: inout ApplicationComponents) throws {
        guard let path = locked.source.path else {
            throw TriggerError("component \"\(locked.id)\": its source is not a local file")
        }
        let configuration = try self.configuration(of: locked)
        let output = LoggedOutput(self.logs[locked.id])
        let wagi = self.app.httpTriggers.filter { $0.componentID == locked.id && $0.wagi != nil }
        if let first = wagi.first {
            let loaded = try self.loader.loadProgram(
                path, name: locked.id, dependencies: locked.dependencies, report: self.progress.report)
            let program: CommandProgram
            do {
                program = try CommandProgram(loaded, engine: self.engine, path: path)
            } catch {
                throw self.failure(error, of: locked, first)
            }
            for trigger in wagi {
                guard let settings = trigger.wagi else { continue }
                components.programs[trigger.id] = WagiProgram(
                    id: locked.id, program: program, settings: settings, configuration: configuration,
                    limits: self.limits, output: output, logger: self.logger)
            }
            // The file may be no component at all.
            if !self.calledByHTTP.contains(locked.id), !self.calledByRedis.contains(locked.id) { return }
        }
        let component = try self.loader.load(
            path, name: locked.id, dependencies: locked.dependencies,
            middleware: locked.triggerDependencies["middleware"] ?? [], report: self.progress.report)
        if self.calledByRedis.contains(locked.id) {
            components.redis[locked.id] = try RedisComponent(
                id: locked.id, component: component, configuration: configuration, limits: self.limits, output: output,
                logger: self.logger)
        }
        // Those that no trigger calls are called by other components, over HTTP.
        if self.calledByHTTP.contains(locked.id) || (!self.calledByRedis.contains(locked.id) && wagi.isEmpty) {
            components.http[locked.id] = try HTTPComponent(
                id: locked.id, component: component, configuration: configuration, limits: self.limits,
                reuse: self.options.http.reuse, output: output, logger: self.logger)
        }
    }

    /// What is no program, though a trigger runs it as one.
    private func failure(_ error: ProgramError, of locked: LockedComponent, _ trigger: LockedHTTPTrigger)
        -> TriggerError
    {
        let place = self.app.triggers.first { $0.id == trigger.id }?.place.map { "\($0): " } ?? ""
        return TriggerError(
            "\(place)trigger \"\(trigger.id)\": executor: it is `wagi`, which runs commands; component \"\(locked.id)\""
                + " (\(error.path)) \(error.problem)"
                + (error.server.map { "\n  hint: \($0): remove `executor`" } ?? ""))
    }

    /// What a component has of the world.
    private func configuration(of locked: LockedComponent) throws -> WASIConfiguration {
        let preopens = try locked.files.map { mount in
            guard let directory = mount.directory else {
                throw TriggerError("component \"\(locked.id)\": the files at \(mount.path) are not local")
            }
            return try Preopen(
                hostPath: directory, guestPath: mount.path, isWritable: self.options.allowsTransientWrite)
        }
        let hosts = self.options.allowedHosts[locked.id] ?? .none
        let network = self.services.network
        return WASIConfiguration(
            componentName: locked.id, environment: locked.environment.sorted { $0.key < $1.key }.map { ($0, $1) },
            preopens: preopens,
            network: ManifestNetworkPolicy(
                component: locked.id, hosts: hosts, blocked: network.blocked, places: network.sockets,
                logger: self.logger),
            outboundHTTP: ComponentOutboundHTTP(
                component: locked.id, service: self.services.outbound,
                policy: ManifestOutboundPolicy(component: locked.id, hosts: hosts)),
            logger: self.logger, filePool: .singleton,
            capabilities: try self.services.capabilities.capabilities(of: locked))
    }
}
