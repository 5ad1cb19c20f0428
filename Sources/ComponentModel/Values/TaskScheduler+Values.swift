/// Calls with values whose types are known at run time only.
extension TaskScheduler {
    /// Adds a call of an exported function; it begins in the next ``run()``.
    ///
    /// - Parameters:
    ///   - returned: gets the result, or `nil` when the function has none.
    /// - Throws: ``ValueError`` when an argument is not of its type.
    @discardableResult
    package func start(
        _ function: ExportedFunction, _ arguments: [ComponentValue], returned: @escaping (ComponentValue?) -> Void,
        ended: @escaping (Result<Void, any Error>) -> Void
    ) throws -> GuestTask {
        let type = function.type
        guard arguments.count == type.parameters.count else {
            throw ValueError("the function takes \(type.parameters.count) arguments, not \(arguments.count)")
        }
        let context = self.instance.context(of: function)
        for (parameter, value) in zip(type.parameters, arguments) {
            try context.check(value, parameter.type, at: "parameter \"\(parameter.name)\"")
        }
        return self.start(
            function,
            arguments: { slots in
                let flat = try context.lowerParameters(arguments, type)
                for (index, value) in flat.enumerated() { slots.set(i64: value, at: index) }
            },
            returned: { call in returned(try context.liftResult(of: function, call.values)) }, ended: ended)
    }

    /// Calls an exported function, and runs until it has returned. What it left behind goes on in later runs.
    ///
    /// - Parameter onWait: called when tasks wait for the host; false when it has nothing more for them.
    /// - Returns: the result, or `nil` when the function has none.
    /// - Throws: ``ValueError`` when an argument is not of its type, ``WasmFailure`` when the guest traps, ``GuestFault``
    ///   when it breaks a rule of the Canonical ABI, or did in an earlier call, ``Deadlock`` when it can never return.
    package func call(
        _ function: ExportedFunction, _ arguments: [ComponentValue], onWait: () -> Bool = { false }
    ) throws -> ComponentValue? {
        guard self.runner.failure == nil else { throw GuestFault.cannotEnter }
        var result: ComponentValue??
        var failure: (any Error)?
        try self.start(
            function, arguments, returned: { result = .some($0) },
            ended: { if case .failure(let error) = $0 { failure = error } })
        try self.run(until: { result != nil || failure != nil }, onWait: onWait)
        if let failure { throw failure }
        guard let result else { throw ValueError("the function waits for the host") }
        return result
    }

    /// Carries out what is left of the instance's instantiation, and runs until that is done.
    package func finishInstantiation(onWait: () -> Bool = { false }) throws {
        guard !self.instance.isInstantiated else { return }
        self.instantiate()
        try self.run(until: { self.instance.isInstantiated }, onWait: onWait)
        guard self.instance.isInstantiated else { throw ValueError("a start function waits for the host") }
    }

    /// Runs until it is done, or tasks wait for the host and that has nothing for them.
    private func run(until isDone: @escaping () -> Bool, onWait: () -> Bool) throws {
        while true {
            switch self.runner.run(until: isDone) {
            case .yielded: _ = onWait()
            case .waiting: guard onWait() else { return }
            case .idle: return
            case .failed(let error): throw error
            }
        }
    }
}

extension ValueContext {
    /// The result of a function in its flat results, or where they point to.
    func liftResult(of function: ExportedFunction, _ slots: UnsafeMutableRawPointer) throws -> ComponentValue? {
        let type = function.type
        guard let result = type.result else { return nil }
        guard let count = type.flatResults(self.addressType, isAsync: function.isAsync)?.count else {
            let view = try self.view(self.addressType.load(slots, slot: 0), self.layout(result))
            return try self.load(result, view, 0)
        }
        var values = FlatSlots((0..<count).map { slots.load(fromByteOffset: $0 * 16, as: UInt64.self) })
        return try self.liftFlat(result, &values)
    }
}
