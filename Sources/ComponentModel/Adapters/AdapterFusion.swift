/// Turns calls between the components of a plan into core modules.
///
/// A function that one component lifts and another lowers becomes a function of a generated module, which is a step of
/// the plan like any other: what calls it imports it from there. So a call between components is a call between core
/// modules, and one inside a module where modules are merged.
///
/// A module stands as late as its first user allows, so that few of them hold all adapters.
final class AdapterFusion {
    var plan: ComponentPlan
    var trampolineIndices: [Trampoline: Int] = [:]
    /// Positions in the old numbering: a module stands before the step with that number.
    private var positions: [Int] = []
    var groups: [[Int]] = []
    /// Group of each adapter, by trampoline.
    var groupOf: [Int: Int] = [:]
    /// The same of those that only carry values.
    private var groupOfCopies: [Int: Int] = [:]
    var codeSize = 0
    let tasks: Set<Int>
    let contexts: Set<Int>
    let mayThrow: Bool
    /// Stands for the first generated module until steps have their final numbers.
    static let flagInstance = -1
    /// Component instances with a flag, and their flags' numbers.
    var flags: [Int: Int] = [:]

    private init(_ plan: ComponentPlan, mayThrow: Bool) {
        self.plan = plan
        self.mayThrow = mayThrow
        self.tasks = plan.instancesWithTasks
        self.contexts = plan.instancesWithContext
        for (index, trampoline) in plan.trampolines.enumerated() { self.trampolineIndices[trampoline] = index }
    }

    /// - Parameter mayThrow: whether some core module could throw an exception.
    static func fuse(_ plan: ComponentPlan, mayThrow: Bool) throws(ComponentError) -> ComponentPlan {
        let hasAdapters = plan.trampolines.contains { $0.kind.needsAdapter }
        guard hasAdapters else { return plan }
        let fusion = AdapterFusion(plan, mayThrow: mayThrow)
        try fusion.fuse()
        return fusion.plan
    }

    struct Adapter {
        enum Callee {
            /// A component's function, which the adapter calls.
            case function(LiftedFunction)
            /// The same, but whoever is in the call may wait, so that the host makes it.
            case task(LiftedFunction)
            /// A function of the host.
            case host
        }

        let trampoline: Int
        let target: Callee
        let forms: CallForms
        let caller: CanonicalOptions
        let callerIndex: Int
        let callee: CanonicalOptions
        let calleeIndex: Int

        /// Whether it only carries the values of a call that the host makes.
        var isCopy: Bool {
            if case .function = self.target { false } else { true }
        }
    }

    func adapter(_ trampoline: Int) -> Adapter? {
        let (callerIndex, target): (Int, Adapter.Callee)
        let (calleeIndex, type): (Int, ComponentFunctionType)
        switch self.plan.trampolines[trampoline].kind {
        case .lowerLifted(let index, let options):
            let function = self.plan.adaptedFunctions[index]
            (callerIndex, target, calleeIndex, type) = (options, .function(function), function.options, function.type)
        case .callTask(let index, let options, _):
            let function = self.plan.adaptedFunctions[index]
            (callerIndex, target, calleeIndex, type) = (options, .task(function), function.options, function.type)
        case .lowerByCopy(let index, let options, let host):
            (callerIndex, target) = (options, .host)
            (calleeIndex, type) = (host.options, self.plan.importedFunctions[index].type)
        default: return nil
        }
        let (caller, callee) = (self.plan.options[callerIndex], self.plan.options[calleeIndex])
        // The host takes the caller's call, as if its values lay in a memory of the host's.
        let calleeForm = if case .host = target { type.lowered(by: callee) } else { type.lifted(by: callee) }
        return Adapter(
            trampoline: trampoline, target: target,
            forms: CallForms(type: type, caller: type.lowered(by: caller), callee: calleeForm), caller: caller,
            callerIndex: callerIndex, callee: callee, calleeIndex: calleeIndex)
    }

    private func fuse() throws(ComponentError) {
        let firstUse = self.firstUses()
        guard !firstUse.isEmpty else { return }
        try self.place(firstUse)
        for adapter in firstUse.keys.sorted().compactMap({ self.adapter($0) }) {
            for instance in [adapter.caller.componentInstance, adapter.callee.componentInstance] {
                if self.flags[instance] == nil { self.flags[instance] = self.flags.count }
            }
        }
        let stepCount = self.plan.steps.count
        var generated: [(module: ComponentPlan.CoreModule, imports: [ComponentPlan.CoreImport])] = []
        for group in self.groups.indices { generated.append(try self.module(group)) }
        // Old steps move up by the modules before them.
        let renumbered = (0..<stepCount).map { step in step + self.positions.prefix { $0 <= step }.count }
        var steps: [ComponentPlan.Step] = []
        var next = 0
        for step in 0...stepCount {
            while next < self.positions.count, self.positions[next] == step {
                self.plan.coreModules.append(generated[next].module)
                steps.append(
                    .instantiate(
                        module: self.plan.coreModules.count - 1,
                        imports: self.renumber(generated[next].imports, renumbered)))
                next += 1
            }
            guard step < stepCount, case .instantiate(let module, let imports) = self.plan.steps[step] else { continue }
            steps.append(.instantiate(module: module, imports: self.renumber(imports, renumbered)))
        }
        self.plan.steps = steps
        for index in self.plan.starts.indices {
            let position = self.plan.starts[index].position
            self.plan.starts[index].position += self.positions.prefix { $0 <= position }.count
        }
        self.plan.memories = self.plan.memories.map { self.renumber($0, renumbered) }
        self.plan.functions = self.plan.functions.map { self.renumber($0, renumbered) }
        self.plan.tables = self.plan.tables.map { self.renumber($0, renumbered) }
        for (instance, flag) in self.flags where instance < self.plan.leaveFlags.count {
            self.plan.leaveFlags[instance] = .export(
                instance: self.positions[0], name: AdapterModule.exportName(flag: flag))
        }
        for (index, group) in self.groupOfCopies.sorted(by: { $0.key < $1.key }) { self.link(copies: index, group) }
    }

    /// Gives a call that the host makes the functions that carry its values.
    private func link(copies index: Int, _ group: Int) {
        guard let adapter = self.adapter(index) else { return }
        func slot(_ name: String) -> Int {
            self.plan.functions.append(.export(instance: self.positions[group] + group, name: name))
            return self.plan.functions.count - 1
        }
        let copies = TaskCopies(
            parameters: adapter.forms.passesParametersAsTheyAre
                ? nil : slot(AdapterModule.exportName(parametersOf: index)),
            result: adapter.forms.passesResultAsItIs ? nil : slot(AdapterModule.exportName(resultOf: index)))
        let trampoline = self.plan.trampolines[index]
        self.plan.trampolines[index] = Trampoline(kind: trampoline.kind.with(copies), type: trampoline.type)
    }

    // MARK: Places

    /// Before which step each adapter must exist, by trampoline; those that nobody uses are left out.
    private func firstUses() -> [Int: Int] {
        var firstUse: [Int: Int] = [:]
        func use(_ definition: CoreDefinition, at step: Int) {
            guard case .trampoline(let index) = definition, self.plan.trampolines[index].kind.needsAdapter,
                let adapter = self.adapter(index), !self.isNeedless(adapter)
            else { return }
            firstUse[index] = min(firstUse[index] ?? step, step)
        }
        for case (let step, .instantiate(_, let imports)) in self.plan.steps.enumerated() {
            for wanted in imports { use(wanted.source, at: step) }
        }
        // The host calls them from the first start function on, as far as they exist by then.
        let hostUse = self.plan.starts.first?.position ?? self.plan.steps.count
        let earliest = self.earliestUses()
        for case .trampoline(let index) in self.plan.functions {
            use(.trampoline(index), at: max(hostUse, earliest[index] ?? 0))
        }
        // An adapter is made after those it calls, so a user has the larger number.
        for index in self.plan.trampolines.indices.reversed() {
            guard let step = firstUse[index], let adapter = self.adapter(index), !self.isRefused(adapter) else {
                continue
            }
            for definition in self.functions(of: adapter) { use(definition, at: step) }
        }
        return firstUse
    }

    /// Before which step each adapter can exist at the earliest, with those that it calls, by trampoline.
    private func earliestUses() -> [Int: Int] {
        var earliest: [Int: Int] = [:]
        for index in self.plan.trampolines.indices {
            guard let adapter = self.adapter(index), !self.isRefused(adapter) else { continue }
            earliest[index] = self.functions(of: adapter).reduce(self.earliest(adapter)) { step, definition in
                guard case .trampoline(let called) = definition else { return step }
                return max(step, earliest[called] ?? 0)
            }
        }
        return earliest
    }

    private func place(_ firstUse: [Int: Int]) throws(ComponentError) {
        let wanted = firstUse.compactMap { index, use -> (index: Int, copy: Bool, earliest: Int, latest: Int)? in
            guard let adapter = self.adapter(index) else { return nil }
            let earliest = self.isRefused(adapter) ? 0 : self.earliest(adapter)
            // The host finds it when it makes the call, so it may come after the module that calls.
            return (index, adapter.isCopy, earliest, adapter.isCopy ? max(use, earliest) : use)
        }
        // Of the last group's module, which imports each once.
        var memoriesOfGroup: Set<CoreDefinition> = []
        for (index, isCopy, earliest, latest) in wanted.sorted(by: { ($0.latest, $0.index) < ($1.latest, $1.index) }) {
            guard earliest <= latest else {
                throw ComponentError(
                    .invalid, "a component calls a function of another one before that one exists", offset: 0)
            }
            let memories = self.memories(ofAdapter: index)
            if let last = self.positions.last, last >= earliest,
                memoriesOfGroup.count + memories.subtracting(memoriesOfGroup).count <= EngineLimits.memories
            {
                self.groups[self.groups.count - 1].append(index)
                memoriesOfGroup.formUnion(memories)
            } else {
                self.positions.append(latest)
                self.groups.append([index])
                memoriesOfGroup = memories
            }
            if isCopy {
                self.groupOfCopies[index] = self.groups.count - 1
            } else {
                self.groupOf[index] = self.groups.count - 1
            }
        }
    }

    private func memories(ofAdapter index: Int) -> Set<CoreDefinition> {
        guard let adapter = self.adapter(index), !self.isRefused(adapter) else { return [] }
        return Set(self.memories(of: adapter))
    }

    private func memories(of adapter: Adapter) -> [CoreDefinition] {
        [adapter.caller.memory, adapter.callee.memory].compactMap { $0 }.map { self.plan.memories[$0] }
    }

    /// The first step before which all that the adapter imports exists.
    private func earliest(_ adapter: Adapter) -> Int {
        (self.memories(of: adapter) + self.functions(of: adapter)).reduce(0) { earliest, definition in
            guard case .export(let instance, _) = definition else { return earliest }
            return max(earliest, instance + 1)
        }
    }

    private func functions(of adapter: Adapter) -> [CoreDefinition] {
        var slots = [adapter.caller.realloc, adapter.callee.realloc]
        if case .function(let function) = adapter.target { slots += [function.callee, adapter.callee.postReturn] }
        return slots.compactMap { $0 }.map { self.plan.functions[$0] }
    }

    /// Whether the host makes the call, and has no values to carry, or refuses it.
    private func isNeedless(_ adapter: Adapter) -> Bool {
        guard adapter.isCopy else { return false }
        return self.isRefused(adapter)
            || (adapter.forms.passesParametersAsTheyAre && adapter.forms.passesResultAsItIs)
    }

    /// Whether the components call each other from the inside: one contains the other, or they are the same.
    func isRefused(_ adapter: Adapter) -> Bool {
        if case .host = adapter.target { return false }
        let (caller, callee) = (adapter.caller.componentInstance, adapter.callee.componentInstance)
        return self.plan.contains(caller, callee) || self.plan.contains(callee, caller)
    }

    private func renumber(_ imports: [ComponentPlan.CoreImport], _ steps: [Int]) -> [ComponentPlan.CoreImport] {
        imports.map { .init(module: $0.module, name: $0.name, source: self.renumber($0.source, steps)) }
    }

    private func renumber(_ definition: CoreDefinition, _ steps: [Int]) -> CoreDefinition {
        switch definition {
        case .trampoline(let index):
            guard let group = self.groupOf[index] else { return definition }
            return .export(
                instance: self.positions[group] + group, name: AdapterModule.exportName(adapter: index))
        case .export(Self.flagInstance, let name):
            return .export(instance: self.positions[0], name: name)
        case .export(let instance, let name):
            return .export(instance: steps[instance], name: name)
        }
    }
}
