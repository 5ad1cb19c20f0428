/// Writes the code of one adapter: the core function by which one component calls a function of another.
///
/// It checks and copies the parameters from the caller's memory or flat values to the callee's, calls, copies the
/// result back, and lets the callee clean up. Everything is decided by the types, at load.
/// Source: Component Model, `CanonicalABI.md`, "canon lower" and "canon lift".
struct AdapterCompiler {
    /// The caller or the callee: how its values lie, its memory and allocator as the module's indices.
    struct Side {
        let form: CoreForm
        let options: CanonicalOptions
        let optionsIndex: Int
        let memory: Int?
        let realloc: AdapterModule.Callee?
        /// Flag of the component instance: whether it may call out.
        let flag: Int

        var addressType: AddressType { self.options.addressType }
        /// The core type of its pointers.
        var pointer: CoreType { self.form.pointer }
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
        /// Whether some module of the component could throw.
        let catchesExceptions: Bool
    }

    var code = WasmCode()
    /// Calls in the code of adapters of the same module, whose numbers are not known yet.
    private(set) var laterCalls: [AdapterModule.LaterCall] = []
    var module: AdapterModule
    let context: Context
    let type: ComponentFunctionType
    /// Of the copy at work: parameters go from caller to callee, results back.
    var source: Side
    var destination: Side
    private let caller: Side
    private let callee: Side
    private var locals: [CoreType] = []
    private var freeLocals: [CoreType: [Int]] = [:]
    /// Of the function that is written.
    private var parameterCount: Int

    init(_ module: AdapterModule, context: Context, type: ComponentFunctionType, caller: Side, callee: Side) {
        self.module = module
        self.context = context
        self.type = type
        self.caller = caller
        self.callee = callee
        self.source = caller
        self.destination = callee
        self.parameterCount = 0
    }

    private var forms: CallForms {
        CallForms(type: self.type, caller: self.caller.form, callee: self.callee.form)
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
    ///   - parameters: how many core values the caller gives.
    ///   - results: what the callee's core function returns.
    mutating func compile(
        parameters: Int, results: [CoreType], function: AdapterModule.Callee, postReturn: AdapterModule.Callee?
    ) throws(ComponentError) {
        self.parameterCount = parameters
        self.code.globalGet(self.caller.flag)
        self.code.op(.i32Eqz)
        self.code.if()
        self.stop(.cannotLeave)
        self.code.op(.end)
        if self.context.catchesExceptions { self.beginBarrier() }
        let callee = self.callee.options.componentInstance
        let isTask = self.context.tasks.contains(callee)
        if isTask {
            self.code.call(self.context.hostFunction(&self.module, .enterTask(componentInstance: callee)))
        }
        let lends = self.type.parameters.contains { $0.type.containsBorrow }
        if lends { self.code.call(self.context.hostFunction(&self.module, .enterCall)) }

        let arguments = try self.passParameters()
        for argument in arguments { self.code.localGet(argument) }
        self.call(function)
        let results = results.map { self.local($0) }
        for result in results.reversed() { self.code.localSet(result) }
        let returned = try self.passResult(results)

        if lends { self.code.call(self.context.hostFunction(&self.module, .exitCall)) }
        if let postReturn {
            self.setFlag(self.callee, 0)
            for result in results { self.code.localGet(result) }
            self.call(postReturn)
            self.setFlag(self.callee, 1)
        }
        if isTask { self.code.call(self.context.hostFunction(&self.module, .exitTask)) }
        for local in returned { self.code.localGet(local) }
        if self.context.catchesExceptions { self.endBarrier() }
    }

    mutating func call(_ callee: AdapterModule.Callee) {
        switch callee {
        case .imported(let index): self.code.call(index)
        case .adapter(let index): self.laterCalls.append(.init(place: self.code.callLater(), adapter: index))
        }
    }

    // MARK: Exceptions

    /// What is between here and `endBarrier` may throw: the callee, its post-return, either side's realloc. The caller
    /// must not see it.
    private mutating func beginBarrier() {
        self.code.block()
        self.code.tryTableCatchingAll()
    }

    /// The function's results are on the stack.
    private mutating func endBarrier() {
        self.code.op(.return)
        self.code.op(.end)
        self.code.op(.end)
        self.stop(.uncaughtException)
    }

    // MARK: Copies

    /// The first half of a call that the host makes: a function from the caller's core values to the callee's.
    mutating func compileParameters() throws(ComponentError) {
        self.parameterCount = self.forms.parametersCopy.parameters.count
        for argument in try self.passParameters() { self.code.localGet(argument) }
    }

    /// The other half: a function from what the callee returned, and the caller's pointer to its result where it gave
    /// one, to the caller's core result.
    mutating func compileResult() throws(ComponentError) {
        self.parameterCount = self.forms.resultCopy.parameters.count
        let area = self.forms.returnsInMemory ? 1 : 0
        for local in try self.passResult(Array(0..<self.parameterCount - area)) { self.code.localGet(local) }
    }

    /// Locals with the callee's arguments.
    private mutating func passParameters() throws(ComponentError) -> [Int] {
        (self.source, self.destination) = (self.caller, self.callee)
        let types = self.type.parameters.map(\.type)
        let source: Place
        if let flat = self.source.form.parameters {
            let slots = flat.enumerated().map { Slot(local: $0.offset, type: $0.element) }
            source = .flat(slots[...])
        } else {
            self.checkPointer(0, to: self.type.parametersLayout(self.source.addressType), of: self.source)
            source = .memory(address: 0, offset: 0)
        }
        guard let flat = self.destination.form.parameters else {
            self.setFlag(self.callee, 0)
            let area = self.local(self.destination.pointer)
            let layout = self.type.parametersLayout(self.destination.addressType)
            self.allocate(.constant(layout.size), alignment: layout.alignment, into: area)
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
        guard let type = self.type.result else { return [] }
        (self.source, self.destination) = (self.callee, self.caller)
        let source: Place
        if let flat = self.source.form.results {
            source = .flat(zip(results, flat).map { Slot(local: $0, type: $1) }[...])
        } else if let result = results.first {
            self.checkPointer(result, to: type.layout(self.source.addressType), of: self.source)
            source = .memory(address: result, offset: 0)
        } else {
            return []
        }
        let allocates = type.needsMemory
        var own: [Slot] = []
        let destination: Place
        if let flat = self.destination.form.results {
            own = flat.map { Slot(local: self.local($0), type: $0) }
            destination = .flat(own[...])
        } else {
            let area = self.parameterCount - 1
            self.checkPointer(area, to: type.layout(self.destination.addressType), of: self.destination)
            destination = .memory(address: area, offset: 0)
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

    /// Types repeat: a small file may ask for code without end.
    func checkSize() throws(ComponentError) {
        // In the binary, each local takes two bytes, and what comes around all is less than what is kept free.
        guard self.code.bytes.count + 2 * self.locals.count + 64 <= EngineLimits.functionSize,
            self.locals.count <= EngineLimits.locals
        else {
            let names = self.type.parameters.prefix(4).map { String($0.name.prefix(40)) }
            let rest = self.type.parameters.count > names.count ? ", …" : ""
            throw ComponentError(
                .unsupported,
                "too large: to pass the values of a function that one component calls of another, "
                    + "func(\(names.joined(separator: ", "))\(rest)), takes more than "
                    + "\(EngineLimits.functionSize) bytes of code: split its types",
                offset: 0)
        }
    }
}
