package import NIOCore

/// Lets only so many guests of one event loop live at a time; the others wait in line, for so long.
///
/// Confined to its event loop, so that taking a place costs no lock.
package final class InvocationGate {
    private struct Waiting {
        let enter: () -> Void
        let refuse: () -> Void
        let deadline: NIODeadline
    }

    private let eventLoop: any EventLoop
    private let capacity: Int
    private let queueLength: Int
    private let patience: TimeAmount
    private var live = 0
    private var waiting: CircularBuffer<Waiting> = []
    private var sweep: Scheduled<Void>?

    /// - Parameters:
    ///   - capacity: guests at a time.
    ///   - queueLength: how many may wait; more are refused at once.
    ///   - patience: how long one may wait before it is refused.
    package init(eventLoop: any EventLoop, capacity: Int, queueLength: Int, patience: TimeAmount) {
        self.eventLoop = eventLoop
        self.capacity = max(1, capacity)
        self.queueLength = queueLength
        self.patience = patience
    }

    /// Calls `enter` when there is a place, now or later, or `refuse` when there is none in time.
    ///
    /// Who entered calls ``leave()`` once.
    package func enter(_ enter: @escaping () -> Void, refuse: @escaping () -> Void) {
        guard self.live >= self.capacity else {
            self.live += 1
            return enter()
        }
        guard self.waiting.count < self.queueLength else { return refuse() }
        self.waiting.append(Waiting(enter: enter, refuse: refuse, deadline: self.eventLoop.now + self.patience))
        self.scheduleSweep()
    }

    /// Gives a place back; the first in line gets it.
    package func leave() {
        guard let next = self.waiting.popFirst() else {
            self.live -= 1
            return
        }
        // Not at once: who leaves is in the middle of its own end.
        self.eventLoop.assumeIsolated().execute { next.enter() }
    }

    private func scheduleSweep() {
        guard self.sweep == nil, let first = self.waiting.first else { return }
        self.sweep = self.eventLoop.assumeIsolated().scheduleTask(deadline: first.deadline) {
            self.sweep = nil
            while let first = self.waiting.first, first.deadline <= self.eventLoop.now {
                self.waiting.removeFirst()
                first.refuse()
            }
            self.scheduleSweep()
        }
    }
}
