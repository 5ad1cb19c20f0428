/// An event that a waitable has for whoever waits for it. Source: `CanonicalABI.md`, "Waitable State".
struct WaitableEvent {
    enum Code: UInt32 {
        case none = 0
        case subtask = 1
        case streamRead = 2
        case streamWrite = 3
        case futureRead = 4
        case futureWrite = 5
        case taskCancelled = 6
    }

    var code: Code
    var first: UInt32
    var second: UInt32

    static let none = WaitableEvent(code: .none, first: 0, second: 0)
    static let taskCancelled = WaitableEvent(code: .taskCancelled, first: 0, second: 0)
}

/// Something in a handle table that a guest can wait for: a subtask, or an end of a stream or future.
///
/// A subclass says whether it has an event, and calls ``eventBecamePending()`` whenever that becomes true.
@usableFromInline
package class Waitable {
    /// Its own index in the handle table.
    var handle: UInt32 = 0
    /// The set that it has joined.
    fileprivate(set) unowned(unsafe) var set: WaitableSet?
    /// The thread that waits for it in a synchronous built-in; see ``ComponentInstance/block(until:)``.
    unowned(unsafe) var syncWaiter: GuestThread?

    /// Neighbours in one of the two lists of the set. A handle table keeps the set and its members: neither goes without
    /// leaving the other, but with the instance, when nobody looks any more.
    fileprivate unowned(unsafe) var next: Waitable?
    fileprivate unowned(unsafe) var previous: Waitable?
    fileprivate var isListedAsPending = false

    final var hasSyncWaiter: Bool { self.syncWaiter != nil }

    var hasPendingEvent: Bool { false }

    /// Takes the event, and changes the waitable's state as its delivery demands.
    func takeEvent() throws -> WaitableEvent { .none }

    /// To be called whenever an event has become pending: readies the threads that wait for it.
    final func eventBecamePending() {
        self.syncWaiter?.wake()
        self.set?.eventBecamePending(self)
    }

    /// Leaves the set that it is in, and joins another.
    final func join(_ set: WaitableSet?) {
        self.set?.remove(self)
        self.set = set
        set?.add(self)
    }
}

/// A set of waitables, in a handle table.
final class WaitableSet {
    /// Members in two chains, so that an event is found without looking at each member. One of `pending` may have
    /// lost its event meanwhile, one of `quiet` has none.
    private struct Chain {
        unowned(unsafe) var first: Waitable?
        unowned(unsafe) var last: Waitable?

        mutating func append(_ waitable: Waitable) {
            waitable.previous = self.last
            waitable.next = nil
            if let last = self.last { last.next = waitable } else { self.first = waitable }
            self.last = waitable
        }

        mutating func remove(_ waitable: Waitable) {
            if let previous = waitable.previous { previous.next = waitable.next } else { self.first = waitable.next }
            if let next = waitable.next { next.previous = waitable.previous } else { self.last = waitable.previous }
            waitable.next = nil
            waitable.previous = nil
        }
    }

    private var pending = Chain()
    private var quiet = Chain()
    private(set) var count = 0
    /// Threads that wait for an event of a member.
    private(set) var waiters: [GuestThread] = []

    fileprivate func add(_ waitable: Waitable) {
        self.count += 1
        waitable.isListedAsPending = waitable.hasPendingEvent
        if waitable.isListedAsPending {
            self.pending.append(waitable)
            self.wakeWaiters()
        } else {
            self.quiet.append(waitable)
        }
    }

    fileprivate func remove(_ waitable: Waitable) {
        self.count -= 1
        if waitable.isListedAsPending { self.pending.remove(waitable) } else { self.quiet.remove(waitable) }
    }

    fileprivate func eventBecamePending(_ waitable: Waitable) {
        if !waitable.isListedAsPending {
            self.quiet.remove(waitable)
            waitable.isListedAsPending = true
            self.pending.append(waitable)
        }
        self.wakeWaiters()
    }

    private func wakeWaiters() {
        for thread in self.waiters { thread.wake() }
    }

    /// The member that has had an event for the longest time.
    private func firstPending() -> Waitable? {
        while let waitable = self.pending.first {
            if waitable.hasPendingEvent { return waitable }
            self.pending.remove(waitable)
            waitable.isListedAsPending = false
            self.quiet.append(waitable)
        }
        return nil
    }

    var hasPendingEvent: Bool { self.firstPending() != nil }

    /// The first event; none when no member has one.
    func takeEvent() throws -> WaitableEvent {
        guard let waitable = self.firstPending() else { return .none }
        self.pending.remove(waitable)
        waitable.isListedAsPending = false
        self.quiet.append(waitable)
        return try waitable.takeEvent()
    }

    func addWaiter(_ thread: GuestThread) {
        self.waiters.append(thread)
    }

    func removeWaiter(_ thread: GuestThread) {
        self.waiters.removeAll { $0 === thread }
    }
}
