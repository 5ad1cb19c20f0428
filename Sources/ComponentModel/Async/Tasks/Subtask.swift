/// A call that a guest made and that has not ended yet, as its caller sees it.
///
/// Source: `CanonicalABI.md`, "Subtask State".
class Subtask: Waitable {
    enum State: UInt32 {
        case starting = 0
        case started = 1
        case returned = 2
        case cancelledBeforeStarted = 3
        case cancelledBeforeReturned = 4
    }

    /// Keeps the subtask in a handle table.
    unowned(unsafe) let instance: ComponentInstance
    private(set) var state: State
    /// Handles that are lent until the caller knows of the end.
    var lenders: [CallScopes.Lender] = []
    private(set) var isResolveDelivered = false
    var isCancellationRequested = false
    private var hasEvent = false
    /// The thread that waits for the end in a synchronous call.
    unowned(unsafe) var caller: GuestThread?

    init(_ instance: ComponentInstance, state: State) {
        self.instance = instance
        self.state = state
    }

    var isResolved: Bool { self.state.rawValue >= State.returned.rawValue }

    override var hasPendingEvent: Bool { self.hasEvent }

    /// The call moved on. Whoever has its handle learns of it.
    final func advance(to state: State) {
        self.state = state
        if self.handle != 0 {
            self.hasEvent = true
            self.eventBecamePending()
        }
        self.caller?.wake()
    }

    override func takeEvent() throws -> WaitableEvent {
        self.hasEvent = false
        if self.isResolved { self.deliverResolve() }
        return WaitableEvent(code: .subtask, first: self.handle, second: self.state.rawValue)
    }

    /// The caller knows of the end: what it lent is its own again.
    final func deliverResolve() {
        self.isResolveDelivered = true
        for lender in self.lenders { self.instance.endLend(lender) }
        self.lenders = []
    }

    /// Asks the callee to end. It may have, when this returns.
    func requestCancellation() throws {
    }
}
