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
}

/// Something in a handle table that a guest can wait for: a subtask, or an end of a stream or future.
class Waitable {
    /// Its own index in the handle table.
    var handle: UInt32 = 0
    /// The set that it has joined.
    unowned(unsafe) var set: WaitableSet?
    /// A thread waits for it in a synchronous built-in.
    var hasSyncWaiter = false

    var hasPendingEvent: Bool { false }

    /// Takes the event, and changes the waitable's state as its delivery demands.
    func takeEvent() throws -> WaitableEvent { WaitableEvent(code: .none, first: 0, second: 0) }

    /// To be called whenever an event has become pending: readies the threads that wait for it.
    final func eventBecamePending() {
    }
}

/// A set of waitables, in a handle table.
final class WaitableSet {
}
