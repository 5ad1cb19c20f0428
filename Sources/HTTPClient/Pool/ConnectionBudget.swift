package import NIOCore
import Synchronization

/// The connections that a client may have on all its event loops together; perhaps within the budget of all clients.
///
/// Asked only when a connection is opened or closed.
package final class ConnectionBudget: Sendable {
    private struct Waiter {
        let eventLoop: any EventLoop
        let granted: @Sendable () -> Void
    }

    private struct State {
        var free: Int
        var waiters: [Waiter] = []
        var reclaimers: [@Sendable () -> Void] = []
    }

    private let limit: Int
    private let total: ConnectionBudget?
    private let state: Mutex<State>
    /// Read whenever a connection becomes free: no lock for that.
    private let waiterCount = Atomic(0)

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

    private func takeOwn() -> Bool {
        self.state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    /// Calls `granted` on the loop when a place is there, which it has then taken.
    package func wait(on eventLoop: any EventLoop, granted: @escaping @Sendable () -> Void) {
        self.waitForOwn(on: eventLoop) { [total = self.total] in
            guard let total, !total.take() else { return granted() }
            total.wait(on: eventLoop, granted: granted)
        }
    }

    private func waitForOwn(on eventLoop: any EventLoop, granted: @escaping @Sendable () -> Void) {
        let reclaimers = self.state.withLock { state -> [@Sendable () -> Void]? in
            guard state.free == 0 else {
                state.free -= 1
                return nil
            }
            state.waiters.append(Waiter(eventLoop: eventLoop, granted: granted))
            self.waiterCount.store(state.waiters.count, ordering: .relaxed)
            return state.reclaimers
        }
        guard let reclaimers else { return eventLoop.execute(granted) }
        for reclaim in reclaimers { reclaim() }
    }

    package func giveBack() {
        self.total?.giveBack()
        self.giveBackOwn()
    }

    private func giveBackOwn() {
        let next = self.state.withLock { state -> Waiter? in
            guard !state.waiters.isEmpty else {
                state.free += 1
                return nil
            }
            defer { self.waiterCount.store(state.waiters.count, ordering: .relaxed) }
            return state.waiters.removeFirst()
        }
        next?.eventLoop.execute { next?.granted() }
    }

    /// Somebody waits for a place: connections that nobody uses should go.
    package var isContended: Bool {
        self.waiterCount.load(ordering: .relaxed) > 0 || self.total?.isContended == true
    }

    /// Calls `reclaim`, on any thread, whenever somebody begins to wait: it closes connections that nobody uses.
    package func onContention(_ reclaim: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.reclaimers.append(reclaim) }
        self.total?.onContention(reclaim)
    }
}
