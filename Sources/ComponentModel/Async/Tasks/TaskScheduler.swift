package import WasmEngine

/// Runs the tasks of one instance: several calls of its exports at once, each with its threads.
///
/// Confined to the event loop of the instance. Guest code runs inside ``run()`` only, on fibers of its own: never call
/// it on a fiber. Its fibers end with it, or by ``stop()``.
package final class TaskScheduler {
    package enum Outcome {
        /// No task is left; or those that are wait for what only another call can bring: they have returned, or there
        /// may be such a call (``TaskScheduler/expectedCall``).
        case idle
        /// Tasks wait for the host: ``onReady`` is called when one can go on.
        case waiting
        /// A guest used up its time slice: call ``run()`` again soon.
        case yielded
        /// A guest trapped, or all tasks wait for each other: the instance is of no use any more, its tasks are over.
        case failed(any Error)
    }

    /// Called when something can run that could not; never from inside ``run()``. Does not run the guest itself.
    package var onReady: (() -> Void)? {
        get { self.runner.onReady }
        set { self.runner.onReady = newValue }
    }

    /// A function that the host may call while others of its calls wait: as long as the guest would let such a call in,
    /// it is no deadlock that nothing else can go on. Nil when no call comes any more.
    package var expectedCall: ExportedFunction? {
        get { self.runner.expectedCall }
        set { self.runner.expectedCall = newValue }
    }

    /// How much processor time guests may use for one call, in nanoseconds; nil for any. Over it, ``run()`` fails with
    /// ``ProcessorTimeExceeded``, between two time slices or when a guest waits.
    package var processorTimeLimit: Int64? {
        get { self.runner.meter.limit }
        set { self.runner.meter.limit = newValue }
    }

    let instance: ComponentInstance
    let runner: TaskRunner

    /// - Parameter store: that of the instance. One scheduler serves an instance; its waker must lead to ``run()``.
    package init(_ instance: ComponentInstance, store: Store) {
        self.instance = instance
        self.runner = TaskRunner(instance, store: store)
        instance.runner = self.runner
    }

    deinit {
        self.runner.stop()
        self.instance.runner = nil
    }

    /// Adds a call of an exported function; it begins in the next ``run()``.
    ///
    /// Serves synchronous and asynchronous lifts.
    /// - Parameters:
    ///   - account: of the call, for whoever wants to know of it; without one, it has one of its own where it needs one.
    ///   - arguments: writes the flat parameters; runs on a fiber, when the task starts.
    ///   - returned: reads the flat results when the guest returns them (`task.return`, or at the end of a synchronous
    ///     function): `call` has the memory of the guest, its slots hold the results, or the pointer to them. Not
    ///     called when the guest ends without a result because it was asked to.
    ///   - ended: the task's last thread is over; or the instance failed; or `arguments` threw.
    package func start(
        _ function: ExportedFunction, account: CallAccount? = nil,
        arguments: @escaping (borrowing FlatValues) throws -> Void,
        returned: @escaping (borrowing HostCall) throws -> Void, ended: @escaping (Result<Void, any Error>) -> Void
    ) -> GuestTask {
        let caller = HostTaskCaller(arguments: arguments, returned: returned, ended: ended)
        let task = GuestTask(
            function, instance: self.instance, componentInstance: function.componentInstance, caller: caller,
            account: account ?? (self.processorTimeLimit == nil ? nil : CallAccount()))
        caller.task = task
        self.runner.start(task)
        return task
    }

    /// Calls between components that are kept in line for one to let them in, or were.
    package var queuedCalls: Int { self.instance.allConcurrency.reduce(0) { $0 + $1.queueLength } }

    /// Runs what can run.
    package func run() -> Outcome { self.runner.run() }

    /// Drops all tasks where they stand; their `ended` is not called.
    package func stop() {
        self.runner.stop()
    }
}

/// The host as the caller of a task.
final class HostTaskCaller: TaskCaller {
    private let arguments: (borrowing FlatValues) throws -> Void
    private let onReturn: (borrowing HostCall) throws -> Void
    private let onEnd: (Result<Void, any Error>) -> Void
    /// Keeps its caller.
    unowned(unsafe) var task: GuestTask?

    init(
        arguments: @escaping (borrowing FlatValues) throws -> Void,
        returned: @escaping (borrowing HostCall) throws -> Void, ended: @escaping (Result<Void, any Error>) -> Void
    ) {
        self.arguments = arguments
        self.onReturn = returned
        self.onEnd = ended
    }

    func start(_ slots: borrowing FlatValues) throws {
        try self.arguments(slots)
    }

    func returned(_ slots: UnsafeMutableRawPointer) throws {
        guard let task = self.task, let function = task.function else { return }
        task.instance.liftBudget = ComponentInstance.maximumLift
        try self.onReturn(HostCall(values: slots, instance: task.instance, lowering: function.lowering))
    }

    func cancelled() {}

    func ended(_ failure: (any Error)?) {
        guard let task = self.task else { return }
        task.instance.runner?.hostTaskEnded(task)
        self.onEnd(failure.map { .failure($0) } ?? .success(()))
    }
}
