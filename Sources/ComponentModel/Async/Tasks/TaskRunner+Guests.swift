import WasmEngine

/// What threads of guests do on their fibers. Source: `CanonicalABI.md`, "canon lift".
extension TaskRunner {
    /// Runs a thread until it ends, or waits without a fiber.
    func work(_ thread: GuestThread) throws {
        switch thread.step {
        case .job(let body): try body()
        case .begin: try self.begin(thread)
        case .callback(let set):
            let event: WaitableEvent =
                thread.isCancelled ? .taskCancelled : try set.map { try $0.takeEvent() } ?? .none
            try self.runCallbacks(thread, first: event)
        }
    }

    private func begin(_ thread: GuestThread) throws {
        let task = thread.task
        guard let function = task.function, let caller = task.caller else { return }
        task.progress = .started
        try task.register(thread)
        if function.lendsHandles { task.borrowScope = self.instance.makeBorrowScope() }
        self.instance.liftBudget = ComponentInstance.maximumLift
        var packed: UInt32 = 0
        let hasBegun = try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: max(1, function.slots)) { slots in
            // A guest whose function has more parameters than it should must not see what lay here before.
            let bytes = UnsafeMutableRawBufferPointer(slots)
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            do {
                try self.instance.lowering(into: task.borrowScope) { try caller.start(FlatValues(slots)) }
            } catch  where !(error is GuestFault || error is WasmFailure) && caller is HostTaskCaller {
                // A mistake of the host's does not concern the guest.
                try self.abandon(task, thread, error)
                return false
            }
            try self.instance.callSlot(
                function.callee, UnsafeMutableBufferPointer(rebasing: slots[0..<function.slots]))
            if function.isAsync {
                packed = FlatValues(slots).i32(0)
                return true
            }
            guard let base = bytes.baseAddress else { return true }
            try task.resolve(base)
            if let postReturn = function.postReturn {
                try self.instance.withoutLeaving(function.componentInstance) {
                    try self.instance.callSlot(postReturn, slots)
                }
            }
            return true
        }
        guard hasBegun else { return }
        guard function.isAsync, function.callback != nil else { return try task.exit(thread) }
        guard let event = try self.event(after: packed, thread) else { return }
        try self.runCallbacks(thread, first: event)
    }

    private func abandon(_ task: GuestTask, _ thread: GuestThread, _ error: any Error) throws {
        task.progress = .resolved
        task.concurrency.leaveExclusive(thread)
        task.concurrency.unregister(thread)
        task.caller?.ended(error)
    }

    /// Calls a task's callback until it waits or ends.
    private func runCallbacks(_ thread: GuestThread, first: WaitableEvent) throws {
        let task = thread.task
        guard let function = task.function, let callback = function.callback else { return }
        var next: WaitableEvent? = first
        while let event = next {
            task.concurrency.exclusive = thread
            let packed = try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 3) { slots in
                let values = FlatValues(slots)
                values.set(i64: UInt64(event.code.rawValue), at: 0)
                values.set(i64: UInt64(event.first), at: 1)
                values.set(i64: UInt64(event.second), at: 2)
                try self.instance.callSlot(callback, slots)
                return values.i32(0)
            }
            next = try self.event(after: packed, thread)
        }
    }

    /// What a callback is to be called with at once; nil when the thread waits without a fiber, or is over.
    private func event(after packed: UInt32, _ thread: GuestThread) throws -> WaitableEvent? {
        let task = thread.task
        let set: WaitableSet?
        switch packed & 0xf {
        case 0:
            try task.exit(thread)
            return nil
        case 1: set = nil
        case 2:
            set = try self.instance.object(
                packed >> 4, kind: AsyncHandle.waitableSet, componentInstance: task.componentInstance,
                as: WaitableSet.self)
        default: throw GuestFault("unsupported callback code: \(packed & 0xf)")
        }
        if task.deliverPendingCancel(true) { return .taskCancelled }
        thread.step = .callback(set)
        thread.isCancellable = true
        if let set {
            thread.wait = .eventAndExclusivity(set)
            set.addWaiter(thread)
        } else {
            thread.wait = .exclusivity
        }
        task.concurrency.leaveExclusive(thread)
        if thread.isReady { self.enqueue(thread) }
        return nil
    }

    // MARK: Waiting

    /// Makes the running thread wait.
    ///
    /// - Returns: whether it was ended by cancelling the task.
    /// - Throws: when the thread may not wait, or the instance is over; let the error pass.
    func block(_ wait: GuestThread.Wait, isCancellable: Bool = false) throws -> Bool {
        guard let thread = self.instance.currentThread, let worker = thread.worker else { throw GuestFault.cannotBlock }
        let task = thread.task
        if task.deliverPendingCancel(isCancellable) { return true }
        let isSynchronous = task.mustNotBlock
        thread.wait = wait
        var isYield = false
        if case .turn = wait { isYield = true }
        guard isYield || !thread.isReady else {
            thread.wait = .nothing
            return false
        }
        thread.isCancellable = isCancellable
        switch wait {
        case .event(let set), .eventAndExclusivity(let set): set.addWaiter(thread)
        case .waitable(let waitable): waitable.syncWaiter = thread
        case .end(let subtask):
            subtask.caller = thread
            subtask.syncWaiter = thread
        case .entry, .nothing, .turn, .exclusivity: break
        }
        if isYield, !isSynchronous { self.enqueue(thread) }
        return try self.stop(worker, isSynchronous ? .blockedSynchronously : .blocked)
    }

    /// Runs another thread until it waits for the first time, or ends.
    func nest(_ thread: GuestThread, cancelled: Bool = false) throws {
        guard let worker = self.instance.currentThread?.worker else { throw GuestFault.cannotBlock }
        _ = try self.stop(worker, .nest(thread, cancelled: cancelled))
    }

    /// Runs another thread in place of the running one, which waits.
    func switchTo(_ other: GuestThread, wait: GuestThread.Wait, isCancellable: Bool) throws -> Bool {
        guard let thread = self.instance.currentThread, let worker = thread.worker else { throw GuestFault.cannotBlock }
        if thread.task.deliverPendingCancel(isCancellable) { return true }
        other.stopWaiting()
        thread.wait = wait
        thread.isCancellable = isCancellable
        if case .turn = wait { self.enqueue(thread) }
        return try self.stop(worker, .switchTo(other))
    }

    func stop(_ worker: TaskWorker, _ request: TaskWorker.Request) throws -> Bool {
        worker.request = request
        try self.store.wait()
        worker.request = .hold
        if let fault = worker.fault {
            worker.fault = nil
            throw fault
        }
        return worker.thread?.isCancelled ?? false
    }
}

/// What the rest of the runtime asks of the scheduler.
extension ComponentInstance {
    /// Makes the running thread wait until `waitable` has an event, while other threads run.
    func block(until waitable: Waitable) throws {
        guard let runner = self.runner else { throw GuestFault.cannotBlock }
        _ = try runner.block(.waitable(waitable))
    }

    /// How many streams and futures in the host's hands can still act: as long as there are, waiting for them is no
    /// deadlock.
    var hostOperations: Int {
        get { self.runner?.hostOperations ?? 0 }
        set { self.runner?.hostOperations = newValue }
    }

    /// Runs `job` soon, on a fiber: it may call the guest.
    ///
    /// - Parameter account: of the host's call that it is for.
    func runOnFiber(for account: CallAccount? = nil, _ job: @escaping () throws -> Void) {
        self.runner?.enqueueJob(for: account, job)
    }
}
