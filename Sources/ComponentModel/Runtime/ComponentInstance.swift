import CWasmtime
package import WasmEngine

/// One instance of a component: its memories, functions, handles and the host's objects behind them.
///
/// Confined to the thread of its store, and made on the fiber that will run it. What belongs to an instance refers to it
/// by `unowned(unsafe)`, see `docs/design/tasks.md`, "Who keeps whom".
package final class ComponentInstance {
    /// The host's own object of this instance: the state of capabilities hangs on it.
    package let host: AnyObject
    package let waker: Waker
    // What each host call touches, `@exclusivity(unchecked)`: a check costs some 10 ns, a whole call 90. It would find
    // nothing: they are touched only by loads, stores and calls that come back to nothing here, on one thread.
    @exclusivity(unchecked) package var resources = ResourceTable()
    /// Ends of streams and futures among them.
    var attachedEnds = 0
    private(set) lazy var streamLifetime: StreamLifetime = {
        self.hasStreamLifetime = true
        return StreamLifetime()
    }()
    private var hasStreamLifetime = false
    @exclusivity(unchecked) var handleTables: [HandleTable]
    /// For each component instance: false while its realloc or post-return runs, which may not call out.
    @exclusivity(unchecked) var mayLeave: [Bool]

    /// Bytes that one call may still lift out of the guest's memory. Lists whose elements share the guest's bytes would
    /// else make the host hold many times what the guest has.
    @exclusivity(unchecked) package var liftBudget = ComponentInstance.maximumLift
    package static let maximumLift = 128 << 20

    /// Calls on the running fiber that lend handles.
    @exclusivity(unchecked) var scopes = CallScopes()
    var borrows = BorrowCounts()
    /// How many handles were lent when the running host function was called.
    var hostCallLenders = 0

    /// Its tasks were ended in the middle: by a fault, or by the host.
    var isBrokenOff = false
    /// Runs tasks, where anything does. Its ``TaskScheduler`` takes it out before it goes.
    unowned(unsafe) var runner: TaskRunner?
    /// The thread whose code runs; see ``GuestThread``.
    var currentThread: GuestThread?
    /// Those of the running thread.
    @exclusivity(unchecked) var contextSlots = ContextSlots()
    var concurrency: [ConcurrencyState] = []
    /// Those of threads whose adapter calls a realloc function.
    var savedSlots: [ContextSlots] = []
    /// Where values of guests with 64-bit memories lie on their way.
    private(set) lazy var room = Room()
    /// A call runs, or a trap ended one: nobody may enter.
    private var isEntered = false

    /// Results of start functions, in order.
    var startResults: [ComponentValue?] = []
    /// Bytes that were lifted for them; see ``countLiftOfStart()``.
    var startLift = 0
    /// How many steps of ``Component/steps`` were carried out.
    var stepCount = 0

    let component: Component?
    /// Outlives this. What each host call needs of it, it gets without retaining it.
    private let keptStore: Unmanaged<Store>?
    /// What core instances export and something refers to; see ``Component/steps``.
    let externs: UnsafeMutablePointer<wasmtime_extern_t>
    let externCount: Int

    /// Instantiates `component` in `store`.
    ///
    /// - Parameter leavesTasks: do not go further than to the first start function of a component that uses tasks: these
    ///   are for ``TaskScheduler/instantiate()``, where ``isInstantiated`` says so.
    /// - Throws: ``WasmFailure`` when a start function traps or a limit is reached.
    package init(
        _ component: Component, in store: Store, host: AnyObject, waker: Waker, leavesTasks: Bool = false
    ) throws {
        self.component = component
        self.keptStore = Unmanaged.passUnretained(store)
        self.host = host
        self.waker = waker
        self.handleTables = Array(repeating: HandleTable(), count: component.plan.componentInstances)
        self.mayLeave = Array(repeating: true, count: component.plan.componentInstances)
        self.externCount = component.externCount
        self.externs = .allocate(capacity: max(1, component.externCount))
        // Of no kind until its step is done: a start function may call the host before its own instance is known, and
        // the engine aborts the process when it gets a function of no store.
        var absent = wasmtime_extern_t()
        absent.kind = .max
        self.externs.initialize(repeating: absent, count: max(1, component.externCount))
        store.owner = self
        if leavesTasks, component.usesTasks, let start = component.starts.first {
            try self.instantiate(component, in: store, until: start.position)
        } else {
            try self.instantiate { try self.start($0, $1) }
        }
    }

    /// An instance without a guest: tests call host functions directly on it.
    package init(host: AnyObject, waker: Waker, handleTables: Int = 1) {
        self.component = nil
        self.keptStore = nil
        self.host = host
        self.waker = waker
        self.handleTables = Array(repeating: HandleTable(), count: max(1, handleTables))
        self.mayLeave = Array(repeating: true, count: max(1, handleTables))
        self.externCount = 0
        self.externs = .allocate(capacity: 1)
    }

    deinit {
        if self.attachedEnds > 0 { self.resources.closeEnds(areCut: self.isBrokenOff) }
        if self.hasStreamLifetime { self.streamLifetime.end() }
        self.externs.deallocate()
    }

    /// Makes the core instances that come before a step.
    func instantiate(_ component: Component, in store: Store, until end: Int) throws {
        while self.stepCount < end {
            try self.run(component.steps[self.stepCount], of: component, in: store)
            self.stepCount += 1
        }
    }

    private func run(_ step: InstantiationStep, of component: Component, in store: Store) throws {
        var instance: wasmtime_instance_t
        switch step.source {
        case .linked(let pre):
            instance = try store.instantiate(pre)
        case .wired(let module, let imports):
            instance = try withUnsafeTemporaryAllocation(of: wasmtime_extern_t.self, capacity: imports.count) {
                buffer in
                for (index, slot) in imports.enumerated() {
                    buffer.initializeElement(at: index, to: self.externs[slot])
                }
                return try store.instantiate(module, imports: UnsafeBufferPointer(buffer))
            }
        }
        for lookup in step.exports {
            guard let found = store.export(of: &instance, named: lookup.name.bytes) else {
                let name = String(decoding: UnsafeRawBufferPointer(lookup.name.bytes), as: UTF8.self)
                throw LinkError(component: component.name, "a core module does not export \"\(name)\"")
            }
            self.externs[lookup.slot] = found
        }
    }

    /// Nil without a guest.
    var store: Store? { self.keptStore?.takeUnretainedValue() }

    var context: OpaquePointer? { self.keptStore?._withUnsafeGuaranteedRef { $0.context } }

    // MARK: Calls

    /// Calls an exported function with flat core values, then its `post-return`.
    ///
    /// - Parameters:
    ///   - arguments: writes the flat parameters into the slots.
    ///   - results: reads the flat results, before `post-return` gives their memory back to the guest.
    /// - Throws: also when the instance runs already, or an earlier call did not return.
    package func call<R>(
        _ function: ExportedFunction, arguments: (borrowing FlatValues) throws -> Void,
        results: (borrowing FlatValues) throws -> R
    ) throws -> R {
        guard !self.isEntered else { throw GuestFault.cannotEnter }
        self.isEntered = true
        let result = try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: max(1, function.slots)) { slots in
            // A guest whose function has more parameters than it should must not see what lay here before.
            UnsafeMutableRawBufferPointer(slots).initializeMemory(as: UInt8.self, repeating: 0)
            if function.lendsHandles { self.enterScope() }
            do {
                try arguments(FlatValues(slots))
            } catch {
                // A mistake of the host's does not concern the guest.
                self.isEntered = error is GuestFault || error is WasmFailure
                if function.lendsHandles, !self.isEntered { try? self.exitScope() }
                throw error
            }
            try self.callSlot(function.callee, UnsafeMutableBufferPointer(rebasing: slots[0..<function.slots]))
            let result = try results(FlatValues(slots))
            if function.lendsHandles { try self.exitScope() }
            if let postReturn = function.postReturn {
                try self.withoutLeaving(function.componentInstance) { try self.callSlot(postReturn, slots) }
            }
            return result
        }
        // Not after an error: an instance that a trap has stopped is in no state to be called.
        self.isEntered = false
        return result
    }

    /// Takes `count` bytes from what the running call may lift.
    @inline(__always)
    func chargeLift(_ count: Int) throws {
        self.liftBudget -= count
        guard self.liftBudget >= 0 else {
            throw GuestFault("one call passed more than \(Self.maximumLift) bytes to the host")
        }
    }

    func callSlot(_ slot: Int, _ values: UnsafeMutableBufferPointer<RawValue>) throws {
        guard let store = self.keptStore, slot < self.externCount else { throw GuestFault("the call has no guest") }
        guard self.externs[slot].kind == UInt8(WASMTIME_EXTERN_FUNC) else {
            throw GuestFault("a function of the component was needed before its core instance was made")
        }
        let function = self.externs[slot].of.func
        try store._withUnsafeGuaranteedRef { try $0.call(function, values) }
    }

    /// Calls a function that is in no slot.
    func call(_ function: wasmtime_func_t, _ values: UnsafeMutableBufferPointer<RawValue>) throws {
        guard let store = self.store else { throw GuestFault("the call has no guest") }
        try store.call(function, values)
    }

    /// The function at `index` of a table: it takes one number of a type and returns nothing.
    func tableFunction(_ index: UInt64, slot: Int, argument: CoreType) throws -> wasmtime_func_t {
        guard let store = self.store, self.externs[slot].kind == UInt8(WASMTIME_EXTERN_TABLE) else {
            throw GuestFault("the table of a new thread's function does not exist yet")
        }
        var table = self.externs[slot].of.table
        var value = wasmtime_val_t()
        guard wasmtime_table_get(store.context, &table, index, &value),
            value.kind == UInt8(WASMTIME_FUNCREF), value.of.funcref.store_id != 0
        else {
            throw GuestFault("undefined element: there is no function \(index) in the table of a new thread")
        }
        let type = FunctionType(of: value.of.funcref, in: store)
        guard type == FunctionType(CoreFunctionType([argument])) else {
            throw GuestFault(
                "indirect call type mismatch: a new thread's function takes one \(argument) and returns nothing")
        }
        return value.of.funcref
    }

    /// Suspends the fiber that runs this instance until its waker wakes it.
    package func wait() throws {
        guard let store = self.store else {
            throw HostLimitError("this instance cannot wait: it has no guest")
        }
        try store.wait()
    }
}
