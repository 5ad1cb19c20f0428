/// Calls with values whose types are known at run time only.
extension ComponentInstance {
    /// Calls an exported function: lowers the arguments, calls, lifts the result, and lets the guest clean up.
    ///
    /// The call runs on the calling thread to its end; on a fiber it may suspend.
    ///
    /// - Returns: the result, or `nil` when the function has none.
    /// - Throws: ``ValueError`` when an argument is not of its type, ``WasmFailure`` when the guest traps, ``GuestFault``
    ///   when it returns something that the Canonical ABI forbids.
    package func call(_ function: ExportedFunction, _ arguments: [ComponentValue]) throws -> ComponentValue? {
        let type = function.type
        guard arguments.count == type.parameters.count else {
            throw ValueError("the function takes \(type.parameters.count) arguments, not \(arguments.count)")
        }
        let context = self.context(of: function)
        // Before anything is done in the guest: a wrong argument must not leave it half-way.
        for (parameter, value) in zip(type.parameters, arguments) {
            try context.check(value, parameter.type, at: "parameter \"\(parameter.name)\"")
        }
        self.liftBudget = Self.maximumLift
        return try self.call(
            function,
            arguments: { slots in
                let flat = try context.lowerParameters(arguments, type)
                for (index, value) in flat.enumerated() { slots.set(i64: value, at: index) }
            },
            results: { slots in
                guard let result = type.result else { return nil }
                guard let count = type.flatResults(context.addressType)?.count else {
                    let view = try context.view(slots.pointer(0, context.addressType), context.layout(result))
                    return try context.load(result, view, 0)
                }
                var values = FlatSlots((0..<count).map { slots.i64($0) })
                return try context.liftFlat(result, &values)
            })
    }

    /// Drops a resource that came out of this instance; its destructor runs, if it has one.
    package func drop(_ resource: ComponentResource) throws {
        guard resource.owner === self else { throw ValueError("the resource belongs to another instance") }
        guard !resource.isGone else { throw ValueContext.gone }
        resource.isGone = true
        guard resource.isOwned else { return }
        try self.destroy(resource.representation, type: resource.type)
    }

    func context(of function: ExportedFunction) -> ValueContext { self.context(function.lowering) }

    func context(_ lowering: Lowering) -> ValueContext {
        ValueContext(instance: self, lowering: lowering, resourceTypes: self.resourceTypes)
    }
}
