import CWasmtime
package import WasmEngine

/// One instance of a component: its memories, functions, handles and the host's objects behind them.
///
/// Confined to the thread of its store, and made on the fiber that will run it.
package final class ComponentInstance {
    /// The host's own object of this instance: the state of capabilities hangs on it.
    package let host: AnyObject
    package let waker: Waker
    // What each host call touches: only by loads, stores and calls that come back to nothing here, on one thread.
    @exclusivity(unchecked) package var resources = ResourceTable()
    /// Ends of streams and futures among them.
    var attachedEnds = 0
    private(set) lazy var streamLifetime: StreamLifetime = {
        self.hasStreamLifetime = true
        return StreamLifetime()
    }()
    private var hasStreamLifetime = false
    @exclusivity(unchecked) private var handleTables: [HandleTable]
    /// For each component instance: false while its realloc or post-return runs, which may not call out.
    private var mayLeave: [Bool]

    /// Bytes that one call may still lift out of the guest's memory. Lists whose elements share the guest's bytes would
    /// else make the host hold many times what the guest has.
    @exclusivity(unchecked) package var liftBudget = ComponentInstance.maximumLift
    package static let maximumLift = 128 << 20

    /// Calls on the running fiber that lend handles.
    @exclusivity(unchecked) private var scopes = CallScopes()
    private var borrows = BorrowCounts()
    /// How many handles were lent when the running host function was called.
    var hostCallLenders = 0

    /// Runs tasks, where anything does.
    unowned(unsafe) var runner: TaskRunner?
    /// The thread whose code runs; see ``GuestThread``.
    var currentThread: GuestThread?
    /// Those of the running thread.
    var contextSlots = ContextSlots()
    private var concurrency: [ConcurrencyState] = []
    /// Those of threads whose adapter calls a realloc function.
    private var savedSlots: [ContextSlots] = []
    /// A call runs, or a trap ended one: nobody may enter.
    private var isEntered = false

    private let component: Component?
    private unowned(unsafe) let store: Store?
    /// What core instances export and something refers to; see ``Component/steps``.
    private let externs: UnsafeMutablePointer<wasmtime_extern_t>
    private let externCount: Int

    /// Instantiates `component` in `store`.
    ///
    /// - Throws: ``WasmFailure`` when a start function traps or a limit is reached.
    package init(_ component: Component, in store: Store, host: AnyObject, waker: Waker) throws {
        self.component = component
        self.store = store
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
        for step in component.steps { try self.run(step, of: component, in: store) }
    }

    /// An instance without a guest: tests call host functions directly on it.
    package init(host: AnyObject, waker: Waker, handleTables: Int = 1) {
        self.component = nil
        self.store = nil
        self.host = host
        self.waker = waker
        self.handleTables = Array(repeating: HandleTable(), count: max(1, handleTables))
        self.mayLeave = Array(repeating: true, count: max(1, handleTables))
        self.externCount = 0
        self.externs = .allocate(capacity: 1)
    }

    deinit {
        if self.attachedEnds > 0 { self.resources.closeEnds() }
        if self.hasStreamLifetime { self.streamLifetime.end() }
        self.externs.deallocate()
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
        guard let store = self.store, slot < self.externCount else { throw GuestFault("the call has no guest") }
        guard self.externs[slot].kind == UInt8(WASMTIME_EXTERN_FUNC) else {
            throw GuestFault("a function of the component was needed before its core instance was made")
        }
        try store.call(self.externs[slot].of.func, values)
    }

    /// Calls a function that is in no slot.
    func call(_ function: wasmtime_func_t, _ values: UnsafeMutableBufferPointer<RawValue>) throws {
        guard let store = self.store else { throw GuestFault("the call has no guest") }
        try store.call(function, values)
    }

    /// The function at `index` of a table: it takes one `i32` and returns nothing.
    func tableFunction(_ index: UInt32, slot: Int) throws -> wasmtime_func_t {
        guard let store = self.store, self.externs[slot].kind == UInt8(WASMTIME_EXTERN_TABLE) else {
            throw GuestFault("the table of a new thread's function does not exist yet")
        }
        var table = self.externs[slot].of.table
        var value = wasmtime_val_t()
        guard wasmtime_table_get(store.context, &table, UInt64(index), &value),
            value.kind == UInt8(WASMTIME_FUNCREF), value.of.funcref.store_id != 0
        else {
            throw GuestFault("undefined element: there is no function \(index) in the table of a new thread")
        }
        let type = FunctionType(of: value.of.funcref, in: store)
        guard type == FunctionType(parameters: [.i32], results: []) else {
            throw GuestFault("indirect call type mismatch: a new thread's function takes one i32 and returns nothing")
        }
        return value.of.funcref
    }

    /// Runs `body` while calls out of `componentInstance` trap, as the Canonical ABI asks of realloc and post-return.
    func withoutLeaving<R>(_ componentInstance: Int, _ body: () throws -> R) throws -> R {
        let mayLeave = self.mayLeave[componentInstance]
        self.mayLeave[componentInstance] = false
        // Adapters between components look at a flag of their own, which they may have taken down already.
        let flag = self.component?.leaveSlots[componentInstance]
        let isRaised = try flag.map { try self.flag($0) } ?? false
        if isRaised, let flag { try self.setFlag(flag, false) }
        let result = try body()
        if isRaised, let flag { try self.setFlag(flag, true) }
        self.mayLeave[componentInstance] = mayLeave
        return result
    }

    func checkMayLeave(_ componentInstance: Int) throws {
        guard self.mayLeave[componentInstance] else { throw GuestFault.cannotLeave }
        guard let flag = self.component?.leaveSlots[componentInstance] else { return }
        guard try self.flag(flag) else { throw GuestFault.cannotLeave }
    }

    /// A flag that adapters use; up as long as the core instance that has it is not made.
    private func flag(_ slot: Int) throws -> Bool {
        guard let store = self.store, self.externs[slot].kind == UInt8(WASMTIME_EXTERN_GLOBAL) else { return true }
        var global = self.externs[slot].of.global
        var value = wasmtime_val_t()
        wasmtime_global_get(store.context, &global, &value)
        return value.of.i32 != 0
    }

    private func setFlag(_ slot: Int, _ isRaised: Bool) throws {
        guard let store = self.store, self.externs[slot].kind == UInt8(WASMTIME_EXTERN_GLOBAL) else { return }
        var global = self.externs[slot].of.global
        var value = wasmtime_val_t()
        value.kind = UInt8(WASMTIME_I32)
        value.of.i32 = isRaised ? 1 : 0
        if let error = wasmtime_global_set(store.context, &global, &value) {
            wasmtime_error_delete(error)
            throw HostLimitError("a flag of a component instance cannot be set")
        }
    }

    /// Suspends the fiber that runs this instance until its waker wakes it.
    package func wait() throws {
        guard let store = self.store else {
            throw HostLimitError("this instance cannot wait: it has no guest")
        }
        try store.wait()
    }

    // MARK: Memory

    /// Where the memory in an extern slot lies now. It may move when the guest runs.
    package func memory(_ slot: Int?) throws -> (base: UnsafeMutableRawPointer, count: Int) {
        guard let slot, let store = self.store, self.externs[slot].kind == UInt8(WASMTIME_EXTERN_MEMORY) else {
            throw GuestFault("the call has no memory")
        }
        let memory = UnsafeMutableRawPointer(self.externs + slot).advanced(by: Self.externPayload)
            .assumingMemoryBound(to: wasmtime_memory_t.self)
        guard let base = wasmtime_memory_data(store.context, memory) else {
            throw GuestFault("the call's memory is empty")
        }
        return (UnsafeMutableRawPointer(base), wasmtime_memory_data_size(store.context, memory))
    }

    private static let externPayload = MemoryLayout<wasmtime_extern_t>.offset(of: \.of) ?? 8

    /// Calls the guest's realloc function in an extern slot. The result is aligned; where it lies is not checked.
    func reallocate(
        _ old: UInt32 = 0, oldSize: UInt32 = 0, alignment: UInt32, size: UInt32, function: Int?, componentInstance: Int
    ) throws -> UInt32 {
        guard let function else { throw GuestFault("the call has no realloc function") }
        return try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 4) { slots in
            let values = FlatValues(slots)
            values.set(i32: old, at: 0)
            values.set(i32: oldSize, at: 1)
            values.set(i32: alignment, at: 2)
            values.set(i32: size, at: 3)
            // It runs as a call of its own.
            let context = self.contextSlots
            self.contextSlots = ContextSlots()
            try self.withoutLeaving(componentInstance) { try self.callSlot(function, slots) }
            self.contextSlots = context
            let pointer = values.i32(0)
            guard pointer & (alignment - 1) == 0 else {
                throw GuestFault.misaligned(pointer: pointer, alignment: Int(alignment))
            }
            return pointer
        }
    }

    // MARK: Handles

    func rep(of handle: UInt32, type: UInt32, in componentInstance: Int) throws -> UInt32 {
        try self.handleTables[componentInstance].rep(of: handle, type: type)
    }

    func withHandles<R>(of componentInstance: Int, _ body: (inout HandleTable) throws -> R) rethrows -> R {
        try body(&self.handleTables[componentInstance])
    }

    /// Gives `object` to the guest: a new own handle in the table of `componentInstance`.
    package func insert(_ object: AnyObject, _ type: HostResourceType, componentInstance: Int) throws -> UInt32 {
        let rep = self.resources.insert(object)
        do {
            return try self.handleTables[componentInstance].insertOwn(rep: rep, type: type.id)
        } catch {
            self.resources.drop(at: rep)
            throw error
        }
    }

    /// Lends a handle to the call that runs. Gives its representation.
    func lend(_ handle: UInt32, type: UInt32, componentInstance: Int) throws -> UInt32 {
        // Without a guest there is no call to end the loan.
        guard self.component != nil else {
            return try self.handleTables[componentInstance].rep(of: handle, type: type)
        }
        let rep = try self.handleTables[componentInstance].lend(handle, type: type)
        self.scopes.lend(.init(componentInstance: componentInstance, handle: handle))
        return rep
    }

    package var lenderCount: Int { self.scopes.lenderCount }

    package func endLends(downTo count: Int) {
        while let lender = self.scopes.popLender(above: count) { self.endLend(lender) }
    }

    func endLend(_ lender: CallScopes.Lender) {
        self.handleTables[lender.componentInstance].endLend(lender.handle)
    }

    /// What was lent since there were `count` loans: whoever takes them must end them.
    func takeLenders(above count: Int) -> [CallScopes.Lender] {
        self.scopes.takeLenders(above: count)
    }

    func enterScope() {
        self.scopes.enter(self.borrows.add())
    }

    /// Ends the call that `enterScope` began: fails when handles that it borrowed are still there.
    func exitScope() throws {
        guard let (number, firstLender) = self.scopes.exit() else { return }
        guard self.borrows.count(of: number) == 0 else {
            throw GuestFault("borrow handles still remain at the end of the call")
        }
        self.borrows.remove(number)
        self.endLends(downTo: firstLender)
    }

    // MARK: Borrows of tasks

    func makeBorrowScope() -> UInt32 { self.borrows.add() }
    func freeBorrowScope(_ number: UInt32) { self.borrows.remove(number) }
    func borrowCount(of number: UInt32) -> Int32 { self.borrows.count(of: number) }

    /// Runs `body`, which lowers borrowed handles for the task with that scope.
    func lowering(into scope: UInt32?, _ body: () throws -> Void) throws {
        guard let scope else { return try body() }
        self.scopes.enter(scope)
        try body()
        _ = self.scopes.exit()
    }

    /// A borrow handle for the call that runs.
    package func insertBorrow(rep: UInt32, type: UInt32, componentInstance: Int) throws -> UInt32 {
        guard let scope = self.scopes.current else {
            // Only tests lend without a call.
            return try self.handleTables[componentInstance].insertBorrow(rep: rep, type: type, scope: .max - 1)
        }
        let handle = try self.handleTables[componentInstance].insertBorrow(rep: rep, type: type, scope: scope)
        self.borrows.change(scope, by: 1)
        return handle
    }

    // MARK: Tasks

    func concurrency(of componentInstance: Int) -> ConcurrencyState {
        if self.concurrency.isEmpty { self.concurrency = self.handleTables.map { _ in ConcurrencyState() } }
        return self.concurrency[componentInstance]
    }

    var allConcurrency: [ConcurrencyState] { self.concurrency }

    /// Around calls of realloc functions by adapters: they run as calls of their own.
    func saveContext() {
        self.savedSlots.append(self.contextSlots)
        self.contextSlots = ContextSlots()
    }

    func restoreContext() {
        self.contextSlots = self.savedSlots.popLast() ?? ContextSlots()
    }

    /// A fiber goes on: its thread is the running one.
    func enter(_ worker: TaskWorker) {
        swap(&self.scopes, &worker.scopes)
        self.currentThread = worker.thread
        if let thread = worker.thread { self.contextSlots = thread.slots }
    }

    /// A fiber stopped.
    func leave(_ worker: TaskWorker) {
        worker.thread?.slots = self.contextSlots
        self.currentThread = nil
        swap(&self.scopes, &worker.scopes)
    }

    /// Run-time numbers of the plan's resource types.
    var resourceTypes: [UInt32] { self.component?.resourceTypes ?? [] }

    /// Names of the plan's resource types, for signatures.
    var resourceNames: [String] { self.component?.resourceNames ?? [] }

    /// Whether a component instance defines a resource type.
    func implements(_ resource: ResourceID, componentInstance: Int) -> Bool {
        guard let resources = self.component?.plan.resources, resources.indices.contains(resource.index),
            case .defined(componentInstance, _) = resources[resource.index]
        else { return false }
        return true
    }

    /// Ends a resource that nobody in the guest holds: runs its destructor, or lets go of the host's object.
    func destroy(_ rep: UInt32, type: UInt32) throws {
        guard type >= HostResourceType.localIDs else {
            self.resources.drop(at: rep)
            return
        }
        guard let component = self.component,
            case .defined(_, let destructor?) = component.plan.resources[Int(type - HostResourceType.localIDs)]
        else { return }
        try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 1) { slots in
            FlatValues(slots).set(i32: rep, at: 0)
            try self.callSlot(component.functionSlots[destructor], slots)
        }
    }

    func dropHandle(_ handle: UInt32, of resource: RuntimeTrampoline.Resource) throws {
        let removed = try self.handleTables[resource.componentInstance].remove(handle, type: resource.type)
        if let scope = removed.scope { return self.borrows.change(scope, by: -1) }
        let rep = removed.rep
        if resource.type < HostResourceType.localIDs {
            self.resources.drop(at: rep)
        } else if let destructor = resource.destructor {
            if let definer = resource.definer { try self.enterTask(componentInstance: definer) }
            try withUnsafeTemporaryAllocation(of: RawValue.self, capacity: 1) { slots in
                FlatValues(slots).set(i32: rep, at: 0)
                try self.callSlot(destructor, slots)
            }
            if resource.definer != nil { try self.exitTask() }
        }
    }
}

/// Slots of flat core values, as a core function takes and returns them.
package struct FlatValues: ~Copyable {
    private let base: UnsafeMutableRawPointer?

    init(_ slots: UnsafeMutableBufferPointer<RawValue>) {
        self.base = UnsafeMutableRawPointer(slots.baseAddress)
    }

    package func i32(_ index: Int) -> UInt32 { self.base?.load(fromByteOffset: index * 16, as: UInt32.self) ?? 0 }
    package func i64(_ index: Int) -> UInt64 { self.base?.load(fromByteOffset: index * 16, as: UInt64.self) ?? 0 }

    package func set(i32 value: UInt32, at index: Int) {
        self.base?.storeBytes(of: value, toByteOffset: index * 16, as: UInt32.self)
    }

    package func set(i64 value: UInt64, at index: Int) {
        self.base?.storeBytes(of: value, toByteOffset: index * 16, as: UInt64.self)
    }
}
