import WasmEngine

/// `canon lower` of a function that a dependency may not use: it answers as where nothing is granted, in so far as its
/// type has words for that, and otherwise stops the guest.
final class DeniedFunction: Sendable {
    private let type: ComponentFunctionType
    private let denial: Denial
    private let lowering: Lowering
    /// How many core values the parameters are; nil where they go through memory.
    private let parameters: Int?
    /// The core value that says where the result goes; nil where it is a core value itself.
    private let resultPointer: Int?

    init(type: ComponentFunctionType, denial: Denial, lowering: Lowering) {
        self.type = type
        self.denial = denial
        self.lowering = lowering
        let core = type.loweredCoreType(lowering.addressType, isAsync: lowering.isAsync)
        self.parameters = type.flatParameters(lowering.addressType, isAsync: lowering.isAsync)?.count
        // It comes behind all others.
        let pointer = self.parameters ?? 1
        self.resultPointer = core.parameters.count > pointer ? pointer : nil
    }

    static let callback: HostCallback = { environment, caller, values, _ in
        RuntimeTrampoline.enter(environment, caller, values, as: DeniedFunction.self) { function, instance, values in
            try instance.checkMayLeave(function.lowering.componentInstance)
            instance.liftBudget = ComponentInstance.maximumLift
            do {
                try function.answer(values, instance)
            } catch let fault as GuestFault {
                throw fault.calling(function.lowering.name)
            }
        }
    }

    private func answer(_ values: UnsafeMutableRawPointer, _ instance: ComponentInstance) throws {
        guard let result = self.type.result, let refusal = Self.refusal(result, self.denial) else {
            throw DeniedCallError(function: self.lowering.name, denial: self.denial)
        }
        let context = instance.context(self.lowering)
        // A wide value is read where a narrow one was put: what lies above is not the guest's.
        let flat =
            self.parameters.map { (0..<$0).map { values.load(fromByteOffset: $0 * 16, as: UInt64.self) } }
            ?? [context.addressType.load(values, slot: 0)]
        try self.takeHandles(flat, context)
        guard let slot = self.resultPointer else {
            var slots = FlatSlots()
            try context.lowerFlat(refusal, result, &slots)
            if let value = slots.values.first { values.storeBytes(of: value, as: UInt64.self) }
            return
        }
        let pointer = context.addressType.load(values, slot: slot)
        _ = try context.view(pointer, context.layout(result))
        try context.storeFields([(result, refusal)], at: pointer)
        if self.lowering.isAsync { values.storeBytes(of: UInt64(Subtask.State.returned.rawValue), as: UInt64.self) }
    }

    /// Drops what the guest gives away: it leaves the guest's table, as with a call that did something.
    private func takeHandles(_ flat: [UInt64], _ context: ValueContext) throws {
        guard self.type.parameters.contains(where: { Self.givesAway($0.type) }) else { return }
        let areFlat = self.parameters != nil
        var slots = FlatSlots(flat)
        let layout = self.type.parametersLayout(context.addressType)
        var offset = 0
        for parameter in self.type.parameters {
            let start = slots.position
            let size = context.layout(parameter.type)
            offset = (offset + size.alignment - 1) & ~(size.alignment - 1)
            if Self.givesAway(parameter.type) {
                let value =
                    if areFlat {
                        try context.liftFlat(parameter.type, &slots)
                    } else {
                        try context.load(parameter.type, try context.view(flat[0], layout), offset)
                    }
                try Self.drop(value, context.instance)
            }
            if areFlat { slots.skip(to: start + (parameter.type.flatTypes(context.addressType)?.count ?? 0)) }
            offset += size.size
        }
    }

    /// Handles in lists and variants stay where they are: the guest's end frees them.
    private static func givesAway(_ type: ValueType) -> Bool {
        switch type {
        case .own: true
        case .option(let type): Self.givesAway(type)
        default: false
        }
    }

    private static func drop(_ value: ComponentValue, _ instance: ComponentInstance) throws {
        switch value {
        case .own(let resource): try instance.drop(resource)
        case .option(let value?): try Self.drop(value, instance)
        default: break
        }
    }

    // MARK: Answers

    /// What says "nothing is granted"; nil when the type cannot say it.
    static func refusal(_ type: ValueType, _ denial: Denial) -> ComponentValue? {
        switch type {
        case .list: .list([])
        case .option: .option(nil)
        case .result(_, nil): .failure(nil)
        case .result(_, let error?): Self.error(error, denial).map { .failure($0) }
        default: nil
        }
    }

    /// Errors without payload that mean a refusal, the clearest first.
    private static let refusals = ["access-denied", "not-permitted", "destination-not-allowed", "error"]
    /// Errors that carry text.
    private static let wordy = ["internal-error", "other", "runtime-error", "connection-failed", "io"]

    private static func error(_ type: ValueType, _ denial: Denial) -> ComponentValue? {
        switch type {
        case .string: return .string(denial.message)
        case .enum(let labels): return Self.refusals.first { labels.contains($0) }.map { .enum($0) }
        case .variant(let cases):
            for name in Self.refusals where cases.contains(where: { $0.name == name && $0.type == nil }) {
                return .variant(name, nil)
            }
            for name in Self.wordy {
                switch cases.first(where: { $0.name == name })?.type {
                case .string: return .variant(name, .string(denial.message))
                case .option(.string): return .variant(name, .option(.string(denial.message)))
                default: continue
                }
            }
            return nil
        default: return nil
        }
    }
}
