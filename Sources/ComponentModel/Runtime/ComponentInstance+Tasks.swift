import WasmEngine

/// What the running thread sees, and the state of tasks.
extension ComponentInstance {
    func concurrency(of componentInstance: Int) -> ConcurrencyState {
        if self.concurrency.isEmpty { self.concurrency = self.handleTables.map { _ in ConcurrencyState() } }
        return self.concurrency[componentInstance]
    }

    var allConcurrency: [ConcurrencyState] { self.concurrency }

    /// Around calls of realloc functions by adapters: they run as calls of their own.
    func saveContext() {
        self.savedSlots.append(self.contextSlots)
        self.contextSlots = ContextSlots()
    }

    func restoreContext() {
        self.contextSlots = self.savedSlots.popLast() ?? ContextSlots()
    }

    /// A fiber goes on: its thread is the running one.
    func enter(_ worker: TaskWorker) {
        swap(&self.scopes, &worker.scopes)
        self.currentThread = worker.thread
        if let thread = worker.thread { self.contextSlots = thread.slots }
    }

    /// A fiber stopped.
    func leave(_ worker: TaskWorker) {
        worker.thread?.slots = self.contextSlots
        self.currentThread = nil
        swap(&self.scopes, &worker.scopes)
    }
}
