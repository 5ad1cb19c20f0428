package import NIOCore

/// Lets only so many guests of one event loop live at a time; the others wait in line, for so long.
///
/// A guest that asks another component of its application holds its place while it waits for the other's. Were all
/// places taken by such guests, none could go on: with `isLayered`, requests from outside get half of the places, those
/// that they lead to half of the rest too, and so on; where there are too few places for that, a guest that others wait
/// for gets one beyond them.
///
/// Confined to its event loop, so that taking a place costs no lock.
package final class InvocationGate {
    /// One that stands in line.
    package final class Waiting {
        fileprivate let enter: () -> Void
        fileprivate let refuse: () -> Void
        fileprivate let deadline: NIODeadline
        fileprivate let depth: Int

        fileprivate init(
            enter: @escaping () -> Void, refuse: @escaping () -> Void, deadline: NIODeadline, depth: Int
        ) {
            self.enter = enter
            self.refuse = refuse
            self.deadline = deadline
            self.depth = depth
        }
    }

    private let eventLoop: any EventLoop
    private let capacity: Int
    private let queueLength: Int
    private let patience: TimeAmount
    /// Guests that have a place.
    package private(set) var live = 0
    private let isLayered: Bool
    private let ceiling: Int
    /// From outside.
    private var waiting: CircularBuffer<Waiting> = []
    /// From other guests, which come first: they keep a place occupied.
    private var nested: [Waiting] = []
    private var sweep: Scheduled<Void>?

    /// - Parameters:
    ///   - capacity: guests at a time.
    ///   - queueLength: how many may wait; more are refused at once.
    ///   - patience: how long one may wait before it is refused.
    ///   - isLayered: guests may lead to others.
    ///   - ceiling: guests at a time, those among them that others wait for.
    package init(
        eventLoop: any EventLoop, capacity: Int, queueLength: Int, patience: TimeAmount, isLayered: Bool = false,
        ceiling: Int = .max
    ) {
        self.eventLoop = eventLoop
        self.capacity = max(1, capacity)
        self.queueLength = queueLength
        self.patience = patience
        self.isLayered = isLayered
        self.ceiling = max(self.capacity, ceiling)
    }

    /// Calls `enter` when there is a place, now or later, or `refuse` when there is none in time.
    ///
    /// Who entered calls ``leave()`` once.
    ///
    /// - Parameter depth: how many guests that hold a place wait for this one.
    /// - Returns: what stands in line, for ``withdraw(_:)``; nil when nothing does: one of the two was called.
    @discardableResult
    package func enter(
        depth: Int = 0, _ enter: @escaping () -> Void, refuse: @escaping () -> Void
    ) -> Waiting? {
        guard self.live >= self.places(for: depth) else {
            self.live += 1
            enter()
            return nil
        }
        guard self.waiting.count + self.nested.count < self.queueLength else {
            refuse()
            return nil
        }
        let entry = Waiting(
            enter: enter, refuse: refuse, deadline: self.eventLoop.now + self.patience, depth: depth)
        if depth > 0 { self.nested.append(entry) } else { self.waiting.append(entry) }
        self.scheduleSweep()
        return entry
    }

    /// Takes one out of the line, of whom neither function is called then. Does nothing for one that has come to its
    /// turn.
    package func withdraw(_ entry: Waiting) {
        if entry.depth > 0 {
            self.nested.removeAll { $0 === entry }
        } else if let index = self.waiting.firstIndex(where: { $0 === entry }) {
            self.waiting.remove(at: index)
        }
    }

    /// Gives a place back; the first in line gets it.
    package func leave() {
        self.live -= 1
        guard let next = self.popNext() else { return }
        self.live += 1
        // Not at once: who leaves is in the middle of its own end.
        self.eventLoop.assumeIsolated().execute { next.enter() }
    }

    private func places(for depth: Int) -> Int {
        guard self.isLayered else { return self.capacity }
        // As many as wait for this one, and itself.
        return max(self.capacity - self.capacity >> min(depth + 1, 62), min(depth + 1, self.ceiling))
    }

    private func popNext() -> Waiting? {
        if let index = self.nested.firstIndex(where: { self.live < self.places(for: $0.depth) }) {
            return self.nested.remove(at: index)
        }
        return self.live < self.places(for: 0) ? self.waiting.popFirst() : nil
    }

    private func scheduleSweep() {
        guard self.sweep == nil,
            let deadline = [self.waiting.first?.deadline, self.nested.first?.deadline].compactMap({ $0 }).min()
        else { return }
        self.sweep = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.sweep = nil
            let now = self.eventLoop.now
            while let first = self.waiting.first, first.deadline <= now {
                self.waiting.removeFirst()
                first.refuse()
            }
            while let first = self.nested.first, first.deadline <= now {
                self.nested.removeFirst()
                first.refuse()
            }
            self.scheduleSweep()
        }
    }
}
