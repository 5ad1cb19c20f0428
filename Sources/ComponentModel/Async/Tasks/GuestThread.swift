/// A thread of a guest: code of one task that runs, or waits for its turn.
///
/// The first thread of a task is its implicit one. Calls from component to component that are done by adapters run as
/// threads of their own on their caller's fiber. Source: `CanonicalABI.md`, "Thread State".
final class GuestThread {
    /// What a thread waits for.
    enum Wait {
        /// It runs, or somebody must resume it.
        case nothing
        /// Its turn.
        case turn
        /// That no other task is inside the component instance: the next call of its callback.
        case exclusivity
        case event(WaitableSet)
        /// An event, and that no other task is inside the component instance.
        case eventAndExclusivity(WaitableSet)
        case waitable(Waitable)
        case end(of: Subtask)
        /// That its component instance lets new tasks in.
        case entry
    }

    /// What the thread does when it is resumed, where it has no fiber.
    enum Step {
        case begin
        /// Its event comes from a set, or there is none: it only let others run.
        case callback(WaitableSet?)
        /// Work of the host that may call the guest, such as writing a late result.
        case job(() throws -> Void)
    }

    let task: GuestTask
    /// Of the host's call that it runs for; nil where that is not known.
    let account: CallAccount?
    /// Lets go of its threads before it goes.
    unowned(unsafe) let runner: TaskRunner?
    /// The thread below on the same fiber, whose call this is.
    let parent: GuestThread?
    var step: Step
    var wait = Wait.nothing
    /// Whether cancelling its task may end its waiting.
    var isCancellable = false
    /// Its waiting was ended by cancelling.
    var isCancelled = false
    /// It learns at its next turn that its task was cancelled.
    var willBeCancelled = false
    /// The fiber that it runs on, while it has one.
    unowned(unsafe) var worker: TaskWorker?
    var slots = ContextSlots()
    /// Those of the thread below it.
    var callerSlots = ContextSlots()
    /// In its component instance's table of threads.
    var index: UInt32 = 0
    var isQueued = false
    /// It is among those that found its component instance taken.
    var isExcluded = false
    /// It waits in a call that may not, and stands on the stack of fibers.
    var isPinned = false
    /// It runs, or waits for a thread that it called.
    var isRunning = false

    init(
        _ task: GuestTask, runner: TaskRunner?, step: Step, parent: GuestThread? = nil, account: CallAccount? = nil
    ) {
        self.task = task
        self.account = account ?? task.account
        self.runner = runner
        self.step = step
        self.parent = parent
    }

    /// Neither runs nor waits: only another thread can let it go on.
    var isSuspended: Bool {
        guard !self.isRunning, case .nothing = self.wait else { return false }
        return true
    }

    /// Whether what it waits for is there.
    var isReady: Bool {
        switch self.wait {
        case .nothing: false
        case .turn: true
        case .exclusivity: self.task.concurrency.exclusive == nil
        case .event(let set): set.hasPendingEvent
        case .eventAndExclusivity(let set): self.task.concurrency.exclusive == nil && set.hasPendingEvent
        case .waitable(let waitable): waitable.hasPendingEvent
        case .end(let subtask): subtask.isResolved
        case .entry: !self.task.hasBackpressure
        }
    }

    /// Something happened that it may have waited for.
    func wake() {
        self.runner?.enqueue(self)
    }

    /// It is going to run.
    func stopWaiting() {
        switch self.wait {
        case .event(let set), .eventAndExclusivity(let set): set.removeWaiter(self)
        case .waitable(let waitable): waitable.syncWaiter = nil
        case .end(let subtask):
            subtask.caller = nil
            subtask.syncWaiter = nil
        case .entry: self.task.concurrency.removeEntrant(self)
        case .nothing, .turn, .exclusivity: break
        }
        self.wait = .nothing
        self.isCancellable = false
    }

    /// What it waits for, as a clause for messages.
    var waitDescription: String {
        switch self.wait {
        case .nothing: "is suspended"
        case .turn: "waits for its turn"
        case .exclusivity: "waits for another task of its component to end or wait"
        case .event(let set), .eventAndExclusivity(let set):
            set.count == 0 ? "waits for an empty set of waitables" : "waits for one of \(set.count) waitables"
        case .waitable: "waits for a stream, future or subtask"
        case .end: "waits for a call to end"
        case .entry: "waits for its component to let it in"
        }
    }
}

/// The two words that each thread of a guest has for itself.
struct ContextSlots {
    var first: UInt64 = 0
    var second: UInt64 = 0
}
