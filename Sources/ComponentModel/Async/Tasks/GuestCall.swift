import WasmEngine

/// Core functions that carry the values of a call: extern slots; nil where values pass as they are.
struct CallCopies: Sendable {
    let parameters: Int?
    let result: Int?
}

/// A call from component to component that may wait. Adapters carry the values: the parameters when the task starts, the
/// result when it returns. Source: `CanonicalABI.md`, "canon lower".
final class GuestCall: Sendable {
    let callee: ExportedFunction
    let caller: Lowering
    /// One of the components contains the other: calls between them stop the guest.
    private let isRefused: Bool
    private let copies: CallCopies
    /// How many core values the caller gives, without the pointer to the result.
    private let callerParameters: Int
    private let calleeParameters: Int
    /// Of the callee, with the pointer to the caller's result.
    private let results: Int
    private let returnsInMemory: Bool

    init(
        callee: ExportedFunction, caller: Lowering, forms: CallForms, copies: CallCopies, isRefused: Bool
    ) {
        self.callee = callee
        self.caller = caller
        self.isRefused = isRefused
        self.copies = copies
        self.callerParameters = forms.parametersCopy.parameters.count
        self.calleeParameters = forms.parametersCopy.results.count
        self.results = forms.resultCopy.parameters.count
        self.returnsInMemory = forms.returnsInMemory
    }

    /// How many slots the caller gives.
    private var slotCount: Int { self.callerParameters + (self.returnsInMemory ? 1 : 0) }

    static let callback: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: GuestCall.self) { call, instance, values in
            try instance.checkMayLeave(call.caller.componentInstance)
            guard !call.isRefused else { throw GuestFault.cannotEnter }
            do {
                try call.run(values, instance)
            } catch let fault as GuestFault {
                throw fault.calling(call.caller.name)
            }
        }
    }

    private func run(_ values: UnsafeMutableRawPointer, _ instance: ComponentInstance) throws {
        guard let runner = instance.runner else {
            guard self.caller.isAsync else { throw GuestFault.cannotBlock }
            throw HostLimitError("the guest called \(self.caller.name) where nothing runs tasks")
        }
        let flat = (0..<self.slotCount).map { values.load(fromByteOffset: $0 * 16, as: UInt64.self) }
        let subtask = GuestSubtask(self, instance, flat)
        let task = GuestTask(
            self.callee, instance: instance, componentInstance: self.callee.componentInstance, caller: subtask,
            account: instance.currentThread?.account)
        subtask.task = task
        let thread = GuestThread(task, runner: runner, step: .begin)
        task.implicitThread = thread
        if task.needsExclusivity, let holder = task.concurrency.exclusive, holder.worker != nil, holder.isReady {
            // It only waits for its turn, and may be about to leave: upstream's scripts count on its going first.
            try runner.nest(holder)
        }
        try runner.nest(thread)
        if !self.caller.isAsync {
            if !subtask.isResolved { _ = try runner.block(.end(of: subtask)) }
            subtask.deliverResolve()
            if let result = subtask.flatResult { values.storeBytes(of: result, as: UInt64.self) }
            return
        }
        guard !subtask.isResolved else {
            subtask.deliverResolve()
            return values.storeBytes(of: Subtask.State.returned.rawValue, as: UInt32.self)
        }
        let handle = try instance.insert(
            subtask, kind: AsyncHandle.subtask, componentInstance: self.caller.componentInstance)
        values.storeBytes(of: subtask.state.rawValue | handle << 4, as: UInt32.self)
    }

    // MARK: Values

    /// Carries the parameters from the caller's core values to the callee's.
    fileprivate func passParameters(
        _ flat: [UInt64], to slots: borrowing FlatValues, _ instance: ComponentInstance
    ) throws {
        guard let copy = self.copies.parameters else {
            for index in 0..<self.calleeParameters { slots.set(i64: flat[index], at: index) }
            return
        }
        // The same slots take the results.
        let count = max(self.callerParameters, self.calleeParameters)
        try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: max(1, count)) { values in
            let own = FlatValues(values)
            for index in 0..<self.callerParameters { own.set(i64: flat[index], at: index) }
            try instance.callSlot(copy, values)
            for index in 0..<self.calleeParameters { slots.set(i64: own.i64(index), at: index) }
        }
    }

    /// Carries the result from the callee's core values to the caller's. Gives the flat result.
    fileprivate func passResult(
        _ values: UnsafeMutableRawPointer, _ flat: [UInt64], _ instance: ComponentInstance
    ) throws -> UInt64? {
        guard self.results > 0 else { return nil }
        guard let copy = self.copies.result else { return values.load(as: UInt64.self) }
        return try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: self.results) { slots in
            let own = FlatValues(slots)
            let returned = self.results - (self.returnsInMemory ? 1 : 0)
            for index in 0..<returned {
                own.set(i64: values.load(fromByteOffset: index * 16, as: UInt64.self), at: index)
            }
            if self.returnsInMemory, let pointer = flat.last { own.set(i64: pointer, at: returned) }
            try instance.callSlot(copy, slots)
            return own.i64(0)
        }
    }
}

/// A call of another guest, as its caller sees it.
final class GuestSubtask: Subtask, TaskCaller {
    private let call: GuestCall
    /// The caller's flat values: they outlive the call of the core function.
    private let flat: [UInt64]
    fileprivate(set) var flatResult: UInt64?
    fileprivate var task: GuestTask?

    init(_ call: GuestCall, _ instance: ComponentInstance, _ flat: [UInt64]) {
        self.call = call
        self.flat = flat
        super.init(instance, state: .starting)
    }

    func start(_ slots: borrowing FlatValues) throws {
        let count = self.instance.lenderCount
        try self.call.passParameters(self.flat, to: slots, self.instance)
        self.lenders = self.instance.takeLenders(above: count)
        self.advance(to: .started)
    }

    func returned(_ slots: UnsafeMutableRawPointer) throws {
        self.instance.liftBudget = ComponentInstance.maximumLift
        self.flatResult = try self.call.passResult(slots, self.flat, self.instance)
        self.advance(to: .returned)
    }

    func cancelled() {
        self.advance(to: self.state == .starting ? .cancelledBeforeStarted : .cancelledBeforeReturned)
    }

    func ended(_ failure: (any Error)?) {
        self.task = nil
    }

    override func requestCancellation() throws {
        guard let task = self.task, let runner = self.instance.runner else { return }
        try runner.cancel(task)
    }
}
