import WasmEngine

/// Whose turn it is, and what becomes of a fiber when it stops.
extension TaskRunner {
    enum Next {
        case worker(TaskWorker)
        case thread(GuestThread, cancelled: Bool)
    }

    enum Stop {
        case stopped
        case waiting
        case yielded
        case failed(any Error)
    }

    func next() -> Next? {
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
    func go(_ thread: GuestThread, cancelled: Bool = false) -> Stop {
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

    func resume(_ worker: TaskWorker) -> Stop {
        guard let fiber = worker.fiber else { return .stopped }
        self.switchIn(worker)
        let account = worker.thread?.account
        let outcome = fiber.resume()
        self.switchOut(worker)
        if let error = self.meter.charge(account) { return .failed(error) }
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

    func end(_ worker: TaskWorker) {
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
}
