import CWasmtime
import ComponentModel
import Executor
import Logging
import NIOCore
import NIOPosix
import WASI
import WasmEngine

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs one program to its end: a component that exports `wasi:cli/run`, or a core module of preview 1.
package enum ProgramRuntime {
    /// How a program ended.
    package enum Outcome: Sendable {
        /// It returned or exited.
        case exited(UInt8)
        /// It trapped or was stopped, with what to tell the user.
        case trapped(String)
    }

    private static let runInterface = "wasi:cli/run"
    /// Of WASI 0.2.
    private static let runSignature = "() -> result"
    /// Of WASI 0.3.
    private static let asyncRunSignature = "async () -> result"

    /// - Throws: an error whose description tells a person what to do, before anything of the program runs.
    package static func run(_ options: ProgramOptions) async throws -> Outcome {
        // A reader that goes away is an error of the write, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        var configuration = EngineConfiguration()
        // One instance is made, once: a pool would only cost address space.
        configuration.pooling = nil
        let engine = try Engine(configuration)
        let console = Logger(label: "swirl") { _ in SilentLogHandler() }
        let cache = options.cacheDirectory.map { CompiledCodeCache(directory: $0) }
        let loader = ComponentLoader(
            engine: engine, cache: cache, registry: HostInterfaces.registry,
            assembler: TextAssembler(command: options.assembler))
        let progress = LoadProgress(logger: console)
        let program = try loader.loadProgram(
            options.path, name: options.arguments.first ?? options.path, report: progress.report)
        let runnable = try Runnable(program, engine: engine, path: options.path)
        let preopens = try options.directories.map {
            try Preopen(hostPath: $0.hostPath, guestPath: $0.guestPath, isWritable: $0.isWritable)
        }
        let wasi = WASIConfiguration(
            componentName: options.path, environment: options.environment, arguments: options.arguments,
            preopens: preopens, network: options.hasNetwork ? WholeNetwork() : NoNetwork(), filePool: .singleton)

        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let inputPool = NIOThreadPool(numberOfThreads: 1)
        inputPool.start()
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: Outcome.self)
        eventLoop.execute {
            let context = Self.makeContext(wasi, options, eventLoop: eventLoop, inputPool: inputPool)
            Self.start(runnable, context, options) { promise.succeed($0) }
        }
        let outcome = try await promise.futureResult.get()
        // The thread that reads standard input may be waiting for it still: it is left to the end of the process.
        Task.detached { try? await inputPool.shutdownGracefully() }
        try await group.shutdownGracefully()
        return outcome
    }

    // MARK: Preparing

    /// A program with its entry point found.
    private enum Runnable: Sendable {
        case component(Component, ExportedFunction)
        /// Several tasks at once, as WASI 0.3 has it.
        case asyncComponent(Component, ExportedFunction)
        case coreModule(PreInstance, Engine)

        init(_ program: ComponentLoader.Program, engine: Engine, path: String) throws {
            switch program {
            case .component(let component):
                guard let function = component.exportedFunction("run", in: ProgramRuntime.runInterface) else {
                    throw ProgramError(
                        "\(path) is a component, but no command: it does not export \(ProgramRuntime.runInterface)"
                            + (component.exportedFunction("handle", in: "wasi:http/incoming-handler") == nil
                                ? "" : "\n  hint: it handles HTTP requests: `swirl up -f \(path)` serves it"))
                }
                switch function.signature {
                case ProgramRuntime.runSignature, ProgramRuntime.asyncRunSignature:
                    self =
                        component.usesTasks ? .asyncComponent(component, function) : .component(component, function)
                default:
                    // The call passes no values: with another type they would be made up.
                    throw ProgramError(
                        "\(path): the function `run` of its export \(ProgramRuntime.runInterface) has the type "
                            + "\(function.signature), not \(ProgramRuntime.runSignature) or "
                            + ProgramRuntime.asyncRunSignature)
                }
            case .coreModule(let module):
                guard
                    module.exports.contains(where: {
                        $0.name == "_start" && $0.functionType == FunctionType()
                    })
                else {
                    throw ProgramError(
                        "\(path) is a core module, but no command: it does not export a function _start without "
                            + "parameters and results")
                }
                let linker = Linker(engine)
                do {
                    try Preview1.define(importsOf: module, in: linker)
                    self = .coreModule(try linker.preInstantiate(module), engine)
                } catch {
                    throw ProgramError("\(path) cannot be linked: \(error)")
                }
            }
        }
    }

    private static func makeContext(
        _ wasi: WASIConfiguration, _ options: ProgramOptions, eventLoop: any EventLoop, inputPool: NIOThreadPool
    ) -> WASIContext {
        var terminals: StandardTerminals = []
        if isatty(options.standardInput) == 1 { terminals.insert(.stdin) }
        if isatty(options.standardOutput) == 1 { terminals.insert(.stdout) }
        if isatty(options.standardError) == 1 { terminals.insert(.stderr) }
        return WASIContext(
            configuration: wasi, eventLoop: eventLoop,
            stdin: StandardInput(options.standardInput, eventLoop: eventLoop, pool: inputPool),
            stdout: PassThroughOutput(options.standardOutput), stderr: PassThroughOutput(options.standardError),
            terminals: terminals)
    }

    // MARK: Running

    /// Starts the program on this event loop.
    private static func start(
        _ runnable: Runnable, _ context: WASIContext, _ options: ProgramOptions,
        completion: @escaping (Outcome) -> Void
    ) {
        var limits = StoreLimits()
        let timeout = options.timeout.map { TimeAmount($0) }
        let slices = SliceQueue(eventLoop: context.eventLoop)
        let run = Run()
        let finish: (Result<Void, any Error>, [Trap.Frame]) -> Void = { result, backtrace in
            run.end()
            completion(Self.outcome(result, backtrace, returned: run.succeeded ? 0 : 1))
        }
        switch runnable {
        case .component(let component, let function):
            // The engine limits each memory by itself; what is meant is the program as a whole.
            limits.maxMemoryBytes = options.maxMemory.map { $0 / max(1, component.plan.definedMemories) }
            run.invocation = Invocation(
                of: component, limits: limits, host: context, eventLoop: context.eventLoop, slices: slices,
                timeout: timeout
            ) { instance in
                run.succeeded = try instance.call(function, arguments: { _ in }, results: { $0.i32(0) == 0 })
            } completion: {
                finish($0, $1)
            }
        case .asyncComponent(let component, let function):
            limits.maxMemoryBytes = options.maxMemory.map { $0 / max(1, component.plan.definedMemories) }
            Self.start(
                component, function, limits, context, timeout: timeout, slices: slices, run: run, finish: finish)
        case .coreModule(let module, let engine):
            limits.maxMemoryBytes = options.maxMemory
            let store = Store(engine, limits: limits)
            let waker = Waker()
            let guest = Preview1Guest(context: context, waker: waker, store: store)
            store.owner = guest
            run.invocation = Invocation(
                in: store, waker: waker, eventLoop: context.eventLoop, slices: slices, timeout: timeout
            ) {
                try withExtendedLifetime(guest) {
                    let instance = try store.instantiate(module)
                    guard let start = store.function(of: instance, named: "_start") else {
                        throw ProgramError("it does not export _start")
                    }
                    try store.call(start, UnsafeMutableBufferPointer(start: nil, count: 0))
                    run.succeeded = true
                }
            } completion: {
                finish($0, $1)
            }
        }
        run.invocation?.start()
    }

    /// The program ends when its task does: it may go on after `run` returned.
    private static func start(
        _ component: Component, _ function: ExportedFunction, _ limits: StoreLimits, _ context: WASIContext,
        timeout: TimeAmount?, slices: SliceQueue, run: Run,
        finish: @escaping (Result<Void, any Error>, [Trap.Frame]) -> Void
    ) {
        let driver = InstanceDriver(
            of: component, limits: limits, host: context, eventLoop: context.eventLoop, slices: slices
        ) { error, backtrace in
            finish(.failure(error), backtrace)
        }
        run.driver = driver
        if let timeout {
            run.timeout = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
                driver.stop()
                finish(.failure(Invocation.Failure.timedOut(timeout)), [])
            }
        }
        driver.start { driver in
            let task = driver.call(function) { _ in
            } returned: { call in
                run.succeeded = call.i32(0) == 0
            } ended: { result in
                // A failure is told by the driver, which knows where it happened.
                if case .success = result { finish(.success(()), []) }
            }
            run.task = task
        }
    }

    /// What a run has to remember until it ends.
    private final class Run {
        var invocation: Invocation?
        var driver: InstanceDriver?
        var task: GuestTask?
        var timeout: Scheduled<Void>?
        var succeeded = false

        func end() {
            self.invocation = nil
            self.task = nil
            self.timeout?.cancel()
            self.timeout = nil
            self.driver?.stop()
            self.driver = nil
        }
    }

    private static func outcome(
        _ result: Result<Void, any Error>, _ backtrace: [Trap.Frame], returned: UInt8
    ) -> Outcome {
        func text(_ error: any Error) -> String {
            "\(error)" + backtrace.enumerated().map { "\n    \($0): \($1)" }.joined()
        }
        switch result {
        case .success: return .exited(returned)
        case .failure(WasmFailure.host(let exit as GuestExit)): return .exited(exit.status)
        case .failure(WasmFailure.trap(let trap)): return .trapped("the program trapped: \(trap)")
        case .failure(WasmFailure.host(let fault as GuestFault)): return .trapped("the program trapped: \(text(fault))")
        case .failure(WasmFailure.host(let error)): return .trapped("the program was stopped: \(text(error))")
        case .failure(let error as Invocation.Failure): return .trapped("the program was stopped: \(error)")
        case .failure(let error): return .trapped("the program could not run: \(error)")
        }
    }
}

/// A file that is no program that can be run.
package struct ProgramError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The program's output is its own: nothing of ours goes between.
private struct SilentLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .critical

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {}
}
