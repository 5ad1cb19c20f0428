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
    /// Whether its task runs alone in its component instance, but while it waits for the next call of its callback.
    var needsExclusivity: Bool { self.type.isAsync && (!self.isAsync || self.callback != nil) }
    package var encoding: StringEncoding { self.lowering.encoding }
    /// See ``ComponentLinker/resultNumbers(_:)``; -1 when nothing returns such a result.
    let resultNumber: Int
    /// The memory, allocator and handles that its values use.
    package let lowering: Lowering

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
