package import NIOCore
import Synchronization

/// The connections that a client may have on all its event loops together; perhaps within the budget of all clients.
///
/// Asked only when a connection is opened or closed.
package final class ConnectionBudget: Sendable {
    /// One who waits for a place.
    package final class Wait: Sendable {
        private let budget: ConnectionBudget
        private let isOver = Atomic(false)

        fileprivate init(_ budget: ConnectionBudget) { self.budget = budget }

        /// Gives up, on the loop that waits: `granted` is not called any more.
        package func cancel() {
            self.isOver.store(true, ordering: .relaxed)
            _ = self.budget.leave(self)
        }

        fileprivate var isCancelled: Bool { self.isOver.load(ordering: .relaxed) }
    }

    private struct Waiter {
        let eventLoop: any EventLoop
        let granted: @Sendable () -> Void
    }

    /// Those who wait, first come first. Most leave before it is their turn where time-outs are short.
    private struct Line {
        private var waiters: [ObjectIdentifier: (number: Int, waiter: Waiter)] = [:]
        /// In the order in which they came, those included that have left since.
        private var order: CircularBuffer<(number: Int, id: ObjectIdentifier)> = []
        private var lastNumber = 0

        var count: Int { self.waiters.count }

        mutating func append(_ wait: Wait, _ waiter: Waiter) {
            self.lastNumber += 1
            self.waiters[ObjectIdentifier(wait)] = (self.lastNumber, waiter)
            self.order.append((self.lastNumber, ObjectIdentifier(wait)))
        }

        mutating func remove(_ wait: Wait) -> Bool {
            guard self.waiters.removeValue(forKey: ObjectIdentifier(wait)) != nil else { return false }
            if self.order.count > 2 * self.waiters.count + 16 {
                self.order = self.order.filter { self.waiters[$0.id]?.number == $0.number }
            }
            return true
        }

        mutating func popFirst() -> Waiter? {
            while let next = self.order.popFirst() {
                guard let entry = self.waiters[next.id], entry.number == next.number else { continue }
                self.waiters[next.id] = nil
                return entry.waiter
            }
            return nil
        }
    }

    private struct State {
        var free: Int
        var line = Line()
        var reclaimers: [@Sendable () -> Void] = []
        var isReminding = false
        /// When somebody who does not wait found no place; until there is one.
        var roomWanted: NIODeadline?

        var contention: Int { self.line.count + (self.roomWanted == nil ? 0 : 1) }
    }

    /// What is in use when somebody begins to wait may be unused a moment later.
    private static let reminderInterval = TimeAmount.milliseconds(250)

    private let limit: Int
    private let total: ConnectionBudget?
    private let state: Mutex<State>
    /// Read whenever a connection becomes free: no lock for that.
    private let contention = Atomic(0)

    /// - Parameters:
    ///   - limit: 0 for no connection at all.
    ///   - total: where a place is needed, too.
    package init(_ limit: Int, within total: ConnectionBudget? = nil) {
        self.limit = max(0, limit)
        self.total = total
        self.state = Mutex(State(free: max(0, limit)))
    }

    /// There will never be a place: nobody should wait for one.
    package var allowsNone: Bool { self.limit == 0 || self.total?.allowsNone == true }

    package func take() -> Bool {
        guard self.takeOwn() else { return false }
        guard let total = self.total, !total.take() else { return true }
        self.giveBackOwn()
        return false
    }

    /// Takes a place, or else has connections closed that nobody uses, for whoever tries again.
    package func takeOrMakeRoom() -> Bool {
        guard self.takeOwn() else {
            self.makeRoom()
            return false
        }
        guard let total = self.total, !total.takeOrMakeRoom() else { return true }
        self.giveBackOwn()
        return false
    }

    private func takeOwn() -> Bool {
        self.state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    private func makeRoom() {
        let now = NIODeadline.now()
        let reclaimers = self.state.withLock { state -> [@Sendable () -> Void] in
            guard state.free == 0 else { return [] }
            // Guests decide how often they try.
            if let last = state.roomWanted, now < last + Self.reminderInterval { return [] }
            state.roomWanted = now
            self.contention.store(state.contention, ordering: .relaxed)
            return state.reclaimers
        }
        for reclaim in reclaimers { reclaim() }
    }

    /// Calls `granted` on the loop when a place is there, which it has then taken. Never before this returns.
    package func wait(on eventLoop: any EventLoop, granted: @escaping @Sendable () -> Void) -> Wait {
        let wait = Wait(self)
        self.queue(wait, on: eventLoop, granted: granted) {}
        return wait
    }

    /// - Parameter revoked: called instead of `granted` when `wait` was given up meanwhile.
    private func queue(
        _ wait: Wait, on eventLoop: any EventLoop, granted: @escaping @Sendable () -> Void,
        revoked: @escaping @Sendable () -> Void
    ) {
        self.waitForOwn(wait, on: eventLoop) { [total = self.total] in
            guard !wait.isCancelled else {
                self.giveBackOwn()
                return revoked()
            }
            guard let total, !total.take() else { return granted() }
            total.queue(wait, on: eventLoop, granted: granted) {
                self.giveBackOwn()
                revoked()
            }
        }
    }

    private func waitForOwn(
        _ wait: Wait, on eventLoop: any EventLoop, granted: @escaping @Sendable () -> Void
    ) {
        let reclaimers = self.state.withLock { state -> [@Sendable () -> Void]? in
            guard state.free == 0 else {
                state.free -= 1
                return nil
            }
            state.line.append(wait, Waiter(eventLoop: eventLoop, granted: granted))
            self.contention.store(state.contention, ordering: .relaxed)
            return state.reclaimers
        }
        guard let reclaimers else { return eventLoop.execute(granted) }
        for reclaim in reclaimers { reclaim() }
        self.remindLater(on: eventLoop)
    }

    /// Takes out whoever waits for a place here, or has one and waits for one in all.
    ///
    /// - Returns: false when nobody waits: a place has been granted, and is given back once its loop comes to it.
    fileprivate func leave(_ wait: Wait) -> Bool {
        let wasHere = self.state.withLock { state in
            guard state.line.remove(wait) else { return false }
            self.contention.store(state.contention, ordering: .relaxed)
            return true
        }
        if wasHere { return true }
        guard self.total?.leave(wait) == true else { return false }
        self.giveBackOwn()
        return true
    }

    /// Asks again and again as long as somebody waits.
    private func remindLater(on eventLoop: any EventLoop) {
        let isFirst = self.state.withLock { state in
            defer { state.isReminding = true }
            return !state.isReminding
        }
        guard isFirst else { return }
        eventLoop.scheduleTask(in: Self.reminderInterval) { [weak self] in
            guard let self else { return }
            let reclaimers = self.state.withLock { state in
                state.isReminding = false
                return state.line.count == 0 ? nil : state.reclaimers
            }
            guard let reclaimers else { return }
            for reclaim in reclaimers { reclaim() }
            self.remindLater(on: eventLoop)
        }
    }

    package func giveBack() {
        self.total?.giveBack()
        self.giveBackOwn()
    }

    private func giveBackOwn() {
        let next = self.state.withLock { state -> Waiter? in
            defer { self.contention.store(state.contention, ordering: .relaxed) }
            if let next = state.line.popFirst() { return next }
            state.free += 1
            state.roomWanted = nil
            return nil
        }
        next?.eventLoop.execute { next?.granted() }
    }

    /// Somebody waits for a place, or has found none: connections that nobody uses should go.
    package var isContended: Bool {
        self.contention.load(ordering: .relaxed) > 0 || self.total?.isContended == true
    }

    /// Calls `reclaim`, on any thread, whenever somebody begins to wait or finds no place, and now and then while somebody
    /// waits: it closes connections that nobody uses.
    package func onContention(_ reclaim: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.reclaimers.append(reclaim) }
        self.total?.onContention(reclaim)
    }
}
