/// What one component instance knows of its tasks. Source: `CanonicalABI.md`, "Component Instance State".
final class ConcurrencyState {
    /// The guest's counter: above 0 no task comes in.
    var backpressure: UInt32 = 0
    /// The thread that runs alone: of a task that is not written to be interleaved with others.
    unowned(unsafe) var exclusive: GuestThread?
    /// Threads of new tasks that wait for their turn, first come first; among them some that do not wait any more.
    private var queue: [GuestThread] = []
    private var head = 0
    private(set) var entrantCount = 0
    /// Threads that found `exclusive` taken.
    private var excluded: [GuestThread] = []
    private(set) var threads = ThreadTable()

    func addEntrant(_ thread: GuestThread) {
        // A guest may begin and cancel calls for ever while the first of the queue waits.
        if self.queue.count >= 64, self.entrantCount < self.queue.count / 2 {
            self.queue = self.entrants
            self.head = 0
        }
        self.queue.append(thread)
        self.entrantCount += 1
    }

    /// Entries of the queue, those included that do not wait any more.
    var queueLength: Int { self.queue.count }

    /// The thread waits no more.
    func removeEntrant(_ thread: GuestThread) {
        self.entrantCount -= 1
    }

    private func firstEntrant() -> GuestThread? {
        while self.head < self.queue.count {
            if case .entry = self.queue[self.head].wait { return self.queue[self.head] }
            self.head += 1
        }
        self.queue.removeAll(keepingCapacity: self.queue.count < 1024)
        self.head = 0
        return nil
    }

    /// Threads of tasks that have not begun.
    var entrants: [GuestThread] {
        self.queue[self.head...].filter { thread in
            guard case .entry = thread.wait else { return false }
            return true
        }
    }

    func wakeFirstEntrant() {
        if self.entrantCount > 0 { self.firstEntrant()?.wake() }
    }

    func addExcluded(_ thread: GuestThread) {
        guard !thread.isExcluded else { return }
        thread.isExcluded = true
        self.excluded.append(thread)
    }

    /// The instance may have become free: lets those try who waited for it.
    func wakeEntrants() {
        guard self.exclusive == nil else { return }
        let excluded = self.excluded
        self.excluded = []
        for thread in excluded {
            thread.isExcluded = false
            thread.wake()
        }
        if self.backpressure == 0 { self.wakeFirstEntrant() }
    }

    func leaveExclusive(_ thread: GuestThread) {
        guard self.exclusive === thread else { return }
        self.exclusive = nil
        self.wakeEntrants()
    }

    /// The instance is over.
    func clear() {
        for thread in Array(self.threads.all) + self.entrants {
            thread.stopWaiting()
            thread.step = .begin
            thread.task.forgetCaller()
        }
        self.threads = ThreadTable()
        self.queue = []
        self.head = 0
        self.excluded = []
        self.exclusive = nil
    }

    func register(_ thread: GuestThread) throws {
        thread.index = try self.threads.add(thread)
    }

    func unregister(_ thread: GuestThread) {
        self.threads.remove(thread.index)
        thread.index = 0
    }
}

/// The threads of a component instance by number.
struct ThreadTable {
    /// At most so many threads a component instance; more is the guest's fault.
    static let maximumCount = 1 << 14

    private var slots: [GuestThread?] = [nil]
    private var free: [UInt32] = []

    mutating func add(_ thread: GuestThread) throws -> UInt32 {
        if let index = self.free.popLast() {
            self.slots[Int(index)] = thread
            return index
        }
        guard self.slots.count <= Self.maximumCount else {
            throw GuestFault("the guest has more than \(Self.maximumCount) threads")
        }
        self.slots.append(thread)
        return UInt32(self.slots.count - 1)
    }

    mutating func remove(_ index: UInt32) {
        guard index != 0, Int(index) < self.slots.count, self.slots[Int(index)] != nil else { return }
        self.slots[Int(index)] = nil
        self.free.append(index)
    }

    func thread(_ index: UInt32) throws -> GuestThread {
        guard Int(index) < self.slots.count, let thread = self.slots[Int(index)] else {
            throw GuestFault("unknown thread index \(index)")
        }
        return thread
    }

    var all: some Sequence<GuestThread> { self.slots.lazy.compactMap { $0 } }
}
