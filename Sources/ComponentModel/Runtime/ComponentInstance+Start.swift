/// Instantiation with start functions of components, and the values that they take and give.
extension ComponentInstance {
    /// Whether all core instances are made, and all start functions have returned.
    package var isInstantiated: Bool {
        guard let component = self.component else { return true }
        return self.stepCount == component.steps.count && self.startResults.count == component.starts.count
    }

    /// Carries out what is left of the instantiation.
    ///
    /// - Parameter call: calls a start function.
    func instantiate(_ call: (ExportedFunction, [ComponentValue]) throws -> ComponentValue?) throws {
        guard let component = self.component, let store = self.store else { return }
        for start in component.starts[self.startResults.count...] {
            try self.instantiate(component, in: store, until: start.position)
            let arguments = try start.arguments.map { try self.value($0) }
            do {
                self.startResults.append(try call(start.function, arguments))
            } catch let error as ValueError {
                // Validation has checked the types, so a handle is gone: the same value came by two aliases.
                throw GuestFault(error.message).calling(start.function.name)
            } catch let fault as GuestFault {
                throw fault.calling(start.function.name)
            }
        }
        try self.instantiate(component, in: store, until: component.steps.count)
    }

    /// Calls a start function where nothing runs tasks.
    func start(_ function: ExportedFunction, _ arguments: [ComponentValue]) throws -> ComponentValue? {
        guard !function.isAsync else {
            throw HostLimitError("\(function.name) is lifted by `async`, and nothing runs tasks here")
        }
        let result = try self.call(function, arguments)
        try self.countLiftOfStart()
        return result
    }

    /// What start functions return stays with the host, so all of them together may give it as much as one call.
    /// To be called after each result was lifted.
    func countLiftOfStart() throws {
        self.startLift += Self.maximumLift - self.liftBudget
        guard self.startLift <= Self.maximumLift else {
            throw GuestFault("start functions returned more than \(Self.maximumLift) bytes")
        }
    }

    private func value(_ source: PlanValue) throws -> ComponentValue {
        switch source {
        case .constant(let index):
            guard let plan = self.component?.plan, plan.constants.indices.contains(index) else {
                throw GuestFault("a value of the component is missing")
            }
            return try plan.constants[index].decoded()
        case .result(let start):
            guard self.startResults.indices.contains(start), let value = self.startResults[start] else {
                throw GuestFault("the result of a start function is needed before there is one")
            }
            return value
        }
    }

    /// A value that the component exports, in an instance or at its root.
    ///
    /// - Parameter interface: the instance's name; nil for the root.
    /// - Returns: nil when there is no value of that name.
    package func exportedValue(_ name: String, in interface: String?) throws -> ComponentValue? {
        guard let plan = self.component?.plan else { return nil }
        let found = interface.map { plan.export(named: $0)?.member(name) } ?? plan.export(named: name)
        guard case .value(let source, _)? = found?.kind else { return nil }
        return try self.value(source)
    }
}
