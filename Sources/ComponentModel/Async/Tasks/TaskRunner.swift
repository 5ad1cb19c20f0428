import WasmEngine

/// Runs the threads of one instance on fibers. What frames of guests refer to; ``TaskScheduler`` is its owner's side.
///
/// Guest code is resumed from ``run()`` alone. A thread that starts another one stops its fiber, and goes on when the
/// other waits for the first time: a stack of fibers.
final class TaskRunner {
    /// A fiber that goes on when those above it have stopped.
    struct Suspended {
        let worker: TaskWorker
        /// Its thread waits in a call that may not: it goes on when it can, and fails when nobody can help.
        let isSynchronous: Bool
        /// Another thread had a turn.
        var hasHelped = false
    }

    /// Kept by the scheduler, as the runner is.
    unowned(unsafe) let instance: ComponentInstance
    let store: Store
    var onReady: (() -> Void)?
    var ready = ThreadQueue()
    /// Calls of the host that have not had their first turn: they come before all else.
    var starting = ThreadQueue()
    var stack: [Suspended] = []
    /// A fiber that was stopped in the middle of what nobody may interrupt.
    var held: TaskWorker?
    /// What must run before anything else.
    var immediate: Next?
    var idle: [TaskWorker] = []
    var workers: [TaskWorker] = []
    private var isRunning = false
    private var isStopped = false
    private var isStopRequested = false
    private var hasSignalled = false
    private(set) var failure: (any Error)?
    /// Calls by the host that have not ended.
    private(set) var hostTasks: [ObjectIdentifier: GuestTask] = [:]
    /// Answers of host functions that guests wait for.
    private var answers: [ObjectIdentifier: HostSubtask] = [:]
    /// Streams and futures in the host's hands that can still act; see ``ComponentInstance/hostOperations``.
    var hostOperations = 0
    var meter = ProcessorMeter()
    /// What the host may call later: see ``TaskScheduler/expectedCall``.
    var expectedCall: ExportedFunction?

    /// At most so many threads are resumed in one ``run()``, lest a guest that only yields keeps the event loop.
    static let maximumResumptions = 256
    /// At most so many idle fibers are kept while guests run, and then one: the pool of stacks is the whole process's.
    static let maximumIdle = 4
    /// At most so many threads of an instance have a stack at once; more is the guest's fault.
    static let maximumWorkers = 256

    init(_ instance: ComponentInstance, store: Store) {
        self.instance = instance
        self.store = store
    }

    // MARK: Queue

    /// Lets a thread go on that can, or may be able to: whether it is ready is asked when it is its turn.
    func enqueue(_ thread: GuestThread) {
        guard !thread.isQueued, !self.isStopped else { return }
        thread.isQueued = true
        self.ready.append(thread)
        self.signal()
    }

    private func signal() {
        guard !self.isRunning, !self.hasSignalled, let onReady = self.onReady else { return }
        self.hasSignalled = true
        onReady()
    }

    /// Work of the host that may call the guest, on a fiber.
    func enqueueJob(for account: CallAccount?, _ job: @escaping () throws -> Void) {
        let thread = GuestThread(self.jobTask, runner: self, step: .job(job), account: account)
        thread.wait = .turn
        self.enqueue(thread)
    }

    private lazy var jobTask = GuestTask(nil, instance: self.instance, componentInstance: 0, caller: nil, account: nil)

    // MARK: Calls by the host

    func start(_ task: GuestTask) {
        let thread = GuestThread(task, runner: self, step: .begin)
        task.implicitThread = thread
        self.hostTasks[ObjectIdentifier(task)] = task
        self.meter.callBegins()
        thread.wait = .turn
        thread.isQueued = true
        self.starting.append(thread)
        self.signal()
    }

    func hostTaskEnded(_ task: GuestTask) {
        self.hostTasks[ObjectIdentifier(task)] = nil
    }

    func add(_ answer: HostSubtask) { self.answers[ObjectIdentifier(answer)] = answer }
    func remove(_ answer: HostSubtask) { self.answers[ObjectIdentifier(answer)] = nil }

    // MARK: Running

    /// - Parameter isDone: asked between two threads; no other one is resumed when it is true.
    func run(until isDone: (() -> Bool)? = nil) -> TaskScheduler.Outcome {
        if let failure = self.failure { return .failed(failure) }
        if self.isStopped { return .idle }
        guard !self.isRunning else { return .waiting }
        self.isRunning = true
        self.hasSignalled = false
        self.meter.begin()
        defer {
            self.isRunning = false
            while self.idle.count > 1, let worker = self.idle.popLast() { self.end(worker) }
        }
        var resumptions = 0
        while true {
            if let isDone, self.stack.isEmpty, self.held == nil, self.immediate == nil, isDone() { return .idle }
            guard let next = self.next() else { break }
            resumptions += 1
            let stop: Stop
            switch next {
            case .worker(let worker): stop = self.resume(worker)
            case .thread(let thread, let cancelled): stop = self.go(thread, cancelled: cancelled)
            }
            if self.isStopRequested {
                self.clear()
                return .idle
            }
            switch stop {
            case .waiting: return .waiting
            case .yielded: return .yielded
            case .failed(let error): return self.fail(error)
            case .stopped: break
            }
            if resumptions >= Self.maximumResumptions, self.stack.isEmpty, !self.ready.isEmpty {
                return .yielded
            }
        }
        return self.rest()
    }

    /// Nothing can run.
    private func rest() -> TaskScheduler.Outcome {
        guard !self.hostTasks.isEmpty else { return .idle }
        if !self.answers.isEmpty || self.hostOperations > 0 { return .waiting }
        let stuck = self.hostTasks.values.filter { !$0.isResolved }
        guard !stuck.isEmpty, !self.mayBeCalled else { return .idle }
        return self.fail(Deadlock(self.describeWaiting()))
    }

    /// Whether another call may come, and would get in: it can bring what the tasks wait for.
    private var mayBeCalled: Bool {
        guard let function = self.expectedCall else { return false }
        let concurrency = self.instance.concurrency(of: function.componentInstance)
        return concurrency.backpressure == 0 && (!function.needsExclusivity || concurrency.exclusive == nil)
    }

    private func describeWaiting() -> [String] {
        self.instance.allConcurrency.flatMap { state in
            (state.entrants + Array(state.threads.all)).map { "\($0.task.name) \($0.waitDescription)" }
        }
    }

    // MARK: Ends

    private func fail(_ error: any Error) -> TaskScheduler.Outcome {
        self.failure = error
        let tasks = self.hostTasks.values
        self.clear()
        for task in tasks { task.caller?.ended(error) }
        return .failed(error)
    }

    func stop() {
        guard !self.isStopped else { return }
        // From within a fiber: it ends when it has stopped, not under its own feet.
        guard !self.isRunning else {
            self.isStopRequested = true
            return
        }
        self.clear()
    }

    private func clear() {
        self.isStopped = true
        if self.failure != nil || !self.hostTasks.isEmpty { self.instance.isBrokenOff = true }
        let answers = self.answers.values
        self.answers = [:]
        self.hostTasks = [:]
        self.forgetUnbegun()
        // The innermost first, as they would have returned.
        for suspended in self.stack.reversed() { suspended.worker.cancel() }
        for worker in self.workers { worker.cancel() }
        self.stack = []
        self.held = nil
        self.immediate = nil
        self.idle = []
        self.workers = []
        self.ready = ThreadQueue()
        self.starting = ThreadQueue()
        self.instance.currentThread = nil
        // Threads, tasks and what they wait for refer to each other.
        for state in self.instance.allConcurrency { state.clear() }
        for answer in answers { answer.abandon() }
    }

    /// A task that a guest called, and that has not had its first turn, is known to its caller's fiber alone.
    private func forgetUnbegun() {
        if case .thread(let thread, _) = self.immediate { thread.task.forgetCaller() }
        for worker in self.workers {
            if case .nest(let thread, _) = worker.request { thread.task.forgetCaller() }
        }
    }
}
