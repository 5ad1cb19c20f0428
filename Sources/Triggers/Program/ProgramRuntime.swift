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
        let command = try CommandProgram(program, engine: engine, path: options.path)
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
            let limits = CommandProgram.Limits(
                maxMemory: options.maxMemory, timeout: options.timeout.map { TimeLimit(TimeAmount($0), on: eventLoop) })
            command.start(context, limits: limits, slices: SliceQueue(eventLoop: eventLoop)) {
                promise.succeed(Self.outcome($0, $1))
            }
        }
        let outcome = try await promise.futureResult.get()
        // The thread that reads standard input may be waiting for it still: it is left to the end of the process.
        Task.detached { try? await inputPool.shutdownGracefully() }
        try await group.shutdownGracefully()
        return outcome
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

    private static func outcome(
        _ result: Result<CommandProgram.End, any Error>, _ backtrace: [Trap.Frame]
    ) -> Outcome {
        func text(_ error: any Error) -> String { "\(error)\(backtrace.listing)" }
        switch result {
        case .success(let end): return .exited(end.status)
        case .failure(WasmFailure.trap(let trap)): return .trapped("the program trapped: \(trap)")
        case .failure(WasmFailure.host(let fault as GuestFault)): return .trapped("the program trapped: \(text(fault))")
        case .failure(WasmFailure.host(let error)): return .trapped("the program was stopped: \(text(error))")
        case .failure(let error as Invocation.Failure): return .trapped("the program was stopped: \(error)")
        case .failure(let error): return .trapped("the program could not run: \(error)")
        }
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
