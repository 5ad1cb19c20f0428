/// A plan whose modules are merged, and those of its modules that are not in the component's file.
package struct MergedPlan {
    package let plan: ComponentPlan
    /// Modules that the merger wrote, by their number in the plan. The others are where they were.
    package let binaries: [Int: MergedBinary]
    /// Those that hold data and no code.
    let images: Set<Int>

    /// Calls `body` with the binary of a module.
    ///
    /// - Parameter file: the component's bytes.
    package func withCode<R>(
        ofModule module: Int, in file: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R {
        guard let binary = self.binaries[module] else {
            return try self.plan.coreModules[module].withBytes(of: file, body)
        }
        return try withExtendedLifetime(binary) { try body(binary.bytes) }
    }
}

extension ComponentPlan {
    /// The plan with runs of its modules merged into one each; nil where nothing is gained, or some module is not
    /// understood. A guest cannot tell, nor can a host.
    ///
    /// `bytes` is the file of the plan.
    package func merged(_ bytes: UnsafeRawBufferPointer, limits: MergeLimits = MergeLimits()) -> MergedPlan? {
        try? self.merging(bytes, limits: limits)
    }

    /// The same, with the reason where nothing is merged.
    func merging(_ bytes: UnsafeRawBufferPointer, limits: MergeLimits) throws(NotMergeable) -> MergedPlan {
        var merger = PlanMerger(self, bytes, limits: limits)
        return try merger.merge()
    }
}

/// Finds runs of steps whose modules can be one, and rewrites the plan.
///
/// A module with a start function ends its run: it runs in a step of its own, when all modules before it are complete
/// and the host knows their memories, and before those behind it are there.
struct PlanMerger {
    private enum Run {
        /// Index of the step.
        case single(Int)
        case merged(ModuleMerger, start: ModuleMerger.Item?)
    }

    private let plan: ComponentPlan
    private let bytes: UnsafeRawBufferPointer
    private let limits: MergeLimits
    /// Modules that are none of the file, where layouts may point to them.
    private var generated: [Int: MergedBinary] = [:]
    private var layouts: [Int: Result<ModuleLayout, NotMergeable>] = [:]
    private var runs: [Run] = []
    /// The run of each step, the new step of each run, and how many steps come before a run.
    private var runOfStep: [Int] = []
    private var newStep: [Int] = []
    private var stepsBefore: [Int] = []
    private var newStepCount = 0
    private var current: ModuleMerger
    private var currentSteps: [Int] = []
    /// Steps to whose instances' exports the host refers.
    private let stepsWithSlots: Set<Int>

    init(_ plan: ComponentPlan, _ bytes: UnsafeRawBufferPointer, limits: MergeLimits) {
        self.plan = plan
        self.bytes = bytes
        self.limits = limits
        self.current = ModuleMerger(trampolines: plan.trampolines, limits: limits)
        let slots = plan.memories + plan.functions + plan.tables + plan.leaveFlags.compactMap { $0 }
        self.stepsWithSlots = Set(
            slots.compactMap { if case .export(let step, _) = $0 { step } else { nil } })
    }

    mutating func merge() throws(NotMergeable) -> MergedPlan {
        guard self.plan.steps.count > 1 else { throw NotMergeable("there is only one module") }
        // Functions of the host's modules find the memory of their caller by its name.
        for trampoline in self.plan.trampolines {
            if case .hostFunction = trampoline.kind { throw NotMergeable("a module imports from one of the host's") }
        }
        try self.checkSize()
        let stops = Set(self.plan.starts.map(\.position))
        for step in self.plan.steps.indices {
            // The component's start function runs before what comes next.
            if stops.contains(step) { try self.close(start: nil) }
            try self.add(step)
        }
        try self.close(start: nil)
        guard self.runs.count < self.plan.steps.count else { throw NotMergeable("no two modules can be merged") }
        return try self.write()
    }

    /// A module that is instantiated often would be copied as often.
    private func checkSize() throws(NotMergeable) {
        var uses = Array(repeating: 0, count: self.plan.coreModules.count)
        for case .instantiate(let module, _) in self.plan.steps { uses[module] += 1 }
        var copied = 0
        for (module, uses) in zip(self.plan.coreModules, uses) {
            copied += module.byteCount.multipliedReportingOverflow(by: max(0, uses - 1)).partialValue
            guard copied <= self.bytes.count else { throw NotMergeable("modules are instantiated too often") }
        }
    }

    // MARK: Runs

    private mutating func add(_ step: Int) throws(NotMergeable) {
        guard case .instantiate(let module, let imports) = self.plan.steps[step] else { return }
        let sources = imports.map(\.source)
        guard case .success(let layout) = self.layout(module),
            layout.start == nil || !self.stepsWithSlots.contains(step)
        else {
            try self.close(start: nil)
            self.append(.single(step), steps: [step])
            return
        }
        if !self.current.canTake(layout, sources: sources) { try self.close(start: nil) }
        try self.current.add(
            step: step, layout, name: self.plan.coreModules[module].name, sources: sources
        ) { (source) throws(NotMergeable) in try self.rewritten(source) }
        self.currentSteps.append(step)
        if layout.start != nil { try self.close(start: try self.current.startFunction()) }
    }

    private mutating func layout(_ module: Int) -> Result<ModuleLayout, NotMergeable> {
        if let known = self.layouts[module] { return known }
        let item = self.plan.coreModules[module]
        let copy = item.generated.map { bytes in
            let copy = MergedBinary(capacity: bytes.count)
            copy.append(bytes)
            return copy
        }
        self.generated[module] = copy
        let (bytes, range) = copy.map { ($0.bytes, 0..<$0.count) } ?? (self.bytes, item.byteRange)
        let layout = Result { () throws(NotMergeable) in try ModuleLayout(bytes, range: range) }
        self.layouts[module] = layout
        return layout
    }

    private mutating func close(start: ModuleMerger.Item?) throws(NotMergeable) {
        guard let first = self.currentSteps.first else { return }
        if self.currentSteps.count == 1 {
            self.append(.single(first), steps: [first])
        } else {
            self.current.splitImage()
            self.append(.merged(self.current, start: start), steps: self.currentSteps)
        }
        self.current = ModuleMerger(trampolines: self.plan.trampolines, limits: self.limits)
        self.currentSteps = []
    }

    private mutating func append(_ run: Run, steps: [Int]) {
        for _ in steps { self.runOfStep.append(self.runs.count) }
        self.runs.append(run)
        self.stepsBefore.append(self.newStepCount)
        // An image comes before its code, a start function after it.
        if case .merged(let merger, _) = run, merger.hostTable != nil { self.newStepCount += 1 }
        self.newStep.append(self.newStepCount)
        self.newStepCount += 1
        if case .merged(_, start: .some) = run { self.newStepCount += 1 }
    }

    /// What a definition is in the merged plan; its run is complete.
    private func rewritten(_ definition: CoreDefinition) throws(NotMergeable) -> CoreDefinition {
        guard case .export(let step, let name) = definition else { return definition }
        guard self.runOfStep.indices.contains(step) else { throw NotMergeable("a module comes before its imports") }
        let run = self.runOfStep[step]
        switch self.runs[run] {
        case .single: return .export(instance: self.newStep[run], name: name)
        case .merged(let merger, _):
            guard let item = merger.item(definition) else { throw NotMergeable("an export is missing") }
            return .export(instance: self.newStep[run], name: merger.export(item))
        }
    }

    // MARK: The new plan

    private func write() throws(NotMergeable) -> MergedPlan {
        var plan = self.plan
        plan.memories = try self.plan.memories.map { (slot) throws(NotMergeable) in try self.rewritten(slot) }
        plan.functions = try self.plan.functions.map { (slot) throws(NotMergeable) in try self.rewritten(slot) }
        plan.tables = try self.plan.tables.map { (slot) throws(NotMergeable) in try self.rewritten(slot) }
        plan.leaveFlags = try self.plan.leaveFlags.map { (slot) throws(NotMergeable) in
            guard let slot else { return nil }
            return try self.rewritten(slot)
        }
        for index in plan.starts.indices {
            let position = plan.starts[index].position
            plan.starts[index].position =
                position < self.runOfStep.count ? self.stepsBefore[self.runOfStep[position]] : self.newStepCount
        }
        plan.steps = []
        plan.coreModules = []
        var singles: [Int: Int] = [:]
        var mergers: [(module: Int, merger: ModuleMerger)] = []
        var binaries: [Int: MergedBinary] = [:]
        var images: Set<Int> = []
        for (index, run) in self.runs.enumerated() {
            switch run {
            case .single(let step):
                guard case .instantiate(let module, let imports) = self.plan.steps[step] else { continue }
                let renumbered = singles[module] ?? plan.coreModules.count
                if singles.updateValue(renumbered, forKey: module) == nil {
                    plan.coreModules.append(self.plan.coreModules[module])
                }
                let rewritten = try imports.map { (wanted) throws(NotMergeable) in
                    ComponentPlan.CoreImport(
                        module: wanted.module, name: wanted.name, source: try self.rewritten(wanted.source))
                }
                plan.steps.append(.instantiate(module: renumbered, imports: rewritten))
            case .merged(let merger, let start):
                var imports = merger.imports
                var memories = merger.memories.defined.count
                if merger.hostTable != nil {
                    binaries[plan.coreModules.count] = try merger.encodeImage()
                    images.insert(plan.coreModules.count)
                    plan.steps.append(.instantiate(module: plan.coreModules.count, imports: imports))
                    plan.coreModules.append(.init(byteRange: 0..<0, name: nil, definedMemories: memories))
                    (imports, memories) = (merger.imageImports(plan.steps.count - 1), 0)
                }
                mergers.append((plan.coreModules.count, merger))
                plan.steps.append(.instantiate(module: plan.coreModules.count, imports: imports))
                plan.coreModules.append(.init(byteRange: 0..<0, name: nil, definedMemories: memories))
                guard let start else { continue }
                binaries[plan.coreModules.count] = Self.startModule()
                let source = CoreDefinition.export(instance: self.newStep[index], name: merger.export(start))
                plan.steps.append(
                    .instantiate(
                        module: plan.coreModules.count, imports: [.init(module: "", name: "", source: source)]))
                plan.coreModules.append(.init(byteRange: 0..<0, name: nil, definedMemories: 0))
            }
        }
        // Only now is every export known that something refers to.
        for (module, merger) in mergers { binaries[module] = try merger.encode() }
        return MergedPlan(plan: plan, binaries: binaries, images: images)
    }

    /// A module that imports a function and starts with it.
    private static func startModule() -> MergedBinary {
        let output = MergedBinary()
        output.append(WasmKind.coreModulePreamble)
        output.append([1, 4, 1, 0x60, 0, 0])
        output.append([2, 5, 1, 0, 0, 0, 0])
        output.append([8, 1, 0])
        return output
    }
}

extension ComponentPlan.CoreModule {
    var byteCount: Int { self.generated?.count ?? self.byteRange.count }
}
