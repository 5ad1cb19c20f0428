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
        self.hasStartFunction = modules.contains(where: \.hasStart)
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

/// A function that a component exports, as flat core values.
///
/// An object, since each call keeps it: one reference instead of all that it says.
package final class ExportedFunction: Sendable {
    /// For messages.
    package let name: String
    /// Extern slots of the core function, of its `post-return` and of its callback.
    let callee: Int
    let postReturn: Int?
    let callback: Int?
    /// Lifted by `async`: the guest returns by `task.return`.
    package let isAsync: Bool
    /// Whose handle table its handles are in.
    package let componentInstance: Int
    /// Slots for flat parameters and results.
    let slots: Int
    /// Whether a parameter is or has a borrowed handle.
    let lendsHandles: Bool
    package let signature: String
    package let type: ComponentFunctionType
    /// Whether values lie in a 64-bit memory: then only calls by ``ComponentValue`` know how.
    package let passesThroughWideMemory: Bool
    /// Extern slot of the memory that its values use.
    package var memory: Int? { self.lowering.memory }
    package var encoding: StringEncoding { self.lowering.encoding }
    /// See ``ComponentLinker/resultNumbers(_:)``; -1 when nothing returns such a result.
    let resultNumber: Int
    /// The memory, allocator and handles that its values use.
    let lowering: Lowering

    init(
        _ function: LiftedFunction, name: String, plan: ComponentPlan, memorySlots: [Int], functionSlots: [Int],
        resultNumbers: [ValueType?: Int]
    ) {
        let options = plan.options[function.options]
        self.name = name
        self.callee = functionSlots[function.callee]
        self.postReturn = options.postReturn.map { functionSlots[$0] }
        self.callback = options.callback.map { functionSlots[$0] }
        self.isAsync = options.isAsync
        self.componentInstance = options.componentInstance
        self.slots = max(function.coreType.parameters.count, function.coreType.results.count)
        self.lendsHandles = function.type.parameters.contains { $0.type.containsBorrow }
        self.signature = function.signature
        self.type = function.type
        self.passesThroughWideMemory =
            options.addressType == .i64 && function.type.usesMemory(function.type.lifted(by: options))
        self.resultNumber = resultNumbers[function.type.result] ?? -1
        self.lowering = Lowering(
            name: name, memory: options.memory.map { memorySlots[$0] }, addressType: options.addressType,
            realloc: options.realloc.map { functionSlots[$0] }, componentInstance: options.componentInstance,
            encoding: options.encoding)
    }
}

/// One step of instantiation: make a core instance and take from it the exports that something refers to.
struct InstantiationStep: Sendable {
    enum Source: Sendable {
        /// All imports are host functions: linked at load.
        case linked(PreInstance)
        /// Imports come from slots, in the order in which the module imports them.
        case wired(Module, imports: [Int])
    }

    let source: Source
    let exports: [ExternLookup]
}

/// An export to look up by name, and the slot it fills.
struct ExternLookup: Sendable {
    let slot: Int
    let name: ExportName
}

/// An export's name as the engine wants it: bytes at a fixed address, made once a component.
final class ExportName: Sendable {
    /// Written once, before anybody shares it.
    nonisolated(unsafe) let bytes: UnsafeBufferPointer<CChar>

    init(_ name: String) {
        let utf8 = Array(name.utf8)
        let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(1, utf8.count))
        for (index, byte) in utf8.enumerated() { buffer.initializeElement(at: index, to: CChar(bitPattern: byte)) }
        self.bytes = UnsafeBufferPointer(start: buffer.baseAddress, count: utf8.count)
    }

    deinit {
        self.bytes.baseAddress.map { UnsafeMutablePointer(mutating: $0).deallocate() }
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
