package import ComponentModel
package import NIOCore
package import WasmEngine

/// Runs the tasks of one instance in its own store, confined to one event loop: what ``Invocation`` is to a single
/// call, for several at once.
///
/// The loop gets its time back whenever the guests' time slice is over or all tasks wait.
package final class InstanceDriver {
    private enum State {
        case new
        /// The component has start functions, which may use up their time slice.
        case starting(Fiber)
        case running(TaskScheduler)
        case over
    }

    package let store: Store
    private var turns: GuestTurns
    private let waker = Waker()
    private let makeInstance: (Waker) throws -> ComponentInstance
    private let hasStartFunction: Bool
    private let processorTime: TimeAmount?
    package private(set) var instance: ComponentInstance?
    private var state = State.new
    private var failed: ((any Error, _ backtrace: [Trap.Frame]) -> Void)?
    private var ready: ((InstanceDriver) -> Void)?
    private var isResuming = false
    /// The guest used up its last time slice: it computes.
    package private(set) var isComputing = false

    /// Called when no task is left, or none that can go on without another call.
    package var onIdle: (() -> Void)?

    /// A function that may be called as long as calls of it are under way: see ``TaskScheduler/expectedCall``.
    package var expectedCall: ExportedFunction? {
        didSet {
            if case .running(let scheduler) = self.state { scheduler.expectedCall = self.expectedCall }
        }
    }

    /// Prepares an instance; nothing happens before ``start(_:)``.
    ///
    /// - Parameters:
    ///   - host: the host's object of the instance (see ``HostCall/host(_:)``).
    ///   - slices: of the same event loop, shared by all its guests.
    ///   - processorTime: limit of what the instance computes for one call, and for its start functions; nil for none.
    ///   - failed: called once, when the instance cannot go on: it could not be made, a guest trapped, a limit passed.
    ///     Its tasks have ended with the error then. `backtrace` says where the guest was when a host function threw.
    package init(
        of component: Component, limits: StoreLimits, host: AnyObject, eventLoop: any EventLoop, slices: SliceQueue,
        processorTime: TimeAmount? = nil, failed: @escaping (any Error, _ backtrace: [Trap.Frame]) -> Void
    ) {
        let store = Store(component.engine, limits: limits)
        self.store = store
        self.processorTime = processorTime
        // The scheduler counts for each call; this is for start functions.
        self.turns = GuestTurns(
            eventLoop: eventLoop, slices: slices, processorTime: component.hasStartFunction ? processorTime : nil)
        self.hasStartFunction = component.hasStartFunction
        self.makeInstance = { waker in
            try ComponentInstance(component, in: store, host: host, waker: waker, leavesTasks: true)
        }
        self.failed = failed
        // The action is removed before the driver goes.
        self.waker.connect { [unowned self] in self.wake() }
    }

    deinit {
        self.waker.invalidate()
        if case .running(let scheduler) = self.state { scheduler.stop() }
    }

    /// Makes the instance, then calls `ready`: before this returns, unless the component's start functions take long.
    package func start(_ ready: @escaping (InstanceDriver) -> Void) {
        guard case .new = self.state else { return }
        self.ready = ready
        guard self.hasStartFunction else {
            // Nothing of the guest runs yet, and without a fiber the engine makes an instance faster.
            return self.begin(Result { try self.makeInstance(self.waker) })
        }
        self.state = .starting(
            Fiber(store: self.store) { [unowned self] in self.instance = try self.makeInstance(self.waker) })
        self.resume()
    }

    private func begin(_ made: Result<ComponentInstance, any Error>) {
        switch made {
        case .failure(let error): self.fail(error)
        case .success(let instance):
            self.instance = instance
            let scheduler = TaskScheduler(instance, store: self.store)
            scheduler.onReady = { [unowned self] in self.wake() }
            scheduler.expectedCall = self.expectedCall
            scheduler.processorTimeLimit = self.processorTime?.nanoseconds
            self.turns.stopCounting()
            self.state = .running(scheduler)
            if instance.isInstantiated { self.becomeReady() } else { scheduler.instantiate() }
            self.resume()
        }
    }

    private func becomeReady() {
        let ready = self.ready
        self.ready = nil
        ready?(self)
    }

    /// Calls an exported function: see ``TaskScheduler/start(_:arguments:returned:ended:)``. The guest runs soon, not
    /// before this returns.
    ///
    /// - Parameter account: lets host functions know of the call that led to them (`HostCall.hostOfCall`).
    /// - Returns: nil when the instance is not ready yet, or over.
    package func call(
        _ function: ExportedFunction, account: CallAccount? = nil,
        arguments: @escaping (borrowing FlatValues) throws -> Void,
        returned: @escaping (borrowing HostCall) throws -> Void, ended: @escaping (Result<Void, any Error>) -> Void
    ) -> GuestTask? {
        guard case .running(let scheduler) = self.state, self.ready == nil else { return nil }
        let task = scheduler.start(
            function, account: account, arguments: arguments, returned: returned, ended: ended)
        self.wake()
        return task
    }

    /// Looks soon whether any task can go on: calls ``onIdle`` if none can.
    package func check() { self.wake() }

    /// Drops the guests where they stand. Nothing is called any more.
    package func stop() {
        self.failed = nil
        self.ready = nil
        self.onIdle = nil
        self.finish()
    }

    // MARK: Running

    private func wake() {
        guard !self.isOver else { return }
        self.turns.wake { self.resumeScheduled() }
    }

    private func resumeScheduled() {
        self.turns.arrived()
        self.resume()
    }

    private var isOver: Bool {
        if case .over = self.state { true } else { false }
    }

    private func resume() {
        guard !self.isResuming else { return }
        let state = self.state
        self.isResuming = true
        self.turns.beginTurn()
        let outcome: TaskScheduler.Outcome
        var made: Result<ComponentInstance, any Error>?
        switch state {
        case .new, .over:
            self.isResuming = false
            return
        case .running(let scheduler): outcome = scheduler.run()
        case .starting(let fiber):
            switch fiber.resume() {
            case .yielded: outcome = .yielded
            case .waiting: outcome = .waiting
            case .finished(let result):
                outcome = .waiting
                made = result.flatMap { self.instance.map { .success($0) } ?? .failure(WasmFailure.cancelled) }
            }
        }
        self.isResuming = false
        // A callback during the slice may have ended the instance.
        guard !self.isOver else { return Self.drop(state) }
        if let limit = self.turns.endTurn() { return self.fail(Invocation.Failure.usedUp(limit)) }
        if case .yielded = outcome { self.isComputing = true } else { self.isComputing = false }
        if let made { return self.begin(made) }
        if self.ready != nil, self.instance?.isInstantiated == true {
            self.becomeReady()
            guard !self.isOver else { return }
            // It was idle before there was anything to do.
            if case .idle = outcome { return self.resume() }
        }
        switch outcome {
        case .idle:
            self.turns.becameIdle()
            self.onIdle?()
        case .waiting: break
        case .yielded:
            self.turns.usedUpSlice()
            self.turns.yield { self.resumeScheduled() }
        case .failed(let error as ProcessorTimeExceeded):
            self.fail(Invocation.Failure.usedUp(.nanoseconds(error.limit)))
        case .failed(let error): self.fail(error)
        }
    }

    private func fail(_ error: any Error) {
        let failed = self.failed
        self.failed = nil
        self.finish()
        failed?(error, self.store.lastHostErrorBacktrace)
    }

    private func finish() {
        let state = self.state
        self.state = .over
        self.waker.invalidate()
        // While the guest runs its fiber cannot be dropped: `resume()` does so when it comes back. A scheduler knows that
        // itself, and lets no other task run before.
        if case .starting = state, self.isResuming { return }
        Self.drop(state)
    }

    private static func drop(_ state: State) {
        switch state {
        case .starting(let fiber): fiber.cancel()
        case .running(let scheduler): scheduler.stop()
        case .new, .over: break
        }
    }
}
