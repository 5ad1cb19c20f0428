package import WasmEngine

/// Runs the tasks of one instance: several calls of its exports at once, each with its threads.
///
/// Confined to the event loop of the instance. Guest code runs inside ``run()`` only.
package final class TaskScheduler {
    package enum Outcome {
        /// No task is left.
        case idle
        /// Tasks wait for the host: ``onReady`` is called when one can go on.
        case waiting
        /// A guest used up its time slice: call ``run()`` again soon.
        case yielded
        /// A guest trapped, or all tasks wait for each other: the instance is of no use any more, its tasks are over.
        case failed(any Error)
    }

    /// Called when something can run that could not; never from inside ``run()``. Does not run the guest itself.
    package var onReady: (() -> Void)?

    package init(_ instance: ComponentInstance, store: Store) {
    }

    /// Adds a call of an exported function; it begins in the next ``run()``.
    ///
    /// Serves synchronous and asynchronous lifts.
    /// - Parameters:
    ///   - arguments: writes the flat parameters; runs on a fiber, when the task starts.
    ///   - returned: reads the flat results when the guest returns them (`task.return`, or at the end of a synchronous
    ///     function): `call` has the memory of the guest, its slots hold the results, or the pointer to them.
    ///   - ended: the task's last thread is over; or the instance failed.
    package func start(
        _ function: ExportedFunction, arguments: @escaping (borrowing FlatValues) throws -> Void,
        returned: @escaping (borrowing HostCall) throws -> Void, ended: @escaping (Result<Void, any Error>) -> Void
    ) -> GuestTask { GuestTask() }

    /// Runs what can run.
    package func run() -> Outcome { .idle }

    /// Drops all tasks where they stand; their `ended` is not called.
    package func stop() {
    }
}

/// One call of an exported function.
package final class GuestTask {
    /// Asks the guest to end early; it may not listen.
    package func requestCancellation() {
    }
}
