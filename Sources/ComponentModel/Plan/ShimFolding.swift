/// Takes wit-component's shim and fixup modules out of a plan, where that changes nothing that a guest could see.
///
/// Host functions find their memory and realloc through slots when they are called, so they can be made before the
/// module that they serve: what imports `shim."7"` can import what the fixup module puts into slot 7 at once. Only a
/// call before the fixup ran would tell: it traps, since the table is empty. So nothing may run in between.
struct ShimFolding {
    private let bytes: UnsafeRawBufferPointer
    private var plan: ComponentPlan
    private let summaries: [CoreModuleSummary]

    /// Every pair costs a look at every import. Real components have one, composed ones one for each part.
    private static let maximumPairs = 64

    private struct Pair {
        let shimStep: Int
        let shim: ShimModule
        let fixupStep: Int
        let fixup: FixupModule
    }

    /// `summaries[n]` belongs to module n of the plan.
    static func fold(
        _ plan: ComponentPlan, _ bytes: UnsafeRawBufferPointer, summaries: [CoreModuleSummary]
    ) -> ComponentPlan {
        var folding = ShimFolding(bytes: bytes, plan: plan, summaries: summaries)
        folding.fold()
        return folding.plan
    }

    private mutating func fold() {
        let pairs = self.findPairs()
        guard !pairs.isEmpty else { return }
        var removed: Set<Int> = []
        for pair in pairs {
            self.shortCut(pair)
            if !self.isUsed(pair.shimStep, beside: pair.fixupStep) {
                removed.insert(pair.shimStep)
                removed.insert(pair.fixupStep)
            }
        }
        if !removed.isEmpty { self.remove(removed) }
    }

    // MARK: Finding

    private func findPairs() -> [Pair] {
        var tableUsers: [Int: Int] = [:]
        for case .export(let instance, ShimModule.tableExport) in self.plan.tables {
            tableUsers[instance, default: 0] += 1
        }
        for case .instantiate(_, let imports) in self.plan.steps {
            for case .export(let instance, ShimModule.tableExport) in imports.map(\.source) {
                tableUsers[instance, default: 0] += 1
            }
        }
        var shims: [Int: ShimModule?] = [:]
        var fixups: [Int: FixupModule?] = [:]
        var pairs: [Pair] = []
        for case (let step, .instantiate(let module, let imports)) in self.plan.steps.enumerated() {
            // Cheap signs first: most modules are neither.
            guard pairs.count < Self.maximumPairs, imports.contains(where: { $0.name == ShimModule.tableExport.text })
            else {
                continue
            }
            let known = fixups[module] ?? self.fixup(module)
            fixups[module] = known
            guard let fixup = known,
                case .export(let shimStep, ShimModule.tableExport) = imports[fixup.tableImport].source,
                // Nobody else may see or change the table.
                tableUsers[shimStep] == 1, self.plan.steps.indices.contains(shimStep),
                case .instantiate(let shimModule, _) = self.plan.steps[shimStep]
            else { continue }
            let knownShim = shims[shimModule] ?? self.shim(shimModule)
            shims[shimModule] = knownShim
            // A start function between the two may see that the table is empty still.
            guard !self.plan.starts.contains(where: { shimStep < $0.position && $0.position <= step }),
                !self.plan.steps[shimStep..<step].contains(where: self.hasStart)
            else { continue }
            guard let shim = knownShim, fixup.slots.keys.allSatisfy({ $0 < shim.tableSize }) else { continue }
            pairs.append(Pair(shimStep: shimStep, shim: shim, fixupStep: step, fixup: fixup))
        }
        return pairs
    }

    private func hasStart(_ step: ComponentPlan.Step) -> Bool {
        guard case .instantiate(let module, _) = step else { return false }
        return self.summaries[module].hasStart
    }

    private func fixup(_ module: Int) -> FixupModule? {
        FixupModule(
            self.bytes, range: self.plan.coreModules[module].byteRange, summary: self.summaries[module])
    }

    private func shim(_ module: Int) -> ShimModule? {
        ShimModule(
            self.bytes, range: self.plan.coreModules[module].byteRange, summary: self.summaries[module])
    }

    /// What stands behind each of the shim's exports, as the plan is now: a slot may hold another shim's function.
    private func definitions(_ pair: Pair) -> [CoreName: CoreDefinition] {
        guard case .instantiate(_, let imports) = self.plan.steps[pair.fixupStep] else { return [:] }
        var definitions: [CoreName: CoreDefinition] = [:]
        for (name, function) in pair.shim.functions {
            guard let index = pair.fixup.slots[function.slot] else { continue }
            let source = imports[index].source
            // `call_indirect` would trap on any other type.
            guard self.type(of: source) == function.type else { continue }
            definitions[name] = source
        }
        return definitions
    }

    private func type(of definition: CoreDefinition) -> CoreFunctionType? {
        switch definition {
        case .trampoline(let index): return self.plan.trampolines[index].type
        case .export(let instance, let name):
            guard case .instantiate(let module, _) = self.plan.steps[instance],
                case .function(let type) = self.summaries[module].kind(ofExport: name)
            else { return nil }
            return type
        }
    }

    // MARK: Rewriting

    private mutating func shortCut(_ pair: Pair) {
        let definitions = self.definitions(pair)
        for case (let step, .instantiate(let module, let imports)) in self.plan.steps.enumerated()
        where step != pair.fixupStep {
            guard imports.contains(where: { Self.refers($0.source, to: pair.shimStep) }) else { continue }
            let rewritten = imports.map { wanted in
                guard case .export(pair.shimStep, let name) = wanted.source, let definition = definitions[name],
                    self.exists(definition, before: step)
                else { return wanted }
                return ComponentPlan.CoreImport(module: wanted.module, name: wanted.name, source: definition)
            }
            self.plan.steps[step] = .instantiate(module: module, imports: rewritten)
        }
        // Slots are looked into when they are used, and by then the fixup has run.
        self.plan.functions = self.plan.functions.map { source in
            guard case .export(pair.shimStep, let name) = source else { return source }
            return definitions[name] ?? source
        }
    }

    /// Whether what the import is to refer to exists when the step runs.
    private func exists(_ definition: CoreDefinition, before step: Int) -> Bool {
        switch definition {
        case .trampoline(let index):
            // An adapter becomes a module, which imports what it needs.
            guard case .lowerLifted(let function, let options) = self.plan.trampolines[index].kind else { return true }
            let lifted = self.plan.adaptedFunctions[function]
            let sides = [self.plan.options[options], self.plan.options[lifted.options]]
            let memories = sides.compactMap(\.memory).map { self.plan.memories[$0] }
            let functions = [lifted.callee, sides[1].postReturn].compactMap { $0 } + sides.compactMap(\.realloc)
            return (memories + functions.map { self.plan.functions[$0] }).allSatisfy {
                self.exists($0, before: step)
            }
        case .export(let instance, _): return instance < step
        }
    }

    private static func refers(_ definition: CoreDefinition, to step: Int) -> Bool {
        guard case .export(step, _) = definition else { return false }
        return true
    }

    private func isUsed(_ shim: Int, beside fixup: Int) -> Bool {
        if (self.plan.functions + self.plan.tables).contains(where: { Self.refers($0, to: shim) }) { return true }
        for case (let step, .instantiate(_, let imports)) in self.plan.steps.enumerated() where step != fixup {
            if imports.contains(where: { Self.refers($0.source, to: shim) }) { return true }
        }
        return false
    }

    private mutating func remove(_ removed: Set<Int>) {
        var instances: [Int] = []
        var modules: [Int: Int] = [:]
        var steps: [ComponentPlan.Step] = []
        var coreModules: [ComponentPlan.CoreModule] = []
        for case (let step, .instantiate(let module, let imports)) in self.plan.steps.enumerated() {
            instances.append(steps.count)
            guard !removed.contains(step) else { continue }
            let renumbered = modules[module] ?? coreModules.count
            if modules.updateValue(renumbered, forKey: module) == nil {
                coreModules.append(self.plan.coreModules[module])
            }
            steps.append(.instantiate(module: renumbered, imports: imports))
        }
        func renumber(_ definition: CoreDefinition) -> CoreDefinition {
            guard case .export(let instance, let name) = definition else { return definition }
            return .export(instance: instances[instance], name: name)
        }
        self.plan.coreModules = coreModules
        self.plan.steps = steps.map { step in
            guard case .instantiate(let module, let imports) = step else { return step }
            let renumbered = imports.map {
                ComponentPlan.CoreImport(module: $0.module, name: $0.name, source: renumber($0.source))
            }
            return .instantiate(module: module, imports: renumbered)
        }
        // Steps from a position on stay behind it.
        for index in self.plan.starts.indices {
            self.plan.starts[index].position -= removed.count { $0 < self.plan.starts[index].position }
        }
        self.plan.memories = self.plan.memories.map(renumber)
        self.plan.functions = self.plan.functions.map(renumber)
        self.plan.tables = self.plan.tables.map(renumber)
    }
}
