import WasmEngine

/// Runs the threads of one instance on fibers. What frames of guests refer to; ``TaskScheduler`` is its owner's side.
///
/// Guest code is resumed from ``run()`` alone. A thread that starts another one stops its fiber, and goes on when the
/// other waits for the first time: a stack of fibers.
final class TaskRunner {
    /// A fiber that goes on when those above it have stopped.
    private struct Suspended {
        let worker: TaskWorker
        /// Its thread waits in a call that may not: it goes on when it can, and fails when nobody can help.
        let isSynchronous: Bool
        /// Another thread had a turn.
        var hasHelped = false
    }

    unowned(unsafe) let instance: ComponentInstance
    let store: Store
    var onReady: (() -> Void)?
    private var ready = ThreadQueue()
    /// Calls of the host that have not had their first turn: they come before all else.
    private var starting = ThreadQueue()
    private var stack: [Suspended] = []
    /// A fiber that was stopped in the middle of what nobody may interrupt.
    private var held: TaskWorker?
    /// What must run before anything else.
    private var immediate: Next?
    private var idle: [TaskWorker] = []
    private var workers: [TaskWorker] = []
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
    /// Time slices used, and how many may be.
    var cpuTicks: UInt64 = 0
    var deadlineTicks: UInt64?

    /// At most so many threads are resumed in one ``run()``, lest a guest that only yields keeps the event loop.
    static let maximumResumptions = 256
    /// At most so many idle fibers are kept while guests run, and then one: the pool of stacks is the whole process's.
    private static let maximumIdle = 4
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
    func enqueueJob(_ job: @escaping () throws -> Void) {
        let thread = GuestThread(self.jobTask, runner: self, step: .job(job))
        thread.wait = .turn
        self.enqueue(thread)
    }

    private lazy var jobTask = GuestTask(nil, instance: self.instance, componentInstance: 0, caller: nil)

    // MARK: Calls by the host

    func start(_ task: GuestTask) {
        let thread = GuestThread(task, runner: self, step: .begin)
        task.implicitThread = thread
        self.hostTasks[ObjectIdentifier(task)] = task
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

    private enum Next {
        case worker(TaskWorker)
        case thread(GuestThread, cancelled: Bool)
    }

    private enum Stop {
        case stopped
        case waiting
        case yielded
        case failed(any Error)
    }

    private func next() -> Next? {
        if let held = self.held {
            self.held = nil
            return .worker(held)
        }
        if let next = self.immediate {
            self.immediate = nil
            return next
        }
        while let top = self.stack.last {
            if top.isSynchronous, let thread = top.worker.thread, thread.task.isResolved {
                // Its call is over without it: it waits like any other.
                self.stack.removeLast()
                thread.isPinned = false
                self.enqueue(thread)
                continue
            }
            guard top.isSynchronous, let thread = top.worker.thread else {
                self.stack.removeLast()
                return .worker(top.worker)
            }
            let isReady = thread.isReady
            if !isReady || !top.hasHelped, let other = self.helper(of: thread) {
                self.stack[self.stack.count - 1].hasHelped = true
                return .thread(other, cancelled: false)
            }
            self.stack.removeLast()
            thread.isPinned = false
            guard !isReady else {
                thread.stopWaiting()
                return .worker(top.worker)
            }
            thread.stopWaiting()
            top.worker.fault = .cannotBlock
            return .worker(top.worker)
        }
        while let thread = self.starting.popFirst() ?? self.ready.popFirst() {
            thread.isQueued = false
            if thread.isReady { return .thread(thread, cancelled: false) }
            if case .exclusivity = thread.wait {
                thread.task.concurrency.addExcluded(thread)
            } else if case .eventAndExclusivity(let set) = thread.wait, set.hasPendingEvent {
                thread.task.concurrency.addExcluded(thread)
            } else if thread.task.concurrency.exclusive == nil {
                // It took a turn that another may have.
                thread.task.concurrency.wakeEntrants()
            }
        }
        return nil
    }

    /// A thread that can run while `thread` waits in a call that may not.
    private func helper(of thread: GuestThread) -> GuestThread? {
        let concurrency = thread.task.concurrency
        return concurrency.threads.all.first { other in
            guard other !== thread, other.isReady, !other.isPinned, concurrency.exclusive !== other else {
                return false
            }
            // One that needs the component instance for itself would find the waiting call in it.
            return !(other.task.needsExclusivity && other.task.implicitThread === other)
        }
    }

    /// Resumes a thread that waits or is suspended, or has not begun.
    private func go(_ thread: GuestThread, cancelled: Bool = false) -> Stop {
        if !self.prepare(thread, cancelled: cancelled) { return .stopped }
        if let worker = thread.worker {
            if thread.isPinned {
                // Another thread lets it go on before its turn.
                thread.isPinned = false
                self.stack.removeAll { $0.worker === worker && $0.isSynchronous }
            }
            return self.resume(worker)
        }
        let worker: TaskWorker
        if let free = self.idle.popLast() {
            worker = free
        } else {
            guard self.workers.count < Self.maximumWorkers else {
                return .failed(
                    GuestFault("the guest has more than \(Self.maximumWorkers) threads that wait on a stack"))
            }
            worker = TaskWorker(store: self.store)
            self.workers.append(worker)
        }
        worker.thread = thread
        thread.worker = worker
        worker.job = { [unowned(unsafe) self] in try self.work(thread) }
        return self.resume(worker)
    }

    /// Ends a thread's waiting. False when it is not to run: a new task that must wait.
    private func prepare(_ thread: GuestThread, cancelled: Bool) -> Bool {
        let wasWaitingToEnter: Bool
        if case .entry = thread.wait { wasWaitingToEnter = true } else { wasWaitingToEnter = false }
        thread.stopWaiting()
        thread.isCancelled = cancelled || thread.willBeCancelled
        thread.willBeCancelled = false
        guard case .begin = thread.step, thread.worker == nil else { return true }
        return self.enter(thread, wasWaiting: wasWaitingToEnter)
    }

    /// Lets a new task into its component instance, or makes it wait.
    private func enter(_ thread: GuestThread, wasWaiting: Bool) -> Bool {
        let task = thread.task
        guard task.isAsyncTyped else { return true }
        let concurrency = task.concurrency
        if task.hasBackpressure || (!wasWaiting && concurrency.entrantCount > 0) {
            thread.wait = .entry
            thread.isCancellable = true
            concurrency.addEntrant(thread)
            return false
        }
        if task.needsExclusivity { concurrency.exclusive = thread }
        if concurrency.exclusive == nil, concurrency.backpressure == 0 { concurrency.wakeFirstEntrant() }
        return true
    }

    private func resume(_ worker: TaskWorker) -> Stop {
        guard let fiber = worker.fiber else { return .stopped }
        self.switchIn(worker)
        let ticks = fiber.cpuTicks
        fiber.deadlineTicks = self.deadlineTicks.map { $0 - min($0, self.cpuTicks) + ticks }
        let outcome = fiber.resume()
        self.cpuTicks &+= fiber.cpuTicks &- ticks
        self.switchOut(worker)
        switch outcome {
        case .finished(.success): return .failed(GuestFault("a fiber of the instance ended"))
        case .finished(.failure(let error)): return .failed(error)
        case .yielded:
            self.held = worker
            return .yielded
        case .waiting: break
        }
        switch worker.takeRequest() {
        case .hold:
            self.held = worker
            return .waiting
        case .idle:
            worker.thread?.isRunning = false
            worker.thread?.worker = nil
            worker.thread = nil
            if self.idle.count < Self.maximumIdle { self.idle.append(worker) } else { self.end(worker) }
        case .blocked: worker.thread?.isRunning = false
        case .blockedSynchronously:
            worker.thread?.isRunning = false
            self.pin(worker)
        case .nest(let thread, let cancelled):
            self.stack.append(Suspended(worker: worker, isSynchronous: false))
            self.immediate = .thread(thread, cancelled: cancelled)
        case .switchTo(let thread):
            worker.thread?.isRunning = false
            if let stopped = worker.thread, stopped.task.mustNotBlock { self.pin(worker) }
            self.immediate = .thread(thread, cancelled: false)
        }
        return .stopped
    }

    private func end(_ worker: TaskWorker) {
        worker.cancel()
        self.workers.removeAll { $0 === worker }
    }

    /// Its call holds what is below it on the stack until it goes on.
    private func pin(_ worker: TaskWorker) {
        worker.thread?.isPinned = true
        self.stack.append(Suspended(worker: worker, isSynchronous: true))
    }

    private func switchIn(_ worker: TaskWorker) {
        worker.thread?.isRunning = true
        self.instance.enter(worker)
    }

    private func switchOut(_ worker: TaskWorker) {
        self.instance.leave(worker)
    }

    /// Nothing can run.
    private func rest() -> TaskScheduler.Outcome {
        guard !self.hostTasks.isEmpty else { return .idle }
        if !self.answers.isEmpty || self.hostOperations > 0 { return .waiting }
        let stuck = self.hostTasks.values.filter { !$0.isResolved }
        guard !stuck.isEmpty else { return .idle }
        return self.fail(Deadlock(self.describeWaiting()))
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
        guard !self.isRunning else { return self.isStopRequested = true }
        self.clear()
    }

    private func clear() {
        self.isStopped = true
        let answers = self.answers.values
        self.answers = [:]
        self.hostTasks = [:]
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
}

/// All tasks of an instance wait for each other.
package struct Deadlock: Error, Hashable, CustomStringConvertible {
    /// What each waits for, as clauses.
    package let waiting: [String]

    init(_ waiting: [String]) {
        self.waiting = waiting
    }

    package var description: String {
        "deadlock detected: nothing in the component can go on: "
            + (self.waiting.isEmpty ? "nothing runs" : self.waiting.prefix(8).joined(separator: "; "))
    }
}

/// First in, first out.
private struct ThreadQueue {
    private var threads: [GuestThread?] = []
    private var head = 0

    var isEmpty: Bool { self.head == self.threads.count }

    mutating func append(_ thread: GuestThread) {
        self.threads.append(thread)
    }

    mutating func popFirst() -> GuestThread? {
        guard self.head < self.threads.count else { return nil }
        let thread = self.threads[self.head]
        self.threads[self.head] = nil
        self.head += 1
        if self.head == self.threads.count {
            self.threads.removeAll(keepingCapacity: true)
            self.head = 0
        } else if self.head >= 1024, self.head * 2 >= self.threads.count {
            self.threads.removeFirst(self.head)
            self.head = 0
        }
        return thread
    }
}

extension GuestFault {
    /// A synchronous function may not wait: its caller would have to.
    static let cannotBlock = GuestFault("cannot block a synchronous task before returning")
}
