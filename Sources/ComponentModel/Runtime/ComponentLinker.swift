import WasmEngine

/// Turns a plan into instantiation steps: matches imports with the host, makes the trampolines, links what can be linked.
struct ComponentLinker {
    let name: String
    let plan: ComponentPlan
    private let modules: [Module]
    private let engine: Engine
    let registry: HostRegistry

    private(set) var steps: [InstantiationStep] = []
    private(set) var starts: [StartFunction] = []
    private(set) var memorySlots: [Int] = []
    private(set) var functionSlots: [Int] = []
    private(set) var tableSlots: [Int] = []
    let resultNumbers: [ValueType?: Int]
    private let instancesWithTasks: Set<Int>
    private(set) var leaveSlots: [Int?] = []
    private(set) var trampolines: [any Sendable & AnyObject] = []
    private var externs: [CoreDefinition: Int] = [:]
    private var callbacks: [(callback: HostCallback, type: FunctionType)] = []
    /// Run-time numbers of the plan's resource types.
    private(set) var resourceTypes: [UInt32] = []

    var externCount: Int { self.externs.count }

    init(name: String, plan: ComponentPlan, modules: [Module], engine: Engine, registry: HostRegistry) {
        self.name = name
        self.plan = plan
        self.modules = modules
        self.engine = engine
        self.registry = registry
        self.resultNumbers = Self.resultNumbers(plan)
        self.instancesWithTasks = plan.instancesWithTasks
    }

    mutating func link() throws {
        self.memorySlots = self.plan.memories.map { self.slot(for: $0) }
        self.functionSlots = self.plan.functions.map { self.slot(for: $0) }
        self.tableSlots = self.plan.tables.map { self.slot(for: $0) }
        self.leaveSlots = self.plan.leaveFlags.map { $0.map { self.slot(for: $0) } }
        self.resourceTypes = self.plan.resources.enumerated().map { self.resourceType($0.offset, $0.element) }
        for trampoline in self.plan.trampolines { try self.makeTrampoline(trampoline) }
        try self.makeSteps()
    }

    private mutating func slot(for definition: CoreDefinition) -> Int {
        if let slot = self.externs[definition] { return slot }
        let slot = self.externs.count
        self.externs[definition] = slot
        return slot
    }

    private func resourceType(_ index: Int, _ resource: PlanResource) -> UInt32 {
        if case .imported(let imported, let name) = resource {
            let interface = HostInterfaceKey(imported)
            let type = self.registry.resource(interface: interface.name, version: interface.version, name: name)
            if let type { return type.id }
        }
        // Resources that the component defines, and those of interfaces that do not exist yet.
        return HostResourceType.localIDs + UInt32(index)
    }

    // MARK: Trampolines

    private mutating func makeTrampoline(_ trampoline: Trampoline) throws {
        let type = FunctionType(trampoline.type)
        switch trampoline.kind {
        case .lower(let function, let options):
            let made = try self.lowered(self.plan.importedFunctions[function], self.plan.options[options]) {
                (RuntimeTrampoline.Host.callback, RuntimeTrampoline.Host(function: $0, lowering: $1))
            }
            self.add(made, type)
        case .lowerByCopy(let function, let options, let host):
            let function = self.plan.importedFunctions[function]
            let made = try self.lowered(function, self.plan.options[options]) {
                (CopiedHostCall.callback, self.copied($0, function.type, caller: $1, host))
            }
            self.add(made, type)
        case .lowerLifted:
            // A step of the plan does it; see `AdapterFusion`.
            self.add((RuntimeTrampoline.Missing.callback, RuntimeTrampoline.Missing(.named("an adapter"))), type)
        case .adapterFault: self.add((AdapterTrampoline.Fault.callback, AdapterTrampoline.Fault()), type)
        case .enterCall: self.add((AdapterTrampoline.Scope.enter, AdapterTrampoline.Scope()), type)
        case .exitCall: self.add((AdapterTrampoline.Scope.exit, AdapterTrampoline.Scope()), type)
        case .transferOwn(let resource, let from, let to):
            self.add((AdapterTrampoline.Transfer.own, self.transfer(resource, from, to)), type)
        case .transferBorrow(let resource, let from, let to):
            self.add((AdapterTrampoline.Transfer.borrow, self.transfer(resource, from, to)), type)
        case .transferEnd(let end, let from, let to):
            let transfer = AdapterTrampoline.TransferEnd(end, self.plan.resourceNames, from: from, to: to)
            self.add((AdapterTrampoline.TransferEnd.callback, transfer), type)
        case .allocateRoom(let memory):
            self.add((Room.allocate, Room.Memory(slot: self.memorySlots[memory])), type)
        case .transcode(let from, let to):
            let transcode = AdapterTrampoline.Transcode(
                from: self.lowering("a component", self.plan.options[from]),
                to: self.lowering("another component", self.plan.options[to]))
            self.add((AdapterTrampoline.Transcode.callback, transcode), type)
        case .copyText(let from, let to):
            let copy = AdapterTrampoline.CopyText(from: self.memorySlots[from], to: self.memorySlots[to])
            self.add((AdapterTrampoline.CopyText.callback, copy), type)
        case .callTask(let function, let options, let copies):
            self.add(self.call(adaptedFunction: function, options: options, copies), type)
        case .enterTask(let componentInstance):
            self.add((TaskTrampoline.enterTask, TaskTrampoline.Builtin(componentInstance)), type)
        case .exitTask: self.add((TaskTrampoline.exitTask, TaskTrampoline.Builtin(0)), type)
        case .saveContext: self.add((TaskTrampoline.saveContext, TaskTrampoline.Builtin(0)), type)
        case .restoreContext: self.add((TaskTrampoline.restoreContext, TaskTrampoline.Builtin(0)), type)
        case .hostFunction(let module, let name, let componentInstance):
            guard let function = self.registry.coreFunction(module: module, name: name) else {
                throw LinkError(
                    component: self.name,
                    "its core module imports \"\(name)\" from \"\(module)\", which nobody provides")
            }
            guard function.type == type else {
                throw LinkError(
                    component: self.name,
                    "its core module imports \"\(name)\" from \"\(module)\" as \(type), but the host provides \(function.type)"
                )
            }
            guard self.plan.componentInstances > 1 else {
                return self.add((function.callback, function.environment), type)
            }
            let user = CoreFunctionUser(
                componentInstance: componentInstance, denials: self.plan.denials[componentInstance])
            self.add(function.bound(user), type)
        case .builtin(let builtin, let componentInstance):
            self.add(self.builtin(builtin, componentInstance, trampoline.type), type)
        case .resourceNew(let resource, let componentInstance):
            self.add((RuntimeTrampoline.Resource.new, self.resource(resource, componentInstance)), type)
        case .resourceRep(let resource, let componentInstance):
            self.add((RuntimeTrampoline.Resource.rep, self.resource(resource, componentInstance)), type)
        case .resourceDrop(let resource, let componentInstance):
            self.add((RuntimeTrampoline.Resource.drop, self.resource(resource, componentInstance)), type)
        }
    }

    private mutating func add(_ made: Made, _ type: FunctionType) {
        self.callbacks.append((callback: made.0, type: type))
        self.trampolines.append(made.1)
    }

    func exported(_ function: LiftedFunction, name: String) -> ExportedFunction {
        ExportedFunction(
            function, name: name, plan: self.plan, memorySlots: self.memorySlots, functionSlots: self.functionSlots,
            resultNumbers: self.resultNumbers)
    }

    private func resource(_ id: ResourceID, _ componentInstance: Int) -> RuntimeTrampoline.Resource {
        var destructor: Int?
        var definer: Int?
        if case .defined(let instance, let slot?) = self.plan.resources[id.index] {
            destructor = self.functionSlots[slot]
            if self.instancesWithTasks.contains(instance) { definer = instance }
        }
        return RuntimeTrampoline.Resource(
            type: self.resourceTypes[id.index], componentInstance: componentInstance, destructor: destructor,
            definer: definer)
    }

    private func transfer(_ id: ResourceID, _ from: Int, _ to: Int) -> AdapterTrampoline.Transfer {
        var toDefiner = false
        if case .defined(to, _) = self.plan.resources[id.index] { toDefiner = true }
        return AdapterTrampoline.Transfer(
            type: self.resourceTypes[id.index], from: from, to: to, toDefiner: toDefiner)
    }

    func lowering(_ name: String, _ options: CanonicalOptions) -> Lowering { self.lowering(.named(name), options) }

    func lowering(_ label: FunctionLabel, _ options: CanonicalOptions) -> Lowering {
        Lowering(
            label, memory: options.memory.map { self.memorySlots[$0] }, addressType: options.addressType,
            realloc: options.realloc.map { self.functionSlots[$0] }, componentInstance: options.componentInstance,
            encoding: options.encoding, isAsync: options.isAsync)
    }

    // MARK: Steps

    private mutating func makeSteps() throws {
        var wired: [Int: [Int]] = [:]
        let plannedSteps = self.plan.steps.map(CoreStep.init)
        for (index, step) in plannedSteps.enumerated() where !step.importsOnlyTrampolines {
            wired[index] = try self.slots(of: self.modules[step.module], step)
        }
        let reexports = try self.linkReexports()
        let first = reexports == nil ? 0 : 1
        var sources: [InstantiationStep.Source] = reexports.map { [.linked($0)] } ?? []
        for (index, step) in plannedSteps.enumerated() {
            let module = self.modules[step.module]
            if let slots = wired[index] {
                sources.append(.wired(module, imports: slots))
            } else {
                sources.append(.linked(try self.linked(module, step)))
            }
        }
        // Only now is every reference to an export known.
        var lookups: [[ExternLookup]] = Array(repeating: [], count: sources.count)
        for (definition, slot) in self.externs {
            switch definition {
            case .trampoline(let index):
                lookups[0].append(ExternLookup(slot: slot, name: ExportName(ReexportModule.name(index))))
            case .export(let instance, let name):
                lookups[first + instance].append(ExternLookup(slot: slot, name: ExportName(name.text)))
            }
        }
        self.steps = zip(sources, lookups).map { InstantiationStep(source: $0, exports: $1) }
        self.starts = self.plan.starts.map { start in
            StartFunction(
                function: self.exported(start.function, name: "a start function of the component"),
                arguments: start.arguments, position: first + start.position)
        }
    }

    /// Slots of a module's imports, in its own order.
    private mutating func slots(of module: Module, _ step: CoreStep) throws -> [Int] {
        let sources = step.sources
        return try module.imports.map { wanted in
            guard let definition = sources[CoreImportKey(module: wanted.module, name: wanted.name)] else {
                throw self.missing(wanted, step)
            }
            return self.slot(for: definition)
        }
    }

    /// A module that imports host functions alone: they are bound to it once and for all.
    private func linked(_ module: Module, _ step: CoreStep) throws -> PreInstance {
        let sources = step.sources
        let linker = Linker(self.engine)
        var defined: Set<CoreImportKey> = []
        for wanted in module.imports {
            let key = CoreImportKey(module: wanted.module, name: wanted.name)
            guard defined.insert(key).inserted else { continue }
            guard case .trampoline(let index)? = sources[key] else { throw self.missing(wanted, step) }
            try self.define(index, module: wanted.module, name: wanted.name, in: linker)
        }
        return try linker.preInstantiate(module)
    }

    /// The host functions that modules with other imports too need as values; nil when there are none.
    private func linkReexports() throws -> PreInstance? {
        let indices = self.externs.keys.compactMap { definition -> Int? in
            guard case .trampoline(let index) = definition else { return nil }
            return index
        }.sorted()
        guard !indices.isEmpty else { return nil }
        let binary = ReexportModule(functions: indices.map { ($0, self.callbacks[$0].type) }).encode()
        let module = try binary.withUnsafeBytes { try self.engine.compile($0) }
        let linker = Linker(self.engine)
        for index in indices {
            try self.define(index, module: "", name: ReexportModule.name(index), in: linker)
        }
        return try linker.preInstantiate(module)
    }

    private func define(_ trampoline: Int, module: String, name: String, in linker: Linker) throws {
        try linker.define(
            module: module, name: name, type: self.callbacks[trampoline].type,
            callback: self.callbacks[trampoline].callback,
            environment: Unmanaged.passUnretained(self.trampolines[trampoline]).toOpaque())
    }

    private func missing(_ wanted: ModuleImport, _ step: CoreStep) -> LinkError {
        LinkError(
            component: self.name,
            "its core module \(step.module) imports \"\(wanted.module)\" \"\(wanted.name)\", which the component does not give it"
        )
    }
}

extension FunctionType {
    /// The engine's form of a function type of the canonical ABI.
    init(_ type: CoreFunctionType) {
        self.init(parameters: type.parameters.map(ValueKind.init), results: type.results.map(ValueKind.init))
    }
}

extension ValueKind {
    fileprivate init(_ type: CoreType) {
        switch type {
        case .i32: self = .i32
        case .i64: self = .i64
        case .f32: self = .f32
        case .f64: self = .f64
        }
    }
}
