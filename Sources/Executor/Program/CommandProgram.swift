import ComponentModel
package import NIOCore
package import WASI
package import WasmEngine

/// Something that runs once, from its entry point to its end: a component that exports `wasi:cli/run`, or a core module of
/// preview 1.
package struct CommandProgram: Sendable {
    static let runInterface = "wasi:cli/run"
    private static let runSignature = "() -> result"
    private static let asyncRunSignature = "async () -> result"

    /// How it is entered.
    private enum Entry: Sendable {
        case component(Component, ExportedFunction)
        /// Several tasks at once, as WASI 0.3 has it.
        case asyncComponent(Component, ExportedFunction)
        case coreModule(PreInstance, Engine)
    }

    /// How a program ended that neither trapped nor was stopped.
    package enum End: Sendable, Hashable {
        /// Its entry point returned; a component's says whether it did what it should.
        case returned(succeeded: Bool)
        case exited(status: UInt8)

        /// For a shell.
        package var status: UInt8 {
            switch self {
            case .returned(let succeeded): succeeded ? 0 : 1
            case .exited(let status): status
            }
        }
    }

    private let entry: Entry

    /// - Parameter path: the file, for messages.
    /// - Throws: ``ProgramError`` for what is no command.
    package init(_ program: ComponentLoader.Program, engine: Engine, path: String) throws(ProgramError) {
        switch program {
        case .component(let component):
            guard let function = component.exportedFunction("run", in: Self.runInterface) else {
                let isHandler = (try? HTTPHandlerExport.find(in: component, id: "")) != nil
                throw ProgramError(
                    path,
                    "is a component, but no command: it does not export \(Self.runInterface)"
                        + (isHandler ? "" : "; it exports \(component.exportList)"),
                    server: isHandler ? "it handles HTTP requests" : nil)
            }
            switch function.signature {
            case Self.runSignature, Self.asyncRunSignature:
                self.entry =
                    component.usesTasks ? .asyncComponent(component, function) : .component(component, function)
            default:
                // The call passes no values: with another type they would be made up.
                throw ProgramError(
                    path,
                    "is no command: the function `run` of its export \(Self.runInterface) has the type "
                        + "\(function.signature), not \(Self.runSignature) or \(Self.asyncRunSignature)")
            }
        case .coreModule(let module):
            guard module.exports.contains(where: { $0.name == "_start" && $0.functionType == FunctionType() }) else {
                throw ProgramError(
                    path,
                    "is a core module, but no command: it does not export a function _start without "
                        + "parameters and results",
                    server: "a module of an earlier SDK handles HTTP requests")
            }
            let linker = Linker(engine)
            do {
                try Preview1.define(importsOf: module, in: linker)
                self.entry = .coreModule(try linker.preInstantiate(module), engine)
            } catch {
                throw ProgramError(path, "cannot be linked: \(error)")
            }
        }
    }

    /// How many of its instances the engine's pool holds at a time; nil without a pool.
    package func capacity(of engine: Engine) -> Int? {
        switch self.entry {
        case .component(let component, _), .asyncComponent(let component, _): component.capacity(in: engine)
        // One core instance more: the engine's own, by which a fiber waits.
        case .coreModule:
            engine.configuration.pooling.map { min($0.totalStacks, $0.totalCoreInstances / 2, $0.totalMemories) }
        }
    }

    /// One run under way. Letting go of it ends nothing.
    package final class Run {
        fileprivate var invocation: Invocation?
        fileprivate var driver: InstanceDriver?
        fileprivate var task: GuestTask?
        fileprivate var timeout: Scheduled<Void>?
        fileprivate var succeeded = false

        /// Drops the program where it stands; nothing is told any more.
        package func cancel() {
            self.invocation?.cancel()
            self.end()
        }

        fileprivate func end() {
            self.invocation = nil
            self.task = nil
            self.timeout?.cancel()
            self.timeout = nil
            self.driver?.stop()
            self.driver = nil
        }
    }

    /// What a run may use; nil for no limit.
    package struct Limits: Sendable {
        /// Of all memories together, in bytes.
        package var maxMemory: Int?
        package var timeout: TimeLimit?
        package var processorTime: TimeAmount?

        package init(maxMemory: Int? = nil, timeout: TimeLimit? = nil, processorTime: TimeAmount? = nil) {
            self.maxMemory = maxMemory
            self.timeout = timeout
            self.processorTime = processorTime
        }
    }

    /// Starts the program on the context's event loop.
    ///
    /// - Parameters:
    ///   - slices: of that event loop.
    ///   - completion: called once on it, unless the run is cancelled; maybe before this returns. `backtrace` says where the
    ///     guest was when a host function threw.
    @discardableResult
    package func start(
        _ context: WASIContext, limits: Limits, slices: SliceQueue,
        completion: @escaping (Result<End, any Error>, _ backtrace: [Trap.Frame]) -> Void
    ) -> Run {
        let run = Run()
        let finish: (Result<Void, any Error>, [Trap.Frame]) -> Void = { result, backtrace in
            let succeeded = run.succeeded
            run.end()
            switch result {
            case .success: completion(.success(.returned(succeeded: succeeded)), backtrace)
            case .failure(WasmFailure.host(let exit as GuestExit)):
                completion(.success(.exited(status: exit.status)), backtrace)
            case .failure(let error): completion(.failure(error), backtrace)
            }
        }
        var store = StoreLimits()
        store.maxMemoryBytes = limits.maxMemory
        switch self.entry {
        case .component(let component, let function):
            run.invocation = Invocation(
                of: component, limits: component.dividing(store), host: context, eventLoop: context.eventLoop,
                slices: slices, timeout: limits.timeout, processorTime: limits.processorTime
            ) { instance in
                run.succeeded = try instance.call(function, arguments: { _ in }, results: { $0.i32(0) == 0 })
            } completion: {
                finish($0, $1)
            }
        case .asyncComponent(let component, let function):
            Self.start(
                component, function, component.dividing(store), context, limits, slices: slices, run: run,
                finish: finish)
        case .coreModule(let module, let engine):
            run.invocation = Self.invocation(
                of: module, in: Store(engine, limits: store), context, limits, slices: slices, run: run, finish: finish)
        }
        run.invocation?.start()
        return run
    }

    private static func invocation(
        of module: PreInstance, in store: Store, _ context: WASIContext, _ limits: Limits, slices: SliceQueue,
        run: Run, finish: @escaping (Result<Void, any Error>, [Trap.Frame]) -> Void
    ) -> Invocation {
        let waker = Waker()
        let guest = Preview1Guest(context: context, waker: waker, store: store)
        store.owner = guest
        return Invocation(
            in: store, waker: waker, eventLoop: context.eventLoop, slices: slices, timeout: limits.timeout,
            processorTime: limits.processorTime
        ) {
            try withExtendedLifetime(guest) {
                let instance = try store.instantiate(module)
                guard let start = store.function(of: instance, named: "_start") else {
                    throw ProgramError("the program", "does not export _start")
                }
                try store.call(start, UnsafeMutableBufferPointer(start: nil, count: 0))
                run.succeeded = true
            }
        } completion: {
            finish($0, $1)
        }
    }

    /// The program ends when its task does: it may go on after `run` returned.
    private static func start(
        _ component: Component, _ function: ExportedFunction, _ store: StoreLimits, _ context: WASIContext,
        _ limits: Limits, slices: SliceQueue, run: Run,
        finish: @escaping (Result<Void, any Error>, [Trap.Frame]) -> Void
    ) {
        let driver = InstanceDriver(
            of: component, limits: store, host: context, eventLoop: context.eventLoop, slices: slices,
            processorTime: limits.processorTime
        ) { error, backtrace in
            finish(.failure(error), backtrace)
        }
        run.driver = driver
        if let timeout = limits.timeout {
            run.timeout = context.eventLoop.assumeIsolated().scheduleTask(deadline: timeout.deadline) {
                driver.stop()
                finish(.failure(Invocation.Failure.timedOut(timeout.amount)), [])
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
}

/// A file that is no program that can be run.
package struct ProgramError: Error, CustomStringConvertible {
    /// The file.
    package let path: String
    /// What is to be said of it, a verb first.
    package let problem: String
    /// Why it may be something that a server calls by itself; nil where it is not.
    package let server: String?

    init(_ path: String, _ problem: String, server: String? = nil) {
        self.path = path
        self.problem = problem
        self.server = server
    }

    package var description: String {
        "\(self.path) \(self.problem)"
            + (self.server.map { "\n  hint: \($0): `swirl up -f \(self.path)` serves it" } ?? "")
    }
}
