/// Writes the code of one adapter: the core function by which one component calls a function of another.
///
/// It checks and copies the parameters from the caller's memory or flat values to the callee's, calls, copies the
/// result back, and lets the callee clean up. Everything is decided by the types, at load.
/// Source: Component Model, `CanonicalABI.md`, "canon lower" and "canon lift".
struct AdapterCompiler {
    /// The caller's or the callee's memory and allocator, as the module's indices.
    struct Side {
        let options: CanonicalOptions
        let optionsIndex: Int
        let memory: Int?
        let realloc: Int?
        /// Flag of the component instance: whether it may call out.
        let flag: Int
    }

    /// Where a value lies: in flat values, or in memory at a local plus an offset.
    enum Place {
        case flat(ArraySlice<Slot>)
        case memory(address: Int, offset: Int)
    }

    /// A local that holds a flat value; its type may be wider than the value's.
    struct Slot {
        let local: Int
        let type: CoreType
    }

    /// What the compiler asks of who makes the plan.
    struct Context {
        /// The module's index of a function that the host makes.
        let hostFunction: (inout AdapterModule, Trampoline.Kind) -> Int
        let resources: [PlanResource]
        /// Component instances whose calls must be told to the host, as tasks of their own.
        let tasks: Set<Int>
        /// Component instances that set context slots, which their realloc functions may not see.
        let contexts: Set<Int>
    }

    var code = WasmCode()
    var module: AdapterModule
    let context: Context
    let function: LiftedFunction
    /// Of the copy at work: parameters go from caller to callee, results back.
    var source: Side
    var destination: Side
    private let caller: Side
    private let callee: Side
    private var locals: [CoreType] = []
    private var freeLocals: [CoreType: [Int]] = [:]
    /// Of the function that is written.
    private var parameterCount: Int

    init(_ module: AdapterModule, context: Context, function: LiftedFunction, caller: Side, callee: Side) {
        self.module = module
        self.context = context
        self.function = function
        self.caller = caller
        self.callee = callee
        self.source = caller
        self.destination = callee
        self.parameterCount = function.type.loweredCoreType.parameters.count
    }

    /// Types of the locals beyond the parameters.
    var localTypes: [CoreType] { self.locals }

    // MARK: Whole functions

    /// An adapter between component instances of which one contains the other, or which are the same: calls between
    /// them stop the guest.
    mutating func compileRefusal() {
        self.stop(.cannotEnter)
    }

    /// - Parameters:
    ///   - call: writes the call of the callee's core function.
    ///   - postReturn: the module's index of the callee's post-return function.
    mutating func compile(call: (inout WasmCode) -> Void, postReturn: Int?) throws(ComponentError) {
        let type = self.function.type
        self.code.globalGet(self.caller.flag)
        self.code.op(.i32Eqz)
        self.code.if()
        self.stop(.cannotLeave)
        self.code.op(.end)
        let callee = self.callee.options.componentInstance
        let isTask = self.context.tasks.contains(callee)
        if isTask {
            self.code.call(self.context.hostFunction(&self.module, .enterTask(componentInstance: callee)))
        }
        let lends = type.parameters.contains { $0.type.containsBorrow }
        if lends { self.code.call(self.context.hostFunction(&self.module, .enterCall)) }

        let arguments = try self.passParameters()
        for argument in arguments { self.code.localGet(argument) }
        call(&self.code)
        let results = self.function.coreType.results.map { self.local($0) }
        for result in results.reversed() { self.code.localSet(result) }
        let returned = try self.passResult(results)

        if lends { self.code.call(self.context.hostFunction(&self.module, .exitCall)) }
        if let postReturn {
            self.setFlag(self.callee, 0)
            for result in results { self.code.localGet(result) }
            self.code.call(postReturn)
            self.setFlag(self.callee, 1)
        }
        if isTask { self.code.call(self.context.hostFunction(&self.module, .exitTask)) }
        for local in returned { self.code.localGet(local) }
    }

    /// The first half of a call that the host makes: a function from the caller's core values to the callee's.
    mutating func compileParameters() throws(ComponentError) {
        self.parameterCount = self.function.parametersCopyType(self.caller.options).parameters.count
        for argument in try self.passParameters() { self.code.localGet(argument) }
    }

    /// The other half: a function from what the callee returned, and the caller's pointer to its result where it gave
    /// one, to the caller's core result.
    mutating func compileResult() throws(ComponentError) {
        let type = self.function.resultCopyType(self.caller.options, callee: self.callee.options)
        self.parameterCount = type.parameters.count
        let area = self.function.returnsInMemory(self.caller.options) ? 1 : 0
        for local in try self.passResult(Array(0..<self.parameterCount - area)) { self.code.localGet(local) }
    }

    /// Locals with the callee's arguments.
    private mutating func passParameters() throws(ComponentError) -> [Int] {
        (self.source, self.destination) = (self.caller, self.callee)
        let type = self.function.type
        let types = type.parameters.map(\.type)
        let layout = type.parametersLayout
        let source: Place
        if let flat = type.flatParameters(isAsync: self.caller.options.isAsync) {
            let slots = flat.enumerated().map { Slot(local: $0.offset, type: $0.element) }
            source = .flat(slots[...])
        } else {
            self.checkPointer(0, size: layout.size, alignment: layout.alignment, memory: self.source.memory)
            source = .memory(address: 0, offset: 0)
        }
        guard let flat = type.flatParameters else {
            self.setFlag(self.callee, 0)
            let area = self.local(.i32)
            self.code.i32(UInt32(truncatingIfNeeded: layout.size))
            self.allocate(into: area, alignment: layout.alignment)
            self.checkAllocation(area, size: layout.size, alignment: layout.alignment)
            try self.translate(fields: types, from: source, to: .memory(address: area, offset: 0))
            self.setFlag(self.callee, 1)
            return [area]
        }
        let arguments = flat.map { Slot(local: self.local($0), type: $0) }
        let allocates = types.contains { $0.needsMemory }
        if allocates { self.setFlag(self.callee, 0) }
        try self.translate(fields: types, from: source, to: .flat(arguments[...]))
        if allocates { self.setFlag(self.callee, 1) }
        return arguments.map(\.local)
    }

    /// Locals with what the adapter returns.
    private mutating func passResult(_ results: [Int]) throws(ComponentError) -> [Int] {
        guard let type = self.function.type.result else { return [] }
        (self.source, self.destination) = (self.callee, self.caller)
        let layout = type.layout
        let source: Place
        if let flat = self.function.type.flatResults(isAsync: self.callee.options.isAsync) {
            source = .flat(zip(results, flat).map { Slot(local: $0, type: $1) }[...])
        } else if let result = results.first {
            self.checkPointer(result, size: layout.size, alignment: layout.alignment, memory: self.source.memory)
            source = .memory(address: result, offset: 0)
        } else {
            return []
        }
        let allocates = type.needsMemory
        var own: [Slot] = []
        let destination: Place
        if self.function.returnsInMemory(self.caller.options) {
            let area = self.parameterCount - 1
            self.checkPointer(area, size: layout.size, alignment: layout.alignment, memory: self.destination.memory)
            destination = .memory(address: area, offset: 0)
        } else {
            own = (self.function.type.flatResults ?? []).map { Slot(local: self.local($0), type: $0) }
            destination = .flat(own[...])
        }
        if allocates { self.setFlag(self.caller, 0) }
        try self.translate(type, from: source, to: destination)
        if allocates { self.setFlag(self.caller, 1) }
        return own.map(\.local)
    }

    private mutating func setFlag(_ side: Side, _ value: UInt32) {
        self.code.i32(value)
        self.code.globalSet(side.flag)
    }

    // MARK: Locals

    mutating func local(_ type: CoreType) -> Int {
        if let local = self.freeLocals[type]?.popLast() { return local }
        self.locals.append(type)
        return self.parameterCount + self.locals.count - 1
    }

    mutating func free(_ local: Int, _ type: CoreType) {
        self.freeLocals[type, default: []].append(local)
    }

    // MARK: Checks

    /// Stops the guest with a fault; `one` and `two` write its numbers.
    mutating func stop(
        _ fault: AdapterFault, _ one: ((inout WasmCode) -> Void)? = nil, _ two: ((inout WasmCode) -> Void)? = nil
    ) {
        self.code.i32(fault.rawValue)
        if let one { one(&self.code) } else { self.code.i32(0) }
        if let two { two(&self.code) } else { self.code.i32(0) }
        self.code.call(self.context.hostFunction(&self.module, .adapterFault))
        self.code.op(.unreachable)
    }

    /// The same, if the condition on the stack holds.
    mutating func stopIf(
        _ fault: AdapterFault, _ one: @escaping (inout WasmCode) -> Void, _ two: @escaping (inout WasmCode) -> Void
    ) {
        self.code.if()
        self.stop(fault, one, two)
        self.code.op(.end)
    }

    /// A pointer that a guest gives to `size` bytes.
    mutating func checkPointer(_ pointer: Int, size: Int, alignment: Int, memory: Int?) {
        self.check(
            pointer, { $0.i64(Int64(size)) }, alignment: alignment, memory: memory,
            faults: (.misalignedPointer, .outOfBounds))
    }

    /// What the destination's realloc returned.
    mutating func checkAllocation(_ pointer: Int, size: Int, alignment: Int) {
        self.check(
            pointer, { $0.i64(Int64(size)) }, alignment: alignment, memory: self.destination.memory,
            faults: (.misalignedAllocation, .allocationOutOfBounds))
    }

    /// - Parameter size: writes the number of bytes, an `i64`.
    mutating func check(
        _ pointer: Int, _ size: @escaping (inout WasmCode) -> Void, alignment: Int, memory: Int?,
        faults: (misaligned: AdapterFault, outOfBounds: AdapterFault)
    ) {
        if alignment > 1 {
            self.code.localGet(pointer)
            self.code.i32(UInt32(truncatingIfNeeded: alignment - 1))
            self.code.op(.i32And)
            self.stopIf(
                faults.misaligned, { $0.localGet(pointer) }, { $0.i32(UInt32(truncatingIfNeeded: alignment)) })
        }
        self.code.localGet(pointer)
        self.code.op(.i64ExtendI32U)
        size(&self.code)
        self.code.op(.i64Add)
        self.code.memorySize(memory ?? 0)
        self.code.op(.i64ExtendI32U)
        self.code.i64(16)
        self.code.op(.i64Shl)
        self.code.op(.i64GtU)
        self.stopIf(
            faults.outOfBounds, { $0.localGet(pointer) },
            {
                size(&$0)
                $0.op(.i32WrapI64)
            })
    }

    /// Calls the destination's realloc for new memory; its size is on the stack.
    mutating func allocate(into pointer: Int, alignment: Int) {
        let size = self.local(.i32)
        self.code.localSet(size)
        self.code.i32(0)
        self.code.i32(0)
        self.code.i32(UInt32(truncatingIfNeeded: alignment))
        self.code.localGet(size)
        // Validation asks for a realloc wherever one is needed.
        if let realloc = self.destination.realloc {
            self.callRealloc(realloc)
        } else {
            self.code.op(.unreachable)
        }
        self.code.localSet(pointer)
        self.free(size, .i32)
    }

    /// Calls the destination's realloc; its arguments are on the stack.
    mutating func callRealloc(_ realloc: Int) {
        let seesContext = self.context.contexts.contains(self.destination.options.componentInstance)
        if seesContext { self.code.call(self.context.hostFunction(&self.module, .saveContext)) }
        self.code.call(realloc)
        if seesContext { self.code.call(self.context.hostFunction(&self.module, .restoreContext)) }
    }

    /// Types repeat: a small file may ask for code without end.
    func checkSize() throws(ComponentError) {
        guard self.code.bytes.count <= AdapterModule.maximumCode else {
            throw ComponentError(
                .unsupported, "too large: the types of calls between its components exceed this runtime's limit",
                offset: 0)
        }
    }
}
