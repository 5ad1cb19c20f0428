/// Who called a task: the host, or another guest by way of a subtask.
protocol TaskCaller: AnyObject {
    /// Writes the flat parameters; runs on a fiber.
    func start(_ slots: borrowing FlatValues) throws
    /// Reads the flat results, or the pointer to them; runs on a fiber.
    func returned(_ slots: UnsafeMutableRawPointer) throws
    /// The task ends without a result.
    func cancelled() throws
    /// The task's last thread is over, or the instance failed.
    func ended(_ failure: (any Error)?)
}

/// One call of a guest's function. Source: `CanonicalABI.md`, "Task State".
package final class GuestTask {
    enum Progress {
        case initial
        case started
        case pendingCancel
        case cancelDelivered
        case resolved
    }

    /// Nil for a call from component to component that an adapter does.
    let function: ExportedFunction?
    /// What runs tasks goes before the instance does.
    unowned(unsafe) let instance: ComponentInstance
    let componentInstance: Int
    let concurrency: ConcurrencyState
    private(set) var caller: (any TaskCaller)?
    /// Of the host's call that led to this one.
    let account: CallAccount?
    var progress = Progress.initial
    /// Taken out when it ends.
    unowned(unsafe) var implicitThread: GuestThread?
    var threadCount = 0
    /// Number of the scope of its borrows, where it has any.
    var borrowScope: UInt32?

    init(
        _ function: ExportedFunction?, instance: ComponentInstance, componentInstance: Int,
        caller: (any TaskCaller)?, account: CallAccount?
    ) {
        self.account = account
        self.function = function
        self.instance = instance
        self.componentInstance = componentInstance
        self.concurrency = instance.concurrency(of: componentInstance)
        self.caller = caller
    }

    /// Whether the function's type is `async`: only then may its threads wait before it returns.
    var isAsyncTyped: Bool { self.function?.type.isAsync ?? false }
    var isAsyncLifted: Bool { self.function?.isAsync ?? false }
    /// Whether its threads may wait only for others of the same component instance.
    var mustNotBlock: Bool { !self.isAsyncTyped && !self.isResolved }
    var isResolved: Bool { self.progress == .resolved }

    var needsExclusivity: Bool {
        self.function?.needsExclusivity ?? false
    }

    var hasBackpressure: Bool {
        self.concurrency.backpressure > 0 || (self.needsExclusivity && self.concurrency.exclusive != nil)
    }

    // MARK: Progress

    /// Whether a request to cancel waits for a thread that listens: it hears of it now.
    func deliverPendingCancel(_ isCancellable: Bool) -> Bool {
        guard isCancellable, self.progress == .pendingCancel else { return false }
        self.progress = .cancelDelivered
        return true
    }

    /// The guest returns its result. `slots` hold it, or the pointer to it.
    func resolve(_ slots: UnsafeMutableRawPointer) throws {
        guard !self.isResolved else {
            throw GuestFault("`task.return` or `task.cancel` called more than once for the task")
        }
        try self.checkBorrows()
        try self.caller?.returned(slots)
        self.finish()
    }

    /// The guest ends without a result, as it was asked to.
    func resolveAsCancelled() throws {
        guard !self.isResolved else {
            throw GuestFault("`task.return` or `task.cancel` called more than once for the task")
        }
        guard self.progress == .cancelDelivered else {
            throw GuestFault("`task.cancel` called by a task which has not been cancelled")
        }
        try self.checkBorrows()
        try self.caller?.cancelled()
        self.finish()
    }

    /// The instance is over: a subtask and its task refer to each other.
    func forgetCaller() {
        if self.caller is Subtask { self.caller = nil }
    }

    private func checkBorrows() throws {
        guard let scope = self.borrowScope, self.instance.borrowCount(of: scope) > 0 else { return }
        throw GuestFault("borrow handles still remain at the end of the call")
    }

    private func finish() {
        self.progress = .resolved
        if let scope = self.borrowScope {
            self.borrowScope = nil
            self.instance.freeBorrowScope(scope)
        }
    }

    // MARK: Threads

    func register(_ thread: GuestThread) throws {
        try self.concurrency.register(thread)
        self.threadCount += 1
    }

    /// A thread of the task is over; the last one must leave a task that returned.
    func unregister(_ thread: GuestThread) throws {
        self.concurrency.unregister(thread)
        self.threadCount -= 1
        guard self.threadCount == 0 else { return }
        guard self.isResolved else {
            throw GuestFault("async-lifted export failed to produce a result: \(self.name) ended without `task.return`")
        }
        self.caller?.ended(nil)
    }

    /// The implicit thread is over.
    func exit(_ thread: GuestThread) throws {
        if self.needsExclusivity { self.concurrency.leaveExclusive(thread) }
        // Other threads of the task may go on, and ask whether they are it, when it is gone.
        self.implicitThread = nil
        try self.unregister(thread)
    }

    /// For messages.
    var name: String { self.function?.name ?? "a call between components" }

    // MARK: The host's side

    /// Asks the guest to end early; it may not listen. To be called only while the task's scheduler is there.
    package func requestCancellation() {
        guard let runner = self.instance.runner else { return }
        runner.cancelFromHost(self)
    }
}
