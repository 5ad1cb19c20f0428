/// Asking tasks to end. Source: `CanonicalABI.md`, "canon subtask.cancel".
extension TaskRunner {
    /// Asks a task to end, from a thread of its caller. It may have, when this returns.
    func cancel(_ task: GuestTask) throws {
        switch task.progress {
        case .initial: try self.cancelBeforeStart(task)
        case .started:
            guard let thread = self.listener(of: task) else {
                task.progress = .pendingCancel
                return
            }
            task.progress = .cancelDelivered
            try self.nest(thread, cancelled: true)
        case .pendingCancel, .cancelDelivered, .resolved: break
        }
    }

    /// The same, from outside of the guests.
    func cancelFromHost(_ task: GuestTask) {
        switch task.progress {
        case .initial:
            // A task that has not begun has no results to complain of.
            try? self.cancelBeforeStart(task)
        case .started:
            guard let thread = self.listener(of: task) else {
                task.progress = .pendingCancel
                return
            }
            task.progress = .cancelDelivered
            thread.stopWaiting()
            thread.willBeCancelled = true
            thread.wait = thread.worker == nil ? .exclusivity : .turn
            self.enqueue(thread)
        case .pendingCancel, .cancelDelivered, .resolved: break
        }
    }

    private func cancelBeforeStart(_ task: GuestTask) throws {
        task.progress = .cancelDelivered
        task.implicitThread?.stopWaiting()
        try task.resolveAsCancelled()
        task.concurrency.wakeEntrants()
        task.caller?.ended(nil)
    }

    /// A thread of the task that waits and listens.
    private func listener(of task: GuestTask) -> GuestThread? {
        guard task.threadCount > 0 else { return nil }
        let concurrency = task.concurrency
        return concurrency.threads.all.first { thread in
            guard thread.task === task, thread.isCancellable else { return false }
            let isImplicit = task.implicitThread === thread
            return !isImplicit || !task.needsExclusivity || concurrency.exclusive == nil
                || concurrency.exclusive === thread
        }
    }
}
