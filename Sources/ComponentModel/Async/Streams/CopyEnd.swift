/// How a copy through a stream or future ended; the numbers are the ABI's.
enum CopyResult: UInt32 {
    case completed = 0
    /// The other end is gone.
    case dropped = 1
    case cancelled = 2

    /// What a built-in returns for a copy that goes on.
    static let blocked = UInt32.max
}

/// One end of a stream or future in a guest's handle table.
///
/// Source: Component Model, `CanonicalABI.md`, "Stream State" and "Future State".
@usableFromInline
package final class CopyEnd: Waitable {
    enum State {
        case idle
        case copying
        case cancelling
        /// The guest knows that the other end is gone, or that the future's value was moved.
        case done
    }

    /// At most so many items in one copy.
    static let maximumLength = 1 << 28 - 1

    let shared: SharedStream
    let isReader: Bool
    /// Keeps the end in its table, and cuts it off (``vanish(isCut:)``) before it goes itself.
    unowned(unsafe) let instance: ComponentInstance
    /// Tells instances apart also when they are being freed.
    let instanceIdentity: ObjectIdentifier
    let componentInstance: Int
    private(set) var state = State.idle

    // The copy that runs, or the last one.
    private(set) var operation: StreamOperation?
    private var pointer: UInt64 = 0
    private(set) var length = 0
    private(set) var progress = 0

    private var result: Result<CopyResult, any Error>?
    /// The buffer may be filled further until the guest learns of the copy's end.
    private var mayGrow = false
    /// Its own built-in runs, and looks at the result itself.
    private var isStarting = false
    /// Whether the end is part of its stream: neither dropped nor given away.
    private var isAttached = true

    init(_ shared: SharedStream, isReader: Bool, instance: ComponentInstance, componentInstance: Int) {
        self.shared = shared
        self.isReader = isReader
        self.instance = instance
        self.instanceIdentity = ObjectIdentifier(instance)
        self.componentInstance = componentInstance
        super.init()
        shared.attach(self)
        instance.attachedEnds += 1
    }

    deinit {
        self.vanish(isCut: false)
    }

    var isFuture: Bool { self.shared.isFuture }
    var isCopying: Bool { self.state == .copying || self.state == .cancelling }
    var remaining: Int { self.length - self.progress }

    /// The kind of the end's handle.
    var kind: UInt32 {
        switch (self.isFuture, self.isReader) {
        case (false, true): AsyncHandle.readableStream
        case (false, false): AsyncHandle.writableStream
        case (true, true): AsyncHandle.readableFuture
        case (true, false): AsyncHandle.writableFuture
        }
    }

    // MARK: The copy

    /// Begins a copy, of a range that was checked. Moves what can be moved now.
    func begin(_ operation: StreamOperation, pointer: UInt64, length: Int) throws {
        self.operation = operation
        self.pointer = pointer
        self.length = length
        self.progress = 0
        self.state = .copying
        self.isStarting = true
        defer { self.isStarting = false }
        try self.shared.copy(self)
    }

    func beginCancelling() {
        self.state = .cancelling
    }

    func advance(_ count: Int) {
        self.progress += count
    }

    /// Bytes of an item of the copy; nil when there is none.
    @usableFromInline
    package var itemSize: Int? { self.operation?.payload.layout.size }

    /// Address of an item that is so many ahead of the next, in the guest's memory.
    func address(ahead index: Int = 0) -> UInt64 {
        // Below the end of the checked range.
        self.pointer &+ UInt64((self.progress &+ index) &* (self.itemSize ?? 0))
    }

    /// The memory of the next `count` items. Stale when the guest runs.
    func view(_ count: Int) throws -> UnsafeMutableRawBufferPointer {
        guard let operation = self.operation, count <= self.remaining else {
            throw HostLimitError("more items than a copy has are moved")
        }
        let size = count * operation.payload.layout.size
        guard size > 0 else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        let address = self.address()
        return try self.instance.range(address, size, memory: operation.lowering.memory) { memory in
            GuestFault.outOfBounds(pointer: address, length: size, memory: memory)
        }
    }

    /// The address of the next item, and what it is lifted from or lowered into.
    @usableFromInline
    package func withItem(_ body: (UInt32, borrowing HostCall) throws -> Void) throws {
        guard let operation = self.operation else { throw HostLimitError("an end of a stream has no copy") }
        // The host's bindings know 32-bit memories: what lies in others as in those, and within their reach, they take.
        guard let address = UInt32(exactly: self.address()), operation.isForBindings else {
            throw HostLimitError(
                "values with text or lists do not pass between the host and a 64-bit memory by a stream")
        }
        self.instance.liftBudget = ComponentInstance.maximumLift
        var slot: (UInt64, UInt64) = (0, 0)
        try withUnsafeMutablePointer(to: &slot) { slot in
            try body(address, HostCall(values: slot, instance: self.instance, lowering: operation.lowering))
        }
    }

    // MARK: Its event

    override var hasPendingEvent: Bool { self.result != nil }

    /// Ends the copy, as far as the guest is concerned when it asks.
    ///
    /// - Parameter mayGrow: more items may be moved until then.
    func complete(_ result: Result<CopyResult, any Error>, mayGrow: Bool = false) {
        let isNew = self.result == nil
        self.result = result
        self.mayGrow = mayGrow
        if isNew, !self.isStarting { self.eventBecamePending() }
    }

    override func takeEvent() throws -> WaitableEvent {
        guard let result = self.result else { return .none }
        self.result = nil
        if self.mayGrow { self.shared.reclaim(self) }
        self.mayGrow = false
        var how = try result.get()
        // A copy that was to be cancelled says so, however much it moved before.
        if self.state == .cancelling, how == .completed, !self.isFuture { how = .cancelled }
        let isOver = self.isFuture ? how != .cancelled : how == .dropped
        self.state = isOver ? .done : .idle
        let payload = self.isFuture ? how.rawValue : how.rawValue | UInt32(self.progress) << 4
        return WaitableEvent(code: self.eventCode, first: self.handle, second: payload)
    }

    private var eventCode: WaitableEvent.Code {
        switch (self.isFuture, self.isReader) {
        case (false, true): .streamRead
        case (false, false): .streamWrite
        case (true, true): .futureRead
        case (true, false): .futureWrite
        }
    }

    // MARK: Its end

    /// Takes the end out of its stream: the guest gives it away.
    func detach() {
        guard self.isAttached else { return }
        self.isAttached = false
        self.instance.attachedEnds -= 1
        self.shared.detach(self)
    }

    /// Drops the end: whoever has the other one learns of it.
    func drop() {
        self.detach()
        self.shared.drop(byReader: self.isReader)
    }

    /// The instance is being freed with the end still in its table.
    ///
    /// - Parameter isCut: it broke off.
    func vanish(isCut: Bool) {
        guard self.isAttached else { return }
        self.isAttached = false
        self.shared.vanish(self, isCut: isCut)
    }
}
