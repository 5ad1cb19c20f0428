import WasmEngine

/// A fiber that runs threads of guests, one after the other.
final class TaskWorker {
    /// Why its fiber stopped.
    enum Request {
        /// The host function that runs waits for something: nothing else of the store may run.
        case hold
        /// Its thread is over, or waits without a fiber.
        case idle
        /// Its thread waits.
        case blocked
        /// Its thread waits inside a call that may not: only other threads of the same component instance may run.
        case blockedSynchronously
        /// To run another thread until that waits for the first time.
        case nest(GuestThread, cancelled: Bool)
        /// To run another thread in its place.
        case switchTo(GuestThread)
    }

    private(set) var fiber: Fiber?
    var request = Request.hold
    /// What the fiber does next.
    var job: (() throws -> Void)?
    /// The thread whose code it runs: the innermost of those on its stack.
    var thread: GuestThread?
    var scopes = CallScopes()
    /// What its thread learns when it runs again.
    var fault: GuestFault?

    init(store: Store) {
        // Plain references: frames of a suspended fiber must keep nothing alive, and it goes with its worker.
        unowned(unsafe) let worker = self
        self.fiber = Fiber(store: store) {
            while let job = worker.takeJob() {
                try job()
                worker.request = .idle
                try store.wait()
            }
        }
    }

    private func takeJob() -> (() throws -> Void)? {
        let job = self.job
        self.job = nil
        return job
    }

    func takeRequest() -> Request {
        let request = self.request
        self.request = .hold
        return request
    }

    /// Unwinds what it was doing.
    func cancel() {
        self.fiber?.cancel()
        self.fiber = nil
        self.job = nil
        self.thread = nil
    }
}
