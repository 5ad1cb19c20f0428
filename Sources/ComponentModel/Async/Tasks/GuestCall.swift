import WasmEngine

/// A call from component to component that may wait: the caller's values are lifted when the task starts, its result is
/// lowered when it returns. Source: `CanonicalABI.md`, "canon lower".
final class GuestCall: Sendable {
    let callee: ExportedFunction
    let caller: Lowering
    let type: ComponentFunctionType
    let resourceTypes: [UInt32]
    /// One of the components contains the other: calls between them stop the guest.
    private let isRefused: Bool
    /// How many flat parameters the caller gives, without the pointer to the result; `nil` if in memory.
    private let flatParameters: Int?
    private let returnsInMemory: Bool

    init(
        callee: ExportedFunction, caller: Lowering, resourceTypes: [UInt32], isRefused: Bool
    ) {
        self.callee = callee
        self.caller = caller
        self.type = callee.type
        self.resourceTypes = resourceTypes
        self.isRefused = isRefused
        self.flatParameters =
            (caller.isAsync ? callee.type.asyncFlatParameters : callee.type.flatParameters)?.count
        self.returnsInMemory = callee.type.result != nil && (caller.isAsync || callee.type.flatResults == nil)
    }

    /// How many slots the caller gives.
    private var slotCount: Int { (self.flatParameters ?? 1) + (self.returnsInMemory ? 1 : 0) }

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
            self.callee, instance: instance, componentInstance: self.callee.componentInstance, caller: subtask)
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

    private func callerContext(_ instance: ComponentInstance) -> ValueContext {
        ValueContext(
            instance: instance, memory: self.caller.memory, realloc: self.caller.realloc,
            encoding: self.caller.encoding, componentInstance: self.caller.componentInstance,
            resourceTypes: self.resourceTypes, lendsBorrows: true)
    }

    private func calleeContext(_ instance: ComponentInstance) -> ValueContext {
        ValueContext(
            instance: instance, memory: self.callee.memory, realloc: self.callee.realloc,
            encoding: self.callee.encoding, componentInstance: self.callee.componentInstance,
            resourceTypes: self.resourceTypes)
    }

    /// Moves the parameters from the caller's flat values to the callee's.
    fileprivate func passParameters(
        _ flat: [UInt64], to slots: borrowing FlatValues, _ instance: ComponentInstance
    ) throws {
        let source = self.callerContext(instance)
        let types = self.type.parameters.map(\.type)
        let values: [ComponentValue]
        if self.flatParameters != nil {
            var taken = FlatSlots(flat)
            values = try types.map { try source.liftFlat($0, &taken) }
        } else {
            let layout = self.type.parametersLayout
            let view = try source.view(
                UInt32(truncatingIfNeeded: flat[0]), size: layout.size, alignment: layout.alignment)
            values = try source.loadFields(types, view, 0)
        }
        let lowered = try self.calleeContext(instance).lowerParameters(values, self.type)
        for (index, value) in lowered.enumerated() { slots.set(i64: value, at: index) }
    }

    /// Moves the result from the callee's flat values, or memory, to the caller's. Gives the flat result.
    fileprivate func passResult(
        _ values: UnsafeMutableRawPointer, _ flat: [UInt64], _ instance: ComponentInstance
    ) throws -> UInt64? {
        guard let result = self.type.result else { return nil }
        let source = self.calleeContext(instance)
        let count = (self.callee.isAsync ? self.type.returnedFlatResults : self.type.flatResults)?.count
        let value: ComponentValue
        if let count {
            var taken = FlatSlots((0..<count).map { values.load(fromByteOffset: $0 * 16, as: UInt64.self) })
            value = try source.liftFlat(result, &taken)
        } else {
            let layout = result.layout
            let view = try source.view(
                values.load(as: UInt32.self), size: layout.size, alignment: layout.alignment)
            value = try source.load(result, view, 0)
        }
        let destination = self.callerContext(instance)
        guard self.returnsInMemory, let pointer = flat.last else {
            var lowered = FlatSlots()
            try destination.lowerFlat(value, result, &lowered)
            return lowered.values.first
        }
        let layout = result.layout
        let address = UInt32(truncatingIfNeeded: pointer)
        _ = try destination.view(address, size: layout.size, alignment: layout.alignment)
        try destination.store(value, result, at: address)
        return nil
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
