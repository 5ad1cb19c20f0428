import ComponentModel
package import NIOCore

/// What the guests of one event loop share: turns on the processor, and the instances that are kept.
///
/// Confined to its event loop.
package final class ExecutorLoop {
    package let slices: SliceQueue
    let eventLoop: any EventLoop
    private let capacity: Int
    private let live: () -> Int
    private var pools: [ObjectIdentifier: ReusableInstances] = [:]
    /// Instances without a request, those that were so first in front.
    private var idle: [ReusableInstance] = []
    private var sweep: Scheduled<Void>?

    /// - Parameters:
    ///   - capacity: how many instances this loop may have.
    ///   - live: how many requests guests of this loop answer now; each may have an instance of its own.
    package init(eventLoop: any EventLoop, capacity: Int = .max, live: @escaping () -> Int = { 0 }) {
        self.eventLoop = eventLoop
        self.slices = SliceQueue(eventLoop: eventLoop)
        self.capacity = capacity
        self.live = live
    }

    func instances(of component: HTTPComponent, _ handler: ExportedFunction) -> ReusableInstances {
        if let known = self.pools[ObjectIdentifier(component)] { return known }
        let pool = ReusableInstances(of: component, handler: handler, on: self)
        self.pools[ObjectIdentifier(component)] = pool
        return pool
    }

    /// Lets go of instances that wait for requests, where another one would find no place.
    package func makeRoom() {
        while !self.idle.isEmpty, self.live() + self.idle.count > self.capacity { self.idle.removeFirst().retire() }
    }

    // MARK: Idle instances

    func becameIdle(_ instance: ReusableInstance) {
        self.idle.append(instance)
        self.scheduleSweep(at: instance.idleDeadline)
    }

    func becameBusy(_ instance: ReusableInstance) {
        // The last one that became idle is the first to be used again.
        if let index = self.idle.lastIndex(where: { $0 === instance }) { self.idle.remove(at: index) }
    }

    /// One timer for all: an instance becomes idle after nearly every request.
    private func scheduleSweep(at deadline: NIODeadline) {
        guard self.sweep == nil else { return }
        self.sweep = self.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.sweep = nil
            let now = self.eventLoop.now
            let due = self.idle.filter { $0.idleDeadline <= now }
            self.idle.removeAll { $0.idleDeadline <= now }
            for instance in due { instance.retire() }
            if let next = self.idle.map(\.idleDeadline).min() { self.scheduleSweep(at: next) }
        }
    }
}
