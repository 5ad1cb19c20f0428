package import WasmEngine

/// A component that is ready to run: planned, compiled, its imports matched with the host's functions.
///
/// All that can be known before the first call is worked out here; ``ComponentInstance`` only carries out the steps.
package final class Component: Sendable {
    /// The component's name in messages.
    package let name: String
    package let engine: Engine
    package let plan: ComponentPlan
    let steps: [InstantiationStep]
    /// Start functions of components, in order.
    let starts: [StartFunction]
    /// How many extern slots an instance has: exports of core instances that something refers to.
    let externCount: Int
    /// Extern slot of a plan's memory or function slot.
    let memorySlots: [Int]
    let functionSlots: [Int]
    /// Extern slots of the flags that adapters between components use, by component instance.
    let leaveSlots: [Int?]
    /// Run-time numbers of the plan's resource types.
    let resourceTypes: [UInt32]
    /// Their names in signatures.
    let resourceNames: [String]
    private let resultNumbers: [ValueType?: Int]
    /// Whether its calls need a ``TaskScheduler``.
    package let usesTasks: Bool
    /// Keeps alive what the engine's functions point to.
    private let trampolines: [any Sendable & AnyObject]

    /// - Parameters:
    ///   - modules: the plan's core modules, compiled, in its order.
    ///   - registry: what the host offers.
    /// - Throws: ``LinkError`` when an import cannot be satisfied.
    package init(
        name: String, plan: ComponentPlan, modules: [Module], engine: Engine, registry: HostRegistry
    ) throws {
        var linker = ComponentLinker(name: name, plan: plan, modules: modules, engine: engine, registry: registry)
        try linker.link()
        self.name = name
        self.engine = engine
        self.plan = plan
        self.steps = linker.steps
        self.starts = linker.starts
        self.hasStartFunction = !plan.starts.isEmpty || modules.contains(where: \.hasStart)
        self.externCount = linker.externCount
        self.memorySlots = linker.memorySlots
        self.functionSlots = linker.functionSlots
        self.leaveSlots = linker.leaveSlots
        self.trampolines = linker.trampolines
        self.resourceTypes = linker.resourceTypes
        self.resourceNames = plan.resourceNames
        self.resultNumbers = linker.resultNumbers
        self.usesTasks = plan.usesTasks
    }

    /// How many core instances an instance of the component is made of.
    package var coreInstanceCount: Int { self.steps.count }

    /// Whether making an instance runs code of the guest: only on a fiber can that be interrupted.
    package let hasStartFunction: Bool

    /// The function `name` that the component exports, in an interface or at its root.
    ///
    /// - Parameters:
    ///   - interface: interface name without version, `wasi:http/incoming-handler`; nil for the root. Of several
    ///     versions the newest counts: a command of WASI 0.3 may have a stub for 0.2.
    package func exportedFunction(_ name: String, in interface: String?) -> ExportedFunction? {
        var exports = self.plan.exports
        if let interface {
            let found = exports.filter { $0.name.interface?.unversioned == interface }
            let newest = found.max { $0.precedes($1) }
            guard let found = newest, case .instance(let members) = found.kind else { return nil }
            exports = members
        }
        for export in exports where export.name.text == name {
            guard case .function(let function) = export.kind else { continue }
            let label = interface.map { "\($0)#\(name)" } ?? name
            return ExportedFunction(
                function, name: label, plan: self.plan, memorySlots: self.memorySlots,
                functionSlots: self.functionSlots, resultNumbers: self.resultNumbers)
        }
        return nil
    }
}

extension PlanExport {
    private var version: SemanticVersion? { self.name.interface?.version.flatMap { SemanticVersion($0) } }

    /// Whether its interface has a lower version than that of `other`; none is lowest.
    fileprivate func precedes(_ other: PlanExport) -> Bool {
        guard let version = other.version else { return false }
        return self.version.map { $0 < version } ?? true
    }
}
