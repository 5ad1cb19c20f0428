package import NIOCore
import Synchronization

/// The connections that a client may have on all its event loops together.
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
    }

    private let state: Mutex<State>
    /// Read whenever a connection becomes free: no lock for that.
    private let waiterCount = Atomic(0)

    package init(_ limit: Int) {
        self.state = Mutex(State(free: max(1, limit)))
    }

    package func take() -> Bool {
        self.state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
    }

    /// There is no place now.
    package var isExhausted: Bool { self.state.withLock { $0.free == 0 } }

    /// Calls `granted` on the loop when a place is there, which it has then taken.
    package func wait(on eventLoop: any EventLoop, granted: @escaping @Sendable () -> Void) {
        let isFree = self.state.withLock { state in
            guard state.free == 0 else {
                state.free -= 1
                return true
            }
            state.waiters.append(Waiter(eventLoop: eventLoop, granted: granted))
            self.waiterCount.store(state.waiters.count, ordering: .relaxed)
            return false
        }
        if isFree { eventLoop.execute(granted) }
    }

    package func giveBack() {
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
    package var isContended: Bool { self.waiterCount.load(ordering: .relaxed) > 0 }
}
